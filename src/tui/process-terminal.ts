import { writeSync } from "node:fs";
import type { ReadStream } from "node:tty";
import { detectMultiplexer } from "./clipboard.ts";
import {
  asksNothing,
  detectColors,
  detectUnicode,
  isLightByEnvironment,
  keyboardSetup,
  terminalQueries,
  terminalReset,
  terminalSetup,
} from "./terminal.ts";
import type { TerminalListener, TerminalPort } from "./terminal.ts";

type EndSignal = "SIGTERM" | "SIGHUP" | "SIGINT";
const endSignals: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** The parts of Node's tty streams that the terminal needs; a test may give others. */
export interface ProcessTerminalOptions {
  readonly noColor?: boolean;
  /** Where keys come from, when standard input is for something else. */
  readonly input?: ReadStream;
  /** Called after the terminal was restored; without it the process ends with 128 + the signal's number. */
  readonly onSignal?: (signal: EndSignal) => void;
  /**
   * Stops the program for the shell. By default the whole process group gets SIGTSTP, as the tty driver would send it;
   * a process that may not signal its parent must have the parent do it.
   */
  readonly stop?: () => void;
}

/** A stop has taken effect by then, or never will. */
const stopMillis = 1000;

const signalNumbers: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * The terminal of this process (stdin and stdout, both must be ttys). Restores it on every way out that runs code:
 * `close`, a normal exit, an uncaught exception, SIGTERM, SIGHUP, SIGINT, Ctrl-Z. SIGKILL is the broker's: see
 * `terminalReset`. Writes never block the process: while the terminal does not read, `congested` is true.
 */
export function openProcessTerminal(options: ProcessTerminalOptions = {}): TerminalPort {
  const environment = process.env;
  return new ProcessTerminal(options, environment);
}

class ProcessTerminal implements TerminalPort {
  readonly colors;
  readonly unicode;
  readonly multiplexer;
  readonly plainShapes;
  readonly lightBackground;
  readonly #input: ReadStream;
  readonly #asks: boolean;
  readonly #options: ProcessTerminalOptions;
  #listener: TerminalListener | undefined;
  #active = false;
  #suspended = false;
  #enhanced = false;

  constructor(options: ProcessTerminalOptions, environment: NodeJS.ProcessEnv) {
    this.#options = options;
    this.#input = options.input ?? process.stdin;
    this.colors = detectColors({ noColorOption: options.noColor ?? false, environment });
    this.unicode = detectUnicode(environment);
    this.lightBackground = isLightByEnvironment(environment);
    this.#asks = !asksNothing(environment["TERM"] ?? "");
    this.plainShapes = environment["TERM"] === "linux";
    this.multiplexer = detectMultiplexer(environment);
  }

  size(): { columns: number; rows: number } {
    // A pty that was never given a size reports 0x0.
    const { columns, rows } = process.stdout;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  get congested(): boolean {
    return process.stdout.writableLength > 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#active) process.stdout.write(Uint8Array.from(bytes));
  }

  open(listener: TerminalListener): void {
    if (this.#listener !== undefined) throw new Error("terminal: opened twice");
    this.#listener = listener;
    this.#input.on("data", this.#onData);
    this.#input.on("end", this.#onHangUp);
    this.#input.on("error", ignore);
    process.stdout.on("error", ignore);
    process.stdout.on("resize", this.#onResize);
    process.stdout.on("drain", this.#onDrain);
    process.on("exit", this.#restore);
    process.on("uncaughtExceptionMonitor", this.#restore);
    process.on("SIGCONT", this.#onContinue);
    for (const signal of endSignals) process.on(signal, this.#onSignal);
    this.#enter();
    this.#input.resume();
  }

  close(): void {
    this.#restore();
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onHangUp);
    process.stdout.off("resize", this.#onResize);
    process.stdout.off("drain", this.#onDrain);
    process.off("exit", this.#restore);
    process.off("uncaughtExceptionMonitor", this.#restore);
    process.off("SIGCONT", this.#onContinue);
    for (const signal of endSignals) process.off(signal, this.#onSignal);
    this.#input.pause();
  }

  suspend(): void {
    if (!this.#active) return;
    this.#restore();
    // The shell shares the open file, whose reads and writes are to be as ever.
    letWritesWait(false);
    this.#suspended = true;
    if (this.#options.stop !== undefined) this.#options.stop();
    else process.kill(0, "SIGTSTP");
    // Without a shell that does job control the kernel ignores the stop, and no SIGCONT will ever come.
    setTimeout(() => {
      if (this.#suspended) this.#onContinue();
    }, stopMillis).unref();
  }

  #enter(): void {
    this.#input.setRawMode(true);
    letWritesWait(true);
    this.#active = true;
    this.write(Buffer.from(terminalSetup + (this.#asks ? terminalQueries : ""), "latin1"));
    this.#enhanced = false;
  }

  enhanceKeyboard(): void {
    // Answers come after every setup; the protocol's stack is popped once.
    if (!this.#enhanced) this.write(Buffer.from(keyboardSetup, "latin1"));
    this.#enhanced = true;
  }

  readonly #restore = (): void => {
    if (!this.#active) return;
    this.#active = false;
    writeAtOnce(process.stdout.fd, Buffer.from(terminalReset, "latin1"));
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone (hang-up): there is nothing to restore.
    }
  };

  readonly #onData = (bytes: Buffer): void => this.#listener?.input(bytes);
  readonly #onResize = (): void => this.#listener?.resized();
  readonly #onDrain = (): void => this.#listener?.drained();

  readonly #onContinue = (): void => {
    if (this.#listener === undefined) return;
    if (!this.#suspended && this.#active) {
      // Stopped from outside (kill -STOP): the shell has changed the terminal's mode behind our back.
      this.#input.setRawMode(false);
    }
    this.#suspended = false;
    this.#enter();
    this.#listener?.resumed();
  };

  /** No more input will ever come: the terminal is gone. */
  readonly #onHangUp = (): void => this.#onSignal("SIGHUP");

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#restore();
    const end = signal as EndSignal;
    if (this.#options.onSignal !== undefined) this.#options.onSignal(end);
    else process.exit(128 + signalNumbers[end]);
  };
}

const ignore = (): void => undefined;

/**
 * Node makes terminal writes block, so a terminal that does not read would stop the whole engine. There is no public
 * switch; where the private one is missing, writes block as usual and nothing else changes.
 */
function letWritesWait(wait: boolean): void {
  const stream = process.stdout as unknown as { _handle?: { setBlocking?: (blocking: boolean) => number } };
  stream._handle?.setBlocking?.(!wait);
}

/** Writes on the way out, when the stream's queue will not be served any more; gives up on a terminal that is stuck. */
function writeAtOnce(descriptor: number, bytes: Uint8Array): void {
  let sent = 0;
  for (let attempt = 0; sent < bytes.length && attempt < 50; attempt++) {
    try {
      sent += writeSync(descriptor, bytes, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
