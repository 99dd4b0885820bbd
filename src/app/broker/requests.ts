/**
 * Everything the engine may ask of the broker, and nothing else. One JSON object a line, each with an `id` that its
 * answer repeats; a line that is not exactly such a request is refused, logged, and answered with nothing.
 */

/** Longest request, in characters, and most inodes one may name. */
export const REQUEST_LIMIT = 32_768;
export const INODES_LIMIT = 1024;

export type Request =
  /** Who has these sockets open: answered with [inode, pid] pairs. */
  | { readonly id: number; readonly ask: "owners"; readonly inodes: readonly number[] }
  /** Stop the whole foreground job, as Ctrl-Z does: the sandboxed engine may not signal the broker. */
  | { readonly id: number; readonly ask: "suspend" }
  /** What only a privileged or equal user may read of a process. */
  | { readonly id: number; readonly ask: "process"; readonly pid: number };

/** Facts of a process behind ptrace-like permission; absent where even the broker may not read them. */
export interface ProcessFacts {
  readonly executable?: string;
  readonly commandLine?: readonly string[];
  readonly directory?: string;
}

export type Answer =
  | { readonly id: number; readonly owners: readonly (readonly [inode: number, pid: number])[] }
  | ({ readonly id: number } & ProcessFacts);

/** What the broker does for a valid request. */
export interface Actions {
  owners(inodes: readonly number[]): readonly (readonly [inode: number, pid: number])[];
  process(pid: number): ProcessFacts;
  suspend(): void;
}

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

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
  const { id, ask, inodes, pid, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return "unknown field";
  if (!isWhole(id, 0, 0xffff_ffff)) return "bad id";
  switch (ask) {
    case "owners": {
      if (pid !== undefined || !Array.isArray(inodes) || inodes.length > INODES_LIMIT) return "bad inodes";
      if (!inodes.every((inode): inode is number => isWhole(inode, 1, Number.MAX_SAFE_INTEGER))) return "bad inodes";
      return { id, ask, inodes };
    }
    case "process":
      return inodes === undefined && isWhole(pid, 1, 0x40_0000) ? { id, ask, pid } : "bad pid";
    case "suspend":
      return inodes === undefined && pid === undefined ? { id, ask } : "bad suspend";
    default:
      return "unknown request";
  }
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
