import type { Frame } from "../model/index.ts";
import type { CaptureInterface } from "./format.ts";
import type { FrameBatch } from "./frame-batch.ts";
import type { OpenCapture } from "./source.ts";

/** One capture of several: the batch at hand and the place in it. */
interface Cursor {
  /** Its place among the captures. */
  readonly place: number;
  readonly capture: Pick<OpenCapture, "batches" | "interfaces">;
  readonly iterator: AsyncIterator<FrameBatch>;
  batch: FrameBatch | undefined;
  index: number;
  ended: boolean;
  /** Numbers of the capture's interfaces among all; -1: not met yet. */
  readonly numbers: number[];
}

/**
 * Frames of one or several captures in the order of their times: each time the earliest of those that stand first in their
 * files, of equal ones that of the file named first. A file that is not in order itself stays as it is. Holds one batch a
 * file.
 *
 *     while (await frames.ready()) while (frames.next()) use(frames.frame());
 */
export class MergedFrames {
  private readonly cursors: readonly Cursor[];
  /** The cursor whose frame is at hand. */
  private current: Cursor;
  /** Interfaces of all captures that frames were met of, by the numbers that `frame()` gives; of one name: one. */
  readonly interfaces: CaptureInterface[] = [];
  private readonly named = new Map<string, number>();

  constructor(captures: readonly Pick<OpenCapture, "batches" | "interfaces">[]) {
    this.cursors = captures.map((capture, place) => ({
      place,
      capture,
      iterator: capture.batches[Symbol.asyncIterator](),
      batch: undefined,
      index: 0,
      ended: false,
      numbers: [],
    }));
    const [first] = this.cursors;
    if (first === undefined) throw new RangeError("no capture to read");
    this.current = first;
  }

  /** Sees to it that every capture has a frame or has ended; false when all have ended. */
  async ready(): Promise<boolean> {
    let any = false;
    for (const cursor of this.cursors) {
      if (!cursor.ended && (cursor.batch === undefined || cursor.index >= cursor.batch.count)) await refill(cursor);
      if (!cursor.ended) any = true;
    }
    return any;
  }

  /** Goes to the earliest frame; false: `ready` must see to it first. */
  next(): boolean {
    let best: Cursor | undefined;
    if (this.cursors.length === 1) {
      const only = this.current;
      if (only.ended || only.batch === undefined || only.index >= only.batch.count) return false;
      best = only;
    } else {
      for (const cursor of this.cursors) {
        if (cursor.ended) continue;
        if (cursor.batch === undefined || cursor.index >= cursor.batch.count) return false;
        if (best === undefined || isEarlier(cursor, best)) best = cursor;
      }
      if (best === undefined) return false;
    }
    this.current = best;
    best.index++;
    return true;
  }

  /** Batch and place of the frame at hand. */
  get batch(): FrameBatch {
    return this.current.batch!;
  }

  get index(): number {
    return this.current.index - 1;
  }

  /** Which of the captures the frame at hand is of. */
  get capture(): number {
    return this.current.place;
  }

  /** The frame at hand, with the number of its interface among `interfaces`; valid until the next call of anything. */
  frame(): Frame {
    return this.batch.frame(this.index, this.interfaceNumber());
  }

  /** As `frame`, without a view of its own: see `FrameBatch.frameInPlace`. */
  frameInPlace(): Frame {
    return this.batch.frameInPlace(this.index, this.interfaceNumber());
  }

  private interfaceNumber(): number {
    const { current, batch, index } = this;
    const own = batch.interfaceIndexes[index]!;
    const known = current.numbers[own];
    if (known !== undefined) return known;
    const number = this.meet(current.capture.interfaces[own]!);
    current.numbers[own] = number;
    return number;
  }

  /** The interface's number; those without a name are one each. */
  private meet(found: CaptureInterface): number {
    const { name } = found;
    const known = name === undefined ? undefined : this.named.get(name);
    if (known !== undefined) return known;
    const number = this.interfaces.push(found) - 1;
    if (name !== undefined) this.named.set(name, number);
    return number;
  }

  /** Lets go of the captures that are not read to their ends. */
  async close(): Promise<void> {
    for (const { iterator } of this.cursors) await iterator.return?.();
  }
}

async function refill(cursor: Cursor): Promise<void> {
  const result = await cursor.iterator.next();
  cursor.index = 0;
  cursor.ended = result.done === true;
  cursor.batch = result.done === true ? undefined : result.value;
}

function isEarlier(left: Cursor, right: Cursor): boolean {
  const one = left.batch!;
  const other = right.batch!;
  const seconds = one.seconds[left.index]! - other.seconds[right.index]!;
  return seconds !== 0 ? seconds < 0 : one.nanoseconds[left.index]! < other.nanoseconds[right.index]!;
}
