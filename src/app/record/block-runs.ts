/** What of a block is written: which of its frames, and where they lie. */
import type { RecordedColumns } from "../../model/index.ts";

/** From a place to the last frame's end; 0 without a frame. */
export function lengthFrom(start: number, { count, offsets, capturedLengths }: RecordedColumns): number {
  return count === 0 ? 0 : offsets[count - 1]! + capturedLengths[count - 1]! - start;
}

/** Where the runs lie, with what lies between `start` and `rest` before them. */
export function joined(start: number, rest: number, runs: readonly number[]): readonly number[] {
  if (rest === start) return runs;
  return runs[0] === rest ? [start, ...runs.slice(1)] : [start, rest, ...runs];
}

/** Leaves out what comes after `room` kept frames. */
export function limitFrames(keep: Uint8Array, count: number, room: number): void {
  if (count <= room) return;
  let left = room;
  for (let index = 0; index < count; index++) {
    if (keep[index] === 1 && left-- <= 0) keep[index] = 0;
  }
}
