import { MergedFrames, openCapture, type OpenCapture } from "../../files/index.ts";
import type { EpochMillis } from "../../model/index.ts";
import { FrameGate } from "./frame-gate.ts";
import type { ReplaySource } from "./pass.ts";
import { PlayingTime } from "./playing-time.ts";
import { GrowingRate } from "./rate-cells.ts";

/** Buffers of all files together. What one holds is counted in 2 or 3 ms: so long others wait. */
const buffersBytes = 8 * 1024 * 1024;
const bufferBytes = 2 * 1024 * 1024;
const batchFrames = 16_384;

/** What is known of a file without taking its flows in: how long it is, and its rate over time. */
export class Survey {
  readonly rate = new GrowingRate();
  packets = 0;
  /** Milliseconds from the first to the last packet met so far. */
  length = 0;
  /** Everything is counted. */
  isDone = false;
  readonly #time = new PlayingTime();
  #captures: readonly OpenCapture[] = [];

  /** Counts a frame of the file. */
  count(place: number, bytes: number): void {
    this.packets++;
    if (place > this.length) this.length = place;
    this.rate.add(place, bytes);
  }

  /** The file's clock at its beginning. */
  get begin(): EpochMillis | undefined {
    return this.#time.clock(0);
  }

  /** The length, reckoned from how much of the bytes has been seen while it is not done. */
  get estimate(): number {
    if (this.isDone) return this.length;
    let read = 0;
    let total = 0;
    for (const { readBytes, totalBytes } of this.#captures) {
      read += readBytes;
      total += totalBytes ?? Number.NaN;
    }
    return read > 0 && total > read ? (this.length * total) / read : this.length;
  }

  /**
   * Reads the files beside whoever plays them, a buffer at a time with turns for others between, until all is read or
   * `stop`. They must be files, not pipes.
   */
  async run(source: ReplaySource, follow: (() => Promise<boolean>) | undefined, stop: AbortSignal): Promise<void> {
    const share = Math.max(64 * 1024, Math.floor(buffersBytes / source.captures.length));
    const sizes = { bufferBytes: Math.min(bufferBytes, share), batchFrames };
    this.#captures = source.captures.map(({ descriptor }) =>
      openCapture(descriptor, { ...sizes, ...(follow && { follow: { wait: follow } }) }),
    );
    const frames = new MergedFrames(this.#captures);
    const gate = new FrameGate(source);
    while (!stop.aborted && (await frames.ready())) if (!this.#take(frames, gate)) break;
    void frames.close();
    this.isDone = !stop.aborted && follow === undefined;
  }

  /** Counts the frames at hand; false: nothing that is wanted follows. */
  #take(frames: MergedFrames, gate: FrameGate): boolean {
    while (frames.next()) {
      const verdict = gate.judge(frames);
      if (verdict === "over") return false;
      if (verdict === "leave") continue;
      const { batch, index } = frames;
      this.count(this.#time.place(batch.millis(index)), batch.wireLengths[index]!);
    }
    return true;
  }
}
