import { encodeUtf8 } from "../../bytes/index.ts";
import { sidecarFlowLine, sidecarHeaderLine, sidecarInterfaceLine, sidecarStatisticsLine } from "../../export/index.ts";
import { BlockInterfaces, PcapBlockWriter, PcapWriter } from "../../files/index.ts";
import type { Connection, ConnectionId, EpochMillis } from "../../model/index.ts";
import { ethernet } from "./tuple-notes.ts";
import type { FileStatistics, FormatParts, MarkedBlock, RecordingFormat } from "./recording-format.ts";

/** A flow that goes on for so many milliseconds has a line before it ends. */
const patience = 10_000;

/** Classic pcap, and beside it the sidecar: docs/FORMAT.md says what stands there. */
export class PcapFormat implements RecordingFormat {
  readonly #parts: FormatParts;
  readonly #linkType: number;
  readonly #view: DataView;
  readonly #interfaces: BlockInterfaces;
  readonly #blocks: PcapBlockWriter;
  /** Flows without a line, and since when; in the order of those times. */
  readonly #waiting = new Map<ConnectionId, { readonly row: Connection; readonly since: number }>();
  /** Flows that have a line in the file: when they change they get another. */
  readonly #told = new Set<ConnectionId>();
  /** The time of what is written now. */
  #now: EpochMillis;
  #text = "";

  constructor(parts: FormatParts, linkType: number, now: EpochMillis) {
    this.#parts = parts;
    this.#linkType = linkType;
    const { memory } = parts;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#interfaces = new BlockInterfaces((index) => this.#describe(index));
    this.#blocks = new PcapBlockWriter(linkType, this.#interfaces);
    this.#now = now;
    this.begin(now);
  }

  get plain(): PcapBlockWriter | undefined {
    return this.#linkType === ethernet ? this.#blocks : undefined;
  }

  get frames(): number {
    return this.#blocks.frames;
  }

  get wireBytes(): number {
    return this.#blocks.wireBytes;
  }

  get leftOut(): number {
    return this.#blocks.otherLinks;
  }

  begin(now: EpochMillis): void {
    const { write, snapLength, application, captureFilter } = this.#parts;
    this.#interfaces.clear();
    this.#waiting.clear();
    this.#told.clear();
    new PcapWriter((bytes) => write(bytes.slice()), { linkType: this.#linkType, snapLength }).flush();
    this.#text += sidecarHeaderLine({ application, ...(captureFilter !== undefined && { captureFilter }) }, now);
    this.#flush();
  }

  block(marked: MarkedBlock, now: EpochMillis): readonly number[] {
    const { block, due } = marked;
    this.#now = now;
    const runs = this.#blocks.compact(block.columns, this.#viewOf(block.columns.bytes), block.start, marked);
    this.changed(due, now);
    return runs;
  }

  changed(rows: readonly Connection[], now: EpochMillis): void {
    this.#now = now;
    for (const row of rows) {
      // Asked while the process is still there.
      this.#parts.lineage(row);
      if (this.#told.has(row.id)) this.#write(row);
      else if (!this.#waiting.has(row.id)) this.#waiting.set(row.id, { row, since: now });
    }
    this.#flush();
  }

  #viewOf(memory: Uint8Array): DataView {
    const { buffer, byteOffset, byteLength } = memory;
    return memory === this.#parts.memory ? this.#view : new DataView(buffer, byteOffset, byteLength);
  }

  tick(now: EpochMillis): void {
    this.#now = now;
    for (const { row, since } of this.#waiting.values()) {
      if (now - since < patience) break;
      this.#write(row);
      this.#told.add(row.id);
      this.#waiting.delete(row.id);
    }
    this.#flush();
  }

  ended(rows: readonly Connection[], now: EpochMillis): void {
    this.#now = now;
    for (const row of rows) {
      this.#waiting.delete(row.id);
      this.#told.delete(row.id);
      this.#write(row);
    }
    this.#flush();
  }

  finish(rows: readonly Connection[], statistics: FileStatistics, now: EpochMillis): void {
    this.ended(rows, now);
    this.#text += sidecarStatisticsLine(statistics, now);
    this.#flush();
  }

  #write(row: Connection): void {
    this.#text += sidecarFlowLine(row, this.#now, this.#parts.lineage(row));
  }

  #describe(index: number): number {
    const known = this.#parts.interfaces().find((one) => one.index === index);
    const name = known?.name ?? `index ${index}`;
    this.#text += sidecarInterfaceLine({ name, addresses: known?.addresses ?? [] }, this.#now);
    return 0;
  }

  #flush(): void {
    if (this.#text === "") return;
    this.#parts.writeBeside(encodeUtf8(this.#text));
    this.#text = "";
  }
}
