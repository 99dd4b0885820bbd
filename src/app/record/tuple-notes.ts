/** LINKTYPE_ETHERNET. */
export const ethernet = 1;
/** Ethernet, IPv4 without options, and ports. */
export const plainLength = 14 + 20 + 4;
/** Notes that a block may have; a tuple whose place is taken by another one is looked up the long way. */
const rows = 256;

/** Whether the frame may have a tuple that `TupleNotes` reads: it lies at a multiple of 4. */
export const hasTuple = (linkType: number, capturedLength: number, offset: number): boolean =>
  linkType === ethernet && capturedLength >= plainLength && (offset & 3) === 0;

/**
 * Notes of a block's tuples. Only whole TCP and UDP over IPv4 without options has one: what most frames are, and whose tuple is
 * at fixed places: the same protocol, addresses and ports in the same direction are the same flow. Little-endian.
 */
export class TupleNotes<Note extends object> {
  /** Of each row: last two bytes of the source with the protocol, and the three words up to the ports. */
  readonly #keys = new Int32Array(rows * 4);
  readonly #notes: (Note | undefined)[] = Array.from({ length: rows }, () => undefined);
  /** Block in which the row was filled. */
  readonly #filled = new Int32Array(rows).fill(-1);
  #block = 0;
  /** Row of the last tuple asked for, -1 when it was none; and its key. */
  #row = -1;
  readonly #key = new Int32Array(4);

  /** For the next block: connections may have changed. */
  clear(): void {
    this.#block = (this.#block + 1) | 0;
  }

  /** The note that was kept for the tuple of the frame at `word`. */
  find(words: Int32Array, word: number): Note | undefined {
    const fragment = words[word + 5]!;
    const protocol = fragment >>> 24;
    // EtherType and version with header length; neither a fragment nor one with more to come.
    const isPlain =
      (words[word + 3]! & 0xff_ffff) === 0x45_0008 && (fragment & 0xff3f) === 0 && (protocol === 6 || protocol === 17);
    this.#row = -1;
    if (!isPlain) return undefined;
    const first = (words[word + 6]! >>> 16) | (protocol << 16);
    const second = words[word + 7]!;
    const third = words[word + 8]!;
    const fourth = words[word + 9]! & 0xffff;
    const mixed = Math.imul(first ^ second ^ (third >>> 1) ^ (fourth << 11), 0x9e37_79b1);
    const row = mixed >>> 24;
    const key = row * 4;
    const keys = this.#keys;
    const isSame =
      keys[key] === first && keys[key + 1] === second && keys[key + 2] === third && keys[key + 3] === fourth;
    if (isSame && this.#filled[row] === this.#block) return this.#notes[row];
    this.#row = row;
    this.#key[0] = first;
    this.#key[1] = second;
    this.#key[2] = third;
    this.#key[3] = fourth;
    return undefined;
  }

  /** Keeps the note of the tuple that was not found. */
  keep(note: Note): void {
    const row = this.#row;
    if (row < 0) return;
    this.#keys.set(this.#key, row * 4);
    this.#notes[row] = note;
    this.#filled[row] = this.#block;
  }
}
