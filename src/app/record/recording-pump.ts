import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis, type EpochMillis } from "../../model/index.ts";
import type { RecordingRing } from "../../host/linux/recording-ring.ts";
import { fastBlocks, type Recorder, type RecordingFacts } from "./recorder.ts";

/** Milliseconds between two looks at the ring while it fills, and while nothing comes: the fastest links fill it in 14. */
const busyPause = 5;
const idlePause = 20;
/** It fills fast when so many blocks more are full than at the last look. */
const busyBlocks = 2;
/** Milliseconds after which what there is is written, however little. */
const writePeriod = 100;
/** Milliseconds after which the connection table is brought up to date although it knows the flows of all frames. */
const tablePeriod = 1000;

/**
 * Looks at the connection table before a recording ends: an announcement that the kernel's programs have begun and not finished
 * is waited for in five, and those behind it wait with it; the sixth reads the whole table instead.
 */
const lastLooks = 7;
/** Milliseconds between two looks whether the kernel has handed a block over, and those after which it never will. */
const handOverPause = 20;
const handOverPatience = 1000;

export interface PumpParts {
  readonly engine: Pick<FlowEngine, "drain">;
  readonly ring: Pick<RecordingRing, "isFilled" | "isFilling" | "blockCount">;
  readonly recorder: Pick<Recorder, "drain" | "ended" | "close">;
  /** Frames wait for what the table tells of their flows: it is brought up to date each time. */
  readonly decides: boolean;
  /** The recording ended by itself. */
  readonly ended: () => void;
  /** Milliseconds, by a clock that only goes on. */
  readonly clock?: () => number;
}

/**
 * Empties the ring into the file. The connection table is brought up to date when it does not know the flow of a frame: so a
 * flow is known, and its process is asked while it is there, before its first frame is written.
 */
export class RecordingPump {
  readonly #parts: PumpParts;
  #timer: NodeJS.Timeout | undefined;
  readonly #clock: () => number;
  #tableTime = -Infinity;
  #writeTime = -Infinity;
  /** Blocks that were full at the last look and are still to be taken. */
  #filled = 0;
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
    const { ring, recorder, ended, decides } = this.#parts;
    const time = this.#clock();
    const isDue = time - this.#writeTime >= writePeriod;
    const isBusy = ring.isFilled(this.#filled + busyBlocks);
    if (time - this.#tableTime >= (decides ? writePeriod : tablePeriod)) this.#drain();
    else if (isDue || ring.isFilled(fastBlocks(ring.blockCount))) this.#write(epochMillis(Date.now()));
    else while (this.#filled < ring.blockCount && ring.isFilled(this.#filled + 1)) this.#filled++;
    if (recorder.ended) ended();
    else if (!this.#stopped) this.#schedule(isBusy ? busyPause : idlePause);
  }

  #drain(): void {
    const now = epochMillis(Date.now());
    this.#begin();
    this.#refresh(now);
    this.#parts.recorder.drain(now);
  }

  /** With the table as it is; it is brought up to date if it does not know a flow, but once. */
  #write(now: EpochMillis): void {
    let isFresh = false;
    this.#begin();
    this.#parts.recorder.drain(now, () => {
      if (isFresh) return false;
      isFresh = true;
      this.#refresh(now);
      return true;
    });
  }

  #begin(): void {
    this.#filled = 0;
    this.#writeTime = this.#clock();
  }

  #refresh(now: EpochMillis): void {
    this.#tableTime = this.#clock();
    this.#parts.engine.drain(now);
  }

  /**
   * All that the kernel's programs announced before is in the table afterwards, and with it in the file. That frames have flows
   * would not tell: the table may know a flow, but not yet whose it is.
   */
  #drainWholly(): void {
    for (let look = 0; look < lastLooks; look++) this.#drain();
  }

  /** The last look at the connection table: it is about to end. */
  flush(): void {
    this.#drainWholly();
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Waits until the kernel has handed over the frames of before, writes them and ends the files. */
  async stop(): Promise<RecordingFacts> {
    const { ring, recorder } = this.#parts;
    const goesOn = !this.#stopped;
    this.#stopped = true;
    clearTimeout(this.#timer);
    // What is in the ring now must not fill it while it waits.
    if (goesOn) this.#drain();
    const isFilling = ring.isFilling;
    // A block that is not full is handed over when it is 100 ms old, by a timer that may be late.
    await elapsed(writePeriod * 2);
    if (isFilling) await this.#handedOver();
    if (goesOn) this.#drainWholly();
    else recorder.drain(epochMillis(Date.now()));
    return recorder.close(epochMillis(Date.now()));
  }

  async #handedOver(): Promise<void> {
    const end = this.#clock() + handOverPatience;
    while (!this.#parts.ring.isFilled(1) && this.#clock() < end) await elapsed(handOverPause);
  }
}

const elapsed = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
