import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis } from "../../model/index.ts";
import type { RecordingRing } from "../../host/linux/recording-ring.ts";
import type { Recorder, RecordingFacts } from "./recorder.ts";

/** Milliseconds between two looks at the ring: as long as a quarter of it takes to fill, within these bounds. */
const longestPause = 100;
const shortestPause = 2;

export interface PumpParts {
  readonly engine: Pick<FlowEngine, "drain">;
  readonly ring: Pick<RecordingRing, "isFilled" | "blockCount">;
  readonly recorder: Recorder;
  /** The recording ended by itself. */
  readonly ended: () => void;
}

/**
 * Empties the ring into the file, as often as its rate asks for. The connection table is brought up to date first: so a flow
 * is known, and whose it is, before its first frame is written.
 */
export class RecordingPump {
  readonly #parts: PumpParts;
  #timer: NodeJS.Timeout | undefined;
  #pause = longestPause;
  #stopped = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#turn(), this.#pause);
  }

  #turn(): void {
    const { ring, recorder, ended } = this.#parts;
    const quarter = Math.max(1, ring.blockCount >> 2);
    // Twice as often when a quarter is full already, less often while hardly anything comes.
    if (ring.isFilled(quarter)) this.#pause = Math.max(shortestPause, this.#pause / 4);
    else if (!ring.isFilled(Math.max(1, quarter >> 2))) this.#pause = Math.min(longestPause, this.#pause * 2);
    this.#drain();
    if (recorder.facts().ended) ended();
    else if (!this.#stopped) this.#schedule();
  }

  #drain(): void {
    const now = epochMillis(Date.now());
    this.#parts.engine.drain(now);
    this.#parts.recorder.drain(now);
  }

  /** The last look at the connection table: it is about to end. */
  flush(): void {
    this.#drain();
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Waits until the kernel has handed over the frames of before, writes them and ends the files. */
  async stop(): Promise<RecordingFacts> {
    const goesOn = !this.#stopped;
    this.#stopped = true;
    clearTimeout(this.#timer);
    // A block that is not full is handed over when it is 100 ms old.
    await new Promise((resolve) => setTimeout(resolve, longestPause * 2));
    if (goesOn) this.#drain();
    else this.#parts.recorder.drain(epochMillis(Date.now()));
    return this.#parts.recorder.close(epochMillis(Date.now()));
  }
}
