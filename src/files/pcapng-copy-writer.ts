/**
 * Writes a pcapng file of one section out of what readers give: frames where they lie in a batch, blocks with their options
 * as they were. Little-endian. draft-ietf-opsawg-pcapng section 4.
 */
import { ByteSink, type WriteBytes } from "./byte-sink.ts";
import type { FrameBatch } from "./frame-batch.ts";
import { customOption, enterpriseNumber, flowReferenceLength } from "./socklens-blocks.ts";

/** An option, or a record of the same form; numbers in it are little-endian. */
export type OptionToWrite = readonly [code: number, value: Uint8Array];

/** An interface of which frames are copied. */
export interface InterfaceToCopy {
  readonly linkType: number;
  readonly snapLength: number;
  /** As `CaptureInterface.ticksPerSecond`: times are written as fine as that, or in nanoseconds. */
  readonly ticksPerSecond: number;
  /** Without if_tsresol and if_tsoffset, which the writer sets. */
  readonly options: readonly OptionToWrite[];
}

/** Options of a frame as they are to be written. */
export interface FrameOptions {
  /** Number of its flow record; 0: none. */
  readonly flow: number;
  /** True: the option is written as it stands. */
  keeps(code: number, bytes: Uint8Array, value: number, length: number): boolean;
}

const twoTo32 = 0x1_0000_0000;
/** Later than this (the year 2255) a time is not written: ticks stay whole numbers. */
const latestSecond = 9e9;
const resolutionOption = 9;
const offsetOption = 14;
const optionHeader = 4;

const padded = (length: number): number => (length + 3) & ~3;
const sizeOf = (options: readonly OptionToWrite[]): number =>
  options.length === 0
    ? 0
    : options.reduce((sum, [, value]) => sum + optionHeader + padded(value.length), optionHeader);

/** Whether microseconds say all that times of this resolution do. */
export const fitsMicroseconds = (ticksPerSecond: number): boolean =>
  ticksPerSecond <= 1e6 && 1e6 % ticksPerSecond === 0;

export class PcapngCopyWriter {
  readonly #sink: ByteSink;
  /** For each interface: microseconds, else nanoseconds. */
  readonly #coarse: boolean[] = [];
  #high = 0;
  #low = 0;
  /** Times that do not fit, written as the nearest that does. */
  clampedTimes = 0;
  /** Options of the frame at hand: where each stands. */
  readonly #kept: number[] = [];

  constructor(write: WriteBytes, section: readonly OptionToWrite[]) {
    this.#sink = new ByteSink(write);
    const sink = this.#sink;
    const length = 28 + sizeOf(section);
    sink.u32(0x0a0d0d0a);
    sink.u32(length);
    sink.u32(0x1a2b3c4d);
    sink.u16(1);
    sink.u16(0);
    // Section length -1: not known.
    sink.u32(0xffff_ffff);
    sink.u32(0xffff_ffff);
    this.#options(section);
    sink.u32(length);
  }

  /** Returns the interface's number in the file, from 0 on. */
  addInterface({ linkType, snapLength, ticksPerSecond, options }: InterfaceToCopy): number {
    const coarse = fitsMicroseconds(ticksPerSecond);
    const own: OptionToWrite = [resolutionOption, Uint8Array.of(coarse ? 6 : 9)];
    const all = [...options.filter(([code]) => code !== resolutionOption && code !== offsetOption), own];
    const length = 20 + sizeOf(all);
    const sink = this.#sink;
    sink.u32(1);
    sink.u32(length);
    sink.u16(linkType);
    sink.u16(0);
    sink.u32(snapLength);
    this.#options(all);
    sink.u32(length);
    return this.#coarse.push(coarse) - 1;
  }

  /** A block of `type` with a body of fixed form and options or records behind it. */
  block(type: number, body: Uint8Array, options: readonly OptionToWrite[] = []): void {
    const sink = this.#sink;
    const length = 12 + padded(body.length) + sizeOf(options);
    sink.u32(type);
    sink.u32(length);
    sink.bytes(body);
    sink.zeros(-body.length & 3);
    this.#options(options);
    sink.u32(length);
  }

  /** A time of `interfaceNumber` as its blocks have it: 8 bytes, the upper half first. */
  ticks(interfaceNumber: number, seconds: number, nanoseconds: number): Uint8Array {
    this.#setTicks(interfaceNumber, seconds, nanoseconds);
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#high, true);
    view.setUint32(4, this.#low, true);
    return bytes;
  }

  /** Frame `index` of the batch with its first `captured` bytes. */
  frame(batch: FrameBatch, index: number, interfaceNumber: number, captured: number, options: FrameOptions): void {
    const sink = this.#sink;
    const { bytes } = batch;
    const optionBytes = this.#readOptions(batch, index, options);
    const padding = -captured & 3;
    const length = 32 + captured + padding + (optionBytes > 0 ? optionBytes + optionHeader : 0);
    this.#setTicks(interfaceNumber, batch.seconds[index]!, batch.nanoseconds[index]!);
    sink.u32(6);
    sink.u32(length);
    sink.u32(interfaceNumber);
    sink.u32(this.#high);
    sink.u32(this.#low);
    sink.u32(captured);
    sink.u32(batch.wireLengths[index]!);
    const offset = batch.offsets[index]!;
    sink.range(bytes, offset, offset + captured);
    sink.zeros(padding);
    if (optionBytes > 0) this.#writeOptions(batch, options.flow);
    sink.u32(length);
  }

  flush(): void {
    this.#sink.flush();
  }

  /** Notes which options are kept, and the direction where only the batch knows it; returns their bytes. */
  #readOptions(batch: FrameBatch, index: number, options: FrameOptions): number {
    const kept = this.#kept;
    kept.length = 0;
    let size = 0;
    const start = batch.optionOffsets[index]!;
    const end = start + batch.optionLengths[index]!;
    const { bytes, littleEndian } = batch;
    for (let at = start; at + optionHeader <= end;) {
      const code = half(bytes, at, littleEndian);
      const length = half(bytes, at + 2, littleEndian);
      const value = at + optionHeader;
      if (code === 0 || value + length > end) break;
      if (options.keeps(code, bytes, value, length)) {
        kept.push(at);
        size += optionHeader + padded(length);
      }
      at = value + padded(length);
    }
    if (batch.optionLengths[index] === 0 && batch.directions[index]! > 0 && batch.directions[index]! < 3) {
      kept.push(-batch.directions[index]!);
      size += 8;
    }
    // Known once its own options were asked about.
    return options.flow === 0 ? size : size + optionHeader + 4 + flowReferenceLength;
  }

  #writeOptions({ bytes, littleEndian }: FrameBatch, flow: number): void {
    const sink = this.#sink;
    for (const at of this.#kept) {
      if (at < 0) {
        sink.u16(2);
        sink.u16(4);
        sink.u32(-at);
        continue;
      }
      const code = half(bytes, at, littleEndian);
      const length = half(bytes, at + 2, littleEndian);
      sink.u16(code);
      sink.u16(length);
      const value = at + optionHeader;
      if (littleEndian) sink.range(bytes, value, value + length);
      else sink.bytes(frameOption(code, bytes.slice(value, value + length)));
      sink.zeros(-length & 3);
    }
    if (flow !== 0) {
      sink.u16(customOption);
      sink.u16(4 + flowReferenceLength);
      sink.u32(enterpriseNumber);
      sink.u32(flow);
    }
    sink.u32(0);
  }

  #options(options: readonly OptionToWrite[]): void {
    const sink = this.#sink;
    for (const [code, value] of options) {
      sink.u16(code);
      sink.u16(value.length);
      sink.bytes(value);
      sink.zeros(-value.length & 3);
    }
    if (options.length > 0) sink.u32(0);
  }

  #setTicks(interfaceNumber: number, seconds: number, nanoseconds: number): void {
    let whole = seconds;
    if (whole < 0 || whole > latestSecond) {
      this.clampedTimes++;
      whole = whole < 0 ? 0 : latestSecond;
    }
    if (this.#coarse[interfaceNumber] === true) {
      const ticks = whole * 1e6 + Math.floor(nanoseconds / 1000);
      this.#high = Math.floor(ticks / twoTo32);
      this.#low = ticks % twoTo32;
      return;
    }
    // In two parts, each of which a number holds exactly.
    const upper = Math.floor(whole / 0x1_0000) * 1e9;
    const lower = (whole % 0x1_0000) * 1e9 + (upper % 0x1_0000) * 0x1_0000 + nanoseconds;
    this.#high = Math.floor(upper / 0x1_0000) + Math.floor(lower / twoTo32);
    this.#low = lower % twoTo32;
  }
}

const half = (bytes: Uint8Array, at: number, little: boolean): number =>
  little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;

/** The flags (2) and the numbers of drops, packet and queue (4 to 6), whose bytes are turned round; others are bytes. */
function frameOption(code: number, value: Uint8Array): Uint8Array {
  const isNumber = (code === 2 && value.length === 4) || (code >= 4 && code <= 6 && value.length <= 8);
  if (isNumber) return value.reverse();
  return isCustom(code) ? turnEnterprise(value) : value;
}

const isCustom = (code: number): boolean => code === 2988 || code === 2989 || code === 19_372 || code === 19_373;

/** A custom option begins with the enterprise's number. */
export function turnEnterprise(value: Uint8Array): Uint8Array {
  if (value.length >= 4) value.subarray(0, 4).reverse();
  return value;
}
