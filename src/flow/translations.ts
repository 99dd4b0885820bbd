import type { Translation } from "../model/index.ts";
import { dropOldest } from "./bounded.ts";
import type { ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";
import { TupleIndex } from "./tuple-index.ts";
import { TupleKey } from "./tuple-key.ts";

/** Translations remembered; beyond, the oldest is forgotten. Rows that were already tied stay so. */
const translationsAtMost = 65_536;

/** One side of a translation: how the flow looks there, in the direction of its first packet. */
interface Side {
  readonly key: TupleKey;
  /** "10.0.0.2:5000 > 192.0.2.1:443" */
  readonly text: string;
  entry: number;
}

interface Tie {
  readonly before: Side;
  readonly after: Side;
}

/**
 * Ties the tuples that one flow has before and after address translation, so that it is one row. The socket's row wins
 * over rows of the wire; of two wire rows the older one does. Two sockets (a client and a server of this machine) stay two rows.
 */
export class Translations {
  readonly #table: ConnectionTable;
  readonly #index = new TupleIndex<Tie>();
  /** In the order in which they came. */
  readonly #ties = new Set<Tie>();

  constructor(table: ConnectionTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#ties.size;
  }

  apply(translation: Translation): void {
    const { original, reply, protocolNumber } = translation;
    const before = side(
      original.source,
      original.sourcePort,
      original.destination,
      original.destinationPort,
      protocolNumber,
    );
    // The reply's destination is where the first packet seems to come from after translation.
    const after = side(reply.destination, reply.destinationPort, reply.source, reply.sourcePort, protocolNumber);
    const known = this.#index.find(before.key);
    if (known >= 0) this.#forget(this.#index.value(known)!);
    if (translation.ended || isSame(before.key, after.key)) return;
    const tie: Tie = { before, after };
    before.entry = this.#index.add(before.key, tie);
    after.entry = this.#index.add(after.key, tie);
    this.#ties.add(tie);
    this.#tieRows(tie);
    dropOldest(this.#ties, translationsAtMost, (oldest) => this.#forget(oldest));
  }

  /** Ties a row that was just made for `key` to what its tuple is translated to. */
  begin(key: TupleKey): void {
    if (this.#ties.size === 0) return;
    const entry = this.#index.find(key);
    if (entry >= 0) this.#tieRows(this.#index.value(entry)!);
  }

  /** The live row of the other side of a translation; undefined when there is none. It is found under `key` from now on. */
  resolve(key: TupleKey): ConnectionRow | undefined {
    if (this.#ties.size === 0) return undefined;
    const entry = this.#index.find(key);
    if (entry < 0) return undefined;
    const tie = this.#index.value(entry)!;
    this.#tieRows(tie);
    return this.#live(tie.before.key) ?? this.#live(tie.after.key);
  }

  #tieRows(tie: Tie): void {
    const first = this.#live(tie.before.key);
    const second = this.#live(tie.after.key);
    if (first === second) return;
    if (first === undefined) this.#extend(second!, tie.after, tie.before);
    else if (second === undefined) this.#extend(first, tie.before, tie.after);
    else if (!second.hasSocket && (first.hasSocket || first.start <= second.start)) {
      this.#table.absorb(second, first);
      this.#extend(first, tie.before, tie.after);
    } else if (!first.hasSocket) {
      this.#table.absorb(first, second);
      this.#extend(second, tie.after, tie.before);
    }
  }

  /** Lets `row`, known under `own`, be found under `other` too. */
  #extend(row: ConnectionRow, own: Side, other: Side): void {
    const entry = this.entryOf(row, own.key);
    const localSends = row.localFirstIn(entry) === !own.key.swapped;
    if (!this.#table.alias(row, other.key, localSends === !other.key.swapped)) return;
    row.translated = [...(row.translated ?? []), other.text];
  }

  /** Where `row` is found under `key`; -1: nowhere. */
  entryOf(row: ConnectionRow, key: TupleKey): number {
    const index = this.#table.index;
    for (let entry = index.find(key); entry >= 0; entry = index.next(entry)) {
      if (index.value(entry) === row) return entry;
    }
    return -1;
  }

  #live(key: TupleKey): ConnectionRow | undefined {
    const index = this.#table.index;
    let found: ConnectionRow | undefined;
    for (let entry = index.find(key); entry >= 0; entry = index.next(entry)) {
      const row = index.value(entry)!;
      if (row.closed) continue;
      if (row.hasSocket) return row;
      found ??= row;
    }
    return found;
  }

  #forget(tie: Tie): void {
    if (!this.#ties.delete(tie)) return;
    this.#index.remove(tie.before.entry);
    this.#index.remove(tie.after.entry);
  }
}

function side(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  protocol: number,
): Side {
  const key = new TupleKey();
  key.setText(source, sourcePort, destination, destinationPort, protocol);
  return { key, text: `${endpoint(source, sourcePort)} > ${endpoint(destination, destinationPort)}`, entry: -1 };
}

const endpoint = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

const isSame = (left: TupleKey, right: TupleKey): boolean =>
  left.words.every((word, index) => word === right.words[index]);
