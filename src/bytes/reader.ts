/** A read that ran past the end: `offset` is where it began, all in bytes. */
export interface ShortRead {
  readonly offset: number;
  readonly need: number;
  readonly have: number;
}

/** "udp at offset 34: need 8, have 3". */
export function describeShortRead(what: string, offset: number, need: number, have: number): string {
  return `${what} at offset ${offset}: need ${need}, have ${have}`;
}

/** Unsigned byte at `offset`, or -1 when it lies outside `bytes`. */
export function u8At(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset < bytes.length ? bytes[offset]! : -1;
}

/** Unsigned big-endian 16 bits at `offset`, or -1 when they do not lie wholly inside `bytes`. */
export function u16At(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset + 2 <= bytes.length ? (bytes[offset]! << 8) | bytes[offset + 1]! : -1;
}

/** Unsigned little-endian 16 bits at `offset`, or -1. */
export function u16LittleAt(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset + 2 <= bytes.length ? (bytes[offset + 1]! << 8) | bytes[offset]! : -1;
}

/** Unsigned big-endian 24 bits at `offset`, or -1. */
export function u24At(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset + 3 <= bytes.length
    ? (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!
    : -1;
}

/** Unsigned big-endian 32 bits at `offset`, or -1. */
export function u32At(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset + 4 <= bytes.length
    ? ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
    : -1;
}

/** Unsigned little-endian 32 bits at `offset`, or -1. */
export function u32LittleAt(bytes: Uint8Array, offset: number): number {
  return offset >= 0 && offset + 4 <= bytes.length
    ? ((bytes[offset + 3]! << 24) | (bytes[offset + 2]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset]!) >>> 0
    : -1;
}

/**
 * A cursor over bytes that never reads outside its window and never allocates while it reads (views aside).
 * Numbers are unsigned and big-endian unless the name says `Little`. A read that does not fit returns -1 (`undefined`
 * for views, `false` for `skip`), moves nothing, and makes the reader fail for good: `ok` turns false, `failure` says
 * where, and every later read fails too. So a parser may read a whole header and check `ok` once.
 * One object serves many inputs by `reset`.
 */
export class ByteReader {
  bytes: Uint8Array;
  /** Offset into `bytes` of the next read. */
  position: number;
  /** First offset that may not be read. */
  end: number;
  private failedOffset = -1;
  private failedNeed = 0;
  private failedHave = 0;

  constructor(bytes: Uint8Array = new Uint8Array(0), start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = 0;
    this.end = 0;
    this.reset(bytes, start, end);
  }

  /** Starts anew on `bytes` from `start` to `end`; a window that reaches outside `bytes` is cut to it. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    this.bytes = bytes;
    this.end = Math.min(Math.max(end, 0), bytes.length);
    this.position = Math.min(Math.max(start, 0), this.end);
    this.failedOffset = -1;
    this.failedNeed = 0;
    this.failedHave = 0;
    return this;
  }

  /** False once a read did not fit. */
  get ok(): boolean {
    return this.failedOffset < 0;
  }

  /** Bytes left before `end`. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** The first read that did not fit, or undefined. */
  get failure(): ShortRead | undefined {
    return this.ok ? undefined : { offset: this.failedOffset, need: this.failedNeed, have: this.failedHave };
  }

  /** The failure as text ("udp at offset 34: need 8, have 3"), or undefined. */
  describeFailure(what: string): string | undefined {
    return this.ok ? undefined : describeShortRead(what, this.failedOffset, this.failedNeed, this.failedHave);
  }

  /** True when `count` more bytes can be read; otherwise the reader has failed. */
  need(count: number): boolean {
    if (this.failedOffset >= 0) return false;
    // The negated form also refuses NaN.
    if (!(count >= 0 && count <= this.end - this.position)) {
      this.failedOffset = this.position;
      this.failedNeed = count;
      this.failedHave = this.end - this.position;
      return false;
    }
    return true;
  }

  u8(): number {
    if (!this.need(1)) return -1;
    return this.bytes[this.position++]!;
  }

  u16(): number {
    if (!this.need(2)) return -1;
    const value = u16At(this.bytes, this.position);
    this.position += 2;
    return value;
  }

  u16Little(): number {
    if (!this.need(2)) return -1;
    const value = u16LittleAt(this.bytes, this.position);
    this.position += 2;
    return value;
  }

  u24(): number {
    if (!this.need(3)) return -1;
    const value = u24At(this.bytes, this.position);
    this.position += 3;
    return value;
  }

  u32(): number {
    if (!this.need(4)) return -1;
    const value = u32At(this.bytes, this.position);
    this.position += 4;
    return value;
  }

  u32Little(): number {
    if (!this.need(4)) return -1;
    const value = u32LittleAt(this.bytes, this.position);
    this.position += 4;
    return value;
  }

  /** 64 bits as a number, rounded above 2^53. */
  u64(): number {
    if (!this.need(8)) return -1;
    const value = u32At(this.bytes, this.position) * 0x1_0000_0000 + u32At(this.bytes, this.position + 4);
    this.position += 8;
    return value;
  }

  /** 64 bits as a number, rounded above 2^53. */
  u64Little(): number {
    if (!this.need(8)) return -1;
    const value = u32LittleAt(this.bytes, this.position + 4) * 0x1_0000_0000 + u32LittleAt(this.bytes, this.position);
    this.position += 8;
    return value;
  }

  /** Moves over `count` bytes; false when there are not that many. */
  skip(count: number): boolean {
    if (!this.need(count)) return false;
    this.position += count;
    return true;
  }

  /** A view (no copy) of the next `count` bytes, never fewer. */
  view(count: number): Uint8Array | undefined {
    if (!this.need(count)) return undefined;
    const view = this.bytes.subarray(this.position, this.position + count);
    this.position += count;
    return view;
  }

  /** The next byte without moving, or -1 at the end; does not make the reader fail. */
  peek(ahead = 0): number {
    const at = this.position + ahead;
    return this.ok && ahead >= 0 && at < this.end ? this.bytes[at]! : -1;
  }
}
