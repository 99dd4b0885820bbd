/** Frames above this are taken for damage; bounds the reader's memory. */
export const maximumRecordBytes = 16 * 1024 * 1024;

/** The part of a file that is in memory: `bytes[position, end)` is not parsed yet. */
export class Window {
  bytes: Uint8Array;
  position = 0;
  end = 0;
  /** Offset in the file of `bytes[0]`. */
  base = 0;
  /** Bytes still to be passed over before anything is parsed: the rest of a long block that nobody wants. */
  skip = 0;
  /** No more bytes will come: what would need a look ahead is decided with what is there. */
  finished = false;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  get available(): number {
    return this.end - this.position;
  }

  /** Offset in the file of the next byte to parse. */
  get fileOffset(): number {
    return this.base + this.position;
  }

  /** Moves what is not parsed to the front, and sees to it that a record of `need` bytes fits. */
  makeRoom(need: number): void {
    const rest = this.end - this.position;
    const size = need > this.bytes.length ? roundUp(need) : this.bytes.length;
    if (size > this.bytes.length) {
      const larger = new Uint8Array(size);
      larger.set(this.bytes.subarray(this.position, this.end));
      this.bytes = larger;
    } else if (this.position > 0) this.bytes.copyWithin(0, this.position, this.end);
    this.base += this.position;
    this.position = 0;
    this.end = rest;
  }

  /** Passes over what `skip` asks for, as far as it is there; true when nothing is left to pass over. */
  takeSkip(): boolean {
    const step = Math.min(this.skip, this.end - this.position);
    this.position += step;
    this.skip -= step;
    return this.skip === 0;
  }
}

function roundUp(need: number): number {
  return 2 ** Math.ceil(Math.log2(need));
}

export function u16(bytes: Uint8Array, offset: number, little: boolean): number {
  const first = bytes[offset]!;
  const second = bytes[offset + 1]!;
  return little ? (second << 8) | first : (first << 8) | second;
}

export function u32(bytes: Uint8Array, offset: number, little: boolean): number {
  return little
    ? ((bytes[offset + 3]! << 24) | (bytes[offset + 2]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset]!) >>> 0
    : ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}
