import { createInspectorFactory, portHint } from "../../dissect/index.ts";
import { familyOf } from "../../enrich/index.ts";
import { readFlowRecord } from "../../export/index.ts";
import {
  type CaptureInterface,
  type CustomBlock,
  enterpriseNumber,
  flowRecordsIn,
  MergedFrames,
  openCapture,
  type OpenCapture,
} from "../../files/index.ts";
import { createFlowEngine, type FlowEngine, type FlowEngineOptions } from "../../flow/index.ts";
import type { Host, InterfaceInfo, RecordedFlow } from "../../model/index.ts";
import { cryptography } from "../cryptography.ts";
import { FrameGate, type FrameSelection } from "./frame-gate.ts";

/** What is read. Files can be read again from their beginning, pipes cannot. */
export interface ReplaySource extends FrameSelection {
  /** Open capture files, or pipes; they stay open. Their frames are merged by time. */
  readonly captures: readonly { readonly descriptor: number; /** For messages. */ readonly file: string }[];
}

export interface PassOptions {
  /** Waits until a file that still grows may have grown; false: it is over. Absent: files end where they end. */
  readonly follow?: () => Promise<boolean>;
  readonly engine?: Pick<FlowEngineOptions, "services" | "keepClosed" | "shares">;
}

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

/** The flow records of a custom block, if it holds some. */
function readRecords({ enterprise, data }: CustomBlock, take: (flow: RecordedFlow) => void): void {
  const text = enterprise === enterpriseNumber ? flowRecordsIn(data) : undefined;
  if (text === undefined) return;
  for (const line of Buffer.from(text.buffer, text.byteOffset, text.length).toString("utf8").split("\n")) {
    const flow = line === "" ? undefined : readFlowRecord(line);
    if (flow !== undefined) take(flow);
  }
}

/** One way through the files from their beginning, with an engine of its own. */
export class Pass {
  readonly captures: readonly OpenCapture[];
  readonly frames: MergedFrames;
  readonly gate: FrameGate;
  readonly engine: FlowEngine;
  readonly #source: ReplaySource;
  #described = 0;

  constructor(source: ReplaySource, options: PassOptions = {}) {
    this.#source = source;
    this.captures = this.#open(options.follow);
    this.frames = new MergedFrames(this.captures);
    this.gate = new FrameGate(source);
    this.engine = createFlowEngine({
      host: replayHost(this.frames.interfaces, this.captures),
      createInspectors: createInspectorFactory,
      crypto: cryptography,
      families: familyOf,
      portHint,
      ...options.engine,
    });
  }

  /** What the files tell beside frames goes to the engine, which is there before anything is read. */
  #open(follow: PassOptions["follow"]): OpenCapture[] {
    const { captures } = this.#source;
    const share = Math.max(64 * 1024, Math.floor(bufferBytes / captures.length));
    return captures.map(({ descriptor }) =>
      openCapture(descriptor, {
        bufferBytes: Math.min(1024 * 1024, share),
        observer: {
          name: (address, name) => this.engine.ingestName(address, name),
          customBlock: (block) => readRecords(block, (flow) => this.engine.ingestRecordedFlow(flow)),
        },
        ...(follow && { follow: { wait: follow } }),
      }),
    );
  }

  /** Sees to it that there are frames; false at the end of all files. An interface is described before its first frame. */
  async ready(): Promise<boolean> {
    const any = await this.frames.ready();
    const { interfaces } = this.frames;
    for (; this.#described < interfaces.length; this.#described++) {
      for (const address of interfaces[this.#described]!.addresses ?? []) this.engine.ingestLocalAddress(address);
    }
    return any;
  }

  /** What is wrong with the files, a line each. */
  damages(): string[] {
    return this.captures.flatMap(({ damage, format, frames, compression }, index) => {
      if (damage === undefined) return [];
      const { file } = this.#source.captures[index]!;
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
