import type { FlowEngine } from "../flow/index.ts";
import { epochMillis, type Snapshot } from "../model/index.ts";
import type { OutputOptions } from "./cli/index.ts";
import type { Output } from "./output.ts";
import { Report } from "./report.ts";

/** The one timer of a run, and its two clocks, in milliseconds. */
export interface Clock {
  /** Time since the epoch; may jump. */
  now(): number;
  /** Time since anything; never jumps. */
  monotonic(): number;
  /** Calls back once, after `delay`; the result takes it back. */
  after(delay: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};

export interface HeadlessRun {
  readonly engine: Pick<FlowEngine, "tick" | "takeEnded" | "changed" | "close">;
  readonly options: OutputOptions;
  readonly output: Output;
  readonly clock: Clock;
  /** Aborted by SIGINT and SIGTERM: the run ends in good order. */
  readonly stop: AbortSignal;
}

/** How a run ended: exit code of DESIGN section 6, and a line for standard error where it failed. */
export interface RunResult {
  readonly code: 0 | 1;
  readonly problem?: string;
}

/** Longest time between two drains of the kernel. */
const longestPeriod = 1000;
/** How long a reader that takes nothing may hold up the end of a run that was told to stop. */
const patience = 5000;
/** Timers may fire this much early. */
const early = 1;

/** Time between two ticks: at most a second, and a whole part of the interval. */
export function tickPeriod(interval: number | undefined): number {
  if (interval === undefined) return longestPeriod;
  const milliseconds = interval * 1000;
  return milliseconds / Math.ceil(milliseconds / longestPeriod);
}

/** Waits for `delay` milliseconds, or until `over`. */
function pause(clock: Clock, delay: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(Math.max(0, delay), done);
    over.addEventListener("abort", done, { once: true });
    function done(): void {
      cancel();
      over.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** Ticks until the run's end; the last snapshot, and whether an interval was written for it. */
async function ticks(
  run: HeadlessRun,
  report: Report,
  over: AbortSignal,
): Promise<{ snapshot: Snapshot; fresh: boolean }> {
  const { engine, options, clock } = run;
  const start = clock.monotonic();
  const period = tickPeriod(options.interval);
  const interval = (options.interval ?? Infinity) * 1000;
  const end = start + (options.duration ?? Infinity) * 1000;
  let nextTick = start + period;
  let nextInterval = start + interval;
  let intervals = 0;
  for (let first = true; ; first = false) {
    const began = clock.monotonic();
    const snapshot = engine.tick(epochMillis(clock.now()));
    const ticked = clock.monotonic();
    const now = ticked + early;
    report.tick(snapshot, engine.takeEnded(), engine.changed(), ticked - began);
    let fresh = false;
    if (!first && now >= nextInterval) {
      report.interval(snapshot);
      fresh = true;
      intervals++;
      // After a long sleep the intervals that were missed are not made up for.
      nextInterval += Math.max(1, Math.floor((now - nextInterval) / interval) + 1) * interval;
    }
    const done = over.aborted || now >= end || intervals >= (options.count ?? Infinity);
    if (done) return { snapshot, fresh };
    if (now >= nextTick) nextTick += Math.max(1, Math.floor((now - nextTick) / period) + 1) * period;
    await pause(clock, Math.min(nextTick, nextInterval, end) - clock.monotonic(), over);
  }
}

/**
 * Runs until the count or the duration is reached, `stop` is aborted, or the reader goes away. The engine is ticked at
 * most a second apart whatever `--interval` is, by one timer. Closes the engine; the host is the caller's.
 */
export async function runHeadless(run: HeadlessRun): Promise<RunResult> {
  const { output, clock, stop } = run;
  const gone = new AbortController();
  output.onEnd(() => gone.abort());
  const report = new Report(run.options, output);
  const { snapshot, fresh } = await ticks(run, report, AbortSignal.any([stop, gone.signal]));
  const finished = report.finish(snapshot, fresh, () => run.engine.close());
  return result(output, await within(finished, clock, stop), report.dropped);
}

/** Waits for `finished`, but once `stop` is aborted not for ever; whether it was finished. */
export async function within(finished: Promise<void>, clock: Clock, stop: AbortSignal): Promise<boolean> {
  const { promise: impatient, resolve } = Promise.withResolvers<boolean>();
  let cancel = (): void => {};
  const begin = (): void => {
    cancel = clock.after(patience, () => resolve(false));
  };
  if (stop.aborted) begin();
  else stop.addEventListener("abort", begin, { once: true });
  const complete = await Promise.race([finished.then(() => true), impatient]);
  stop.removeEventListener("abort", begin);
  cancel();
  return complete;
}

/** What the run's end means: a reader that went away is no failure. */
export function result(output: Output, complete: boolean, dropped: number): RunResult {
  if (output.ended === "gone") return { code: 0 };
  if (output.ended !== undefined) return { code: 1, problem: `cannot write the output: ${output.ended}` };
  if (!complete) return { code: 1, problem: "the reader of the output does not read: its last records are lost" };
  if (dropped === 0) return { code: 0 };
  return { code: 0, problem: `${dropped} records were not written: the reader of the output was too slow` };
}
