import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis, type Snapshot } from "../../model/index.ts";
import type { OutputOptions } from "../cli/index.ts";
import { tickPeriod } from "../headless.ts";
import type { Report } from "../report.ts";

/** Drives the engine by the times of the frames. */
export class FileClock {
  readonly #engine: FlowEngine;
  readonly #report: Report;
  readonly #period: number;
  readonly #interval: number;
  readonly #count: number;
  readonly #duration: number;
  #end = Infinity;
  #latest = -Infinity;
  #nextTick = Infinity;
  #nextInterval = Infinity;
  #intervals = 0;

  constructor(engine: FlowEngine, report: Report, options: OutputOptions) {
    this.#engine = engine;
    this.#report = report;
    this.#period = tickPeriod(options.interval);
    this.#interval = (options.interval ?? Infinity) * 1000;
    this.#count = options.count ?? Infinity;
    this.#duration = (options.duration ?? Infinity) * 1000;
  }

  /** Goes forward to `time` before a frame of that time is taken in; false when the run is over before it. */
  advance(time: number): boolean {
    if (time <= this.#latest) return true;
    if (this.#latest === -Infinity) this.#begin(time);
    this.#latest = time;
    if (time >= this.#nextInterval) {
      this.#report.interval(this.tick(this.#nextInterval));
      if (++this.#intervals >= this.#count) return false;
      // Intervals without a frame are left out: a file may have a gap of years.
      this.#nextInterval += (Math.floor((time - this.#nextInterval) / this.#interval) + 1) * this.#interval;
    } else if (time >= this.#nextTick) this.tick(time);
    return time < this.#end;
  }

  #begin(time: number): void {
    this.tick(time);
    this.#nextInterval = time + this.#interval;
    this.#end = time + this.#duration;
  }

  /** Brings the table up to `time`, and writes what ended. */
  tick(time: number): Snapshot {
    const snapshot = this.#engine.tick(epochMillis(time));
    this.#report.tick(snapshot, this.#engine.takeEnded(), this.#engine.changed());
    this.#nextTick = time + this.#period;
    return snapshot;
  }

  /** Time of the last frame; 0 when there was none. */
  get latest(): number {
    return Math.max(0, Math.min(this.#latest, this.#end));
  }

  /** The count of intervals is reached: what came after them is not part of the run. */
  get counted(): boolean {
    return this.#intervals >= this.#count;
  }
}
