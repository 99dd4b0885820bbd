import { type Compression, compressor, type Compressor } from "../../files/index.ts";
import { WriteQueue } from "../record/write-queue.ts";

/** Bytes that wait to be written before the reading pauses. */
const waitingAtMost = 4 * 1024 * 1024;

/** What writers hand on at a time. */
const pieceBytes = 64 * 1024;

/** A file, or standard output, that is written in order; compressed where that is asked for. */
export class FileOutput {
  readonly #queue: WriteQueue;
  readonly #descriptor: number;
  readonly #compressor: Compressor | undefined;
  /** Pieces that were written and can be used again. */
  readonly #free: Uint8Array[] = [];
  #failure: NodeJS.ErrnoException | undefined;
  /** Bytes of the file. */
  bytes = 0;

  constructor(descriptor: number, compression?: Compression) {
    this.#descriptor = descriptor;
    this.#queue = new WriteQueue((error) => (this.#failure ??= error));
    this.#compressor = compression && compressor(compression, (bytes) => this.#push(bytes));
  }

  /** Takes bytes, which are copied. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#compressor !== undefined) return this.#compressor.write(bytes.slice());
    if (bytes.length > pieceBytes) return this.#push(bytes.slice());
    const piece = this.#free.pop() ?? new Uint8Array(pieceBytes);
    piece.set(bytes);
    this.#push(piece.subarray(0, bytes.length), () => this.#free.push(piece));
  }

  #push(bytes: Uint8Array, done?: () => void): void {
    this.bytes += bytes.length;
    this.#queue.push(this.#descriptor, bytes, done);
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    await this.#compressor?.taken();
    if (this.#queue.waiting > waitingAtMost) await this.#queue.drained();
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    await this.#compressor?.end();
    await this.#queue.drained();
  }

  /** "gone": nobody reads any more. Else what went wrong; undefined: nothing. */
  get failure(): string | undefined {
    if (this.#failure === undefined) return undefined;
    const { code, message } = this.#failure;
    if (code === "EPIPE" || code === "ECONNRESET") return "gone";
    return code === "ENOSPC" ? "the disk is full" : `cannot write the file: ${code ?? message}`;
  }
}
