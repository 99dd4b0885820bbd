import { keyWords, type TupleKey } from "./tuple-key.ts";

const smallest = 1024;
/** Words of an entry, which is one line of the processor's cache: the tuple and the next entry. */
const entryWords = 16;
const nextWord = keyWords;

/**
 * Finds what belongs to a tuple: open addressing with linear probing over typed arrays, no allocation for a look-up.
 * A tuple may have several values (both ends of a loopback connection, the same tuple in two network namespaces): they
 * form a chain, the newest first. Entries are numbers that stay valid until removed.
 */
export class TupleIndex<Value extends object> {
  /** Random, so that nobody outside can choose tuples that collide. */
  readonly #seed = Math.floor(Math.random() * 0x1_0000_0000) | 0;
  /**
   * By hash, in pairs: entry + 1 (0: empty), and the whole hash, so that other tuples' entries need not be looked at. The
   * number of places is a power of two, at most half full.
   */
  #table = new Int32Array(smallest * 2);
  #mask = smallest - 1;
  /** Tuple, and the next entry of the same tuple or of the list of unused entries; -1: none. */
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
    return this.#table[this.#place(words, hash(words, this.#seed)) * 2]! - 1;
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
    if (this.#tuples > this.#mask >> 1) this.#grow();
    const words = key.words;
    const hashed = hash(words, this.#seed);
    const place = this.#place(words, hashed);
    const head = this.#table[place * 2]! - 1;
    const entry = this.#take();
    const at = entry * entryWords;
    for (let index = 0; index < keyWords; index++) this.#entries[at + index] = words[index]!;
    this.#entries[at + nextWord] = head;
    this.#values[entry] = value;
    this.#table[place * 2] = entry + 1;
    this.#table[place * 2 + 1] = hashed;
    if (head < 0) this.#tuples++;
    return entry;
  }

  remove(entry: number): void {
    const hashed = hash(this.#entries.subarray(entry * entryWords, (entry + 1) * entryWords), this.#seed);
    const mask = this.#mask;
    let place = hashed & mask;
    for (;;) {
      const head = this.#table[place * 2]! - 1;
      if (head < 0) throw new Error(`tuple index: entry ${entry} is not in the table`);
      if (this.#table[place * 2 + 1] === hashed && this.#unchain(place, head, entry)) break;
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
      if (next >= 0) this.#table[place * 2] = next + 1;
      else this.#empty(place);
      return true;
    }
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
    const mask = this.#mask;
    let hole = place;
    for (let at = (hole + 1) & mask; table[at * 2] !== 0; at = (at + 1) & mask) {
      const home = table[at * 2 + 1]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      table[hole * 2] = table[at * 2]!;
      table[hole * 2 + 1] = table[at * 2 + 1]!;
      hole = at;
    }
    table[hole * 2] = 0;
    this.#tuples--;
  }

  /** Where the tuple is, or the empty place where it belongs. */
  #place(words: Int32Array, hashed: number): number {
    const table = this.#table;
    const mask = this.#mask;
    let place = hashed & mask;
    for (let head = table[place * 2]!; head !== 0; head = table[place * 2]!) {
      if (table[place * 2 + 1] === hashed && equals(this.#entries, (head - 1) * entryWords, words)) return place;
      place = (place + 1) & mask;
    }
    return place;
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
    if (entry * entryWords >= this.#entries.length) {
      const entries = new Int32Array(this.#entries.length * 2);
      entries.set(this.#entries);
      this.#entries = entries;
    }
    return entry;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Int32Array(old.length * 2);
    const mask = this.#mask * 2 + 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let place = old[from + 1]! & mask;
      while (table[place * 2] !== 0) place = (place + 1) & mask;
      table[place * 2] = old[from]!;
      table[place * 2 + 1] = old[from + 1]!;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

/** Whether the entry that begins at `at` has this tuple. Ports and last address words first: they differ most often. */
function equals(entries: Int32Array, at: number, words: Int32Array): boolean {
  return (
    entries[at + 8] === words[8] &&
    entries[at + 3] === words[3] &&
    entries[at + 7] === words[7] &&
    entries[at + 10] === words[10] &&
    entries[at + 9] === words[9] &&
    entries[at + 6] === words[6] &&
    entries[at + 2] === words[2] &&
    entries[at + 5] === words[5] &&
    entries[at + 4] === words[4] &&
    entries[at + 1] === words[1] &&
    entries[at] === words[0]
  );
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
