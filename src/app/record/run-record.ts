/** Recording beside whatever else the engine does, and `socklens record` itself. */
import type { FlowEngine } from "../../flow/index.ts";
import { RecordingRing } from "../../host/linux/recording-ring.ts";
import { epochMillis, type Connection, type InterfaceInfo } from "../../model/index.ts";
import { decider, type Query } from "../../query/index.ts";
import type { PacketRingDescription } from "../broker/inheritance.ts";
import type { RecordingOptions, SourceOptions } from "../cli/index.ts";
import { formatBytes, formatCount } from "../../export/index.ts";
import { newFormat, Recorder, type FormatChoice, type RecordingFacts } from "./recorder.ts";
import { RecordingPump } from "./recording-pump.ts";
import { warmUp } from "./warm-up.ts";

/** What the broker opened for a recording. */
export interface RecordingSource {
  readonly ring: PacketRingDescription;
  readonly files: readonly number[];
  /** Of classic pcap: the files beside them. */
  readonly sidecars?: readonly number[];
}

export interface RecordingParts {
  readonly engine: FlowEngine;
  readonly interfaces: () => readonly InterfaceInfo[];
  readonly source: RecordingSource;
  readonly frames: SourceOptions;
  readonly options: RecordingOptions;
  readonly filter?: Query;
  readonly packets?: number;
  readonly ended: () => void;
}

/** A recording that goes on beside the screen or the writer. */
export interface Recording {
  /** Rows that ended: they get their last record. */
  endFlows(rows: readonly Connection[]): void;
  facts(): RecordingFacts;
  /** Writes what the ring holds now: the connection table is about to end. */
  flush(): void;
  stop(): Promise<RecordingFacts>;
}

/** Why a recording cannot begin, and whether the command line is to blame. */
export interface RecordingProblem {
  readonly problem: string;
  readonly isMistake: boolean;
}

const linkNames: ReadonlyMap<number | undefined, string> = new Map([
  [1, "Ethernet frames"],
  [101, "IP packets without a link layer"],
]);

/** The one link type of the interfaces that are recorded, for classic pcap. */
function formatChoice({ options, frames, interfaces }: RecordingParts): FormatChoice | RecordingProblem {
  if (options.format === "pcapng") return { kind: "pcapng" };
  const asked = new Set(frames.interfaces);
  const byLink = new Map<number | undefined, string[]>();
  for (const { name, up, linkType } of interfaces()) {
    if (asked.size === 0 ? up : asked.has(name)) byLink.set(linkType, [...(byLink.get(linkType) ?? []), name]);
  }
  if (byLink.size < 2) return { kind: "pcap", linkType: [...byLink.keys()][0] ?? 1 };
  const kinds = [...byLink].map(([link, names]) => `${names.join(", ")} (${linkNames.get(link) ?? `type ${link}`})`);
  const problem =
    `a pcap file has frames of one kind, these interfaces do not: ${kinds.join(" and ")}; ` +
    "record to a .pcapng file, or choose interfaces with -i";
  return { problem, isMistake: true };
}

/** Begins a recording, or says why it cannot. */
export function startRecording(parts: RecordingParts): Recording | RecordingProblem {
  const { engine, source, frames, options, filter, packets } = parts;
  const format = formatChoice(parts);
  if ("problem" in format) return format;
  const ring = RecordingRing.attach(source.ring);
  if (ring === undefined) return { problem: "cannot map the ring of the recording", isMistake: false };
  warmUp((own) => newFormat(format, own, epochMillis(0)));
  // One socket listens on all interfaces when several were asked for.
  const names = frames.interfaces.length > 1 ? new Set(frames.interfaces) : undefined;
  const now = epochMillis(Date.now());
  engine.tick(now);
  const recorder = new Recorder(
    {
      ring,
      lookup: engine,
      interfaces: parts.interfaces,
      options: {
        format,
        descriptors: source.files,
        ...(source.sidecars && { sidecars: source.sidecars }),
        snapLength: options.snapLength,
        application: "Socklens",
        ...(frames.captureFilter !== undefined && { captureFilter: frames.captureFilter }),
        ...(names !== undefined && { interfaceNames: names }),
        ...(filter !== undefined && { wanted: { decide: decider(filter), matches: filter.predicate } }),
        ...(packets !== undefined && { maximumFrames: packets }),
        ...(options.rotateSize !== undefined && { maximumBytes: options.rotateSize }),
        ...(options.rotateAge !== undefined && { maximumAge: options.rotateAge * 1000 }),
      },
    },
    now,
  );
  const pump = new RecordingPump({ engine, ring, recorder, decides: filter !== undefined, ended: parts.ended });
  return {
    endFlows: (rows) => recorder.endFlows(rows, epochMillis(Date.now())),
    facts: () => recorder.facts(),
    flush: () => pump.flush(),
    async stop() {
      const facts = await pump.stop();
      ring.close();
      return facts;
    },
  };
}

/** "12,345 packets (9.8 MB) recorded, 0 dropped". */
export function recordingText(facts: RecordingFacts): string {
  const files = facts.files > 1 ? ` in ${facts.files} files` : "";
  const others =
    facts.leftOut > 0 ? `, ${formatCount(facts.leftOut)} of another link type left out (pcapng holds several)` : "";
  const open = facts.letGo > 0 ? `, ${formatCount(facts.letGo)} of flows that could not be told in time let go` : "";
  return `${formatCount(facts.frames)} packets (${formatBytes(facts.wireBytes)}) recorded${files}, ${formatCount(facts.dropped)} dropped${others}${open}`;
}

/** Milliseconds between two ticks of the connection table, and two states of the status line. */
const tickPeriod = 1000;

export interface RecordRun extends Omit<RecordingParts, "ended"> {
  /** Seconds. */
  readonly duration?: number;
  readonly stop: AbortSignal;
  /** Takes the status line, over and over, when it is a terminal. */
  readonly status: { readonly isTTY?: boolean; write(text: string): void };
}

/** Records until it is told to stop; the exit code. */
export async function runRecord(run: RecordRun): Promise<number> {
  const { engine, stop, status, duration } = run;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const recording = startRecording({ ...run, ended: () => resolve() });
  if ("problem" in recording) {
    status.write(`socklens: ${recording.problem}\n`);
    return recording.isMistake ? 2 : 1;
  }
  const timer = setInterval(() => {
    engine.tick(epochMillis(Date.now()));
    recording.endFlows(engine.takeEnded());
    if (status.isTTY === true) status.write(`\r${recordingText(recording.facts())}\u001b[K`);
  }, tickPeriod);
  const limit = duration === undefined ? undefined : setTimeout(resolve, duration * 1000);
  stop.addEventListener("abort", () => resolve(), { once: true });
  if (!stop.aborted) await over;
  clearTimeout(limit);
  clearInterval(timer);
  const facts = await recording.stop();
  status.write(`${status.isTTY === true ? "\r\u001b[K" : ""}${recordingText(facts)}\n`);
  if (facts.failed !== undefined) {
    status.write(`socklens: ${facts.failed}\n`);
    return 1;
  }
  return 0;
}
