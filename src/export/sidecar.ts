/**
 * The file beside a classic pcap that tells what pcapng holds in blocks of its own: whose the flows are, which interfaces
 * there were, what was dropped. JSON, one object a line; docs/FORMAT.md describes it.
 */
import { parseAddress, type Connection, type ProcessInfo, type RecordedFlow } from "../model/index.ts";
import { flowRecord } from "./flow-record.ts";
import { jsonLine } from "./json.ts";
import { isFields, readFields, readFlowFields } from "./read-flow-record.ts";
import { readRustnetFlow } from "./rustnet.ts";
import { eveTimestamp, readEveTimestamp } from "./timestamp.ts";

/** Grows when a reader of before would misread what is written. */
const version = 1;
const longestName = 255;
const addressesAtMost = 64;

/** What the first line says. */
export interface SidecarHeader {
  readonly application: string;
  /** As it was typed. */
  readonly captureFilter?: string;
}

/** An interface, before the first flow that was seen there. */
export interface SidecarInterface {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** What became of the frames; counts that are not known are absent. */
export interface SidecarStatistics {
  /** Frames the capture filter let through. */
  readonly accepted?: number;
  /** Of those, frames for which there was no room. */
  readonly dropped?: number;
  /** Frames that are in the file. */
  readonly delivered?: number;
}

/** What a line tells. `time`: when it was written, milliseconds since the epoch; 0 in a file without an order of times. */
export type SidecarEntry =
  | { readonly kind: "header"; readonly time: number; readonly header: SidecarHeader; readonly version: number }
  | { readonly kind: "interface"; readonly time: number; readonly interface: SidecarInterface }
  | { readonly kind: "flow"; readonly time: number; readonly flow: RecordedFlow }
  | { readonly kind: "statistics"; readonly time: number; readonly statistics: SidecarStatistics };

const line = (time: number, type: string, content: object): string =>
  `${jsonLine({ timestamp: eveTimestamp(time), event_type: type, [type]: content })}\n`;

/** The first line, with its line end, as are all of them. */
export function sidecarHeaderLine({ application, captureFilter }: SidecarHeader, time: number): string {
  const filter = captureFilter === undefined ? {} : { capture_filter: captureFilter };
  return line(time, "sidecar", { version, application, ...filter });
}

export const sidecarInterfaceLine = (one: SidecarInterface, time: number): string =>
  line(time, "interface", { name: one.name, addresses: one.addresses });

/**
 * The flow as it stands: of several lines with one `flow_id` the last holds. `lineage`: its owner and the owner's parents,
 * nearest first.
 */
export const sidecarFlowLine = (row: Connection, time: number, lineage: readonly ProcessInfo[] = []): string =>
  `${jsonLine(flowRecord(row, time, { lineage }))}\n`;

export const sidecarStatisticsLine = (statistics: SidecarStatistics, time: number): string =>
  line(time, "capture", statistics);

const isShort = (value: unknown): value is string => typeof value === "string" && value.length <= longestName;
const countOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;

function readHeader(value: unknown, time: number): SidecarEntry | undefined {
  if (!isFields(value)) return undefined;
  const { version: number, application, capture_filter: captureFilter } = value;
  if (!isShort(application) || countOf(number) === undefined) return undefined;
  const isFilter = typeof captureFilter === "string" && captureFilter.length <= 4096;
  const header = { application, ...(isFilter && { captureFilter }) };
  return { kind: "header", time, header, version: number as number };
}

function readInterface(value: unknown, time: number): SidecarEntry | undefined {
  if (!isFields(value) || !isShort(value["name"]) || !Array.isArray(value["addresses"])) return undefined;
  const addresses = value["addresses"]
    .slice(0, addressesAtMost)
    .filter((one): one is string => isShort(one) && parseAddress(one) !== undefined);
  return { kind: "interface", time, interface: { name: value["name"], addresses } };
}

function readStatistics(value: unknown, time: number): SidecarEntry | undefined {
  if (!isFields(value)) return undefined;
  const [accepted, dropped, delivered] = ["accepted", "dropped", "delivered"].map((name) => countOf(value[name]));
  const statistics = {
    ...(accepted !== undefined && { accepted }),
    ...(dropped !== undefined && { dropped }),
    ...(delivered !== undefined && { delivered }),
  };
  return { kind: "statistics", time, statistics };
}

/** Reads one line, from whoever wrote it; undefined when it tells nothing that is known here. Never throws. */
export function readSidecarLine(text: string): SidecarEntry | undefined {
  const value = readFields(text);
  if (value === undefined) return undefined;
  const time = readEveTimestamp(value["timestamp"]) ?? 0;
  switch (value["event_type"]) {
    case "flow": {
      const flow = readFlowFields(value);
      return flow && { kind: "flow", time, flow };
    }
    case "sidecar":
      return readHeader(value["sidecar"], time);
    case "interface":
      return readInterface(value["interface"], time);
    case "capture":
      return readStatistics(value["capture"], time);
    default: {
      const flow = readRustnetFlow(value);
      return flow && { kind: "flow", time: 0, flow };
    }
  }
}
