import type { Connection, ConnectionId } from "../model/index.ts";
import { sortKeys, type SortColumn, type SortKey } from "./sort-key.ts";

export interface ViewOptions {
  /** Which rows are in; all when absent. */
  readonly predicate?: ((connection: Connection) => boolean) | undefined;
  readonly sort: SortColumn | SortKey;
  readonly descending?: boolean;
}

/** The rows of a table that match, in order. */
export interface View {
  /** Brings the view up to the rows there are now. Rows whose key has not changed are only moved past. */
  update(connections: readonly Connection[]): void;
  /** Other rows or another order; takes effect with the next `update`. */
  configure(options: ViewOptions): void;
  readonly total: number;
  /** The row at a place from 0; undefined beyond the end. */
  at(index: number): Connection | undefined;
  /** Place of a row, or -1: it is gone or does not match. */
  indexOf(id: ConnectionId): number;
  /** A stretch of rows, for a screen. */
  slice(start: number, end: number): readonly Connection[];
}

interface Entry {
  readonly connection: Connection;
  number: number;
  text: string;
  /** Last update that found the row. */
  stamp: number;
  moved: boolean;
}

/** Makes an empty view. Equal keys stand in the order in which the rows began, whichever the direction. */
export function createView(options: ViewOptions): View {
  return new SortedView(options);
}

class SortedView implements View {
  #predicate: ((connection: Connection) => boolean) | undefined;
  #key: SortKey = sortKeys.start;
  #sign = 1;
  #entries = new Map<number, Entry>();
  /** Entries by the place of their row in the table, as it was last: most rows are still there. */
  #byPlace: (Entry | undefined)[] = [];
  #order: Entry[] = [];
  #spare: Entry[] = [];
  #stamp = 0;

  constructor(options: ViewOptions) {
    this.configure(options);
  }

  configure(options: ViewOptions): void {
    this.#predicate = options.predicate;
    this.#key = typeof options.sort === "string" ? sortKeys[options.sort] : options.sort;
    this.#sign = options.descending === true ? -1 : 1;
    this.#entries = new Map();
    this.#byPlace = [];
    this.#order = [];
  }

  get total(): number {
    return this.#order.length;
  }

  at(index: number): Connection | undefined {
    return this.#order[index]?.connection;
  }

  indexOf(id: ConnectionId): number {
    if (!this.#entries.has(id)) return -1;
    return this.#order.findIndex((entry) => entry.connection.id === id);
  }

  slice(start: number, end: number): readonly Connection[] {
    return this.#order.slice(start, end).map((entry) => entry.connection);
  }

  update(connections: readonly Connection[]): void {
    const changed = this.#collect(connections);
    if (changed.length === 0 && this.#entries.size === this.#order.length) return;
    const compare = this.#compare;
    if (changed.length > 1) changed.sort(compare);
    const merged = this.#spare;
    merged.length = 0;
    let next = 0;
    for (const entry of this.#order) {
      if (entry.moved) continue;
      if (entry.stamp !== this.#stamp) continue;
      while (next < changed.length && compare(changed[next]!, entry) < 0) merged.push(changed[next++]!);
      merged.push(entry);
    }
    while (next < changed.length) merged.push(changed[next++]!);
    for (const entry of changed) entry.moved = false;
    this.#spare = this.#order;
    this.#order = merged;
    this.#spare.length = 0;
  }

  /** Looks at every row: returns those that are new or have another key, and forgets those that are gone. */
  #collect(connections: readonly Connection[]): Entry[] {
    const stamp = ++this.#stamp;
    const changed: Entry[] = [];
    const predicate = this.#predicate;
    const byPlace = this.#byPlace;
    let found = 0;
    let place = 0;
    for (const connection of connections) {
      const here = place++;
      if (predicate !== undefined && !predicate(connection)) continue;
      found++;
      let entry = byPlace[here];
      if (entry?.connection !== connection || entry.stamp !== stamp - 1) {
        entry = this.#entries.get(connection.id);
        if (entry === undefined || entry.connection !== connection) {
          entry = { connection, number: 0, text: "", stamp: 0, moved: true };
          this.#read(entry);
          this.#entries.set(connection.id, entry);
          changed.push(entry);
        }
        byPlace[here] = entry;
      }
      entry.stamp = stamp;
      if (entry.moved || (this.#key.kind === "number" && this.#key.fixed === true)) continue;
      if (this.#read(entry)) {
        entry.moved = true;
        changed.push(entry);
      }
    }
    byPlace.length = place;
    if (found < this.#entries.size) {
      for (const [id, entry] of this.#entries) if (entry.stamp !== stamp) this.#entries.delete(id);
    }
    return changed;
  }

  /** Reads the key of the row; true when it is another one than before. */
  #read(entry: Entry): boolean {
    const key = this.#key;
    if (key.kind === "text") {
      const text = key.value(entry.connection);
      if (text === entry.text) return false;
      entry.text = text;
      entry.number = textPrefix(text);
      return true;
    }
    const value = key.value(entry.connection);
    if (value === entry.number || Number.isNaN(value)) return false;
    entry.number = value;
    return true;
  }

  readonly #compare = (left: Entry, right: Entry): number => {
    if (left.number !== right.number) return left.number < right.number ? -this.#sign : this.#sign;
    if (left.text !== right.text) return left.text < right.text ? -this.#sign : this.#sign;
    return left.connection.id - right.connection.id;
  };
}

/** The first three characters as a number that sorts as they do: most comparisons of text end here. */
function textPrefix(text: string): number {
  let value = 0;
  for (let index = 0; index < 3; index++) value = value * 65_536 + (index < text.length ? text.charCodeAt(index) : 0);
  return value;
}
