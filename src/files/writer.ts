import { encodeUtf8 } from "../bytes/index.ts";
import type { EpochMillis, Frame } from "../model/index.ts";

import { ByteSink, type WriteBytes } from "./byte-sink.ts";
import { customOption, enterpriseNumber, flowReferenceLength } from "./socklens-blocks.ts";

/** A frame to be written. `seconds` and `nanoseconds` say the time exactly; `time` alone is about 0.25 µs fine. */
export interface FrameToWrite extends Pick<Frame, "bytes"> {
  readonly time: EpochMillis;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  /** The length of `bytes` when absent. */
  readonly wireLength?: number;
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
  /** Its addresses, 4 or 16 bytes each. */
  readonly addresses?: readonly Uint8Array[];
  /** Capture filter in tcpdump's syntax. */
  readonly filter?: string;
}

/** What became of an interface's frames; counts are left out where they are not known. */
export interface StatisticsToWrite {
  readonly interfaceIndex: number;
  readonly time: EpochMillis;
  /** Frames the filter let through. */
  readonly accepted?: number;
  /** Of those, frames for which there was no room. */
  readonly dropped?: number;
  /** Frames that are in the file. */
  readonly delivered?: number;
  readonly comment?: string;
}

export interface PcapngFrameToWrite extends FrameToWrite {
  /** As `PcapngWriter.addInterface` gave it. */
  readonly interfaceIndex: number;
  readonly direction?: Frame["direction"];
  /** Number of the flow whose record the frame refers to (docs/FORMAT.md). */
  readonly flow?: number;
  /** UTF-8 text that readers show beside the frame. */
  readonly comment?: string;
}

type Option = readonly [code: number, value: Uint8Array];

/** A name resolution block with no name and an empty custom option. */
export const leastFiller = 28;
/** Longest host name that is written: RFC 1035 section 2.3.4. */
const maximumName = 255;
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
    const list: Option[] = [];
    if (options.name !== undefined) list.push([2, optionText(options.name)]);
    if (options.description !== undefined) list.push([3, optionText(options.description)]);
    for (const address of options.addresses ?? []) {
      // A mask or prefix goes with it; that of the whole address says nothing of the network.
      if (address.length === 4) list.push([4, Uint8Array.of(...address, 255, 255, 255, 255)]);
      else if (address.length === 16) list.push([5, Uint8Array.of(...address, 128)]);
    }
    list.push([9, Uint8Array.of(9)]);
    // The first byte 0: the filter is a text for libpcap.
    if (options.filter !== undefined)
      list.push([11, Uint8Array.of(0, ...encodeUtf8(options.filter).subarray(0, 1024))]);
    const length = 20 + optionsSize(list);
    this.sink.u32(1);
    this.sink.u32(length);
    this.sink.u16(options.linkType);
    this.sink.u16(0);
    this.sink.u32(options.snapLength ?? 0);
    this.options(list);
    this.sink.u32(length);
    return this.interfaces++;
  }

  /** Interface statistics block (section 4.6): one for each interface, at the end. */
  statistics(statistics: StatisticsToWrite): void {
    if (statistics.interfaceIndex >= this.interfaces) {
      throw new RangeError(`interface ${statistics.interfaceIndex} not added`);
    }
    const list: Option[] = [];
    if (statistics.comment !== undefined) list.push([1, optionText(statistics.comment)]);
    if (statistics.accepted !== undefined) list.push([6, u64(statistics.accepted)]);
    if (statistics.dropped !== undefined) list.push([7, u64(statistics.dropped)]);
    if (statistics.delivered !== undefined) list.push([8, u64(statistics.delivered)]);
    const length = 24 + optionsSize(list);
    const ticks = BigInt(Math.round(statistics.time * 1000)) * 1000n;
    this.sink.u32(5);
    this.sink.u32(length);
    this.sink.u32(statistics.interfaceIndex);
    this.sink.u32(Number((ticks >> 32n) & 0xffff_ffffn));
    this.sink.u32(Number(ticks & 0xffff_ffffn));
    this.options(list);
    this.sink.u32(length);
  }

  /** Name resolution block (section 4.5): names of addresses of 4 or 16 bytes. */
  names(names: Iterable<readonly [address: Uint8Array, name: string]>): void {
    const records: [number, Uint8Array][] = [];
    for (const [address, name] of names) {
      if (address.length !== 4 && address.length !== 16) continue;
      const text = encodeUtf8(name.replaceAll("\0", "")).subarray(0, maximumName);
      const value = new Uint8Array(address.length + text.length + 1);
      value.set(address);
      value.set(text, address.length);
      records.push([address.length === 4 ? 1 : 2, value]);
    }
    if (records.length === 0) return;
    const length = 12 + optionsSize(records);
    this.sink.u32(4);
    this.sink.u32(length);
    this.options(records);
    this.sink.u32(length);
  }

  /** Custom block that may be copied (section 4.8): what it holds is the enterprise's. */
  custom(enterprise: number, data: Uint8Array): void {
    const length = 16 + data.length + (-data.length & 3);
    this.sink.u32(0xbad);
    this.sink.u32(length);
    this.sink.u32(enterprise);
    this.sink.bytes(data);
    this.sink.zeros(-data.length & 3);
    this.sink.u32(length);
  }

  /**
   * A block that says nothing: `length` bytes, a multiple of 4 from `leastFiller` to 65,536, as a name resolution block without
   * names. Readers pass over it; a custom block some would show as a packet.
   */
  filler(length: number): void {
    if (length < leastFiller || length > 65_536 || length % 4 !== 0) throw new RangeError(`filler of ${length} bytes`);
    const data = length - leastFiller;
    this.sink.u32(4);
    this.sink.u32(length);
    // No more records; then options.
    this.sink.u32(0);
    this.sink.u16(customOption);
    this.sink.u16(4 + data);
    this.sink.u32(enterpriseNumber);
    this.sink.zeros(data);
    this.endOptions();
    this.sink.u32(length);
  }

  frame(frame: PcapngFrameToWrite): void {
    if (frame.interfaceIndex >= this.interfaces) throw new RangeError(`interface ${frame.interfaceIndex} not added`);
    exactTime(frame, this.time);
    const ticks = BigInt(this.time.seconds) * 1_000_000_000n + BigInt(this.time.nanoseconds);
    const direction = frame.direction === "in" ? 1 : frame.direction === "out" ? 2 : 0;
    const comment = frame.comment === undefined ? undefined : optionText(frame.comment);
    const { flow } = frame;
    const options =
      (comment ? optionSize(comment.length) : 0) + (direction > 0 ? 8 : 0) + (flow === undefined ? 0 : 12);
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
    if (flow !== undefined) {
      this.sink.u16(customOption);
      this.sink.u16(4 + flowReferenceLength);
      this.sink.u32(enterpriseNumber);
      this.sink.u32(flow);
    }
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

  /** Options, or records of the same form, and their end. */
  private options(list: readonly Option[]): void {
    for (const [code, value] of list) this.option(code, value);
    this.endOptions();
  }

  private endOptions(): void {
    this.sink.u32(0);
  }
}

function optionText(text: string): Uint8Array {
  const bytes = encodeUtf8(text.slice(0, maximumOption));
  return bytes.length > maximumOption ? bytes.subarray(0, maximumOption) : bytes;
}

/** Bytes of the options with the option that ends them. */
function optionsSize(list: readonly Option[]): number {
  return list.reduce((sum, [, value]) => sum + optionSize(value.length), 4);
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, Math.round(value))), true);
  return bytes;
}

function optionSize(length: number): number {
  return 4 + ((length + 3) & ~3);
}
