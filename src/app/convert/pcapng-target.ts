import { encodeUtf8 } from "../../bytes/index.ts";
import {
  type CaptureInterface,
  enterpriseNumber,
  flowRecordsBlock,
  flowRecordsIn,
  type FrameBatch,
  type FrameOptions,
  type OptionToWrite,
  PcapngCopyWriter,
  type RawBlock,
  resolution,
  type Resolution,
  splitTicks,
  type SplitTime,
  type WriteBytes,
} from "../../files/index.ts";
import type { SidecarStatistics } from "../../export/index.ts";
import { formatAddress, parseAddress } from "../../model/index.ts";
import { blockType, optionBytes, readNames, readOptions } from "./block-options.ts";
import { type BlockRedaction, countOption, isNumberOfFrame } from "./block-redaction.ts";
import type { LeftOut } from "./left-out.ts";
import type { RecordCopier } from "./record-copier.ts";
import type { ConvertTarget } from "./targets.ts";

export interface PcapngTargetOptions {
  readonly write: WriteBytes;
  readonly sources: number;
  readonly records: RecordCopier;
  readonly redaction?: BlockRedaction;
  /** Whether the name of an address is kept; all are when absent. */
  readonly keepsName?: (address: string) => boolean;
  /** Frames are cut, left out or changed: what speaks of the file as it was is left out. */
  readonly changesFrames: boolean;
  readonly leftOut: LeftOut;
}

/** An interface of a source. */
interface KnownInterface {
  /** In the new file. */
  readonly number: number;
  readonly resolution: Resolution;
  readonly offsetSeconds: number;
}

/** Longest text of one block of records. */
const recordsBlockBytes = 1 << 20;
const microsecondResolution = 6;

const u32 = (bytes: Uint8Array, at: number, little: boolean): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, little);

/** A record of a name: IPv4 (1) or IPv6 (2) address, name. Of others nobody knows whose they are. */
function isNameOf([type, value]: OptionToWrite, keeps: (address: string) => boolean): boolean {
  const length = type === 1 ? 4 : type === 2 ? 16 : 0;
  return length > 0 && value.length > length && keeps(formatAddress(value, 0, length));
}

/** Options of an interface that no block describes. */
function describe({ name, addresses = [], filter }: CaptureInterface): OptionToWrite[] {
  const options: OptionToWrite[] = name === undefined ? [] : [[2, encodeUtf8(name)]];
  for (const text of addresses) {
    const address = parseAddress(text);
    // A mask or prefix goes with it; that of the whole address says nothing of the network.
    if (address?.length === 4) options.push([4, Uint8Array.of(...address, 255, 255, 255, 255)]);
    if (address?.length === 16) options.push([5, Uint8Array.of(...address, 128)]);
  }
  // The first byte 0: the filter is a text for libpcap.
  if (filter !== undefined) options.push([11, Uint8Array.of(0, ...encodeUtf8(filter))]);
  return options;
}

/** Makes a pcapng file of one section out of any captures: each keeps its own interfaces. */
export class PcapngTarget implements ConvertTarget {
  readonly #options: PcapngTargetOptions;
  #writer: PcapngCopyWriter | undefined;
  /** Interfaces of each source by their numbers there; and where those of its current section begin. */
  readonly #interfaces: KnownInterface[][];
  readonly #sections: number[];
  readonly #frameOptions: CopiedOptions;
  readonly #time: SplitTime = { seconds: 0, nanoseconds: 0 };
  #lines: string[] = [];
  #lineBytes = 0;

  constructor(options: PcapngTargetOptions) {
    this.#options = options;
    this.#interfaces = Array.from({ length: options.sources }, () => []);
    this.#sections = Array.from({ length: options.sources }, () => 0);
    this.#frameOptions = new CopiedOptions(options);
  }

  block(source: number, block: RawBlock, interfaces: readonly CaptureInterface[]): void {
    const { type, bytes, littleEndian } = block;
    const { leftOut, redaction } = this.#options;
    switch (type) {
      case blockType.section:
        return this.#section(source, block);
      case blockType.interface:
        return this.#interface(source, block, interfaces);
      case blockType.names:
        return this.#names(block);
      case blockType.statistics:
        return this.#statistics(source, block);
      case blockType.secrets:
        if (redaction !== undefined) return leftOut.add("block of secrets", "blocks of secrets");
        return this.#secrets(block);
      case blockType.custom:
      case blockType.customNotCopied:
        return this.#custom(source, block);
      default:
        // Nobody knows which of its numbers are to be turned round.
        if (redaction !== undefined || !littleEndian) return leftOut.add("block of its own", "blocks of their own");
        this.#begin().block(type, bytes.subarray(8, bytes.length - 4));
    }
  }

  /** The first section of a single file says who made it; the others begin their numbers anew. */
  #section(source: number, { bytes, littleEndian }: RawBlock): void {
    const { sources, redaction, records, leftOut } = this.#options;
    const isFirst = this.#writer === undefined;
    if (!isFirst) {
      records.beginSection(source);
      this.#sections[source] = this.#interfaces[source]!.length;
    }
    const options = readOptions(blockType.section, bytes, 24, bytes.length - 4, littleEndian);
    if (isFirst && sources === 1 && redaction === undefined) this.#begin(options);
    else for (const [code] of options) if (code === 1) countOption(leftOut, code);
  }

  #begin(options?: readonly OptionToWrite[]): PcapngCopyWriter {
    this.#writer ??= new PcapngCopyWriter(this.#options.write, options ?? [[4, encodeUtf8("Socklens")]]);
    return this.#writer;
  }

  #interface(source: number, { bytes, littleEndian }: RawBlock, interfaces: readonly CaptureInterface[]): void {
    const facts = interfaces[this.#interfaces[source]!.length];
    const options = readOptions(blockType.interface, bytes, 16, bytes.length - 4, littleEndian);
    if (facts !== undefined) this.#add(source, facts, options);
  }

  #add(source: number, facts: CaptureInterface, options: readonly OptionToWrite[]): KnownInterface {
    const find = (wanted: number): Uint8Array | undefined => options.find(([code]) => code === wanted)?.[1];
    const offset = find(14);
    const known = {
      number: this.#begin().addInterface({
        linkType: facts.linkType,
        snapLength: facts.snapLength,
        ticksPerSecond: facts.ticksPerSecond,
        options: this.#options.redaction?.interface(options) ?? options,
      }),
      resolution: resolution(find(9)?.[0] ?? microsecondResolution),
      offsetSeconds:
        offset?.length === 8 ? Number(new DataView(offset.buffer, offset.byteOffset).getBigInt64(0, true)) : 0,
    };
    this.#interfaces[source]!.push(known);
    return known;
  }

  #names({ bytes, littleEndian }: RawBlock): void {
    const end = bytes.length - 4;
    const { redaction, leftOut, keepsName } = this.#options;
    const { records: all, optionsAt } = readNames(bytes, 8, end, littleEndian);
    const records = keepsName === undefined ? all : all.filter((one) => isNameOf(one, keepsName));
    const options = readOptions(blockType.names, bytes, Math.min(end, optionsAt), end, littleEndian);
    if (redaction !== undefined) for (const [code] of options) countOption(leftOut, code);
    const kept = redaction === undefined ? records : redaction.names(records);
    if (kept.length === 0) return;
    this.#begin().block(blockType.names, optionBytes(kept), redaction === undefined ? options : []);
  }

  /** Times are in the unit of the interface, which may be another one in the new file. */
  #statistics(source: number, { bytes, littleEndian }: RawBlock): void {
    const known = this.#interfaces[source]![this.#sections[source]! + u32(bytes, 8, littleEndian)];
    if (known === undefined) return;
    const body = new Uint8Array(12);
    new DataView(body.buffer).setUint32(0, known.number, true);
    body.set(this.#ticks(known, u32(bytes, 12, littleEndian), u32(bytes, 16, littleEndian)), 4);
    const { redaction } = this.#options;
    const options = readOptions(blockType.statistics, bytes, 20, bytes.length - 4, littleEndian).map(
      ([code, value]): OptionToWrite =>
        (code === 2 || code === 3) && value.length === 8
          ? [code, this.#ticks(known, u32(value, 0, true), u32(value, 4, true))]
          : [code, value],
    );
    this.#begin().block(blockType.statistics, body, redaction?.statistics(options) ?? options);
  }

  #ticks(known: KnownInterface, high: number, low: number): Uint8Array {
    splitTicks(high, low, known.resolution, this.#time);
    const { seconds, nanoseconds } = this.#time;
    return this.#begin().ticks(known.number, seconds + known.offsetSeconds, nanoseconds);
  }

  #secrets({ bytes, littleEndian }: RawBlock): void {
    const length = u32(bytes, 12, littleEndian);
    const end = bytes.length - 4;
    const body = new Uint8Array(8 + ((length + 3) & ~3));
    const view = new DataView(body.buffer);
    view.setUint32(0, u32(bytes, 8, littleEndian), true);
    view.setUint32(4, length, true);
    body.set(bytes.subarray(16, 16 + length), 8);
    const options = readOptions(blockType.secrets, bytes, 8 + body.length, end, littleEndian);
    this.#begin().block(blockType.secrets, body, options);
  }

  #custom(source: number, { type, bytes, littleEndian }: RawBlock): void {
    const { leftOut, redaction, changesFrames, records } = this.#options;
    const data = bytes.subarray(12, bytes.length - 4);
    const text = u32(bytes, 8, littleEndian) === enterpriseNumber ? flowRecordsIn(data) : undefined;
    if (text !== undefined) {
      for (const line of records.lines(source, text)) this.record(line);
      return this.#writeRecords();
    }
    const mayCopy = type === blockType.custom || !changesFrames;
    if (redaction !== undefined || !littleEndian || !mayCopy) return leftOut.add("custom block", "custom blocks");
    this.#begin().block(type, bytes.subarray(8, bytes.length - 4));
  }

  frame(
    source: number,
    batch: FrameBatch,
    index: number,
    captured: number,
    interfaces: readonly CaptureInterface[],
  ): undefined {
    this.#writeRecords();
    const number = batch.interfaceIndexes[index]!;
    const known =
      this.#interfaces[source]![number] ?? this.#add(source, interfaces[number]!, describe(interfaces[number]!));
    const options = this.#frameOptions;
    options.begin(source, batch.littleEndian, captured < batch.capturedLengths[index]!);
    this.#begin().frame(batch, index, known.number, captured, options);
    return undefined;
  }

  record(line: string): void {
    this.#lines.push(line);
    this.#lineBytes += line.length + 1;
    if (this.#lineBytes > recordsBlockBytes) this.#writeRecords();
  }

  #writeRecords(): void {
    if (this.#lines.length === 0) return;
    const text = flowRecordsBlock(encodeUtf8(`${this.#lines.join("\n")}\n`));
    const body = new Uint8Array(4 + text.length);
    new DataView(body.buffer).setUint32(0, enterpriseNumber, true);
    body.set(text, 4);
    this.#begin().block(blockType.custom, body);
    this.#lines = [];
    this.#lineBytes = 0;
  }

  statistics(source: number, statistics: SidecarStatistics, time: number): void {
    const known = this.#interfaces[source]![0];
    if (known === undefined) return;
    const body = new Uint8Array(12);
    new DataView(body.buffer).setUint32(0, known.number, true);
    const seconds = Math.floor(time / 1000);
    body.set(this.#begin().ticks(known.number, seconds, Math.round((time - seconds * 1000) * 1e6)), 4);
    const { accepted, dropped, delivered } = statistics;
    const counts = [
      [6, accepted],
      [7, dropped],
      [8, this.#options.changesFrames ? undefined : delivered],
    ] as const;
    const options = counts.flatMap(([code, count]): OptionToWrite[] => {
      if (count === undefined) return [];
      const value = new Uint8Array(8);
      new DataView(value.buffer).setBigUint64(0, BigInt(count), true);
      return [[code, value]];
    });
    this.#begin().block(blockType.statistics, body, options);
  }

  flush(): void {
    this.#writeRecords();
    this.#writer?.flush();
  }

  finish(): void {
    this.#begin();
    this.flush();
  }

  get changedTimes(): number {
    return this.#writer?.clampedTimes ?? 0;
  }
}

/** Which options of a frame are copied, and to which record it refers. */
class CopiedOptions implements FrameOptions {
  readonly #target: PcapngTargetOptions;
  #source = 0;
  #littleEndian = true;
  #isCut = false;
  flow = 0;

  constructor(target: PcapngTargetOptions) {
    this.#target = target;
  }

  begin(source: number, littleEndian: boolean, isCut: boolean): void {
    this.#source = source;
    this.#littleEndian = littleEndian;
    this.#isCut = isCut;
    this.flow = 0;
  }

  keeps(code: number, bytes: Uint8Array, value: number, length: number): boolean {
    if (code === 2989 && length >= 8 && u32(bytes, value, this.#littleEndian) === enterpriseNumber) {
      this.flow = this.#target.records.flowNumber(this.#source, u32(bytes, value + 4, true));
      return false;
    }
    const { redaction, leftOut } = this.#target;
    const harmless = isNumberOfFrame(code, length);
    // A hash of the whole frame says nothing of a part.
    if (harmless || (redaction === undefined && !(code === 3 && this.#isCut))) return true;
    countOption(leftOut, code);
    return false;
  }
}
