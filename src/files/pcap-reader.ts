/**
 * pcap files: draft-ietf-opsawg-pcap, and the variants that were written in the wild.
 *
 *     file header   magic | major, minor (2 + 2) | time zone | accuracy | snap length | link type        24 bytes
 *     record        seconds | micro- or nanoseconds | captured length | original length | frame
 */
import type { CaptureInterface, Damage, FormatParser, Step } from "./format.ts";
import { cutDamage } from "./format.ts";
import { frameDirection, type FrameBatch } from "./frame-batch.ts";
import { maximumRecordBytes, u16, u32, type Window } from "./window.ts";

interface Variant {
  readonly magic: number;
  readonly name: string;
  readonly nanosecondsPerTick: number;
  readonly fileHeader: number;
  readonly recordHeader: number;
}

/** Variants that say what they are by their magic. */
const variants: readonly Variant[] = [
  { magic: 0xa1b2c3d4, name: "pcap", nanosecondsPerTick: 1000, fileHeader: 24, recordHeader: 16 },
  { magic: 0xa1b23c4d, name: "pcap (nanoseconds)", nanosecondsPerTick: 1, fileHeader: 24, recordHeader: 16 },
  // Alexey Kuznetzov's libpcap: each record also has interface index, protocol and packet type.
  { magic: 0xa1b2cd34, name: "pcap (Kuznetzov)", nanosecondsPerTick: 1000, fileHeader: 24, recordHeader: 24 },
  // IXIA: the file header ends with the total size of the records.
  { magic: 0x1c0001ac, name: "pcap (IXIA hardware)", nanosecondsPerTick: 1, fileHeader: 28, recordHeader: 16 },
  { magic: 0x1c0001ab, name: "pcap (IXIA software)", nanosecondsPerTick: 1, fileHeader: 28, recordHeader: 16 },
];

/**
 * Records of other sizes were written, too: under the first magic by a libpcap of 1999 with Kuznetzov's patch before it had a
 * magic of its own, and by Nokia's IPSO; under Kuznetzov's own by a longer form of his patch. Only what the records hold
 * tells them.
 */
const unannounced: readonly (readonly [magic: number, name: string, recordHeader: number])[] = [
  [0xa1b2c3d4, "pcap (Nokia)", 20],
  [0xa1b2c3d4, "pcap (Kuznetzov, 1999)", 24],
  [0xa1b2cd34, "pcap (Kuznetzov, 1999, long)", 28],
];
const usualSnapLength = 262_144;
/** Two frames in a row are not further apart: a day, in seconds. */
const furthestApart = 86_400;

const noBlocks: ReadonlyMap<number, number> = new Map();

/** The parser for a file that begins with these 4 bytes, or undefined when it is no pcap. */
export function pcapParser(bytes: Uint8Array, offset: number): FormatParser | undefined {
  for (const little of [true, false]) {
    const magic = u32(bytes, offset, little);
    const variant = variants.find((candidate) => candidate.magic === magic);
    if (variant !== undefined) return new PcapParser(variant, little);
  }
  return undefined;
}

/** Linux packet types, which Kuznetzov's records have: 0 to us, 1 and 2 to many, 3 to somebody else, 4 sent by us. */
function directionOf(packetType: number): number {
  if (packetType === 4) return frameDirection.out;
  return packetType === 3 ? frameDirection.other : frameDirection.in;
}

class PcapParser implements FormatParser {
  readonly interfaces: CaptureInterface[] = [];
  readonly skippedBlocks = noBlocks;
  private variant: Variant;
  /** The size of the records has been looked at. */
  private settled: boolean;
  private readonly little: boolean;
  private linkType = 0;
  /** Before version 2.3 the two lengths of a record stood the other way round; in 2.3 some wrote so. */
  private swappedLengths: "no" | "yes" | "maybe" = "no";

  constructor(variant: Variant, little: boolean) {
    this.variant = variant;
    this.settled = !unannounced.some(([magic]) => magic === variant.magic);
    this.little = little;
  }

  get name(): string {
    return this.variant.name;
  }

  parse(window: Window, batch: FrameBatch): Step {
    if (this.interfaces.length === 0) {
      if (window.available < this.variant.fileHeader) return this.variant.fileHeader;
      const damage = this.readFileHeader(window);
      if (damage !== undefined) return damage;
    }
    if (!this.settled) {
      const need = this.settle(window);
      if (need > 0) return need;
    }
    const { recordHeader, nanosecondsPerTick } = this.variant;
    const little = this.little;
    const bytes = window.bytes;
    while (batch.count < batch.capacity) {
      const at = window.position;
      if (window.end - at < recordHeader) return recordHeader;
      let captured = u32(bytes, at + 8, little);
      let wire = u32(bytes, at + 12, little);
      if (this.swappedLengths === "yes" || (this.swappedLengths === "maybe" && captured > wire)) {
        [captured, wire] = [wire, captured];
      }
      if (captured > maximumRecordBytes) {
        return { offset: window.fileOffset, reason: `frame length ${captured} above ${maximumRecordBytes}` };
      }
      const need = recordHeader + captured;
      if (window.end - at < need) return need;
      const index = batch.count++;
      const seconds = u32(bytes, at, little);
      const nanoseconds = u32(bytes, at + 4, little) * nanosecondsPerTick;
      // A fraction of a second or more is not valid, but was written: it counts as the time it names.
      const whole = nanoseconds >= 1e9 ? Math.floor(nanoseconds / 1e9) : 0;
      batch.seconds[index] = seconds + whole;
      batch.nanoseconds[index] = nanoseconds - whole * 1e9;
      batch.offsets[index] = at + recordHeader;
      batch.capturedLengths[index] = captured;
      batch.wireLengths[index] = wire;
      batch.linkTypes[index] = this.linkType;
      batch.interfaceIndexes[index] = 0;
      batch.optionLengths[index] = 0;
      batch.directions[index] = recordHeader >= 24 ? directionOf(bytes[at + 22]!) : frameDirection.unknown;
      window.position = at + need;
    }
    return "full";
  }

  /**
   * Decides by the first two records how long a record header is: another length only when this one makes no sense of the
   * second record and the other does. Returns how many bytes that takes; 0 once it is decided.
   */
  private settle(window: Window): number {
    const at = window.position;
    const have = window.end - at;
    if (have < 16 && !window.finished) return 16;
    const captured = have < 16 ? 0 : u32(window.bytes, at + 8, this.little);
    const own = this.variant.recordHeader;
    const need = own + captured + 8 + 16;
    if (have < need && captured <= usualSnapLength && !window.finished) return need;
    this.settled = true;
    if (captured > usualSnapLength || have < need || this.mayBeRecord(window, at + own + captured)) return 0;
    for (const [magic, name, recordHeader] of unannounced) {
      if (magic !== this.variant.magic || !this.isRecord(window, at, at + recordHeader + captured)) continue;
      this.variant = { ...this.variant, name, recordHeader };
      break;
    }
    return 0;
  }

  /** What begins at `at` is not impossible. */
  private mayBeRecord(window: Window, at: number): boolean {
    const ticks = u32(window.bytes, at + 4, this.little) * this.variant.nanosecondsPerTick;
    return ticks < 1e9 && u32(window.bytes, at + 8, this.little) <= maximumRecordBytes;
  }

  /** What begins at `second` is very likely the record after the one at `first`. */
  private isRecord(window: Window, first: number, second: number): boolean {
    if (!this.mayBeRecord(window, second)) return false;
    const { bytes } = window;
    const apart = Math.abs(u32(bytes, second, this.little) - u32(bytes, first, this.little));
    const captured = u32(bytes, second + 8, this.little);
    const wire = u32(bytes, second + 12, this.little);
    return apart <= furthestApart && captured > 0 && captured <= usualSnapLength && captured <= wire;
  }

  private readFileHeader(window: Window): Damage | undefined {
    const bytes = window.bytes;
    const at = window.position;
    const major = u16(bytes, at + 4, this.little);
    const minor = u16(bytes, at + 6, this.little);
    if (major !== 2) return { offset: window.fileOffset + 4, reason: `pcap version ${major}.${minor} is not 2.x` };
    this.swappedLengths = minor < 3 ? "yes" : minor === 3 ? "maybe" : "no";
    // The upper half says how long the frame check sequence is.
    this.linkType = u32(bytes, at + 20, this.little) & 0xffff;
    this.interfaces.push({
      linkType: this.linkType,
      snapLength: u32(bytes, at + 16, this.little),
      ticksPerSecond: 1e9 / this.variant.nanosecondsPerTick,
    });
    window.position = at + this.variant.fileHeader;
    return undefined;
  }

  cut(window: Window, need: number): Damage {
    return cutDamage(window, this.interfaces.length === 0 ? "file header" : "frame", need);
  }
}
