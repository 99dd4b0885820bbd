import { createInspectorFactory, portHint } from "../dissect/index.ts";
import { type CaptureFacts, type FrameBatch, openCapture } from "../files/index.ts";
import { createFlowEngine, type FlowEngine } from "../flow/index.ts";
import { epochMillis, type Host, type InterfaceInfo, type Snapshot } from "../model/index.ts";
import type { OutputOptions } from "./cli/index.ts";
import { cryptography } from "./cryptography.ts";
import { type Clock, result, type RunResult, tickPeriod, within } from "./headless.ts";
import type { Output } from "./output.ts";
import { Report, waitingLimits } from "./report.ts";

export interface Replay {
  /** Open capture file; also a pipe. Stays open. */
  readonly descriptor: number;
  /** For messages. */
  readonly file: string;
  readonly options: OutputOptions;
  readonly output: Output;
  /** Only for patience with a slow reader: everything else runs by the times of the frames. */
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** An interface of the file; nothing of it is known but its name. */
const interfaceInfo = (name: string, index: number): InterfaceInfo => ({
  index,
  name,
  up: true,
  loopback: false,
  addresses: [],
  rxBytes: 0,
  txBytes: 0,
  rxRate: 0,
  txRate: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
});

/** A host that knows only what the file tells: no process, no counters. */
function replayHost(facts: CaptureFacts): Host {
  return {
    level: { level: "replay", missing: [] },
    processes: { lookup: () => undefined },
    interfaces: {
      read: () =>
        facts.interfaces.flatMap(({ name }, index) => (name === undefined ? [] : [interfaceInfo(name, index)])),
    },
    close() {},
  };
}

/** Drives the engine by the times of the frames. */
class FileClock {
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

/** Reads all frames, or as many as the count and the duration ask for. */
async function readFrames(
  replay: Replay,
  batches: AsyncIterable<FrameBatch>,
  engine: FlowEngine,
  clock: FileClock,
): Promise<void> {
  const { output, stop } = replay;
  for await (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      const frame = batch.frame(index);
      if (!clock.advance(frame.time)) return;
      engine.ingestFrame(frame);
    }
    if (stop.aborted || output.ended !== undefined) return;
    // A file can wait: nothing is dropped for a slow reader.
    if (output.waiting > waitingLimits.intervals) await Promise.race([output.drained(), aborted(stop)]);
  }
}

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });

/** Reads a capture file through the engine and writes its flows: `socklens replay FILE`. */
export async function runReplay(replay: Replay): Promise<RunResult> {
  const { file, options, output, stop } = replay;
  const facts = openCapture(replay.descriptor);
  const engine = createFlowEngine({
    host: replayHost(facts),
    createInspectors: createInspectorFactory,
    crypto: cryptography,
    portHint,
  });
  const report = new Report(options, output);
  const clock = new FileClock(engine, report, options);
  await readFrames(replay, facts.batches, engine, clock);
  if (facts.format === undefined) {
    return { code: 1, problem: `${file} is not a capture file: ${facts.damage?.reason ?? "it is empty"}` };
  }
  const snapshot = clock.tick(clock.latest);
  const finished = report.finish(snapshot, clock.counted, () => engine.close());
  const end = result(output, await within(finished, replay.clock, stop), report.dropped);
  const { damage } = facts;
  if (end.code !== 0 || damage === undefined) return end;
  return {
    code: 1,
    problem: `${file} is damaged after ${facts.frames} frames, at byte ${damage.offset}: ${damage.reason}`,
  };
}
