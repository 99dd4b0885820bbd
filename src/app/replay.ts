import { readServices } from "../enrich/index.ts";
import type { FlowEngineOptions } from "../flow/index.ts";
import type { OutputOptions } from "./cli/index.ts";
import { type Clock, result, type RunResult, within } from "./headless.ts";
import type { Output } from "./output.ts";
import { FileClock } from "./replay/file-clock.ts";
import { Pass, type ReplaySource } from "./replay/pass.ts";
import { Progress, type ProgressLine } from "./replay/progress.ts";
import { Report, waitingLimits } from "./report.ts";

export interface Replay extends ReplaySource {
  readonly options: OutputOptions;
  readonly output: Output;
  /** Only for patience and progress: everything else runs by the times of the frames. */
  readonly clock: Clock;
  /** Countries and networks of addresses. */
  readonly geo?: FlowEngineOptions["geo"];
  readonly stop: AbortSignal;
  /** Files still grow: wait for more until `stop`. */
  readonly follow?: boolean;
  /** Where to show how far it is. */
  readonly progress?: ProgressLine;
}

/** How often a file that is followed is looked at, in milliseconds. */
export const followPeriod = 250;
/** Between the lines of a problem, each of which names the program. */
const nextLine = "\nsocklens: ";

/** Resolves after `delay`; false when the run is to end. */
export function pause(clock: Clock, delay: number, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(delay, () => done(true));
    const abort = (): void => done(false);
    function done(goesOn: boolean): void {
      cancel();
      stop.removeEventListener("abort", abort);
      resolve(goesOn);
    }
    if (stop.aborted) done(false);
    else stop.addEventListener("abort", abort, { once: true });
  });
}

/** Resolves when the run is to end. */
export const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });

/** Reads all frames, or as many as range, count and duration ask for. */
async function readFrames(replay: Replay, pass: Pass, clock: FileClock, progress: Progress | undefined): Promise<void> {
  const { output, stop } = replay;
  const { frames, gate, engine } = pass;
  const over = aborted(stop).then(() => false);
  while (await Promise.race([pass.ready(), over])) {
    while (frames.next()) {
      const verdict = gate.judge(frames);
      if (verdict === "leave") continue;
      if (verdict === "over") return;
      const frame = frames.frameInPlace();
      if (!clock.advance(frame.time)) return;
      engine.ingestFrame(frame);
    }
    progress?.update();
    if (stop.aborted || output.ended !== undefined) return;
    // A file can wait: nothing is dropped for a slow reader.
    if (output.waiting > waitingLimits.intervals) await Promise.race([output.drained(), aborted(stop)]);
  }
}

/** Reads capture files through the engine and writes their flows: `socklens replay FILE...`. */
export async function runReplay(replay: Replay): Promise<RunResult> {
  const { options, output, stop } = replay;
  const pass = new Pass(replay, {
    ...(replay.follow === true && { follow: () => pause(replay.clock, followPeriod, stop) }),
    // No record has rates over longer times than one tick.
    engine: { services: readServices(), means: false, ...(replay.geo && { geo: replay.geo }) },
  });
  const { engine } = pass;
  const report = new Report(options, output);
  const clock = new FileClock(engine, report, options);
  const progress = replay.progress && new Progress(pass.captures, replay.progress, replay.clock);
  try {
    await readFrames(replay, pass, clock, progress);
  } finally {
    progress?.clear();
  }
  // Not waited for: a pipe from which nothing comes would not let go.
  void pass.frames.close();
  const broken = pass.damages();
  if (pass.isNone) return { code: 1, problem: broken.join(nextLine) };
  const snapshot = clock.tick(clock.latest);
  const finished = report.finish(snapshot, clock.counted, () => engine.close());
  const end = result(output, await within(finished, replay.clock, stop), report.dropped);
  const lines = [...(end.problem === undefined ? [] : [end.problem]), ...broken, ...pass.notes()];
  if (lines.length === 0) return end;
  return { code: end.code !== 0 || broken.length > 0 ? 1 : 0, problem: lines.join(nextLine) };
}
