import type { SidecarStatistics } from "../../export/index.ts";
import type { CaptureInterface, FrameBatch, RawBlock } from "../../files/index.ts";

/** A file that is being made out of the frames, blocks and records of others. `source` says which of them. */
export interface ConvertTarget {
  /** A block that holds no frame, in its place among the frames of its file. */
  block(source: number, block: RawBlock, interfaces: readonly CaptureInterface[]): void;
  /** Frame `index` of the batch with its first `captured` bytes. A text says why it cannot be written, and ends the run. */
  frame(
    source: number,
    batch: FrameBatch,
    index: number,
    captured: number,
    interfaces: readonly CaptureInterface[],
  ): string | undefined;
  /** A flow record, a line of JSON without its end. */
  record(line: string): void;
  /** What a sidecar tells of the frames of its capture; `time` in milliseconds since the epoch. */
  statistics(source: number, statistics: SidecarStatistics, time: number): void;
  /** Hands on what was collected: who reads a pipe does not wait for more to come. */
  flush(): void;
  /** Everything has come. `frames`: how many were written. */
  finish(frames: number): void;
  /** Times that the file cannot hold, or not as fine. */
  readonly changedTimes: number;
}
