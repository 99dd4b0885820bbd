/**
 * Turns a block of captured frames into pcapng where it lies: each frame is moved down over the kernel's header before
 * it and given an enhanced packet block around it, so that a whole block is written with one call and no frame is copied
 * elsewhere. draft-ietf-opsawg-pcapng sections 4.2 (interface description), 4.3 (enhanced packet), 3.5.1 (custom options).
 */
import type { RecordedColumns } from "../model/index.ts";
import { customOption, enterpriseNumber, flowReferenceLength } from "./socklens-blocks.ts";

const enhancedPacketBlock = 6;
const headerLength = 28;
const flagsOption = 2;
const flagsLength = 8;
const referenceLength = 4 + 4 + flowReferenceLength;
const tagLength = 4;
/** Behind a frame: direction, reference, end of options, length. */
const trailerLength = flagsLength + referenceLength + 4 + 4;
/** From this length on a frame is written from where it lies. */
const stayingLength = 512;
const macs = 12;
const twoTo32 = 0x1_0000_0000;

/** What a frame is written with, beside its columns. */
export interface BlockReferences {
  /** Flow of each frame, 0 for none: what its flow record names. */
  readonly flows: Uint32Array;
  /** 0: the frame is left out. */
  readonly keep: Uint8Array;
}

/**
 * Numbers of interfaces in the file by index of the machine and link type; `describe` is asked once for each that is met, and
 * writes its description block before the frames are written.
 */
export class BlockInterfaces {
  readonly #numbers = new Map<number, number>();
  readonly #describe: (interfaceIndex: number, linkType: number) => number;
  #lastKey = -1;
  #lastNumber = 0;

  constructor(describe: (interfaceIndex: number, linkType: number) => number) {
    this.#describe = describe;
  }

  number(interfaceIndex: number, linkType: number): number {
    const key = interfaceIndex * 0x1_0000 + linkType;
    if (key === this.#lastKey) return this.#lastNumber;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#describe(interfaceIndex, linkType);
      this.#numbers.set(key, number);
    }
    this.#lastKey = key;
    this.#lastNumber = number;
    return number;
  }

  /** A new file knows none. */
  clear(): void {
    this.#numbers.clear();
    this.#lastKey = -1;
  }
}

/** A block of the ring: what is written begins at `start`, a multiple of 4, and must not pass `end`. */
export interface BlockMemory {
  readonly start: number;
  readonly end: number;
}

/** Writes blocks over themselves. Little-endian, as is the memory of every machine that runs this. */
export class PcapngBlockWriter {
  readonly #interfaces: BlockInterfaces;
  /** Frames of the last block that were kept, and their bytes on the wire. */
  frames = 0;
  wireBytes = 0;
  #second = -1;
  #secondHigh = 0;
  #secondLow = 0;

  constructor(interfaces: BlockInterfaces) {
    this.#interfaces = interfaces;
  }

  /**
   * Overwrites the memory of `columns` with enhanced packet blocks of the frames that are kept; returns where they end, a
   * multiple of `alignment`. Before each frame there are at least 82 bytes that belong to nobody, and behind the last one 8, as
   * in TPACKET_V3.
   */
  compact(
    columns: RecordedColumns,
    words: Uint32Array,
    { start, end }: BlockMemory,
    references?: BlockReferences,
    alignment = 4,
  ): number {
    this.frames = 0;
    this.wireBytes = 0;
    let at = start;
    let index = next(columns, references, 0);
    while (index < columns.count) {
      const following = next(columns, references, index + 1);
      const limit = following < columns.count ? columns.offsets[following]! : end;
      const until = following < columns.count ? staysAt(columns, following, end) : -alignment;
      at = this.#packet(
        columns,
        words,
        at,
        index,
        references === undefined ? 0 : references.flows[index]!,
        until,
        limit,
      );
      this.frames++;
      this.wireBytes += columns.wireLengths[index]!;
      index = following;
    }
    return at;
  }

  /**
   * `until`: where the block is to end because the next one begins there, or 0: at once behind its frame; below 0: at a
   * multiple of that number.
   */
  #packet(
    columns: RecordedColumns,
    words: Uint32Array,
    at: number,
    index: number,
    flow: number,
    until: number,
    limit: number,
  ): number {
    const vlan = columns.vlans[index]!;
    const data = at + headerLength;
    let captured = columns.capturedLengths[index]!;
    let wire = columns.wireLengths[index]!;
    const tagged = vlan !== 0 && captured >= macs;
    if (tagged) {
      moveTagged(columns, index, data, vlan);
      captured += tagLength;
      wire += tagLength;
    } else if (columns.offsets[index] !== data) {
      const from = columns.offsets[index]!;
      columns.bytes.copyWithin(data, from, from + captured);
    }
    let end = data + captured;
    while ((end & 3) !== 0) columns.bytes[end++] = 0;
    if (until < 0) until = until === -4 ? 0 : Math.ceil((end + trailerLength) / -until) * -until;
    end = options(words, end, columns.directions[index]!, flow, until === 0 ? 0 : until - 4) + 4;
    if (end > limit) throw new Error(`block writer: frame ${index} ends at ${end}, over the next one at ${limit}`);
    const length = end - at;
    const word = at >>> 2;
    words[word] = enhancedPacketBlock;
    words[word + 1] = length;
    words[word + 2] = this.#interfaces.number(columns.interfaceIndexes[index]!, columns.linkTypes[index]!);
    this.#time(words, word + 3, columns.seconds[index]!, columns.nanoseconds[index]!);
    words[word + 5] = captured;
    words[word + 6] = wire;
    words[(end >>> 2) - 1] = length;
    return end;
  }

  /** 64 bits of nanoseconds, the upper half first. */
  #time(words: Uint32Array, word: number, seconds: number, nanoseconds: number): void {
    if (seconds !== this.#second) {
      this.#second = seconds;
      const upper = Math.floor(seconds / 0x1_0000) * 1e9;
      const lower = (seconds % 0x1_0000) * 1e9 + (upper % 0x1_0000) * 0x1_0000;
      this.#secondHigh = Math.floor(upper / 0x1_0000) + Math.floor(lower / twoTo32);
      this.#secondLow = lower % twoTo32;
    }
    const low = this.#secondLow + nanoseconds;
    words[word] = low >= twoTo32 ? this.#secondHigh + 1 : this.#secondHigh;
    words[word + 1] = low >= twoTo32 ? low - twoTo32 : low;
  }
}

/** The first frame from `index` on that is kept. */
function next(columns: RecordedColumns, references: BlockReferences | undefined, index: number): number {
  let at = index;
  if (references !== undefined) while (at < columns.count && references.keep[at] === 0) at++;
  return at;
}

/**
 * Where the block of a long frame begins when it stays where it is: moving it would cost more than the few bytes that are
 * then left between it and the block before. 0: it moves; so does one behind which there is no room for the block's end.
 */
function staysAt(columns: RecordedColumns, index: number, end: number): number {
  const captured = columns.capturedLengths[index]!;
  if (captured < stayingLength || columns.vlans[index] !== 0) return 0;
  const from = columns.offsets[index]!;
  return (from & 3) === 0 && from + captured + 3 + trailerLength <= end ? from - headerLength : 0;
}

/** Moves a frame and puts its VLAN tag back between addresses and EtherType (IEEE 802.1Q clause 9.3). */
function moveTagged(columns: RecordedColumns, index: number, data: number, vlan: number): void {
  const { bytes } = columns;
  const from = columns.offsets[index]!;
  bytes.copyWithin(data, from, from + macs);
  bytes.copyWithin(data + macs + tagLength, from + macs, from + columns.capturedLengths[index]!);
  bytes[data + macs] = vlan >>> 24;
  bytes[data + macs + 1] = vlan >>> 16;
  bytes[data + macs + 2] = vlan >>> 8;
  bytes[data + macs + 3] = vlan;
}

/**
 * Direction (1 in, 2 out) and flow as options; returns where they end. With `until` they end there: the reference to the
 * flow is then followed by zeros.
 */
function options(words: Uint32Array, at: number, direction: number, flow: number, until: number): number {
  const isDirected = direction === 1 || direction === 2;
  let word = at >>> 2;
  const last = until >>> 2;
  if (!isDirected && flow === 0 && last <= word) return at;
  if (isDirected) {
    words[word] = flagsOption | ((flagsLength - 4) << 16);
    words[word + 1] = direction;
    word += 2;
  }
  const least = word + referenceLength / 4 + 1;
  if (flow !== 0 || last >= least) {
    const end = Math.max(least, last);
    words[word] = customOption | (((end - word - 2) * 4) << 16);
    words[word + 1] = enterpriseNumber;
    words[word + 2] = flow;
    word += 3;
    while (word < end - 1) words[word++] = 0;
  }
  words[word] = 0;
  return (word + 1) * 4;
}
