/**
 * Everything the engine may ask of the broker, and nothing else. One JSON object a line, each with an `id` that its
 * answer repeats; a line that is not exactly such a request is refused, logged, and answered with nothing.
 */

/** Longest request, in characters, and most inodes one may name. */
export const REQUEST_LIMIT = 32_768;
export const INODES_LIMIT = 1024;
/** Longest text for the clipboard, in characters. */
export const CLIPBOARD_LIMIT = 8192;
/** Longest text that is remembered, in characters. */
export const REMEMBER_LIMIT = 12_288;
/** Bytes of a file in one request: what fits in base64. */
export const WRITE_LIMIT = 24_000;

export type Request =
  /** Who has these sockets open: answered with [inode, pid] pairs. */
  | { readonly id: number; readonly ask: "owners"; readonly inodes: readonly number[] }
  /** Stop the whole foreground job, as Ctrl-Z does: the sandboxed engine may not signal the broker. */
  | { readonly id: number; readonly ask: "suspend" }
  /** What only a privileged or equal user may read of a process. */
  | { readonly id: number; readonly ask: "process"; readonly pid: number }
  /** Begin a file of the invoking user; the rules are those of `export-file.ts`. */
  | { readonly id: number; readonly ask: "create"; readonly path: string; readonly overwrite: boolean }
  /** Append to it: base64. */
  | { readonly id: number; readonly ask: "write"; readonly data: string }
  /** It is complete (`true`) or given up. */
  | { readonly id: number; readonly ask: "finish"; readonly complete: boolean }
  /** Put text into the clipboard by a program of the desktop. */
  | { readonly id: number; readonly ask: "clipboard"; readonly text: string }
  /** Keep this for the next run of the screen: written to one file of the invoking user when the engine has ended. */
  | { readonly id: number; readonly ask: "remember"; readonly text: string };

/** Facts of a process behind ptrace-like permission; absent where even the broker may not read them. */
export interface ProcessFacts {
  readonly executable?: string;
  readonly commandLine?: readonly string[];
  readonly directory?: string;
}

export type Answer =
  | { readonly id: number; readonly owners: readonly (readonly [inode: number, pid: number])[] }
  | ({ readonly id: number } & ProcessFacts)
  | ({ readonly id: number } & FileAnswer);

/** What became of a file: its path, or how many bytes it has, or what went wrong. */
export interface FileAnswer {
  readonly path?: string;
  readonly bytes?: number;
  readonly problem?: string;
  readonly exists?: boolean;
}

/** What the broker does for a valid request. */
export interface Actions {
  owners(inodes: readonly number[]): readonly (readonly [inode: number, pid: number])[];
  process(pid: number): ProcessFacts;
  suspend(): void;
  create(path: string, overwrite: boolean): FileAnswer;
  write(bytes: Uint8Array): FileAnswer | undefined;
  finish(complete: boolean): FileAnswer;
  clipboard(text: string): void;
  remember(text: string): void;
}

type Check = (value: unknown) => boolean;

const isFlag: Check = (value) => typeof value === "boolean";
const isWhole =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
const isText =
  (longest: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= longest;

const isId = isWhole(0, 0xffff_ffff);
const isInode = isWhole(1, Number.MAX_SAFE_INTEGER);

/** The fields of each request beside `id` and `ask`, and what they must be. */
const fieldsOf: Readonly<Record<Request["ask"], Readonly<Record<string, Check>>>> = {
  owners: { inodes: (value) => Array.isArray(value) && value.length <= INODES_LIMIT && value.every(isInode) },
  process: { pid: isWhole(1, 0x40_0000) },
  suspend: {},
  create: {
    path: (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
    overwrite: isFlag,
  },
  write: { data: (value) => typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value) },
  finish: { complete: isFlag },
  clipboard: { text: isText(CLIPBOARD_LIMIT) },
  remember: { text: isText(REMEMBER_LIMIT) },
};

/** Reads one line; a text says why it is refused. Extra fields are refused too: the set is fixed. */
export function parseRequest(line: string): Request | string {
  if (line.length > REQUEST_LIMIT) return `${line.length} characters, at most ${REQUEST_LIMIT}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "not JSON";
  }
  if (typeof value !== "object" || value === null) return "not an object";
  const { id, ask, ...fields } = value as Record<string, unknown>;
  if (!isId(id)) return "bad id";
  if (typeof ask !== "string" || !Object.hasOwn(fieldsOf, ask)) return "unknown request";
  const checks = fieldsOf[ask as Request["ask"]];
  if (Object.keys(fields).some((name) => !Object.hasOwn(checks, name))) return "unknown field";
  for (const [name, check] of Object.entries(checks)) if (!check(fields[name])) return `bad ${name}`;
  // Every field was looked at, and there are no others.
  return { id, ask, ...fields } as Request;
}

/** Carries out one request. */
export function answer(request: Request, actions: Actions): Answer {
  switch (request.ask) {
    case "owners":
      return { id: request.id, owners: actions.owners(request.inodes) };
    case "process":
      return { id: request.id, ...actions.process(request.pid) };
    case "suspend":
      actions.suspend();
      return { id: request.id };
    case "create":
      return { id: request.id, ...actions.create(request.path, request.overwrite) };
    case "write":
      return { id: request.id, ...actions.write(Buffer.from(request.data, "base64")) };
    case "finish":
      return { id: request.id, ...actions.finish(request.complete) };
    case "clipboard":
      actions.clipboard(request.text);
      return { id: request.id };
    case "remember":
      actions.remember(request.text);
      return { id: request.id };
  }
}

/** Cuts a byte stream into lines of at most `REQUEST_LIMIT` bytes. `push` returns false once a line is longer. */
export class LineSplitter {
  #held = "";
  readonly #line: (line: string) => void;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(text: string): boolean {
    const parts = (this.#held + text).split("\n");
    this.#held = parts.pop() ?? "";
    for (const part of parts) this.#line(part);
    return this.#held.length <= REQUEST_LIMIT;
  }
}
