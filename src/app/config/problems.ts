import { closestName } from "../../query/index.ts";
import { locate, pathKey, type Position } from "./positions.ts";

/** What is wrong in a configuration file, and where. */
export interface Problem extends Position {
  /** Says what to do; no control characters but those that the file holds. */
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** Collects what is wrong, with its place in the text. */
export class Problems {
  readonly #places;
  readonly #found: Problem[] = [];

  constructor(text: string) {
    this.#places = locate(text);
  }

  /** What was found, in the order of the text. */
  get found(): readonly Problem[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** The line of a key, for messages about another one. */
  line(path: Path): number {
    return this.#places.get(pathKey(path))?.key.line ?? 1;
  }

  #add(path: Path, part: "key" | "value", message: string): void {
    // A value that is given without its array stands where its key says.
    const located = this.#places.get(pathKey(path)) ?? this.#places.get(pathKey(path.slice(0, -1)));
    const place = located?.[part] ?? { line: 1, column: 1 };
    this.#found.push({ line: place.line, column: place.column, message });
  }

  /** The value at `path` is not what it should be. */
  value(path: Path, message: string): void {
    this.#add(path, "value", message);
  }

  /** The key at `path` should not be there. */
  key(path: Path, message: string): void {
    this.#add(path, "key", message);
  }

  /** There is no such key; `known` are those that there are. */
  unknownKey(path: Path, what: string, known: readonly string[]): void {
    this.key(path, unknown(what, String(path.at(-1)), known));
  }
}

/** "unknown key \"colour\"; did you mean \"color\"?", or what there is where nothing is near and the list is short. */
export function unknown(what: string, name: string, known: readonly string[]): string {
  const near = closestName(name.toLowerCase(), known);
  if (near !== undefined) return `unknown ${what} "${name}"; did you mean "${near}"?`;
  const list = known.join(", ");
  return list.length > 160
    ? `unknown ${what} "${name}"; socklens config print lists them all`
    : `unknown ${what} "${name}"; there are ${list}`;
}

export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The kind of a TOML value, for messages. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return "a date";
  if (typeof value === "object") return "a table";
  return typeof value === "string" ? "a text" : typeof value === "boolean" ? "a boolean" : "a number";
}
