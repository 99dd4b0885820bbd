/** Brings frames of the ring into a pcapng file, with whose they are: docs/FORMAT.md says what stands where. */
import { encodeUtf8 } from "../../bytes/index.ts";
import { flowRecord, jsonLine } from "../../export/index.ts";
import {
  BlockInterfaces,
  PcapngBlockWriter,
  PcapngWriter,
  enterpriseNumber,
  flowRecordsBlock,
} from "../../files/index.ts";
import {
  epochMillis,
  parseAddress,
  type Connection,
  type EpochMillis,
  type InterfaceInfo,
  type ProcessInfo,
  type RecordedColumns,
} from "../../model/index.ts";
import type { FlowEngine } from "../../flow/index.ts";
import type { RecordedBlock, RecordingRing } from "../../host/linux/recording-ring.ts";
import { FlowNotes, type ConnectionLookup } from "./flow-notes.ts";
import { RecordingFiles, type RotationOptions } from "./recording-files.ts";
import { WriteQueue } from "./write-queue.ts";

export interface RecorderOptions extends RotationOptions {
  /** Open files in the order they are filled; the first is empty. */
  readonly descriptors: readonly number[];
  readonly snapLength: number;
  /** Capture filter, as it was typed. */
  readonly captureFilter?: string;
  /** Which flows' frames are recorded; all frames when absent. */
  readonly wanted?: (row: Connection) => boolean;
  /** Frames of other interfaces are left out. */
  readonly interfaceNames?: ReadonlySet<string>;
  /** Ends after so many frames. */
  readonly maximumFrames?: number;
  readonly application: string;
}

export interface RecorderParts {
  readonly ring: Pick<RecordingRing, "take" | "release" | "memory" | "statistics" | "blockFrames">;
  readonly lookup: ConnectionLookup & Pick<FlowEngine, "lineage">;
  readonly interfaces: () => readonly InterfaceInfo[];
  readonly options: RecorderOptions;
}

/** What a recording has come to. */
export interface RecordingFacts {
  readonly frames: number;
  /** Bytes of the frames on the wire, and of the files. */
  readonly wireBytes: number;
  readonly fileBytes: number;
  readonly files: number;
  /** Frames for which the ring had no room. */
  readonly dropped: number;
  /** It ended by itself: the limit is reached, or it failed. */
  readonly ended: boolean;
  /** Why it cannot go on; what was written before is whole. */
  readonly failed: string | undefined;
}

/** As in the columns. */
const directions = ["unknown", "in", "out", "other"] as const;
/** Longest JSON text of one custom block; more flows make more blocks. */
const recordsBlockBytes = 1 << 20;

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #words: Uint32Array;
  readonly #queue: WriteQueue;
  readonly #files: RecordingFiles;
  readonly #notes: FlowNotes;
  readonly #interfaces: BlockInterfaces;
  readonly #blocks: PcapngBlockWriter;
  readonly #named = new Set<string>();
  readonly #lineages = new WeakMap<Connection, readonly ProcessInfo[]>();
  #writer: PcapngWriter;
  #described: { index: number; frames: number }[] = [];
  /** Rows that ended while the next file was begun. */
  readonly #endedMeanwhile: Connection[] = [];
  /** Set while the next file is begun: until then nothing is written. */
  #rotation: Promise<void> | undefined;
  #frames = 0;
  #framesBefore = 0;
  #wireBytes = 0;
  #acceptedBefore = 0;
  #droppedBefore = 0;
  #ended = false;
  #failed: string | undefined;

  constructor(parts: RecorderParts, now: EpochMillis) {
    const { ring, options, lookup } = parts;
    this.#parts = parts;
    this.#words = new Uint32Array(ring.memory.buffer, ring.memory.byteOffset, ring.memory.byteLength >>> 2);
    this.#queue = new WriteQueue((error) => {
      this.#ended = true;
      this.#failed ??=
        error.code === "ENOSPC" ? "the disk is full" : `cannot write the file: ${error.code ?? error.message}`;
    });
    this.#files = new RecordingFiles(options.descriptors, this.#queue, options, now);
    this.#notes = new FlowNotes(ring.blockFrames, lookup, options.wanted);
    this.#interfaces = new BlockInterfaces((index, linkType) => this.#describe(index, linkType));
    this.#blocks = new PcapngBlockWriter(this.#interfaces);
    this.#writer = this.#begin();
  }

  /** Writes what the ring holds. The connection table must have been drained just before. */
  drain(now: EpochMillis): void {
    if (this.#ended || this.#rotation !== undefined) return;
    const { ring } = this.#parts;
    for (let block = ring.take(); block !== undefined; block = ring.take()) {
      this.#block(block, now);
      if (this.#ended) return;
      if (this.#files.isFull(now)) {
        this.#rotation = this.#rotate(now);
        return;
      }
    }
  }

  #block(block: RecordedBlock, now: EpochMillis): void {
    const { ring, options } = this.#parts;
    const { columns } = block;
    this.#notes.mark(columns);
    this.#leaveOut(columns);
    const room = (options.maximumFrames ?? Infinity) - this.#frames;
    limitFrames(this.#notes.keep, columns.count, room);
    this.#writeFirst(columns);
    this.#writeFlows(this.#notes.takeDue(), now);
    const end = this.#blocks.compact(columns, this.#words, block.start, this.#notes);
    this.#writer.flush();
    this.#frames += this.#blocks.frames;
    this.#wireBytes += this.#blocks.wireBytes;
    if (end > block.start) this.#files.write(ring.memory.subarray(block.start, end), () => ring.release(block.index));
    else ring.release(block.index);
    if (this.#frames >= (options.maximumFrames ?? Infinity)) this.#ended = true;
  }

  /**
   * A file begins with a frame: readers count their times from the first block of a packet's kind, and records have none.
   */
  #writeFirst(columns: RecordedColumns): void {
    if (this.#described.length > 0) return;
    const { flows, keep } = this.#notes;
    const index = keep.subarray(0, columns.count).indexOf(1);
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
    this.#frames++;
    this.#wireBytes += columns.wireLengths[index]!;
    keep[index] = 0;
  }

  /** Frames of interfaces that were not asked for. */
  #leaveOut({ count, interfaceIndexes }: RecordedColumns): void {
    const { options, interfaces } = this.#parts;
    const names = options.interfaceNames;
    if (names === undefined) return;
    const wanted = new Set(interfaces().flatMap(({ index, name }) => (names.has(name) ? [index] : [])));
    for (let index = 0; index < count; index++) {
      if (!wanted.has(interfaceIndexes[index]!)) this.#notes.keep[index] = 0;
    }
  }

  /** Rows that ended: what they came to is written to the file that has frames of them. */
  endFlows(rows: readonly Connection[], now: EpochMillis): void {
    if (this.#rotation !== undefined) {
      this.#endedMeanwhile.push(...rows);
      return;
    }
    this.#writeFlows(
      rows.filter((row) => this.#notes.end(row)),
      now,
    );
  }

  /** Flow records as JSON lines in custom blocks, and the names of their addresses. */
  #writeFlows(rows: readonly Connection[], now: EpochMillis): void {
    let text = "";
    for (const row of rows) {
      text += `${jsonLine(flowRecord(row, now, { lineage: this.#lineage(row) }))}\n`;
      if (text.length < recordsBlockBytes) continue;
      this.#writer.custom(enterpriseNumber, flowRecordsBlock(encodeUtf8(text)));
      text = "";
    }
    if (text !== "") this.#writer.custom(enterpriseNumber, flowRecordsBlock(encodeUtf8(text)));
    this.#writer.names(this.#newNames(rows));
  }

  /** The owner and its parents; of a row that left the table, as they were known before. */
  #lineage(row: Connection): readonly ProcessInfo[] {
    const known = this.#parts.lookup.lineage(row.id);
    if (known.length === 0) return this.#lineages.get(row) ?? known;
    this.#lineages.set(row, known);
    return known;
  }

  *#newNames(rows: readonly Connection[]): Generator<readonly [Uint8Array, string]> {
    for (const { hostname, remote } of rows) {
      // What a request calls its server may be the address itself.
      if (hostname === undefined || parseAddress(hostname) !== undefined) continue;
      const key = `${remote.address} ${hostname}`;
      const address = this.#named.has(key) ? undefined : parseAddress(remote.address);
      if (address === undefined) continue;
      this.#named.add(key);
      yield [address, hostname];
    }
  }

  /** Writes an interface's description when its first frame comes; returns its number in the file. */
  #describe(index: number, linkType: number): number {
    const { options, interfaces } = this.#parts;
    const known = interfaces().find((one) => one.index === index);
    this.#described.push({ index, frames: 0 });
    return this.#writer.addInterface({
      linkType,
      snapLength: options.snapLength,
      name: known?.name ?? `index ${index}`,
      addresses: known?.addresses.flatMap((address) => parseAddress(address) ?? []) ?? [],
      ...(options.captureFilter === undefined ? {} : { filter: options.captureFilter }),
    });
  }

  /** The section header of a file. */
  #begin(): PcapngWriter {
    const writer = new PcapngWriter((bytes) => this.#files.write(bytes.slice()), this.#parts.options.application);
    writer.flush();
    return writer;
  }

  /** Last records of the flows that go on, and what became of the frames. */
  #finishFile(now: EpochMillis): void {
    this.#writeFlows([...this.#notes.rows()], now);
    const { received, dropped } = this.#parts.ring.statistics();
    // One socket listens on all interfaces: its counts stand with the first.
    if (this.#described.length > 0) {
      this.#writer.statistics({
        interfaceIndex: 0,
        time: now,
        accepted: received - this.#acceptedBefore,
        dropped: dropped - this.#droppedBefore,
        delivered: this.#frames - this.#framesBefore,
        ...(this.#described.length > 1 && { comment: "counts of all interfaces" }),
      });
    }
    this.#acceptedBefore = received;
    this.#droppedBefore = dropped;
    this.#framesBefore = this.#frames;
    this.#writer.flush();
  }

  async #rotate(now: EpochMillis): Promise<void> {
    this.#finishFile(now);
    await this.#files.next(now);
    this.#interfaces.clear();
    this.#notes.restart();
    this.#named.clear();
    this.#described = [];
    this.#writer = this.#begin();
    this.#rotation = undefined;
    this.endFlows(this.#endedMeanwhile.splice(0), now);
  }

  facts(): RecordingFacts {
    return {
      frames: this.#frames,
      wireBytes: this.#wireBytes,
      fileBytes: this.#files.written,
      files: this.#files.begun,
      dropped: this.#parts.ring.statistics().dropped,
      ended: this.#ended,
      failed: this.#failed,
    };
  }

  /** Writes the rest; the files are whole when it resolves. */
  async close(now: EpochMillis): Promise<RecordingFacts> {
    // What the ring held while the next file was begun goes there.
    for (let rotation = this.#rotation; rotation !== undefined; rotation = this.#rotation) {
      await rotation;
      this.drain(now);
    }
    await this.#queue.drained();
    this.#finishFile(epochMillis(now));
    await this.#queue.drained();
    return this.facts();
  }
}

/** Leaves out what comes after `room` kept frames. */
function limitFrames(keep: Uint8Array, count: number, room: number): void {
  if (count <= room) return;
  let left = room;
  for (let index = 0; index < count; index++) {
    if (keep[index] === 1 && left-- <= 0) keep[index] = 0;
  }
}
