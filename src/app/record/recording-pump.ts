import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis, type EpochMillis } from "../../model/index.ts";
import type { RecordingRing } from "../../host/linux/recording-ring.ts";
import { fastBlocks, type Recorder, type RecordingFacts } from "./recorder.ts";

/** Milliseconds between two looks at the ring while it fills, and while nothing comes: the fastest links fill it in 14. */
const busyPause = 5;
const idlePause = 20;
/** It fills when so many blocks are full. */
const busyBlocks = 2;
/** Milliseconds after which the connection table is brought up to date, and what there is is written, however little. */
const tablePeriod = 100;

/** As many as it takes until the kernel's announcements are no longer waited for. */
const mostRounds = 6;

export interface PumpParts {
  readonly engine: Pick<FlowEngine, "drain">;
  readonly ring: Pick<RecordingRing, "isFilled" | "blockCount">;
  readonly recorder: Pick<Recorder, "drain" | "ended" | "hasStrangers" | "close">;
  /** The recording ended by itself. */
  readonly ended: () => void;
  /** Milliseconds, by a clock that only goes on. */
  readonly clock?: () => number;
}

/**
 * Empties the ring into the file. The connection table is brought up to date before, unless it just was and knows all flows of
 * the frames: so a flow is known, and whose it is, before its first frame is written.
 */
export class RecordingPump {
  readonly #parts: PumpParts;
  #timer: NodeJS.Timeout | undefined;
  readonly #clock: () => number;
  #tableTime = -Infinity;
  #stopped = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? (() => performance.now());
    this.#schedule(idlePause);
  }

  #schedule(pause: number): void {
    this.#timer = setTimeout(() => this.#turn(), pause);
  }

  #turn(): void {
    const { ring, recorder, ended } = this.#parts;
    const isDue = this.#clock() - this.#tableTime >= tablePeriod;
    const isBusy = ring.isFilled(busyBlocks);
    if (isDue) this.#drain();
    else if (isBusy && ring.isFilled(fastBlocks(ring.blockCount))) this.#write(epochMillis(Date.now()));
    if (recorder.ended) ended();
    else if (!this.#stopped) this.#schedule(isBusy ? busyPause : idlePause);
  }

  #drain(): void {
    const now = epochMillis(Date.now());
    this.#refresh(now);
    this.#parts.recorder.drain(now);
  }

  /** With the table as it is; it is brought up to date if it does not know a flow, but once. */
  #write(now: EpochMillis): void {
    let isFresh = false;
    this.#parts.recorder.drain(now, () => {
      if (isFresh) return false;
      isFresh = true;
      this.#refresh(now);
      return true;
    });
  }

  #refresh(now: EpochMillis): void {
    this.#tableTime = this.#clock();
    this.#parts.engine.drain(now);
  }

  /** The table may hear of a flow after its frames: it is asked until it knows them all, some times at most. */
  #drainWholly(): void {
    this.#drain();
    for (let round = 0; round < mostRounds && this.#parts.recorder.hasStrangers; round++) this.#drain();
  }

  /** The last look at the connection table: it is about to end. */
  flush(): void {
    this.#drainWholly();
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Waits until the kernel has handed over the frames of before, writes them and ends the files. */
  async stop(): Promise<RecordingFacts> {
    const goesOn = !this.#stopped;
    this.#stopped = true;
    clearTimeout(this.#timer);
    // A block that is not full is handed over when it is 100 ms old.
    await new Promise((resolve) => setTimeout(resolve, tablePeriod * 2));
    if (goesOn) this.#drainWholly();
    else this.#parts.recorder.drain(epochMillis(Date.now()));
    return this.#parts.recorder.close(epochMillis(Date.now()));
  }
}
