import { encodeUtf8 } from "../bytes/index.ts";
import type { EpochMillis, Frame } from "../model/index.ts";

/** Takes bytes of a file in order; they are only valid during the call. */
export type WriteBytes = (bytes: Uint8Array) => void;

/** A frame to be written. `seconds` and `nanoseconds` say the time exactly; `time` alone is about 0.25 µs fine. */
export interface FrameToWrite extends Pick<Frame, "bytes"> {
  readonly time: EpochMillis;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  /** The length of `bytes` when absent. */
  readonly wireLength?: number;
}

/** Collects small writes and hands them on in large pieces. Multi-byte numbers are little-endian. */
class ByteSink {
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

interface ExactTime {
  seconds: number;
  nanoseconds: number;
}

function exactTime(frame: FrameToWrite, into: ExactTime): void {
  if (frame.seconds !== undefined) {
    into.seconds = frame.seconds;
    into.nanoseconds = frame.nanoseconds ?? 0;
    return;
  }
  into.seconds = Math.floor(frame.time / 1000);
  into.nanoseconds = Math.round((frame.time - into.seconds * 1000) * 1e6);
  if (into.nanoseconds >= 1e9) {
    into.seconds++;
    into.nanoseconds -= 1e9;
  }
}

export interface PcapOptions {
  readonly linkType: number;
  /** 262,144 when absent. */
  readonly snapLength?: number;
  /** True (the default): times in nanoseconds; false: in microseconds, for old readers. */
  readonly nanoseconds?: boolean;
}

/** Writes a pcap file of one link type, little-endian. Call `flush` at the end. */
export class PcapWriter {
  private readonly sink: ByteSink;
  private readonly nanosecondsPerTick: number;
  private readonly time: ExactTime = { seconds: 0, nanoseconds: 0 };

  constructor(write: WriteBytes, options: PcapOptions) {
    this.sink = new ByteSink(write);
    const nanoseconds = options.nanoseconds ?? true;
    this.nanosecondsPerTick = nanoseconds ? 1 : 1000;
    this.sink.u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
    this.sink.u16(2);
    this.sink.u16(4);
    this.sink.u32(0);
    this.sink.u32(0);
    this.sink.u32(options.snapLength ?? 262_144);
    this.sink.u32(options.linkType);
  }

  frame(frame: FrameToWrite): void {
    exactTime(frame, this.time);
    this.sink.u32(this.time.seconds);
    this.sink.u32(Math.floor(this.time.nanoseconds / this.nanosecondsPerTick));
    this.sink.u32(frame.bytes.length);
    this.sink.u32(frame.wireLength ?? frame.bytes.length);
    this.sink.bytes(frame.bytes);
  }

  flush(): void {
    this.sink.flush();
  }
}

export interface InterfaceToWrite {
  readonly linkType: number;
  /** No limit when absent. */
  readonly snapLength?: number;
  readonly name?: string;
  readonly description?: string;
}

export interface PcapngFrameToWrite extends FrameToWrite {
  /** As `PcapngWriter.addInterface` gave it. */
  readonly interfaceIndex: number;
  readonly direction?: Frame["direction"];
  /** UTF-8 text that readers show beside the frame. */
  readonly comment?: string;
}

/** Longest option value that is written: its length has 16 bits. */
const maximumOption = 65_532;

/** Writes a pcapng file of one section, little-endian, times in nanoseconds. Call `flush` at the end. */
export class PcapngWriter {
  private readonly sink: ByteSink;
  private readonly time: ExactTime = { seconds: 0, nanoseconds: 0 };
  private interfaces = 0;

  /** `application` is the program's name and version, for the section header. */
  constructor(write: WriteBytes, application = "socklens") {
    this.sink = new ByteSink(write);
    const name = optionText(application);
    const length = 28 + optionSize(name.length) + 4;
    this.sink.u32(0x0a0d0d0a);
    this.sink.u32(length);
    this.sink.u32(0x1a2b3c4d);
    this.sink.u16(1);
    this.sink.u16(0);
    // Section length -1: not known.
    this.sink.u32(0xffff_ffff);
    this.sink.u32(0xffff_ffff);
    this.option(4, name);
    this.endOptions();
    this.sink.u32(length);
  }

  /** Returns the interface's index, from 0 on. */
  addInterface(options: InterfaceToWrite): number {
    const name = options.name === undefined ? undefined : optionText(options.name);
    const description = options.description === undefined ? undefined : optionText(options.description);
    const texts = (name ? optionSize(name.length) : 0) + (description ? optionSize(description.length) : 0);
    const length = 20 + texts + 8 + 4;
    this.sink.u32(1);
    this.sink.u32(length);
    this.sink.u16(options.linkType);
    this.sink.u16(0);
    this.sink.u32(options.snapLength ?? 0);
    if (name) this.option(2, name);
    if (description) this.option(3, description);
    this.option(9, Uint8Array.of(9));
    this.endOptions();
    this.sink.u32(length);
    return this.interfaces++;
  }

  frame(frame: PcapngFrameToWrite): void {
    if (frame.interfaceIndex >= this.interfaces) throw new RangeError(`interface ${frame.interfaceIndex} not added`);
    exactTime(frame, this.time);
    const ticks = BigInt(this.time.seconds) * 1_000_000_000n + BigInt(this.time.nanoseconds);
    const direction = frame.direction === "in" ? 1 : frame.direction === "out" ? 2 : 0;
    const comment = frame.comment === undefined ? undefined : optionText(frame.comment);
    const options = (comment ? optionSize(comment.length) : 0) + (direction > 0 ? 8 : 0);
    const padding = -frame.bytes.length & 3;
    const length = 32 + frame.bytes.length + padding + (options > 0 ? options + 4 : 0);
    this.sink.u32(6);
    this.sink.u32(length);
    this.sink.u32(frame.interfaceIndex);
    this.sink.u32(Number((ticks >> 32n) & 0xffff_ffffn));
    this.sink.u32(Number(ticks & 0xffff_ffffn));
    this.sink.u32(frame.bytes.length);
    this.sink.u32(frame.wireLength ?? frame.bytes.length);
    this.sink.bytes(frame.bytes);
    this.sink.zeros(padding);
    if (comment) this.option(1, comment);
    if (direction > 0) this.option(2, Uint8Array.of(direction, 0, 0, 0));
    if (options > 0) this.endOptions();
    this.sink.u32(length);
  }

  flush(): void {
    this.sink.flush();
  }

  private option(code: number, value: Uint8Array): void {
    this.sink.u16(code);
    this.sink.u16(value.length);
    this.sink.bytes(value);
    this.sink.zeros(-value.length & 3);
  }

  private endOptions(): void {
    this.sink.u32(0);
  }
}

function optionText(text: string): Uint8Array {
  const bytes = encodeUtf8(text.slice(0, maximumOption));
  return bytes.length > maximumOption ? bytes.subarray(0, maximumOption) : bytes;
}

function optionSize(length: number): number {
  return 4 + ((length + 3) & ~3);
}
