/** Takes bytes of a file in order; they are only valid during the call. */
export type WriteBytes = (bytes: Uint8Array) => void;

/** Up to here a loop copies faster than a view is made. */
const shortRange = 48;

/** Collects small writes and hands them on in large pieces. Multi-byte numbers are little-endian. */
export class ByteSink {
  private readonly buffer = new Uint8Array(64 * 1024);
  private readonly write: WriteBytes;
  private used = 0;

  constructor(write: WriteBytes) {
    this.write = write;
  }

  u16(value: number): void {
    this.reserve(2);
    this.buffer[this.used++] = value;
    this.buffer[this.used++] = value >>> 8;
  }

  u32(value: number): void {
    this.reserve(4);
    this.buffer[this.used++] = value;
    this.buffer[this.used++] = value >>> 8;
    this.buffer[this.used++] = value >>> 16;
    this.buffer[this.used++] = value >>> 24;
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > this.buffer.length - this.used) this.flush();
    if (bytes.length > this.buffer.length) {
      this.write(bytes);
      return;
    }
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** `bytes[from, to)`, without a view of its own where it is short. */
  range(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > shortRange) return this.bytes(bytes.subarray(from, to));
    this.reserve(length);
    for (let at = from; at < to; at++) this.buffer[this.used++] = bytes[at]!;
  }

  zeros(count: number): void {
    this.reserve(count);
    this.buffer.fill(0, this.used, this.used + count);
    this.used += count;
  }

  private reserve(count: number): void {
    if (count > this.buffer.length - this.used) this.flush();
  }

  flush(): void {
    if (this.used === 0) return;
    const used = this.used;
    this.used = 0;
    this.write(this.buffer.subarray(0, used));
  }
}
