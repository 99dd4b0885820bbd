import { familyOf } from "../enrich/index.ts";
import { createInspectorFactory, portHint } from "../dissect/index.ts";
import {
  type CaptureInterface,
  type CustomBlock,
  enterpriseNumber,
  flowRecordsIn,
  MergedFrames,
  openCapture,
  type OpenCapture,
} from "../files/index.ts";
import { createFlowEngine, type FlowEngine } from "../flow/index.ts";
import { runClassicFilter } from "../host/linux/flow-admission.ts";
import { readFlowRecord } from "../export/index.ts";
import type { Host, InterfaceInfo, RecordedFlow } from "../model/index.ts";
import { isKnownLinkType, linkTypeName } from "../wire/index.ts";
import type { OutputOptions } from "./cli/index.ts";
import { cryptography } from "./cryptography.ts";
import { type Clock, result, type RunResult, within } from "./headless.ts";
import type { Output } from "./output.ts";
import { FileClock } from "./replay/file-clock.ts";
import { Progress, type ProgressLine } from "./replay/progress.ts";
import { RangeSelection, type TimeRange } from "./replay/range.ts";
import { Report, waitingLimits } from "./report.ts";

export interface Replay {
  /** Open capture files, or pipes; they stay open. Their frames are merged by time. */
  readonly captures: readonly { readonly descriptor: number; /** For messages. */ readonly file: string }[];
  readonly options: OutputOptions;
  readonly output: Output;
  /** Only for patience and progress: everything else runs by the times of the frames. */
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Which times; all when absent. */
  readonly range?: TimeRange;
  /** Files still grow: wait for more until `stop`. */
  readonly follow?: boolean;
  /** Capture filter by link type, compiled to classic BPF; a frame of another link type does not match. All frames when absent. */
  readonly filters?: ReadonlyMap<number, Uint8Array>;
  /** Where to show how far it is. */
  readonly progress?: ProgressLine;
}

/** How often a file that is followed is looked at, in milliseconds. */
const followPeriod = 250;
/** Between the lines of a problem, each of which names the program. */
const nextLine = "\nsocklens: ";
/** Buffers of all files together. */
const bufferBytes = 16 * 1024 * 1024;

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

/** A host that knows only what the files tell: no process, no counters but those of frames that were dropped. */
function replayHost(interfaces: readonly CaptureInterface[], captures: readonly OpenCapture[]): Host {
  const dropped = (): number => {
    let count = 0;
    for (const capture of captures) {
      for (const { statistics } of capture.interfaces) {
        count += (statistics?.dropped ?? 0) + (statistics?.systemDropped ?? 0);
      }
    }
    return count;
  };
  return {
    level: { level: "replay", missing: [] },
    processes: { lookup: () => undefined },
    interfaces: {
      read: () => interfaces.flatMap(({ name }, index) => (name === undefined ? [] : [interfaceInfo(name, index)])),
    },
    wire: { drain() {}, losses: () => ({ framesDropped: dropped() }), close() {} },
    close() {},
  };
}

/** Resolves after `delay`; false when the run is to end. */
function pause(clock: Clock, delay: number, stop: AbortSignal): Promise<boolean> {
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

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });

/** Frames by what became of them. */
class FrameGate {
  readonly #range: RangeSelection | undefined;
  readonly #filters: ReadonlyMap<number, Uint8Array> | undefined;
  /** Frames of link types that nobody decodes, by type. */
  readonly skipped = new Map<number, number>();
  #lastKnown = -1;

  constructor(replay: Replay) {
    this.#range = replay.range && new RangeSelection(replay.range);
    this.#filters = replay.filters;
  }

  /** "over": nothing that is wanted follows. */
  judge(frames: MergedFrames): "take" | "leave" | "over" {
    const { batch, index } = frames;
    if (this.#range !== undefined) {
      const place = this.#range.place(batch.millis(index));
      if (place !== "inside") return place === "over" ? "over" : "leave";
    }
    const link = batch.linkTypes[index]!;
    if (link !== this.#lastKnown) {
      if (!isKnownLinkType(link)) {
        this.skipped.set(link, (this.skipped.get(link) ?? 0) + 1);
        return "leave";
      }
      this.#lastKnown = link;
    }
    return this.#filters === undefined || this.#matches(this.#filters, batch, index) ? "take" : "leave";
  }

  #matches(filters: ReadonlyMap<number, Uint8Array>, batch: MergedFrames["batch"], index: number): boolean {
    const program = filters.get(batch.linkTypes[index]!);
    if (program === undefined) return false;
    const at = batch.offsets[index]!;
    const bytes = batch.bytes.subarray(at, at + batch.capturedLengths[index]!);
    return runClassicFilter(program, bytes, batch.wireLengths[index]!) > 0;
  }

  /** One line a link type that was passed over. */
  notes(): string[] {
    return [...this.skipped].map(([link, count]) => {
      const name = linkTypeName(link);
      return `${count} frames of link type ${link}${name === undefined ? "" : ` (${name})`} were skipped: they hold no network packets that Socklens decodes`;
    });
  }
}

/** Reads all frames, or as many as range, count and duration ask for. */
async function readFrames(
  replay: Replay,
  frames: MergedFrames,
  engine: FlowEngine,
  clock: FileClock,
  gate: FrameGate,
  progress: Progress | undefined,
): Promise<void> {
  const { output, stop } = replay;
  const over = aborted(stop).then(() => false);
  let known = 0;
  while (await Promise.race([frames.ready(), over])) {
    // An interface is described before its first frame.
    for (; known < frames.interfaces.length; known++) {
      for (const address of frames.interfaces[known]!.addresses ?? []) engine.ingestLocalAddress(address);
    }
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

/** The flow records of a custom block, if it holds some. */
function readRecords({ enterprise, data }: CustomBlock, take: (flow: RecordedFlow) => void): void {
  const text = enterprise === enterpriseNumber ? flowRecordsIn(data) : undefined;
  if (text === undefined) return;
  for (const line of Buffer.from(text.buffer, text.byteOffset, text.length).toString("utf8").split("\n")) {
    const flow = line === "" ? undefined : readFlowRecord(line);
    if (flow !== undefined) take(flow);
  }
}

/** `target` gets its engine once the captures are open: nothing is read before. */
function openAll(replay: Replay, target: { readonly engine?: FlowEngine }): OpenCapture[] {
  const { captures, clock, stop } = replay;
  const share = Math.max(64 * 1024, Math.floor(bufferBytes / captures.length));
  return captures.map(({ descriptor }) =>
    openCapture(descriptor, {
      bufferBytes: Math.min(1024 * 1024, share),
      observer: {
        name: (address, name) => target.engine?.ingestName(address, name),
        customBlock: (block) => readRecords(block, (flow) => target.engine?.ingestRecordedFlow(flow)),
      },
      ...(replay.follow === true && { follow: { wait: () => pause(clock, followPeriod, stop) } }),
    }),
  );
}

/** What is wrong with the files, a line each. */
function damages(replay: Replay, captures: readonly OpenCapture[]): string[] {
  return captures.flatMap(({ damage, format, frames, compression }, index) => {
    if (damage === undefined) return [];
    const { file } = replay.captures[index]!;
    if (format === undefined) return [`${file} is not a capture file: ${damage.reason}`];
    const where = compression === undefined ? `byte ${damage.offset}` : `byte ${damage.offset} of what is unpacked`;
    return [`${file} is damaged after ${frames} frames, at ${where}: ${damage.reason}`];
  });
}

/** Reads capture files through the engine and writes their flows: `socklens replay FILE...`. */
export async function runReplay(replay: Replay): Promise<RunResult> {
  const { options, output, stop } = replay;
  const target: { engine?: FlowEngine } = {};
  const captures = openAll(replay, target);
  const frames = new MergedFrames(captures);
  const engine = createFlowEngine({
    host: replayHost(frames.interfaces, captures),
    createInspectors: createInspectorFactory,
    crypto: cryptography,
    families: familyOf,
    portHint,
  });
  target.engine = engine;
  const report = new Report(options, output);
  const clock = new FileClock(engine, report, options);
  const gate = new FrameGate(replay);
  const progress = replay.progress && new Progress(captures, replay.progress, replay.clock);
  try {
    await readFrames(replay, frames, engine, clock, gate, progress);
  } finally {
    progress?.clear();
  }
  // Not waited for: a pipe from which nothing comes would not let go.
  void frames.close();
  const broken = damages(replay, captures);
  if (broken.length > 0 && captures.every(({ format }) => format === undefined)) {
    return { code: 1, problem: broken.join(nextLine) };
  }
  const snapshot = clock.tick(clock.latest);
  const finished = report.finish(snapshot, clock.counted, () => engine.close());
  const end = result(output, await within(finished, replay.clock, stop), report.dropped);
  const lines = [...(end.problem === undefined ? [] : [end.problem]), ...broken, ...gate.notes()];
  if (lines.length === 0) return end;
  return { code: end.code !== 0 || broken.length > 0 ? 1 : 0, problem: lines.join(nextLine) };
}
