import type { EpochMillis, Snapshot } from "../../model/index.ts";
import { Pass, type PassOptions, type ReplaySource } from "./pass.ts";
import { PlayingTime } from "./playing-time.ts";

/** Milliseconds of the file's clock between two ticks of the engine: rates are means over so long at every speed. */
export const tickMillis = 500;
/** As many ticks as the engine remembers rates of: a longer silence needs no more of them. */
const ticksInSilence = 120;
/** Frames between two looks at the clock. */
const framesAtOnce = 32;

/**
 * How `advance` ended: "reached" where it was to go; "late": there is more to do, but the time is up; "wait": `ready` must
 * bring frames first; "end": nothing follows.
 */
export type Advance = "reached" | "late" | "wait" | "end";

/**
 * A place in the files, and the table as it is there. It only goes forward. What the table holds at a place does not depend
 * on how it got there: the engine ticks at fixed places of the file, and ages by its clock.
 */
export class Playhead {
  /** Milliseconds since the first frame. */
  position = 0;
  /** Frames taken in, and the position that the last of them brought. */
  packets = 0;
  arrived = 0;
  readonly pass: Pass;
  readonly #time = new PlayingTime();
  /** Told of each frame that is taken in. */
  readonly #count: ((place: number, bytes: number) => void) | undefined;
  /** Place of the frame at hand, which is not taken in yet; NaN: there is none. */
  #held = Number.NaN;
  #tick = 0;
  #over = false;
  #pending: Promise<void> | undefined;

  constructor(source: ReplaySource, options: PassOptions, count?: (place: number, bytes: number) => void) {
    this.pass = new Pass(source, options);
    this.#count = count;
  }

  /** Takes frames in up to the time `until`, or until there are `packets`, for as long as `isLate` is false. */
  advance(until: number, packets: number, isLate: () => boolean): Advance {
    for (let count = 1; ; count++) {
      if (this.packets >= packets) return "reached";
      if (Number.isNaN(this.#held) && !this.#hold()) return this.#over ? "end" : "wait";
      if (this.#held > until) {
        this.skipTo(until);
        return "reached";
      }
      this.#take();
      if (count % framesAtOnce === 0 && isLate()) return "late";
    }
  }

  /** Lets time pass in which no frame came. */
  skipTo(place: number): void {
    if (place <= this.position || this.clock === undefined) return;
    this.#tickUpTo(place);
    this.position = place;
  }

  /** Brings frames; to be waited for after "wait". The same promise until it is kept. */
  ready(): Promise<void> {
    this.#pending ??= this.#bring();
    return this.#pending;
  }

  async #bring(): Promise<void> {
    const any = await this.pass.ready();
    this.#pending = undefined;
    if (!any) this.#over = true;
  }

  /** What the file's clock shows here; undefined before the first frame. */
  get clock(): EpochMillis | undefined {
    return this.#time.clock(this.position);
  }

  get begin(): EpochMillis | undefined {
    return this.#time.clock(0);
  }

  /** The table as it is here; undefined before the first frame. */
  look(): Snapshot | undefined {
    const { clock } = this;
    return clock === undefined ? undefined : this.pass.engine.look(clock);
  }

  close(): void {
    // Not waited for: a pipe from which nothing comes would not let go.
    void this.pass.frames.close();
  }

  /** Goes to the next frame that is wanted; false: there is none at hand. */
  #hold(): boolean {
    // While more is being read, the batch at hand is not to be looked at.
    if (this.#over || this.#pending !== undefined) return false;
    const { frames, gate } = this.pass;
    while (frames.next()) {
      const verdict = gate.judge(frames);
      if (verdict === "leave") continue;
      if (verdict === "over") {
        this.#over = true;
        return false;
      }
      this.#held = this.#time.place(frames.batch.millis(frames.index));
      return true;
    }
    return false;
  }

  #take(): void {
    const { frames, engine } = this.pass;
    // Its interface is known to the engine by the tick before it.
    const frame = frames.frameInPlace();
    if (this.#held >= this.#tick * tickMillis) this.#tickUpTo(this.#held);
    engine.ingestFrame(frame);
    this.packets++;
    this.#count?.(this.#held, frame.wireLength);
    if (this.#held > this.position) this.position = this.#held;
    this.arrived = this.position;
    this.#held = Number.NaN;
  }

  #tickUpTo(place: number): void {
    const last = Math.floor(place / tickMillis);
    const silence = this.#tick + ticksInSilence;
    while (this.#tick <= last) {
      if (this.#tick >= silence) this.#tick = last;
      this.pass.engine.tick(this.#time.clock(this.#tick * tickMillis)!);
      this.#tick++;
    }
  }
}
