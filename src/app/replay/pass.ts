import { createInspectorFactory, portHint } from "../../dissect/index.ts";
import { familyOf } from "../../enrich/index.ts";
import { escapeText, readFlowRecord } from "../../export/index.ts";
import {
  type CaptureInterface,
  type CustomBlock,
  enterpriseNumber,
  flowRecordsIn,
  type FrameBatch,
  MergedFrames,
  openCapture,
  type OpenCapture,
  type RawBlock,
  type SectionFacts,
} from "../../files/index.ts";
import { createFlowEngine, type FlowEngine, type FlowEngineOptions } from "../../flow/index.ts";
import { noInterfaceCounters, type Host, type InterfaceInfo, type RecordedFlow } from "../../model/index.ts";
import { cryptography } from "../cryptography.ts";
import { FrameComments } from "./frame-comments.ts";
import { FrameGate, type FrameSelection } from "./frame-gate.ts";
import type { RememberedFindings } from "./remembered-findings.ts";
import { SidecarFile } from "./sidecar-file.ts";

/** What is read. Files can be read again from their beginning, pipes cannot. */
export interface ReplaySource extends FrameSelection {
  /** Open capture files, or pipes; they stay open. Their frames are merged by time. */
  readonly captures: readonly { readonly descriptor: number; /** For messages. */ readonly file: string }[];
  /** Plain files that tell whose the flows of classic pcap are. */
  readonly sidecars?: readonly { readonly descriptor: number; readonly file: string }[];
}

export interface PassOptions {
  /** Waits until a file that still grows may have grown; false: it is over. Absent: files end where they end. */
  readonly follow?: () => Promise<boolean>;
  /** What was found in the same frames before; absent: payload is looked at. */
  readonly findings?: RememberedFindings;
  readonly engine?: Pick<FlowEngineOptions, "services" | "keepClosed" | "shares" | "geo" | "means">;
  /** False: names and flow records of the files do not go to the engine, which nobody asks. */
  readonly feeds?: boolean;
  /** Is told every block of the capture at this place that holds no frame. */
  readonly onBlock?: (place: number, block: RawBlock) => void;
}

/** Buffers of all files together. */
const buffersBytes = 16 * 1024 * 1024;

/** An interface of the file; nothing of it is known but its name. */
const interfaceInfo = (name: string, index: number): InterfaceInfo => ({
  index,
  name,
  up: true,
  loopback: false,
  addresses: [],
  ...noInterfaceCounters,
});

/** A host that knows only what the files tell: no process, no counters but those of frames that were dropped. */
function replayHost(
  interfaces: readonly CaptureInterface[],
  captures: readonly OpenCapture[],
  sidecars: readonly SidecarFile[],
): Host {
  const dropped = (): number => {
    let count = 0;
    for (const sidecar of sidecars) count += sidecar.dropped;
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

/** The flow records of a custom block, if it holds some. */
function readRecords({ enterprise, data }: CustomBlock, take: (flow: RecordedFlow) => void): void {
  const text = enterprise === enterpriseNumber ? flowRecordsIn(data) : undefined;
  if (text === undefined) return;
  for (const line of Buffer.from(text.buffer, text.byteOffset, text.length).toString("utf8").split("\n")) {
    const flow = line === "" ? undefined : readFlowRecord(line);
    if (flow !== undefined) take(flow);
  }
}

interface WatchedCapture {
  readonly capture: OpenCapture;
  readonly frames: Pick<OpenCapture, "batches" | "interfaces">;
}

/** Shows each batch to `look` before anybody else gets it. */
function watched(capture: OpenCapture, look: (batch: FrameBatch) => void): WatchedCapture["frames"] {
  async function* batches(): AsyncGenerator<FrameBatch, void, undefined> {
    for await (const batch of capture.batches) {
      look(batch);
      yield batch;
    }
  }
  return {
    batches: batches(),
    get interfaces() {
      return capture.interfaces;
    },
  };
}

/** One way through the files from their beginning, with an engine of its own. */
export class Pass {
  readonly captures: readonly OpenCapture[];
  readonly frames: MergedFrames;
  readonly gate: FrameGate;
  readonly engine: FlowEngine;
  readonly #source: ReplaySource;
  readonly #sidecars: readonly SidecarFile[];
  #described = 0;
  /** Time of the latest frame of the batches at hand, milliseconds since the epoch. */
  #latest = 0;

  constructor(source: ReplaySource, options: PassOptions = {}) {
    this.#source = source;
    const share = Math.max(64 * 1024, Math.floor(buffersBytes / source.captures.length));
    const opened = source.captures.map(({ descriptor }, place) =>
      this.#open(descriptor, Math.min(1024 * 1024, share), place, options),
    );
    this.captures = opened.map(({ capture }) => capture);
    this.#sidecars = this.#openSidecars(options.follow !== undefined);
    this.frames = new MergedFrames(opened.map(({ frames }) => frames));
    this.gate = new FrameGate(source);
    this.engine = createFlowEngine({
      host: replayHost(this.frames.interfaces, this.captures, this.#sidecars),
      createInspectors: options.findings?.createInspectors ?? createInspectorFactory,
      crypto: cryptography,
      families: familyOf,
      portHint,
      ...options.engine,
    });
  }

  /** What the files tell beside frames goes to the engine, which is there before anything is read. */
  #open(
    descriptor: number,
    bufferBytes: number,
    place: number,
    { follow, feeds = true, onBlock }: PassOptions,
  ): WatchedCapture {
    const take = (flow: RecordedFlow): void => this.engine.ingestRecordedFlow(flow);
    const comments = new FrameComments(take);
    const capture = openCapture(descriptor, {
      bufferBytes,
      observer: {
        ...(feeds && {
          section: (facts: SectionFacts) => comments.section(facts),
          name: (address: string, name: string) => this.engine.ingestName(address, name),
          customBlock: (block: CustomBlock) => readRecords(block, take),
        }),
        ...(onBlock && { block: (block: RawBlock) => onBlock(place, block) }),
      },
      ...(follow && { follow: { wait: follow } }),
    });
    const look = (batch: FrameBatch): void => {
      if (batch.count > 0) this.#latest = Math.max(this.#latest, batch.millis(batch.count - 1));
      if (feeds) comments.batch(batch);
    };
    return { capture, frames: watched(capture, look) };
  }

  #openSidecars(grow: boolean): SidecarFile[] {
    const target = {
      flow: (flow: RecordedFlow) => this.engine.ingestRecordedFlow(flow),
      localAddress: (address: string) => this.engine.ingestLocalAddress(address),
    };
    return (this.#source.sidecars ?? []).map(({ descriptor, file }) => new SidecarFile(descriptor, file, grow, target));
  }

  /** Sees to it that there are frames; false at the end of all files. An interface is described before its first frame. */
  async ready(): Promise<boolean> {
    const any = await this.frames.ready();
    for (const sidecar of this.#sidecars) sidecar.read(this.#latest);
    const { interfaces } = this.frames;
    for (; this.#described < interfaces.length; this.#described++) {
      for (const address of interfaces[this.#described]!.addresses ?? []) this.engine.ingestLocalAddress(address);
    }
    return any;
  }

  /** What was passed over, a line each. */
  notes(): string[] {
    return [...this.gate.notes(), ...this.#sidecars.flatMap((sidecar) => sidecar.notes())];
  }

  /** What is wrong with the files, a line each. */
  damages(): string[] {
    return this.captures.flatMap(({ damage, format, frames, compression }, index) => {
      if (damage === undefined) return [];
      const file = escapeText(this.#source.captures[index]!.file);
      if (format === undefined) return [`${file} is not a capture file: ${damage.reason}`];
      const where = compression === undefined ? `byte ${damage.offset}` : `byte ${damage.offset} of what is unpacked`;
      return [`${file} is damaged after ${frames} frames, at ${where}: ${damage.reason}`];
    });
  }

  /** None of the files is a capture: what `damages` says is all there is. */
  get isNone(): boolean {
    return (
      this.captures.every(({ format }) => format === undefined) &&
      this.captures.some(({ damage }) => damage !== undefined)
    );
  }
}
