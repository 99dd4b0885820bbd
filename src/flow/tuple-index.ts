import { keyWords, type TupleKey } from "./tuple-key.ts";

const smallest = 1024;
/** Words of an entry, which is one line of the processor's cache: the tuple, its hash, the next entry. */
const entryWords = 16;
const hashWord = keyWords;
const nextWord = keyWords + 1;

/**
 * Finds what belongs to a tuple: open addressing with linear probing over typed arrays, no allocation for a look-up.
 * A tuple may have several values (both ends of a loopback connection, the same tuple in two network namespaces): they
 * form a chain, the newest first. Entries are numbers that stay valid until removed.
 */
export class TupleIndex<Value extends object> {
  /** Random, so that nobody outside can choose tuples that collide. */
  readonly #seed = Math.floor(Math.random() * 0x1_0000_0000) | 0;
  /** Entry + 1 by hash; 0: empty. Length is a power of two, at most half full. */
  #table = new Int32Array(smallest);
  /** Tuple, hash, and the next entry of the same tuple or of the list of unused entries; -1: none. */
  #entries = new Int32Array((smallest / 2) * entryWords);
  readonly #values: (Value | undefined)[] = [];
  #unused = -1;
  #used = 0;
  /** Distinct tuples: what fills the table. */
  #tuples = 0;

  /** Entries in use. */
  get size(): number {
    return this.#used;
  }

  /** The newest entry of the tuple, or -1. */
  find(key: TupleKey): number {
    const words = key.words;
    const place = this.#place(words, hash(words, this.#seed));
    return this.#table[place]! - 1;
  }

  /** The next entry of the same tuple, or -1. */
  next(entry: number): number {
    return this.#entries[entry * entryWords + nextWord]!;
  }

  value(entry: number): Value | undefined {
    return this.#values[entry];
  }

  /** Adds a value to the tuple, before those it has; returns the entry. */
  add(key: TupleKey, value: Value): number {
    if ((this.#tuples + 1) * 2 > this.#table.length) this.#grow();
    const words = key.words;
    const hashed = hash(words, this.#seed);
    const place = this.#place(words, hashed);
    const head = this.#table[place]! - 1;
    const entry = this.#take();
    const at = entry * entryWords;
    for (let index = 0; index < keyWords; index++) this.#entries[at + index] = words[index]!;
    this.#entries[at + hashWord] = hashed;
    this.#entries[at + nextWord] = head;
    this.#values[entry] = value;
    this.#table[place] = entry + 1;
    if (head < 0) this.#tuples++;
    return entry;
  }

  remove(entry: number): void {
    const mask = this.#table.length - 1;
    let place = this.#hash(entry) & mask;
    for (;;) {
      const head = this.#table[place]! - 1;
      if (head < 0) throw new Error(`tuple index: entry ${entry} is not in the table`);
      if (this.#unchain(place, head, entry)) break;
      place = (place + 1) & mask;
    }
    this.#values[entry] = undefined;
    this.#entries[entry * entryWords + nextWord] = this.#unused;
    this.#unused = entry;
    this.#used--;
  }

  /** Takes `entry` out of the chain that begins with `head`; false when it is not there. */
  #unchain(place: number, head: number, entry: number): boolean {
    if (head === entry) {
      const next = this.next(entry);
      if (next >= 0) this.#table[place] = next + 1;
      else this.#empty(place);
      return true;
    }
    if (this.#hash(head) !== this.#hash(entry)) return false;
    for (let before = head; before >= 0; before = this.next(before)) {
      if (this.next(before) !== entry) continue;
      this.#entries[before * entryWords + nextWord] = this.next(entry);
      return true;
    }
    return false;
  }

  /** Empties a place and moves up what was pushed past it (Knuth volume 3, 6.4, algorithm R). */
  #empty(place: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = place;
    for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hash(table[at]! - 1) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      table[hole] = table[at]!;
      hole = at;
    }
    table[hole] = 0;
    this.#tuples--;
  }

  /** Where the tuple is, or the empty place where it belongs. */
  #place(words: Int32Array, hashed: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let place = hashed & mask;
    for (let head = table[place]!; head !== 0; head = table[place]!) {
      if (this.#equals(head - 1, words)) return place;
      place = (place + 1) & mask;
    }
    return place;
  }

  #hash(entry: number): number {
    return this.#entries[entry * entryWords + hashWord]!;
  }

  #equals(entry: number, words: Int32Array): boolean {
    const keys = this.#entries;
    const at = entry * entryWords;
    // Ports and last address words first: they differ most often.
    return (
      keys[at + 8] === words[8] &&
      keys[at + 3] === words[3] &&
      keys[at + 7] === words[7] &&
      keys[at + 10] === words[10] &&
      keys[at + 9] === words[9] &&
      keys[at + 6] === words[6] &&
      keys[at + 2] === words[2] &&
      keys[at + 5] === words[5] &&
      keys[at + 4] === words[4] &&
      keys[at + 1] === words[1] &&
      keys[at] === words[0]
    );
  }

  #take(): number {
    this.#used++;
    if (this.#unused >= 0) {
      const entry = this.#unused;
      this.#unused = this.next(entry);
      return entry;
    }
    const entry = this.#values.length;
    this.#values.push(undefined);
    if (entry * entryWords >= this.#entries.length) this.#growEntries();
    return entry;
  }

  #growEntries(): void {
    const entries = new Int32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Int32Array(old.length * 2);
    const mask = table.length - 1;
    for (const head of old) {
      if (head === 0) continue;
      let place = this.#hash(head - 1) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = head;
    }
    this.#table = table;
  }
}

/** Every bit of the tuple counts. What only IPv6 has is left out where it is zero, as it is for nearly all tuples. */
function hash(words: Int32Array, seed: number): number {
  let mixed = stir(seed, words[8]!);
  mixed = stir(mixed, words[3]!);
  mixed = stir(mixed, words[7]!);
  mixed = stir(mixed, words[9]! ^ Math.imul(words[10]!, 0xc2b2ae35));
  const first = words[2]!;
  const second = words[6]!;
  if ((words[0]! | words[1]! | words[4]! | words[5]!) === 0 && first >>> 16 === 0 && second >>> 16 === 0) {
    mixed = stir(mixed, (first << 16) | second);
  } else {
    for (let index = 0; index < 3; index++) mixed = stir(stir(mixed, words[index]!), words[4 + index]!);
  }
  mixed = Math.imul(mixed, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function stir(mixed: number, word: number): number {
  const multiplied = Math.imul(mixed ^ word, 0x9e3779b1);
  return multiplied ^ (multiplied >>> 15);
}
