import type { Connection, EpochMillis, InterfaceInfo, ProcessInfo, RecordedColumns } from "../../model/index.ts";
import type { PlainWriter } from "./plain-front.ts";
import type { RecordedBlock } from "../../host/linux/recording-ring.ts";

/** What a format asks of the recording it is part of. */
export interface FormatParts {
  /** All memory of the ring. */
  readonly memory: Uint8Array;
  readonly interfaces: () => readonly InterfaceInfo[];
  /** The owner of a row and its parents, nearest first. */
  readonly lineage: (row: Connection) => readonly ProcessInfo[];
  readonly application: string;
  readonly snapLength: number;
  readonly captureFilter?: string;
  /** Appends to the file of frames, and to the one beside it. The bytes must not change afterwards. */
  readonly write: (bytes: Uint8Array) => void;
  readonly writeBeside: (bytes: Uint8Array) => void;
}

/** Frames of a block, and whose they are. The block is of the ring, or has memory of its own. */
export interface MarkedBlock {
  readonly block: Omit<RecordedBlock, "index">;
  readonly flows: Uint32Array;
  readonly keep: Uint8Array;
  /** Rows that want a record before the frames. */
  readonly due: readonly Connection[];
  /** What the end is to be a multiple of: 4, or more if the format can `fill`. */
  readonly alignment: number;
}

/** What became of the frames of one file. */
export interface FileStatistics {
  readonly accepted: number;
  readonly dropped: number;
  readonly delivered: number;
}

/** How frames and what is known of them stand in a file. */
export interface RecordingFormat {
  /** Frames of the last block that went into the file, and their bytes on the wire. */
  readonly frames: number;
  readonly wireBytes: number;
  /** Frames that the format has no place for. */
  readonly leftOut: number;
  /** Writes the frames for which the long way is too long; undefined: not yet, or never. */
  readonly plain: PlainWriter | undefined;
  /** Begins a file, in which nothing is known yet. */
  begin(now: EpochMillis): void;
  /**
   * Turns the block into what is to be written of its memory; returns where that lies: beginning and end of each run, by turns.
   * The array is used again. With an alignment of more than 4 there is one run at most, from the block's start on.
   */
  block(marked: MarkedBlock, now: EpochMillis): readonly number[];
  /** Appends `length` bytes to the file, at least `leastFiller`, that say nothing. Absent: the format knows none. */
  fill?(length: number): void;
  /** Time goes on, whether frames come or not. */
  tick(now: EpochMillis): void;
  /** Rows with frames in the file of which something new is known. */
  changed(rows: readonly Connection[], now: EpochMillis): void;
  /** Rows with frames in the file that ended. */
  ended(rows: readonly Connection[], now: EpochMillis): void;
  /** Ends a file: `rows` have frames in it and go on. */
  finish(rows: readonly Connection[], statistics: FileStatistics, now: EpochMillis): void;
}

/** Index of the first frame that is kept, -1 for none. */
export const firstKept = ({ count }: RecordedColumns, keep: Uint8Array): number => keep.subarray(0, count).indexOf(1);
