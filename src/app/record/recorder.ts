/** Brings frames of the ring into files, with whose they are: docs/FORMAT.md says what stands where. */
import {
  epochMillis,
  type Connection,
  type EpochMillis,
  type InterfaceInfo,
  type ProcessInfo,
  type RecordedColumns,
} from "../../model/index.ts";
import { leastFiller } from "../../files/index.ts";
import type { FlowEngine } from "../../flow/index.ts";
import { directAlignment, setDirectWrites } from "../../host/linux/direct-writes.ts";
import type { RecordedBlock, RecordingRing } from "../../host/linux/recording-ring.ts";
import type { BlockReferences } from "../../files/index.ts";
import { FlowNotes, type ConnectionLookup, strangers, type Settled, type Wanted } from "./flow-notes.ts";
import { PlainFront } from "./plain-front.ts";
import { HeldFrames } from "./held-frames.ts";
import { PcapFormat } from "./pcap-format.ts";
import { PcapngFormat } from "./pcapng-format.ts";
import { RecordingFiles, type RotationOptions } from "./recording-files.ts";
import { firstKept, type FormatParts, type MarkedBlock, type RecordingFormat } from "./recording-format.ts";
import { joined, lengthFrom, limitFrames } from "./block-runs.ts";
import { WriteQueue } from "./write-queue.ts";

/** Classic pcap holds frames of one link type (LINKTYPE_) only. */
export type FormatChoice = { readonly kind: "pcapng" } | { readonly kind: "pcap"; readonly linkType: number };

export interface RecorderOptions extends RotationOptions {
  readonly format: FormatChoice;
  /** Open files in the order they are filled; the first is empty. */
  readonly descriptors: readonly number[];
  /** Of classic pcap: the files beside them. */
  readonly sidecars?: readonly number[];
  readonly snapLength: number;
  /** Capture filter, as it was typed. */
  readonly captureFilter?: string;
  /** Which flows' frames are recorded; all frames when absent. */
  readonly wanted?: Wanted;
  /** Frames of other interfaces are left out. */
  readonly interfaceNames?: ReadonlySet<string>;
  /** Ends after so many frames. */
  readonly maximumFrames?: number;
  readonly application: string;
}

export interface RecorderParts {
  readonly ring: Pick<
    RecordingRing,
    "take" | "release" | "memory" | "statistics" | "blockFrames" | "blockCount" | "isFilled"
  >;
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
  /** Frames that have another link type than the file. */
  readonly leftOut: number;
  /** Frames of flows of which nobody could tell in time, or for which there was no room, whether they are wanted. */
  readonly letGo: number;
  /** It ended by itself: the limit is reached, or it failed. */
  readonly ended: boolean;
  /** Why it cannot go on; what was written before is whole. */
  readonly failed: string | undefined;
}

/** Of a ring's blocks: with as many full ones at once it is emptied before its time. */
export const fastBlocks = (blockCount: number): number => Math.max(1, blockCount >> 3);
/** Frames come fast when a block is full in so many milliseconds, unless there was a pause of more than so many. */
const fastPeriod = 25;
const fastPause = 150;
/** A block with this much of frames is worth a write to the disk of its own, and the bytes that align it. */
const directLength = 1 << 18;

/** Milliseconds after which what is learned of a flow is in the file at the latest, though no frame of it comes. */
const latePeriod = 10_000;

/** Each is looked up again and again. */
const strangersAtMost = 4096;
/** Bytes of a frame that tell its flow. */
const headersLength = 256;
const isStranger = (flow: number): boolean => flow >= strangers[0];

/** Of what is written. */
interface Written {
  readonly frames: number;
  readonly wireBytes: number;
  readonly release?: () => void;
  readonly isAligned: boolean;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #queue: WriteQueue;
  readonly #files: RecordingFiles;
  readonly #notes: FlowNotes;
  readonly #held = new HeldFrames();
  #undecided = 0;
  /** Frames that are held of flows that nobody knows. */
  #strangers = 0;
  readonly #format: RecordingFormat;
  readonly #front: PlainFront;
  readonly #lineages = new WeakMap<Connection, readonly ProcessInfo[]>();
  /** Rows that ended while the next file was begun. */
  readonly #endedMeanwhile: Connection[] = [];
  /** Set while the next file is begun: until then nothing is written. */
  #rotation: Promise<void> | undefined;
  #frames = 0;
  #framesBefore = 0;
  /** Frames that were counted and could not be written, and their bytes on the wire. */
  #unwritten = 0;
  #unwrittenBytes = 0;
  #wireBytes = 0;
  #acceptedBefore = 0;
  #droppedBefore = 0;
  /** When the ring was last emptied, milliseconds since the epoch. */
  #drainedAt = -Infinity;
  /**
   * So much comes that a copy of it in the page cache costs more than a disk that once hesitates. After a pause that was too
   * long the page cache takes what has gathered.
   */
  #isFast = false;
  #lookedForLate: number;
  #ended = false;
  #failed: string | undefined;

  constructor(parts: RecorderParts, now: EpochMillis) {
    const { ring, options, lookup } = parts;
    this.#parts = parts;
    this.#lookedForLate = now;
    // Standard output may be a pipe, and may be another program's too.
    const isOurs = !options.descriptors.includes(1);
    const direct = { set: setDirectWrites, mostWaiting: ring.memory.byteLength / 2 };
    this.#queue = new WriteQueue((error) => this.#fail(error), isOurs ? direct : undefined, isOurs);
    this.#files = new RecordingFiles(options.descriptors, options.sidecars, this.#queue, options, now);
    this.#notes = new FlowNotes(ring.blockFrames, lookup, options.wanted);
    this.#format = newFormat(options.format, this.#formatParts(), now);
    const takesAll =
      options.wanted === undefined && options.interfaceNames === undefined && options.maximumFrames === undefined;
    this.#front = new PlainFront(ring.memory, this.#notes, () => (takesAll ? this.#format.plain : undefined));
  }

  #formatParts(): FormatParts {
    const { ring, options, interfaces } = this.#parts;
    const { application, snapLength, captureFilter } = options;
    return {
      memory: ring.memory,
      interfaces,
      lineage: (row) => this.#lineage(row),
      application,
      snapLength,
      ...(captureFilter !== undefined && { captureFilter }),
      write: (bytes) => this.#files.write(bytes),
      writeBeside: (bytes) => this.#files.writeBeside(bytes),
    };
  }

  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Writes what the ring holds. `refresh` is asked to bring the connection table up to date when it does not know the flow of
   * a frame; false: it is.
   */
  drain(now: EpochMillis, refresh: () => boolean = () => false): void {
    if (this.#ended || this.#rotation !== undefined) return;
    const { ring } = this.#parts;
    const pause = now - this.#drainedAt;
    this.#isFast = pause <= fastPause && ring.isFilled(Math.max(1, Math.ceil(pause / fastPeriod)));
    this.#drainedAt = now;
    this.#settle(now);
    const front = this.#front;
    front.now = now;
    for (let block = ring.take(front); block !== undefined; block = ring.take(front)) {
      this.#block(block, now, refresh);
      if (this.#ended) return;
      if (this.#files.isFull(now)) {
        this.#rotation = this.#rotate(now);
        return;
      }
    }
    if (now - this.#lookedForLate >= latePeriod) {
      this.#lookedForLate = now;
      this.#format.changed(this.#notes.takeLate(), now);
    }
    this.#format.tick(now);
  }

  /** Frames that are held: their flows may be decided by now, whether more of them came or not. */
  #settle(now: EpochMillis): void {
    const isFiltered = this.#parts.options.wanted !== undefined;
    if (!isFiltered && this.#strangers === 0) return;
    const notes = this.#notes;
    notes.review(now);
    this.#strangers = 0;
    for (const stranger of strangers) {
      this.#strangers += this.#held.assign(stranger, (columns, place) => notes.recognize(columns, place, stranger));
    }
    this.#writeHeld(notes.takeSettled(), now);
    // Frames that are in the file already have a record now.
    if (!isFiltered) this.#format.changed(notes.takeDue(), now);
  }

  #block(block: RecordedBlock, now: EpochMillis, refresh: () => boolean): void {
    const { ring } = this.#parts;
    const { columns, start, end } = block;
    const notes = this.#notes;
    const front = this.#front;
    const rest = front.frames > 0 ? front.end : start;
    notes.mark(columns, now, refresh);
    this.#leaveOut(columns);
    const settled = notes.takeSettled();
    // What comes fast is not copied, so that it stands in its order.
    this.#writeHeld(settled, now, this.#isFast);
    if (this.#parts.options.wanted !== undefined) this.#hold(columns, settled, now);
    else if (notes.strangers > 0) this.#holdStrangers(columns, now);
    const canAlign = this.#isFast && this.#format.fill !== undefined && this.#queue.takesAligned;
    const alignment = canAlign && lengthFrom(start, columns) >= directLength ? directAlignment : 4;
    const runs = joined(start, rest, this.#frame({ columns, start: rest, end }, notes, alignment, now));
    this.#frames += front.frames;
    this.#wireBytes += front.wireBytes;
    const release = (): void => ring.release(block.index);
    const isAligned = alignment === directAlignment;
    if (isAligned && runs.length > 0) {
      const gap = this.#files.toAlignment(alignment);
      if (gap > 0) this.#format.fill?.(gap < leastFiller ? gap + alignment : gap);
    }
    if (runs.length === 0) release();
    else {
      const { frames, wireBytes } = this.#format;
      this.#write(ring.memory, runs, {
        frames: frames + front.frames,
        wireBytes: wireBytes + front.wireBytes,
        release,
        isAligned,
      });
    }
  }

  /** Writes the frames of the last block, which lie there. */
  #write(memory: Uint8Array, runs: readonly number[], { frames, wireBytes, release, isAligned }: Written): void {
    // All frames are written with a function: without one is what tells of them.
    const isDone = (isWritten: boolean, isLast: boolean): void => {
      if (!isLast) return;
      if (!isWritten) {
        this.#unwritten += frames;
        this.#unwrittenBytes += wireBytes;
      }
      release?.();
    };
    for (let at = 0; at < runs.length; at += 2) {
      const isLast = at + 2 === runs.length;
      const run = memory.subarray(runs[at], runs[at + 1]);
      this.#files.write(run, (isWritten) => isDone(isWritten, isLast), isAligned);
    }
  }

  /** Turns frames that are kept into what is to be written, as many as may come; returns where that lies. */
  #frame(
    block: MarkedBlock["block"],
    { flows, keep }: BlockReferences,
    alignment: number,
    now: EpochMillis,
  ): readonly number[] {
    const most = this.#parts.options.maximumFrames ?? Infinity;
    limitFrames(keep, block.columns.count, most - this.#frames);
    // A file begins with a frame: records go with the first one that is written.
    const mustWait = this.#held.waiting > 0 && firstKept(block.columns, keep) < 0;
    const due = mustWait ? [] : this.#notes.takeDue();
    const runs = this.#format.block({ block, flows, keep, due, alignment }, now);
    this.#frames += this.#format.frames;
    this.#wireBytes += this.#format.wireBytes;
    if (this.#frames >= most) this.#ended = true;
    return runs;
  }

  /**
   * Copies the frames whose flow is open, and behind them those that are wanted; what was decided while the block was marked
   * needs no copy.
   */
  #hold(columns: RecordedColumns, { wanted, unwanted, givenUp }: Settled, now: EpochMillis): void {
    const { hold, keep, flows } = this.#notes;
    const held = this.#held;
    let mustWait = !this.#isFast && held.mustWait(now);
    for (let index = 0; index < columns.count; index++) {
      const flow = flows[index]!;
      if (hold[index] === 1) {
        if (wanted.has(flow)) keep[index] = 1;
        else if (unwanted.has(flow) ? givenUp.has(flow) : isStranger(flow) && ++this.#strangers > strangersAtMost) {
          this.#undecided++;
        } else if (!unwanted.has(flow)) {
          held.add(columns, index, flow, now);
          mustWait = !this.#isFast;
        }
      }
      if (mustWait && keep[index] === 1 && flow !== 0 && held.addWanted(columns, index, flow, now)) keep[index] = 0;
    }
  }

  /** Copies of frames that are written anyhow, to look again whose they are. */
  #holdStrangers(columns: RecordedColumns, now: EpochMillis): void {
    const { hold, stranger } = this.#notes;
    for (let index = 0; index < columns.count && this.#strangers < strangersAtMost; index++) {
      if (hold[index] === 0) continue;
      this.#strangers++;
      this.#held.add(columns, index, stranger, now, headersLength);
    }
  }

  /**
   * Frames of flows that were decided: forgotten, or written in the order in which they came, as soon as those before them are
   * decided or have been waited for; `all`: at once.
   */
  #writeHeld({ wanted, unwanted, givenUp }: Settled, now: EpochMillis, all = false): void {
    // They would stand behind others that could not be written.
    if (this.#failed !== undefined) return;
    const undecided = this.#held.drop(givenUp);
    if (this.#parts.options.wanted !== undefined) this.#undecided += undecided;
    this.#held.drop(unwanted);
    this.#held.want(wanted);
    for (const { columns, flows, start, end } of this.#held.release(now, all)) {
      const keep = new Uint8Array(columns.count).fill(1);
      const runs = this.#frame({ columns, start, end }, { flows, keep }, 4, now);
      const { frames, wireBytes } = this.#format;
      this.#write(columns.bytes, runs, { frames, wireBytes, isAligned: false });
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#ended = true;
    this.#failed ??=
      error.code === "ENOSPC" ? "the disk is full" : `cannot write the file: ${error.code ?? error.message}`;
  }

  /** Frames of interfaces that were not asked for. */
  #leaveOut({ count, interfaceIndexes }: RecordedColumns): void {
    const { options, interfaces } = this.#parts;
    const names = options.interfaceNames;
    if (names === undefined) return;
    const wanted = new Set(interfaces().flatMap(({ index, name }) => (names.has(name) ? [index] : [])));
    for (let index = 0; index < count; index++) {
      if (wanted.has(interfaceIndexes[index]!)) continue;
      this.#notes.keep[index] = 0;
      this.#notes.hold[index] = 0;
    }
  }

  /** Rows that ended: what they came to is written to the file that has frames of them. */
  endFlows(rows: readonly Connection[], now: EpochMillis): void {
    if (this.#rotation !== undefined) {
      this.#endedMeanwhile.push(...rows);
      return;
    }
    this.#notes.close(rows);
    this.#writeHeld(this.#notes.takeSettled(), now);
    const recorded = rows.filter((row) => this.#notes.end(row));
    if (recorded.length > 0) this.#format.ended(recorded, now);
  }

  /** The owner and its parents; of a row that left the table, as they were known before. */
  #lineage(row: Connection): readonly ProcessInfo[] {
    const known = this.#parts.lookup.lineage(row.id);
    if (known.length === 0) return this.#lineages.get(row) ?? known;
    this.#lineages.set(row, known);
    return known;
  }

  /** Last records of the flows that go on, and what became of the frames. */
  #finishFile(now: EpochMillis): void {
    const { received, dropped } = this.#parts.ring.statistics();
    const statistics = {
      accepted: received - this.#acceptedBefore,
      dropped: dropped - this.#droppedBefore,
      delivered: this.#frames - this.#unwritten - this.#framesBefore,
    };
    this.#format.finish([...this.#notes.rows()], statistics, now);
    this.#acceptedBefore = received;
    this.#droppedBefore = dropped;
    this.#framesBefore = this.#frames - this.#unwritten;
  }

  async #rotate(now: EpochMillis): Promise<void> {
    // Their records are in this file.
    this.#writeHeld(this.#notes.takeSettled(), now, true);
    this.#finishFile(now);
    await this.#files.next(now);
    this.#notes.restart();
    this.#format.begin(now);
    this.#rotation = undefined;
    this.endFlows(this.#endedMeanwhile.splice(0), now);
  }

  facts(): RecordingFacts {
    return {
      frames: this.#frames - this.#unwritten,
      wireBytes: this.#wireBytes - this.#unwrittenBytes,
      fileBytes: this.#files.written,
      files: this.#files.begun,
      dropped: this.#parts.ring.statistics().dropped,
      leftOut: this.#format.leftOut,
      letGo: this.#parts.options.wanted === undefined ? 0 : this.#held.letGo + this.#undecided,
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
    this.#settle(now);
    this.#notes.closeAll();
    this.#writeHeld(this.#notes.takeSettled(), now, true);
    this.#finishFile(epochMillis(now));
    await this.#queue.drained();
    return this.facts();
  }
}

export const newFormat = (format: FormatChoice, parts: FormatParts, now: EpochMillis): RecordingFormat =>
  format.kind === "pcap" ? new PcapFormat(parts, format.linkType, now) : new PcapngFormat(parts);
