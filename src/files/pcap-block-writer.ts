/**
 * Turns a block of captured frames into records of classic pcap where it lies (draft-ietf-opsawg-pcap section 5): each frame
 * is moved down over the kernel's header before it, behind 16 bytes of its own, so that a whole block is written with one
 * call and nothing is allocated for a frame. Records follow each other without a gap: a long frame, which would cost more to
 * move than to be written by itself, stays where it is, and begins another run.
 *
 *      0       4            8                 12              16
 *     +-------+------------+-----------------+---------------+------------
 *     | secs  | nanosecs   | captured length | length on wire| frame, next record right behind it
 *     +-------+------------+-----------------+---------------+------------
 */
import type { RecordedColumns } from "../model/index.ts";
import type { BlockInterfaces, BlockReferences, PairedWords, PlainFrame } from "./pcapng-block-writer.ts";

const headerLength = 16;
/** From this length on a frame is written from where it lies. */
const stayingLength = 8192;
const macs = 12;
const tagLength = 4;

/** Writes blocks over themselves. Little-endian, as `PcapWriter` begins the file. */
export class PcapBlockWriter {
  readonly #linkType: number;
  readonly #interfaces: Pick<BlockInterfaces, "number">;
  readonly #runs: number[] = [];
  /** Where `append` goes on. */
  #at = 0;
  #interfaceIndex = -1;
  /** Frames of the last block that were kept, and their bytes on the wire. */
  frames = 0;
  wireBytes = 0;
  /** Frames of all blocks that had another link type than the file, and were left out. */
  otherLinks = 0;

  /** `interfaces` is told of the interface of each frame that is kept. */
  constructor(linkType: number, interfaces: Pick<BlockInterfaces, "number">) {
    this.#linkType = linkType;
    this.#interfaces = interfaces;
  }

  /** What `append` writes goes from byte `at` on. */
  begin(at: number): void {
    this.#at = at;
    this.#interfaceIndex = -1;
  }

  /** Where the next frame's record begins. */
  get end(): number {
    return this.#at;
  }

  /**
   * One short frame, as `compact` writes it: it begins at word `from`, at or behind which its own data is to begin. Up to 7 bytes
   * behind its record are overwritten.
   */
  append({ words }: PairedWords, from: number, frame: PlainFrame): void {
    const { captured, wire, seconds, nanoseconds } = frame;
    if (frame.interfaceIndex !== this.#interfaceIndex) {
      this.#interfaceIndex = frame.interfaceIndex;
      this.#interfaces.number(frame.interfaceIndex, this.#linkType);
    }
    const at = this.#at;
    const last = from + ((captured + 3) >>> 2);
    let to = at >>> 2;
    const shift = (at & 3) * 8;
    this.#at = at + headerLength + captured;
    if (shift === 0) {
      words[to] = seconds;
      words[to + 1] = nanoseconds;
      words[to + 2] = captured;
      words[to + 3] = wire;
      to += 4;
      if (to !== from) for (let word = from; word < last; word++) words[to++] = words[word]!;
      return;
    }
    // What is written begins within a word, of which the record before has the lower bytes.
    const rest = 32 - shift;
    words[to] = (words[to]! & ((1 << shift) - 1)) | (seconds << shift);
    words[to + 1] = (seconds >>> rest) | (nanoseconds << shift);
    words[to + 2] = (nanoseconds >>> rest) | (captured << shift);
    words[to + 3] = (captured >>> rest) | (wire << shift);
    to += 4;
    let carry = wire >>> rest;
    for (let word = from; word < last; word++) {
      const value = words[word]!;
      words[to++] = carry | (value << shift);
      carry = value >>> rest;
    }
    words[to] = carry;
  }

  /**
   * Overwrites the memory of `columns`, which `view` shows, from `start` on with the frames that are kept. Returns where what is
   * to be written lies: beginning and end of each run, by turns; the same array each time. Before each frame there are at
   * least 20 bytes that belong to nobody.
   */
  compact(
    columns: RecordedColumns,
    view: DataView,
    start: number,
    { keep }: Pick<BlockReferences, "keep">,
  ): readonly number[] {
    this.frames = 0;
    this.wireBytes = 0;
    const runs = this.#runs;
    runs.length = 0;
    let begin = start;
    let at = start;
    for (let index = 0; index < columns.count; index++) {
      if (keep[index] === 0) continue;
      if (columns.linkTypes[index] !== this.#linkType) {
        this.otherLinks++;
        continue;
      }
      this.#interfaces.number(columns.interfaceIndexes[index]!, this.#linkType);
      if (columns.capturedLengths[index]! >= stayingLength && columns.vlans[index] === 0) {
        if (at > begin) runs.push(begin, at);
        begin = at = Math.max(at, columns.offsets[index]! - headerLength);
      }
      at = this.#record(columns, view, at, index);
      this.frames++;
      this.wireBytes += columns.wireLengths[index]!;
    }
    if (at > begin) runs.push(begin, at);
    return runs;
  }

  #record(columns: RecordedColumns, view: DataView, at: number, index: number): number {
    const { bytes } = columns;
    const from = columns.offsets[index]!;
    const vlan = columns.vlans[index]!;
    const data = at + headerLength;
    let captured = columns.capturedLengths[index]!;
    let wire = columns.wireLengths[index]!;
    const tagged = vlan !== 0 && captured >= macs;
    if (data + (tagged ? tagLength : 0) > from) {
      throw new Error(`block writer: frame ${index} at ${from} has no room for its record at ${at}`);
    }
    if (tagged) {
      bytes.copyWithin(data, from, from + macs);
      bytes.copyWithin(data + macs + tagLength, from + macs, from + captured);
      // The tag that the driver took off goes back between addresses and EtherType (IEEE 802.1Q clause 9.3).
      view.setUint32(data + macs, vlan);
      captured += tagLength;
      wire += tagLength;
    } else if (data !== from) bytes.copyWithin(data, from, from + captured);
    view.setUint32(at, columns.seconds[index]!, true);
    view.setUint32(at + 4, columns.nanoseconds[index]!, true);
    view.setUint32(at + 8, captured, true);
    view.setUint32(at + 12, wire, true);
    return data + captured;
  }
}
