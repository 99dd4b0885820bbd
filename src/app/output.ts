import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

/** Where lines go. Never throws and never blocks: what the reader has not taken waits here, and is counted. */
export interface Output {
  /** Hands over whole lines. Passed over once the reader is gone. */
  write(text: string): void;
  /** Bytes handed over that the reader has not taken yet. */
  readonly waiting: number;
  /** Resolves when nothing waits any more, or the output has ended. */
  drained(): Promise<void>;
  /** Why nothing can be written any more: "gone" when the reader closed its end (EPIPE), else what went wrong. */
  readonly ended: string | undefined;
  /** Called once, when `ended` is set. */
  onEnd(callback: () => void): void;
  /** Cells of a line of the terminal; Infinity when this is none. */
  readonly width: number;
}

/** An output over a stream. */
export class StreamOutput implements Output {
  readonly #stream: Writable;
  readonly #width: () => number;
  #ended: string | undefined;
  #callbacks: (() => void)[] = [];
  #waiters: (() => void)[] = [];

  constructor(stream: Writable, width: () => number = () => Infinity) {
    this.#stream = stream;
    this.#width = width;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      const gone = error.code === "EPIPE" || error.code === "ECONNRESET" || error.code === "ERR_STREAM_DESTROYED";
      this.#end(gone ? "gone" : (error.code ?? error.message));
    });
    stream.on("close", () => this.#end("gone"));
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    for (const callback of [...this.#callbacks, ...this.#waiters]) callback();
    this.#callbacks = [];
    this.#waiters = [];
  }

  write(text: string): void {
    if (this.#ended === undefined && text !== "") this.#stream.write(text, () => this.#wake());
  }

  #wake(): void {
    if (this.#stream.writableLength > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  get waiting(): number {
    return this.#ended === undefined ? this.#stream.writableLength : 0;
  }

  drained(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  onEnd(callback: () => void): void {
    if (this.#ended === undefined) this.#callbacks.push(callback);
    else callback();
  }

  get width(): number {
    return this.#width();
  }
}

/**
 * Standard output. Node writes to pipes synchronously, so that a reader that stops reading would stop the engine; a
 * pipe or socket is therefore written to by a stream of our own, which waits without blocking.
 */
export function standardOutput(): Output {
  const { stdout } = process;
  const facts = fstatSync(1, { throwIfNoEntry: false });
  if (facts !== undefined && (facts.isFIFO() || facts.isSocket())) {
    return new StreamOutput(new Socket({ fd: 1, readable: false, writable: true }));
  }
  return new StreamOutput(stdout, () => (stdout.isTTY ? (stdout.columns ?? 80) : Infinity));
}
