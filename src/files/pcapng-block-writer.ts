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
const leastOptions = (flagsLength + referenceLength + 4) / 4;
const trailerLength = flagsLength + referenceLength + 4 + 4;
/** From this length on a frame is written from where it lies. */
const stayingLength = 512;
/** A frame that begins at most so far behind the one before may stay: more would be longer than an option may be. */
const farthest = 1024;
const macs = 12;
/** LINKTYPE_ETHERNET. */
const ethernet = 1;
const twoTo32 = 0x1_0000_0000;
const signBit = 1 << 31;

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

/** The same memory by words and by pairs of them, which move in half the time. */
export interface PairedWords {
  readonly words: Int32Array;
  readonly pairs: BigInt64Array;
}

/** A short Ethernet frame without a tag, of a flow: most are such. The object is the same for each. */
export interface PlainFrame {
  readonly captured: number;
  readonly wire: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly interfaceIndex: number;
  /** 1 in, 2 out. */
  readonly direction: number;
  /** Not 0. */
  readonly flow: number;
}

/** Writes blocks over themselves. Little-endian, as is the memory of every machine that runs this. */
export class PcapngBlockWriter {
  readonly #interfaces: BlockInterfaces;
  /** Frames of the last block that were kept, and their bytes on the wire. */
  frames = 0;
  wireBytes = 0;
  /** Where `append` goes on. */
  #word = 0;
  #interfaceIndex = -1;
  #interfaceNumber = 0;
  /** As `append` and `#time` have it. */
  #plainSecond = -1;
  #second = -1;
  #secondHigh = 0;
  #secondLow = 0;

  constructor(interfaces: BlockInterfaces) {
    this.#interfaces = interfaces;
  }

  /**
   * Overwrites the memory of `columns` with enhanced packet blocks of the frames that are kept;
   * returns where they end, a multiple of `alignment`. Before each frame there are at least 82 bytes that belong to nobody,
   * and behind the last one 8, as in TPACKET_V3.
   */
  compact(columns: RecordedColumns, memory: BlockMemory, references?: BlockReferences, alignment = 4): number {
    const { words, count, offsets, capturedLengths, wireLengths, vlans, interfaceIndexes, linkTypes } = columns;
    let frames = 0;
    let wireBytes = 0;
    let at = memory.start;
    let interfaceIndex = -1;
    let linkType = -1;
    let interfaceNumber = 0;
    let index = next(columns, references, 0);
    while (index < count) {
      const following = next(columns, references, index + 1);
      const data = at + headerLength;
      const tagged = vlans[index] !== 0 && capturedLengths[index]! >= macs;
      const tag = tagged ? tagLength : 0;
      if (tagged) moveTagged(columns, index, data);
      else if (offsets[index] !== data) moveFrame(columns, index, data);
      const captured = capturedLengths[index]! + tag;
      const frameEnd = padded(words, data + captured);
      const until =
        following < count ? staysAt(columns, following, frameEnd, memory.end) : alignedEnd(frameEnd, alignment);
      const flow = references === undefined ? 0 : references.flows[index]!;
      const end = options(words, frameEnd, columns.directions[index]!, flow, until);
      const limit = following < count ? offsets[following]! : memory.end;
      if (end > limit) throw new Error(`block writer: frame ${index} ends at ${end}, over what is at ${limit}`);
      if (interfaceIndexes[index] !== interfaceIndex || linkTypes[index] !== linkType) {
        interfaceIndex = interfaceIndexes[index]!;
        linkType = linkTypes[index]!;
        interfaceNumber = this.#interfaces.number(interfaceIndex, linkType);
      }
      const word = at >>> 2;
      words[word] = enhancedPacketBlock;
      words[word + 1] = end - at;
      words[word + 2] = interfaceNumber;
      this.#time(words, word + 3, columns.seconds[index]!, columns.nanoseconds[index]!);
      words[word + 5] = captured;
      words[word + 6] = wireLengths[index]! + tag;
      words[(end >>> 2) - 1] = end - at;
      frames++;
      wireBytes += wireLengths[index]!;
      at = end;
      index = following;
    }
    this.frames = frames;
    this.wireBytes = wireBytes;
    return at;
  }

  /** What `append` writes goes from byte `at` on, a multiple of 8. */
  begin(at: number): void {
    this.#word = at >>> 2;
    this.#interfaceIndex = -1;
  }

  /** Where the next frame's block begins. */
  get end(): number {
    return this.#word * 4;
  }

  /**
   * One short frame of a flow, as `compact` writes it, but so that the next one begins at a multiple of 8: the reference to the
   * flow may be followed by zeros. The frame is Ethernet's and begins at word `from`, an odd one, where its own data is to begin, or
   * behind that. Up to 36 bytes behind the frame are overwritten.
   */
  append({ words, pairs }: PairedWords, from: number, frame: PlainFrame): void {
    const { captured, nanoseconds } = frame;
    const word = this.#word;
    if (frame.interfaceIndex !== this.#interfaceIndex) this.#turnTo(frame.interfaceIndex);
    if (frame.seconds !== this.#plainSecond) {
      this.#plainSecond = frame.seconds;
      this.#turnSecond(frame.seconds);
    }
    const low = (this.#secondLow + nanoseconds) | 0;
    const frameWords = (captured + 3) >>> 2;
    const odd = frameWords & 1;
    const end = (word + 14 + frameWords + odd) | 0;
    const length = (end - word) << 2;
    words[word] = enhancedPacketBlock;
    words[word + 1] = length;
    words[word + 2] = this.#interfaceNumber;
    words[word + 3] = this.#secondHigh + carryOf(low, this.#secondLow);
    words[word + 4] = low;
    words[word + 5] = captured;
    words[word + 6] = frame.wire;
    const to = word + 7;
    if (to !== from) {
      words[to] = words[from]!;
      movePairs(pairs, (from + 1) >>> 1, (to + 1) >>> 1, frameWords >>> 1);
    }
    const behind = to + frameWords;
    const rest = captured & 3;
    if (rest !== 0) words[behind - 1]! &= (1 << (rest * 8)) - 1;
    words[behind] = flagsOption | ((flagsLength - 4) << 16);
    words[behind + 1] = frame.direction;
    words[behind + 2] = customOption | ((4 + flowReferenceLength + odd * 4) << 16);
    words[behind + 3] = enterpriseNumber;
    words[behind + 4] = frame.flow;
    words[behind + 5] = 0;
    words[end - 2] = 0;
    words[end - 1] = length;
    this.#word = end;
  }

  #turnTo(interfaceIndex: number): void {
    this.#interfaceIndex = interfaceIndex;
    this.#interfaceNumber = this.#interfaces.number(interfaceIndex, ethernet);
  }

  /** 64 bits of nanoseconds, the upper half first. */
  #time(words: Int32Array, word: number, seconds: number, nanoseconds: number): void {
    if (seconds !== this.#second) {
      this.#second = seconds;
      this.#plainSecond = -1;
      this.#turnSecond(seconds);
    }
    const low = (this.#secondLow + nanoseconds) | 0;
    words[word] = this.#secondHigh + carryOf(low, this.#secondLow);
    words[word + 1] = low;
  }

  #turnSecond(seconds: number): void {
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const lower = (seconds % 0x1_0000) * 1e9 + (upper % 0x1_0000) * 0x1_0000;
    this.#secondHigh = (Math.floor(upper / 0x1_0000) + Math.floor(lower / twoTo32)) | 0;
    this.#secondLow = (lower % twoTo32) | 0;
  }
}

/** 1 when a sum of 32 bits without a sign passed them: it is then below what was added to. */
function carryOf(sum: number, part: number): number {
  return (sum ^ signBit) < (part ^ signBit) ? 1 : 0;
}

/** The first frame from `index` on that is kept. */
function next(columns: RecordedColumns, references: BlockReferences | undefined, index: number): number {
  let at = index;
  if (references !== undefined) while (at < columns.count && references.keep[at] === 0) at++;
  return at;
}

/**
 * Where the block of a long frame begins when it stays where it is: moving it would cost more than the few bytes that are
 * then left between it and the frame before, which ends at `before`. 0: it moves; so does one far from the frame before, and
 * one behind which there is no room for the block's end.
 */
function staysAt(columns: RecordedColumns, index: number, before: number, end: number): number {
  const captured = columns.capturedLengths[index]!;
  if (captured < stayingLength || columns.vlans[index] !== 0) return 0;
  const from = columns.offsets[index]!;
  const isFitting = (from & 3) === 0 && from + captured + 3 + trailerLength <= end;
  return isFitting && from - before <= farthest ? from - headerLength : 0;
}

/** Where the last block ends so that the next begins at a multiple of `alignment`; 0: at once. */
function alignedEnd(frameEnd: number, alignment: number): number {
  return alignment === 4 ? 0 : Math.ceil((frameEnd + trailerLength) / alignment) * alignment;
}

/** Moves a frame down to `data`, a multiple of 4; up to 3 bytes behind it may become any. */
function moveFrame(columns: RecordedColumns, index: number, data: number): void {
  const from = columns.offsets[index]!;
  const captured = columns.capturedLengths[index]!;
  if ((from & 3) !== 0 || captured >= stayingLength) {
    columns.bytes.copyWithin(data, from, from + captured);
    return;
  }
  const { words } = columns;
  // A call into the runtime costs more than a few words.
  let to = data >>> 2;
  const last = (from + captured + 3) >>> 2;
  for (let word = from >>> 2; word < last; word++) words[to++] = words[word]!;
}

/** Moves pairs of words down, two of them at a time. */
function movePairs(pairs: BigInt64Array, from: number, to: number, count: number): void {
  const last = (from + count) | 0;
  let pair = from;
  let place = to;
  for (; pair + 2 <= last; pair = (pair + 2) | 0, place = (place + 2) | 0) {
    const first = pairs[pair]!;
    const second = pairs[pair + 1]!;
    pairs[place] = first;
    pairs[place + 1] = second;
  }
  if (pair < last) pairs[place] = pairs[pair]!;
}

/** Moves a frame and puts its VLAN tag back between addresses and EtherType (IEEE 802.1Q clause 9.3). */
function moveTagged(columns: RecordedColumns, index: number, data: number): void {
  const { bytes } = columns;
  const from = columns.offsets[index]!;
  const vlan = columns.vlans[index]!;
  bytes.copyWithin(data, from, from + macs);
  bytes.copyWithin(data + macs + tagLength, from + macs, from + columns.capturedLengths[index]!);
  bytes[data + macs] = vlan >>> 24;
  bytes[data + macs + 1] = vlan >>> 16;
  bytes[data + macs + 2] = vlan >>> 8;
  bytes[data + macs + 3] = vlan;
}

/** Fills up with zeros what ends at `end`; returns the multiple of 4. */
function padded(words: Int32Array, end: number): number {
  const odd = end & 3;
  if (odd === 0) return end;
  words[end >>> 2]! &= (1 << (odd * 8)) - 1;
  return end + 4 - odd;
}

/**
 * Direction (1 in, 2 out) and flow as options behind the frame; returns where the block ends, whose length is not written
 * here. It is `until`, when that is not too near: the reference to the flow is then followed by zeros.
 */
function options(words: Int32Array, at: number, direction: number, flow: number, until: number): number {
  const isDirected = direction === 1 || direction === 2;
  let word = at >>> 2;
  const last = (until >>> 2) - 1;
  if (isDirected && flow !== 0 && last <= word + leastOptions) {
    words[word] = flagsOption | ((flagsLength - 4) << 16);
    words[word + 1] = direction;
    words[word + 2] = customOption | ((4 + flowReferenceLength) << 16);
    words[word + 3] = enterpriseNumber;
    words[word + 4] = flow;
    words[word + 5] = 0;
    return at + trailerLength;
  }
  if (!isDirected && flow === 0 && last <= word) return at + 4;
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
  return (word + 2) * 4;
}
