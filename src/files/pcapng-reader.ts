/**
 * pcapng files: draft-ietf-opsawg-pcapng. A chain of blocks, each with its length before and after its body; a section
 * header says in which byte order its section is.
 *
 *     block             type | total length | body, padded to 4 | total length
 *     section header    0x0a0d0d0a | length | 0x1a2b3c4d | major, minor | section length (8) | options
 *     interface         1 | link type (2), reserved (2) | snap length | options
 *     enhanced packet   6 | interface | time high | time low | captured length | original length | frame | options
 *     simple packet     3 | original length | frame
 *     packet (obsolete) 2 | interface (2), drops (2) | time high | time low | captured | original | frame | options
 *     name resolution   4 | records | options
 *     statistics        5 | interface | time high | time low | options
 *     decryption secret 10 | type | length | secrets
 *     custom            0xbad, or 0x40000bad when not to be copied | enterprise number | data
 */
import type { CaptureInterface, Damage, FormatParser, Step } from "./format.ts";
import { cutDamage } from "./format.ts";
import type { FrameBatch } from "./frame-batch.ts";
import type { CaptureObserver, InterfaceStatistics } from "./observer.ts";
import { eachName, interfaceFacts, interfaceStatistics, sectionFacts } from "./pcapng-options.ts";
import { splitTicks, type Resolution, type SplitTime } from "./timestamp.ts";
import { maximumRecordBytes, u16, u32, type Window } from "./window.ts";

const sectionHeader = 0x0a0d0d0a;
const nameResolution = 4;
const statistics = 5;
const decryptionSecrets = 10;
const custom = 0x0bad;
const customNotCopied = 0x4000_0bad;
const byteOrderMagic = 0x1a2b3c4d;
const maximumInterfaces = 65_536;
/** Types of skipped blocks that are counted one by one; more share the count of type -1. */
const maximumSkippedTypes = 256;

interface SectionInterface {
  readonly index: number;
  readonly linkType: number;
  readonly snapLength: number;
  readonly resolution: Resolution;
  readonly offsetSeconds: number;
}

/** The parser for a file that begins with these 4 bytes, or undefined when it is no pcapng. */
export function pcapngParser(bytes: Uint8Array, offset: number, observer: CaptureObserver): FormatParser | undefined {
  return u32(bytes, offset, false) === sectionHeader ? new PcapngParser(observer) : undefined;
}

type MutableInterface = { -readonly [Key in keyof CaptureInterface]: CaptureInterface[Key] };

class PcapngParser implements FormatParser {
  readonly name = "pcapng";
  readonly interfaces: MutableInterface[] = [];
  readonly skippedBlocks = new Map<number, number>();
  private readonly observer: CaptureObserver;
  private frames = 0;
  private little = true;
  /** Interfaces of the current section: packet blocks name them by their place here. */
  private section: SectionInterface[] = [];
  private readonly time: SplitTime = { seconds: 0, nanoseconds: 0 };

  constructor(observer: CaptureObserver) {
    this.observer = observer;
  }

  parse(window: Window, batch: FrameBatch): Step {
    batch.littleEndian = this.little;
    while (batch.count < batch.capacity) {
      if (window.skip > 0 && !window.takeSkip()) return 1;
      if (window.available < 12) return 12;
      const bytes = window.bytes;
      const at = window.position;
      if (u32(bytes, at, false) === sectionHeader) {
        // Options of a batch are all in one byte order.
        if (batch.count > 0) return "full";
        const order = u32(bytes, at + 8, true);
        if (order === byteOrderMagic) this.little = true;
        else if (u32(bytes, at + 8, false) === byteOrderMagic) this.little = false;
        else return this.damage(window, `byte-order magic ${hex(order)} is not known`);
        batch.littleEndian = this.little;
      }
      const type = u32(bytes, at, this.little);
      const length = u32(bytes, at + 4, this.little);
      if (length < 12 || length % 4 !== 0)
        return this.damage(window, `block length ${length} is not a multiple of 4 from 12 on`);
      if (length > maximumRecordBytes) {
        if (isKnown(type)) return this.damage(window, `block length ${length} above ${maximumRecordBytes}`);
        this.countSkipped(type);
        window.skip = length;
        continue;
      }
      if (window.available < length) return length;
      const trailer = u32(bytes, at + length - 4, this.little);
      if (trailer !== length) return this.damage(window, `block length ${length}, but ${trailer} at its end`);
      const problem = this.readBlock(window, batch, type, at, at + length - 4);
      if (problem !== undefined) return this.damage(window, problem);
      window.position = at + length;
    }
    return "full";
  }

  cut(window: Window, need: number): Damage {
    const missing = window.skip > 0 ? window.skip : need;
    return cutDamage(window, window.skip > 0 ? "rest of a block" : "block", missing);
  }

  private damage(window: Window, reason: string): Damage {
    return { offset: window.fileOffset, reason };
  }

  private countSkipped(type: number): void {
    const counted = this.skippedBlocks.has(type) || this.skippedBlocks.size < maximumSkippedTypes ? type : -1;
    this.skippedBlocks.set(counted, (this.skippedBlocks.get(counted) ?? 0) + 1);
  }

  /** The block from `at` whose body ends at `end`. Returns what is wrong with it, if anything. */
  private readBlock(window: Window, batch: FrameBatch, type: number, at: number, end: number): string | undefined {
    switch (type) {
      case 2:
      case 6:
        return this.readPacket(window, batch, type, at, end);
      case 3:
        return this.readSimplePacket(window, batch, at, end);
    }
    const problem = this.readOther(window.bytes, type, at, end);
    if (problem === undefined && this.observer.block !== undefined) {
      const bytes = window.bytes.subarray(at, end + 4);
      this.observer.block({ type, bytes, littleEndian: this.little, framesBefore: this.frames });
    }
    return problem;
  }

  /** Blocks that hold no frame. */
  private readOther(bytes: Uint8Array, type: number, at: number, end: number): string | undefined {
    const { observer, little } = this;
    switch (type) {
      case sectionHeader:
        return this.readSectionHeader(bytes, at, end);
      case 1:
        return this.readInterface(bytes, at, end);
      case nameResolution:
        return eachName(bytes, at + 8, end, little, (address, name) => observer.name?.(address, name));
      case statistics:
        return this.readStatistics(bytes, at, end);
      case decryptionSecrets: {
        if (end - at < 16) return `decryption secrets block: need 20, have ${end + 4 - at}`;
        const length = u32(bytes, at + 12, little);
        if (length > end - at - 16) return `decryption secrets: need ${length}, have ${end - at - 16}`;
        if (observer.secrets === undefined) this.countSkipped(type);
        observer.secrets?.(u32(bytes, at + 8, little), bytes.subarray(at + 16, at + 16 + length));
        return undefined;
      }
      case custom:
      case customNotCopied:
        if (end - at < 12) return `custom block: need 16, have ${end + 4 - at}`;
        if (observer.customBlock === undefined) this.countSkipped(type);
        observer.customBlock?.({
          enterprise: u32(bytes, at + 8, little),
          copyable: type === custom,
          data: bytes.subarray(at + 12, end),
          littleEndian: little,
          framesBefore: this.frames,
        });
        return undefined;
      default:
        this.countSkipped(type);
        observer.otherBlock?.(type, bytes.subarray(at, end + 4), little);
        return undefined;
    }
  }

  /** Later statistics of an interface take the place of earlier ones: they count from its beginning. */
  private readStatistics(bytes: Uint8Array, at: number, end: number): string | undefined {
    if (end - at < 20) return `interface statistics block: need 24, have ${end + 4 - at}`;
    const number = u32(bytes, at + 8, this.little);
    const source = this.section[number];
    if (source === undefined) return `statistics of interface ${number}: the section has ${this.section.length}`;
    const found: InterfaceStatistics = interfaceStatistics(bytes, at + 20, end, this.little);
    this.interfaces[source.index]!.statistics = found;
    return undefined;
  }

  private readSectionHeader(bytes: Uint8Array, at: number, end: number): string | undefined {
    if (end - at < 24) return `section header: need 28, have ${end + 4 - at}`;
    const major = u16(bytes, at + 12, this.little);
    if (major !== 1) return `pcapng version ${major}.${u16(bytes, at + 14, this.little)} is not 1.x`;
    this.section = [];
    this.observer.section?.(sectionFacts(bytes, at + 24, end, this.little));
    return undefined;
  }

  private readInterface(bytes: Uint8Array, at: number, end: number): string | undefined {
    if (end - at < 16) return `interface block: need 20, have ${end + 4 - at}`;
    if (this.interfaces.length >= maximumInterfaces) return `more than ${maximumInterfaces} interfaces`;
    const linkType = u16(bytes, at + 8, this.little);
    const snapLength = u32(bytes, at + 12, this.little);
    const facts = interfaceFacts(bytes, at + 16, end, this.little);
    if (facts.problem !== undefined) return `interface ${facts.problem}`;
    const { name, description, filter, addresses, resolution, offsetSeconds } = facts;
    this.section.push({ index: this.interfaces.length, linkType, snapLength, resolution, offsetSeconds });
    this.interfaces.push({
      linkType,
      snapLength,
      ticksPerSecond: resolution.ticksPerSecond,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(filter === undefined ? {} : { filter }),
      ...(addresses === undefined ? {} : { addresses }),
    });
    return undefined;
  }

  /** Enhanced packet block, and the obsolete packet block: the same but for the width of the interface. */
  private readPacket(window: Window, batch: FrameBatch, type: 2 | 6, at: number, end: number): string | undefined {
    const bytes = window.bytes;
    const little = this.little;
    if (end - at < 28) return `packet block: need 32, have ${end + 4 - at}`;
    const number = type === 6 ? u32(bytes, at + 8, little) : u16(bytes, at + 8, little);
    const source = this.section[number];
    if (source === undefined) return `interface ${number}: the section has ${this.section.length}`;
    const captured = u32(bytes, at + 20, little);
    if (captured > end - at - 28) return `frame: need ${captured}, have ${end - at - 28}`;
    splitTicks(u32(bytes, at + 12, little), u32(bytes, at + 16, little), source.resolution, this.time);
    this.time.seconds += source.offsetSeconds;
    const options = at + 28 + ((captured + 3) & ~3);
    const hasOptions = options + 4 <= end;
    const direction = hasOptions ? this.readDirection(bytes, options, end) : 0;
    const index = batch.count;
    this.addFrame(batch, window.bytes, at + 28, captured, u32(bytes, at + 24, little), source, direction);
    if (hasOptions) {
      batch.optionOffsets[index] = options;
      batch.optionLengths[index] = end - options;
    }
    return undefined;
  }

  /** Bits 0 and 1 of the flags option: 1 inbound, 2 outbound. Options that do not fit tell nothing. */
  private readDirection(bytes: Uint8Array, start: number, end: number): number {
    for (let option = start; option + 4 <= end;) {
      const code = u16(bytes, option, this.little);
      const length = u16(bytes, option + 2, this.little);
      if (code === 0 || option + 4 + length > end) return 0;
      if (code === 2 && length === 4) {
        const bits = u32(bytes, option + 4, this.little) & 3;
        return bits === 3 ? 0 : bits;
      }
      option += 4 + ((length + 3) & ~3);
    }
    return 0;
  }

  /** Has no time: it stands at that of the frame before. Its captured length is what the interface's snap length left. */
  private readSimplePacket(window: Window, batch: FrameBatch, at: number, end: number): string | undefined {
    if (end - at < 12) return `simple packet block: need 16, have ${end + 4 - at}`;
    const source = this.section[0];
    if (source === undefined) return "simple packet block: the section has 0 interfaces";
    const wire = u32(window.bytes, at + 8, this.little);
    const captured = source.snapLength > 0 ? Math.min(wire, source.snapLength) : wire;
    if (captured > end - at - 12) return `frame: need ${captured}, have ${end - at - 12}`;
    this.addFrame(batch, window.bytes, at + 12, captured, wire, source, 0);
    return undefined;
  }

  private addFrame(
    batch: FrameBatch,
    bytes: Uint8Array,
    offset: number,
    captured: number,
    wire: number,
    source: SectionInterface,
    direction: number,
  ): void {
    const index = batch.count++;
    this.frames++;
    batch.bytes = bytes;
    batch.offsets[index] = offset;
    batch.capturedLengths[index] = captured;
    batch.wireLengths[index] = wire;
    batch.linkTypes[index] = source.linkType;
    batch.interfaceIndexes[index] = source.index;
    batch.directions[index] = direction;
    batch.optionLengths[index] = 0;
    batch.seconds[index] = this.time.seconds;
    batch.nanoseconds[index] = this.time.nanoseconds;
  }
}

function isKnown(type: number): boolean {
  return type === sectionHeader || type === 1 || type === 2 || type === 3 || type === 6;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
