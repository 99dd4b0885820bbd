/**
 * Where keys and values stand in a TOML document (TOML 1.0): the parser of the document does not say. Walks a document
 * that has parsed; on any other it stops early, and never throws.
 */

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface Located {
  readonly key: Position;
  readonly value: Position;
}

/** Names of a path in one text, as the map is keyed: ["columns", "width"] is `columns\0width`. */
export const pathKey = (path: readonly (string | number)[]): string => path.join("\0");

const bareKey = /[A-Za-z0-9_-]/;

class Walker {
  readonly #text: string;
  readonly found = new Map<string, Located>();
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #step(count = 1): void {
    for (let i = 0; i < count && this.#at < this.#text.length; i++) {
      if (this.#text.charCodeAt(this.#at++) !== 0x0a) continue;
      this.#line++;
      this.#lineStart = this.#at;
    }
  }

  get #position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  /** Passes over space, and over line ends and comments where they mean nothing. */
  #skip(lines: boolean): void {
    for (;;) {
      const next = this.#peek();
      if (next === " " || next === "\t" || (lines && (next === "\n" || next === "\r"))) this.#step();
      else if (lines && next === "#") while (this.#at < this.#text.length && this.#peek() !== "\n") this.#step();
      else return;
    }
  }

  walk(): void {
    let table: (string | number)[] = [];
    const arrays = new Map<string, number>();
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      const before = this.#at;
      if (this.#peek() === "[") table = this.#header(arrays);
      else this.#assignment(table);
      if (this.#at === before) return;
    }
  }

  #header(arrays: Map<string, number>): (string | number)[] {
    const isArray = this.#text.startsWith("[[", this.#at);
    const key = this.#position;
    this.#step(isArray ? 2 : 1);
    const path: (string | number)[] = [];
    for (const name of this.#keyPath()) {
      path.push(name);
      const last = arrays.get(pathKey(path));
      if (last !== undefined) path.push(last);
    }
    if (isArray) {
      if (typeof path.at(-1) === "number") path.pop();
      const at = pathKey(path);
      const index = (arrays.get(at) ?? -1) + 1;
      arrays.set(at, index);
      path.push(index);
    }
    this.#note(path, key, key);
    this.#skip(false);
    this.#step(isArray ? 2 : 1);
    return path;
  }

  #note(path: readonly (string | number)[], key: Position, value: Position): void {
    this.found.set(pathKey(path), { key, value });
    // A table that is only named by what is in it stands where that does.
    for (let length = path.length - 1; length > 0; length--) {
      const outer = pathKey(path.slice(0, length));
      if (!this.found.has(outer)) this.found.set(outer, { key, value });
    }
  }

  #assignment(table: readonly (string | number)[]): void {
    const key = this.#position;
    const path = [...table, ...this.#keyPath()];
    this.#skip(false);
    if (this.#peek() !== "=") return;
    this.#step();
    this.#skip(false);
    this.#note(path, key, this.#position);
    this.#value(path);
  }

  #keyPath(): string[] {
    const path: string[] = [];
    for (;;) {
      this.#skip(false);
      path.push(this.#key());
      this.#skip(false);
      if (this.#peek() !== ".") return path;
      this.#step();
    }
  }

  #key(): string {
    const quote = this.#peek();
    if (quote === '"' || quote === "'") {
      const start = this.#at;
      this.#string();
      const raw = this.#text.slice(start, this.#at);
      return quote === "'" ? raw.slice(1, -1) : unescape(raw);
    }
    const start = this.#at;
    while (bareKey.test(this.#peek())) this.#step();
    return this.#text.slice(start, this.#at);
  }

  #string(): void {
    const quote = this.#peek();
    const long = quote.repeat(3);
    const isLong = this.#text.startsWith(long, this.#at);
    this.#step(isLong ? 3 : 1);
    while (this.#at < this.#text.length) {
      if (quote === '"' && this.#peek() === "\\") this.#step(2);
      else if (isLong && this.#text.startsWith(long, this.#at)) {
        this.#step(3);
        // Up to two more quotes belong to the text.
        while (this.#peek() === quote) this.#step();
        return;
      } else if (!isLong && this.#peek() === quote) {
        this.#step();
        return;
      } else this.#step();
    }
  }

  #value(path: readonly (string | number)[]): void {
    const next = this.#peek();
    if (next === '"' || next === "'") this.#string();
    else if (next === "[") this.#array(path);
    else if (next === "{") this.#inlineTable(path);
    else while (this.#at < this.#text.length && !/[\s,\]}#]/.test(this.#peek())) this.#step();
  }

  #array(path: readonly (string | number)[]): void {
    this.#step();
    for (let index = 0; ; index++) {
      this.#skip(true);
      if (this.#at >= this.#text.length) return;
      if (this.#peek() === "]") break;
      const before = this.#at;
      const element = [...path, index];
      this.found.set(pathKey(element), { key: this.#position, value: this.#position });
      this.#value(element);
      this.#skip(true);
      if (this.#peek() === ",") this.#step();
      if (this.#at === before) return;
    }
    this.#step();
  }

  #inlineTable(path: readonly (string | number)[]): void {
    this.#step();
    for (;;) {
      this.#skip(true);
      if (this.#at >= this.#text.length) return;
      if (this.#peek() === "}") break;
      const before = this.#at;
      this.#assignment(path);
      this.#skip(true);
      if (this.#peek() === ",") this.#step();
      if (this.#at === before) return;
    }
    this.#step();
  }
}

/** A quoted key as it is meant; escapes of TOML are those of JSON but for \e and \U, which then stay as they are. */
function unescape(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}

/** Where everything in the document stands, by `pathKey`; elements of arrays by number. */
export function locate(text: string): ReadonlyMap<string, Located> {
  const walker = new Walker(text);
  walker.walk();
  return walker.found;
}
