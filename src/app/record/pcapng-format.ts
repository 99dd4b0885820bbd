import { encodeUtf8 } from "../../bytes/index.ts";
import { flowRecord, jsonLine } from "../../export/index.ts";
import {
  BlockInterfaces,
  PcapngBlockWriter,
  PcapngWriter,
  enterpriseNumber,
  flowRecordsBlock,
} from "../../files/index.ts";
import { epochMillis, parseAddress, type Connection, type EpochMillis } from "../../model/index.ts";
import {
  firstKept,
  type FileStatistics,
  type FormatParts,
  type MarkedBlock,
  type RecordingFormat,
} from "./recording-format.ts";

/** As in the columns. */
const directions = ["unknown", "in", "out", "other"] as const;
/** Longest JSON text of one custom block; more flows make more blocks. */
const recordsBlockBytes = 1 << 20;

/** pcapng: one file holds frames, interfaces, owners and names. docs/FORMAT.md says what stands where. */
export class PcapngFormat implements RecordingFormat {
  readonly #parts: FormatParts;
  readonly #interfaces: BlockInterfaces;
  readonly #blocks: PcapngBlockWriter;
  readonly #named = new Set<string>();
  readonly #run: number[] = [];
  #writer: PcapngWriter;
  /** Interfaces that are described in the file. */
  #described = 0;
  frames = 0;
  wireBytes = 0;
  readonly leftOut = 0;

  constructor(parts: FormatParts) {
    this.#parts = parts;
    this.#interfaces = new BlockInterfaces((index, linkType) => this.#describe(index, linkType));
    this.#blocks = new PcapngBlockWriter(this.#interfaces);
    this.#writer = this.#header();
  }

  #header(): PcapngWriter {
    const writer = new PcapngWriter((bytes) => this.#parts.write(bytes.slice()), this.#parts.application);
    writer.flush();
    return writer;
  }

  get plain(): PcapngBlockWriter | undefined {
    return this.#described > 0 ? this.#blocks : undefined;
  }

  begin(): void {
    this.#interfaces.clear();
    this.#named.clear();
    this.#described = 0;
    this.#writer = this.#header();
  }

  block(marked: MarkedBlock, now: EpochMillis): readonly number[] {
    const { block, due } = marked;
    this.frames = 0;
    this.wireBytes = 0;
    this.#writeFirst(marked);
    this.#writeFlows(due, now);
    const end = this.#blocks.compact(block.columns, block, marked, marked.alignment);
    this.#writer.flush();
    this.frames += this.#blocks.frames;
    this.wireBytes += this.#blocks.wireBytes;
    const run = this.#run;
    run.length = 0;
    if (end > block.start) run.push(block.start, end);
    return run;
  }

  fill(length: number): void {
    this.#writer.filler(length);
    this.#writer.flush();
  }

  tick(): void {}

  changed(rows: readonly Connection[], now: EpochMillis): void {
    this.#writeFlows(rows, now);
    this.#writer.flush();
  }

  ended(rows: readonly Connection[], now: EpochMillis): void {
    this.changed(rows, now);
  }

  finish(rows: readonly Connection[], statistics: FileStatistics, now: EpochMillis): void {
    this.#writeFlows(rows, now);
    // One socket listens on all interfaces: its counts stand with the first.
    if (this.#described > 0) {
      const comment = this.#described > 1 ? { comment: "counts of all interfaces" } : {};
      this.#writer.statistics({ interfaceIndex: 0, time: now, ...statistics, ...comment });
    }
    this.#writer.flush();
  }

  /**
   * A file begins with a frame: readers count their times from the first block of a packet's kind, and records have none.
   */
  #writeFirst({ block: { columns }, flows, keep }: MarkedBlock): void {
    const index = this.#described > 0 ? -1 : firstKept(columns, keep);
    // A tag would have to go back into the frame: then the record comes first.
    if (index < 0 || columns.vlans[index] !== 0) return;
    const from = columns.offsets[index]!;
    const direction = directions[columns.directions[index]!];
    this.#writer.frame({
      bytes: columns.bytes.subarray(from, from + columns.capturedLengths[index]!),
      time: epochMillis(columns.seconds[index]! * 1000),
      seconds: columns.seconds[index]!,
      nanoseconds: columns.nanoseconds[index]!,
      wireLength: columns.wireLengths[index]!,
      interfaceIndex: this.#interfaces.number(columns.interfaceIndexes[index]!, columns.linkTypes[index]!),
      ...(direction !== undefined && { direction }),
      ...(flows[index] !== 0 && { flow: flows[index]! }),
    });
    this.#writer.flush();
    this.frames++;
    this.wireBytes += columns.wireLengths[index]!;
    keep[index] = 0;
  }

  /** Flow records as JSON lines in custom blocks, and the names of their addresses. */
  #writeFlows(rows: readonly Connection[], now: EpochMillis): void {
    if (rows.length === 0) return;
    let text = "";
    for (const row of rows) {
      text += `${jsonLine(flowRecord(row, now, { lineage: this.#parts.lineage(row) }))}\n`;
      if (text.length < recordsBlockBytes) continue;
      this.#writer.custom(enterpriseNumber, flowRecordsBlock(encodeUtf8(text)));
      text = "";
    }
    if (text !== "") this.#writer.custom(enterpriseNumber, flowRecordsBlock(encodeUtf8(text)));
    this.#writer.names(this.#newNames(rows));
  }

  *#newNames(rows: readonly Connection[]): Generator<readonly [Uint8Array, string]> {
    const named = rows.filter(({ hostname }) => hostname !== undefined);
    if (named.length === 0) return;
    // What somebody here called a server of this machine is not the machine's name for all others.
    const own = new Set(this.#parts.interfaces().flatMap(({ addresses }) => addresses));
    for (const { hostname, remote } of named) {
      // What a request calls its server may be the address itself.
      if (hostname === undefined || parseAddress(hostname) !== undefined) continue;
      if (own.has(remote.address) || remote.address.startsWith("127.")) continue;
      const key = `${remote.address} ${hostname}`;
      const address = this.#named.has(key) ? undefined : parseAddress(remote.address);
      if (address === undefined) continue;
      this.#named.add(key);
      yield [address, hostname];
    }
  }

  /** Writes an interface's description when its first frame comes; returns its number in the file. */
  #describe(index: number, linkType: number): number {
    const { interfaces, snapLength, captureFilter } = this.#parts;
    const known = interfaces().find((one) => one.index === index);
    this.#described++;
    return this.#writer.addInterface({
      linkType,
      snapLength,
      name: known?.name ?? `index ${index}`,
      addresses: known?.addresses.flatMap((address) => parseAddress(address) ?? []) ?? [],
      ...(captureFilter === undefined ? {} : { filter: captureFilter }),
    });
  }
}
