/** `socklens convert`: writes the frames of capture files into another one, and what the files tell beside them. */
import { fstatSync, ftruncateSync } from "node:fs";
import { readServices } from "../../enrich/index.ts";
import { escapeText, formatCount } from "../../export/index.ts";
import type { CaptureInterface, RawBlock } from "../../files/index.ts";
import { Pseudonyms } from "../../redact/index.ts";
import type { Clock } from "../headless.ts";
import { Pass, type ReplaySource } from "../replay/pass.ts";
import { Progress, type ProgressLine } from "../replay/progress.ts";
import { RangeSelection } from "../replay/range.ts";
import { BlockRedaction } from "./block-redaction.ts";
import { FileOutput } from "./file-output.ts";
import { FlowSelection, FrameClock, selectFlows } from "./flow-selection.ts";
import { FrameCutter } from "./frame-cutter.ts";
import { LeftOut } from "./left-out.ts";
import type { ConvertOptions } from "./options.ts";
import { PcapTarget } from "./pcap-target.ts";
import { PcapngTarget } from "./pcapng-target.ts";
import { RecordCopier } from "./record-copier.ts";
import { pseudonymKey, randomSecret } from "./redaction-key.ts";
import { readSidecarFacts, readSidecarLines, type SidecarFacts } from "./sidecar-lines.ts";
import type { ConvertTarget } from "./targets.ts";

export interface Convert {
  /** Open capture files, or pipes, with their sidecars. They stay open. */
  readonly captures: readonly {
    readonly descriptor: number;
    readonly sidecar?: number;
    /** For messages. */
    readonly file: string;
  }[];
  readonly options: ConvertOptions;
  /** Open, empty files, or standard output. */
  readonly output: { readonly descriptor: number; readonly sidecar?: number };
  /** The secret of a redaction; a new one when absent. */
  readonly secret?: Uint8Array;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly progress?: ProgressLine;
}

/** How it went: an exit code, and lines for standard error. */
export interface ConvertResult {
  readonly code: 0 | 1 | 2;
  readonly lines: readonly string[];
}

const count = (number: number, one: string, many: string): string =>
  `${formatCount(number)} ${number === 1 ? one : many}`;

/** Blocks of one source that stand behind frames that have not come yet. */
interface Waiting {
  readonly blocks: RawBlock[];
  /** Frames of the source that came. */
  frames: number;
}

class Conversion {
  readonly #run: Convert;
  readonly #output: FileOutput;
  readonly #beside: FileOutput | undefined;
  readonly #leftOut = new LeftOut();
  readonly #waiting: readonly Waiting[];
  readonly #pass: Pass;
  readonly #selection: FlowSelection | undefined;
  /** Something is read that comes as it comes. */
  readonly #streams: boolean;
  /** The files are read once: a flow is wanted from when it matches. */
  readonly #judges: boolean;
  readonly #follows: FrameClock | undefined;
  readonly #range: RangeSelection;
  readonly #records: RecordCopier;
  readonly #target: ConvertTarget;
  readonly #cutter: FrameCutter;
  readonly #problems: string[] = [];
  /** What sidecars tell that pcap cannot. */
  readonly #told: (SidecarFacts | undefined)[] = [];
  readonly #named: CaptureInterface[][] = [];
  #frames = 0;
  #mistake: string | undefined;

  constructor(run: Convert, selection: FlowSelection | undefined, streams: boolean) {
    const { captures, options, output } = run;
    const { redact, filter } = options;
    this.#run = run;
    this.#output = new FileOutput(output.descriptor, options.compression);
    this.#beside = output.sidecar === undefined ? undefined : new FileOutput(output.sidecar);
    this.#waiting = captures.map(() => ({ blocks: [], frames: 0 }));
    this.#pass = new Pass(filter === undefined ? { captures, range: options.range } : passSource(run), {
      ...(filter && { engine: { services: readServices() } }),
      feeds: filter !== undefined,
      onBlock: (place, block) => this.#waiting[place]!.blocks.push({ ...block, bytes: block.bytes.slice() }),
    });
    this.#streams = streams;
    this.#judges = filter !== undefined && streams;
    this.#selection = this.#judges ? new FlowSelection(filter) : selection;
    this.#follows = filter === undefined ? undefined : new FrameClock(this.#pass.engine);
    this.#range = new RangeSelection(options.range);
    const pseudonyms = redact && new Pseudonyms(pseudonymKey(run.secret ?? randomSecret()), redact.mode);
    this.#records = new RecordCopier({
      sources: captures.length,
      ...(this.#selection && { selection: this.#selection }),
      ...(pseudonyms && { pseudonyms }),
    });
    this.#cutter = new FrameCutter({
      ...(options.payload !== undefined && { payload: options.payload }),
      ...(pseudonyms && { pseudonyms }),
      keepPayload: redact?.keepPayload ?? false,
      leftOut: this.#leftOut,
    });
    this.#target = this.#makeTarget(pseudonyms);
  }

  #makeTarget(pseudonyms: Pseudonyms | undefined): ConvertTarget {
    const { options, captures } = this.#run;
    const { filter, packets, payload, range } = options;
    const write = (bytes: Uint8Array): void => this.#output.write(bytes);
    const beside = this.#beside;
    const common = { write, records: this.#records, leftOut: this.#leftOut };
    if (options.format === "pcap") {
      return new PcapTarget({
        ...common,
        times: options.times,
        interfaces: () => captures.flatMap((_, source) => this.#interfaces(source)),
        ...(pseudonyms && { pseudonyms }),
        ...(beside && { writeBeside: (text: string) => beside.write(Buffer.from(text)) }),
      });
    }
    const isPart = range.from !== undefined || range.to !== undefined || packets !== undefined;
    return new PcapngTarget({
      ...common,
      sources: captures.length,
      ...(this.#selection && { keepsName: (address: string) => this.#selection!.hasAddress(address) }),
      changesFrames: isPart || filter !== undefined || payload !== undefined || pseudonyms !== undefined,
      ...(pseudonyms && { redaction: new BlockRedaction(pseudonyms, this.#leftOut) }),
    });
  }

  async run(): Promise<ConvertResult> {
    const { stop, clock } = this.#run;
    const progress = this.#run.progress && new Progress(this.#pass.captures, this.#run.progress, clock);
    const over = new Promise<false>((resolve) => stop.addEventListener("abort", () => resolve(false), { once: true }));
    for (const [source, { sidecar }] of this.#run.captures.entries()) {
      if (sidecar !== undefined) this.#told[source] = await readSidecarFacts(sidecar);
    }
    let ended = false;
    while (!ended && !stop.aborted && (await Promise.race([this.#pass.ready(), over]))) {
      ended = await this.#batch();
      if (this.#streams) this.#target.flush();
      await this.#output.room();
      await this.#beside?.room();
      progress?.update();
      if (this.#output.failure !== undefined) break;
    }
    progress?.clear();
    // Not waited for: a pipe from which nothing comes would not let go.
    void this.#pass.frames.close();
    return this.#finish(!ended && stop.aborted);
  }

  /** Frames that are there. True: nothing more is wanted. */
  async #batch(): Promise<boolean> {
    const { frames, captures, engine, gate } = this.#pass;
    const limit = this.#run.options.packets ?? Infinity;
    // What stands before a frame need not wait for it: there may be a file's length between two.
    for (const [source, { interfaces }] of captures.entries()) this.#blocks(source, interfaces);
    while (frames.next()) {
      const source = frames.capture;
      const interfaces = this.#interfaces(source);
      this.#blocks(source, interfaces);
      this.#waiting[source]!.frames++;
      const place = this.#follows === undefined ? this.#range.place(frames.batch.millis(frames.index)) : "inside";
      if (place === "over") return true;
      if (place !== "inside") continue;
      if (this.#follows !== undefined) {
        const verdict = gate.judge(frames);
        if (verdict === "over") return true;
        if (verdict === "leave") continue;
        const frame = frames.frameInPlace();
        this.#follows.advance(frame.time);
        engine.ingestFrame(frame);
        if (!this.#wants(frame.time)) continue;
      }
      if (!this.#frame(source, interfaces)) return true;
      if (this.#frames === 1) await this.#copySidecars();
      if (this.#frames >= limit) return true;
    }
    return false;
  }

  /** The interfaces of a source, which in pcap is one without a name. */
  #interfaces(source: number): readonly CaptureInterface[] {
    const { interfaces, format } = this.#pass.captures[source]!;
    const told = this.#told[source];
    if (told === undefined || interfaces.length === 0 || !hasSidecar(format)) return interfaces;
    const { interface: known, captureFilter: filter } = told;
    // pcap has one, known from its header on.
    return (this.#named[source] ??= interfaces.map((one) => ({ ...one, ...known, ...(filter && { filter }) })));
  }

  /** A row of the frame at hand is wanted. */
  #wants(time: number): boolean {
    const selection = this.#selection!;
    const rows = this.#pass.engine.rowsOfFrame();
    return rows.some((row) => (this.#judges ? selection.judge(row, time) : selection.hasRow(row)));
  }

  /** False: the run is over. */
  #frame(source: number, interfaces: readonly CaptureInterface[]): boolean {
    const { batch, index } = this.#pass.frames;
    const captured = this.#cutter.cut(batch, index);
    if (captured < 0) return true;
    this.#mistake = this.#target.frame(source, batch, index, captured, interfaces);
    if (this.#mistake !== undefined) return false;
    this.#frames++;
    return true;
  }

  /** Blocks that stand before the frame of the source that comes next; at the end all. */
  #blocks(source: number, interfaces: readonly CaptureInterface[], all = false): void {
    const waiting = this.#waiting[source]!;
    let taken = 0;
    for (const block of waiting.blocks) {
      if (!all && block.framesBefore > waiting.frames) break;
      this.#target.block(source, block, interfaces);
      taken++;
    }
    if (taken > 0) waiting.blocks.splice(0, taken);
  }

  /** A file begins with a frame, and what is known of its flows follows. */
  async #copySidecars(): Promise<void> {
    for (const [source, { sidecar, file }] of this.#run.captures.entries()) {
      if (sidecar === undefined || !hasSidecar(this.#pass.captures[source]!.format)) continue;
      const problem = await readSidecarLines(
        sidecar,
        (line) => {
          const changed = this.#records.line(source, line);
          if (changed !== undefined) this.#target.record(changed);
        },
        async () => {
          await this.#output.room();
          await this.#beside?.room();
        },
      );
      if (problem !== undefined) this.#problems.push(`${escapeText(file)}.jsonl cannot be read: ${problem}`);
    }
  }

  async #finish(interrupted: boolean): Promise<ConvertResult> {
    const damages = this.#pass.damages();
    if (this.#mistake !== undefined || (this.#pass.isNone && this.#frames === 0)) {
      await this.#output.end();
      this.#empty();
      if (this.#mistake !== undefined) return { code: 2, lines: [this.#mistake] };
      return { code: 1, lines: damages };
    }
    for (const [source, { interfaces, format }] of this.#pass.captures.entries()) {
      this.#blocks(source, interfaces, true);
      const statistics = this.#told[source]?.statistics;
      if (statistics !== undefined && hasSidecar(format)) this.#target.statistics(source, statistics, statistics.time);
    }
    this.#target.finish(this.#frames);
    await this.#output.end();
    await this.#beside?.end();
    const { failure } = this.#output;
    if (failure === "gone") return { code: 0, lines: [] };
    const broken = [failure, this.#beside?.failure].flatMap((text) => text ?? []);
    const lines = [...broken, ...damages, ...this.#problems];
    // How many of the packets are in the file nobody knows.
    if (broken.length > 0) return { code: 1, lines };
    if (interrupted) lines.push("interrupted: what comes behind the last packet that was written is missing");
    return { code: lines.length > 0 ? 1 : 0, lines: [...lines, this.#summary()] };
  }

  #summary(): string {
    const parts = [`${count(this.#frames, "packet", "packets")} written`];
    const { notUnderstood } = this.#cutter;
    if (notUnderstood > 0) parts.push(`${count(notUnderstood, "packet", "packets")} cut where they are not understood`);
    const { text } = this.#leftOut;
    if (text !== "") parts.push(`left out: ${text}`);
    const times = this.#target.changedTimes;
    if (times > 0) parts.push(`${count(times, "time", "times")} changed to what the file can hold`);
    return parts.join("; ");
  }

  /** Nothing is left of a file that would be no use. */
  #empty(): void {
    const { descriptor, sidecar } = this.#run.output;
    for (const one of [descriptor, sidecar]) if (one !== undefined && fstatSync(one).isFile()) ftruncateSync(one, 0);
  }
}

/** Only pcap has a file beside it; of pcapng that would be another one's. What was read tells the format. */
const hasSidecar = (format: string | undefined): boolean => format !== undefined && format !== "pcapng";

/** What the engine is to know, whose rows the filter is about. */
const passSource = ({ captures, options: { range } }: Convert): ReplaySource => ({
  captures,
  range,
  sidecars: captures.flatMap(({ sidecar, file }) =>
    sidecar === undefined ? [] : [{ descriptor: sidecar, file: `${file}.jsonl` }],
  ),
});

/** A descriptor that can be read once only. */
const isStream = (descriptor: number): boolean => !fstatSync(descriptor).isFile();

/** Finds which flows are wanted, where there is something to choose and the files can be read twice. */
async function select(run: Convert, streams: boolean): Promise<FlowSelection | undefined> {
  const { options, stop } = run;
  const { filter, range } = options;
  const chooses = filter !== undefined || range.from !== undefined || range.to !== undefined;
  if (!chooses || streams) return undefined;
  const pass = new Pass(passSource(run), { engine: { services: readServices() } });
  const progress = run.progress && new Progress(pass.captures, run.progress, run.clock);
  const selection = await selectFlows(pass, filter, () => {
    progress?.update();
    return stop.aborted;
  });
  progress?.clear();
  return selection;
}

/** Converts; the output is complete when it resolves. */
export async function runConvert(run: Convert): Promise<ConvertResult> {
  const streams = run.captures.some(({ descriptor }) => isStream(descriptor));
  const selection = await select(run, streams);
  return new Conversion(run, selection, streams).run();
}
