/**
 * Asks the broker, and waits for the answer: at most a moment, on a socket that is in nobody's event loop. A broker that
 * does not answer costs facts, never the engine.
 */
import { receive, send, waitReadable } from "../../host/linux/system-calls.ts";
import { CLIPBOARD_LIMIT, REMEMBER_LIMIT, INODES_LIMIT } from "../broker/requests.ts";
import type { FileAnswer, Request } from "../broker/requests.ts";

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** Longest wait for one answer. A walk over 10,000 open files takes some 100 ms. */
const PATIENCE_MILLISECONDS = 500;
/** Longest answer that is kept. */
const LIMIT = 1 << 20;
/** After this many questions in a row without an answer nothing more is asked. */
const MOST_SILENCES = 3;

type Fields = Readonly<Record<string, unknown>>;
type WithoutId<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;

const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** JSON of ASCII only: the broker reads bytes. */
const asciiJson = (value: object): string =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What of an answer is what it should be. */
function fileAnswer(fields: Fields | undefined): FileAnswer {
  if (fields === undefined) return { problem: "the privileged process did not answer" };
  const { path, bytes, problem, exists } = fields;
  return {
    ...(isText(path) ? { path } : {}),
    ...(typeof bytes === "number" ? { bytes } : {}),
    ...(isText(problem) ? { problem } : {}),
    ...(exists === true ? { exists } : {}),
  };
}

export class BrokerClient {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(65_536);
  readonly #decoder = new TextDecoder();
  #held = "";
  #id = 0;
  #silences = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Which process holds each socket, by inode; those that are not found are left out. */
  owners(inodes: readonly number[]): [inode: number, pid: number][] {
    const found: [number, number][] = [];
    for (let from = 0; from < inodes.length; from += INODES_LIMIT) {
      const pairs = this.#ask({ ask: "owners", inodes: inodes.slice(from, from + INODES_LIMIT) })?.["owners"];
      if (!Array.isArray(pairs)) break;
      for (const pair of pairs as unknown[]) {
        if (Array.isArray(pair) && isWhole(pair[0]) && isWhole(pair[1])) found.push([pair[0], pair[1]]);
      }
    }
    return found;
  }

  /** Executable, arguments and directory of a process, as far as the broker may read them. */
  process(pid: number): { executable?: string; commandLine?: string[]; directory?: string } | undefined {
    const answer = this.#ask({ ask: "process", pid });
    if (answer === undefined) return undefined;
    const { executable, commandLine, directory } = answer;
    return {
      ...(isText(executable) ? { executable } : {}),
      ...(Array.isArray(commandLine) && commandLine.every(isText) ? { commandLine } : {}),
      ...(isText(directory) ? { directory } : {}),
    };
  }

  /** Begins a file of the invoking user. */
  createFile(path: string, overwrite: boolean): FileAnswer {
    return fileAnswer(this.#ask({ ask: "create", path, overwrite }));
  }

  /** Appends at most `WRITE_LIMIT` bytes to it. */
  writeFile(bytes: Uint8Array): FileAnswer {
    return fileAnswer(this.#ask({ ask: "write", data: Buffer.from(bytes).toString("base64") }));
  }

  /** Ends the file, or gives it up. */
  finishFile(complete: boolean): FileAnswer {
    return fileAnswer(this.#ask({ ask: "finish", complete }));
  }

  /** Puts text into the clipboard by a program, where there is one. */
  copy(text: string): void {
    this.#ask({ ask: "clipboard", text: text.slice(0, CLIPBOARD_LIMIT) });
  }

  /** Has text kept for the next run. */
  remember(text: string): void {
    if (text.length <= REMEMBER_LIMIT) this.#ask({ ask: "remember", text });
  }

  /** Stops the whole job until the shell lets it go on; returns after that. */
  suspend(): void {
    this.#ask({ ask: "suspend" });
  }

  #ask(question: WithoutId<Request>): Fields | undefined {
    if (this.#silences >= MOST_SILENCES) return undefined;
    const id = (this.#id = (this.#id + 1) >>> 0);
    const line = new TextEncoder().encode(`${asciiJson({ ...question, id })}\n`);
    if (send(this.#fd, line, MSG_NOSIGNAL | MSG_DONTWAIT) !== line.length) {
      // A part of a line would spoil the next one.
      this.#silences = MOST_SILENCES;
      return undefined;
    }
    const answer = this.#await(id);
    this.#silences = answer === undefined ? this.#silences + 1 : 0;
    return answer;
  }

  /** Reads lines until the one with this id; late answers to earlier questions are passed over. */
  #await(id: number): Fields | undefined {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const answer = this.#takeLine(id);
      if (answer !== undefined) return answer;
      const left = Math.ceil(deadline - performance.now());
      if (left <= 0 || this.#held.length > LIMIT || waitReadable(this.#fd, left) <= 0) return undefined;
      const length = receive(this.#fd, this.#buffer, MSG_DONTWAIT);
      if (length <= 0) return undefined;
      this.#held += this.#decoder.decode(this.#buffer.subarray(0, length), { stream: true });
    }
  }

  #takeLine(id: number): Fields | undefined {
    for (let end = this.#held.indexOf("\n"); end >= 0; end = this.#held.indexOf("\n")) {
      const line = this.#held.slice(0, end);
      this.#held = this.#held.slice(end + 1);
      try {
        const value: unknown = JSON.parse(line);
        if (typeof value === "object" && value !== null && (value as Fields)["id"] === id) return value as Fields;
      } catch {
        // Not an answer: the next line may be.
      }
    }
    return undefined;
  }
}
