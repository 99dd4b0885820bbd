/**
 * What the broker hands to the engine when it starts it: descriptors, by number, and what they are. Travels as one
 * JSON text in the environment; the engine trusts it no further than its shape.
 */
import type { DropTarget } from "../../host/linux/privileges.ts";
import type { Level } from "../../model/index.ts";

/** Name of the environment variable. */
export const INHERITANCE = "SOCKLENS_INHERITANCE";

/** Longest text that is read. */
const LIMIT = 65_536;

/** A packet socket, bound, with its ring set up; the engine only maps it. */
export interface PacketRingDescription {
  readonly fd: number;
  /** 0: all interfaces. */
  readonly interfaceIndex: number;
  /** The name asked for, for an interface that comes and goes; empty: all. */
  readonly interfaceName: string;
  readonly blockSize: number;
  readonly blockCount: number;
}

export interface Inheritance {
  readonly level: Level;
  readonly reason?: string;
  readonly missing: readonly string[];
  readonly target: DropTarget;
  /** Stream socket to the broker: requests and answers. */
  readonly control: number;
  /** Stream socket that says nothing: its end means that the broker is gone. */
  readonly lifeline: number;
  /** The socket plane's descriptors in the order its description counts them. */
  readonly socketPlane?: { readonly descriptors: readonly number[]; readonly description: object };
  readonly packetRings: readonly PacketRingDescription[];
  /** Netlink socket subscribed to address translations. */
  readonly conntrack?: number;
  /** The configuration file of the screen, and its path for messages. */
  readonly configuration?: { readonly fd: number; readonly path: string };
  /** What the screen remembered at the end of an earlier run. */
  readonly state?: number;
  /** The capture files to replay. */
  readonly replay?: readonly number[];
  /** The files that tell whose their flows are. */
  readonly sidecars?: readonly { readonly fd: number; readonly name: string }[];
  /** The capture filter for their frames by link type, in base64. */
  readonly replayFilters?: Readonly<Record<string, string>>;
  /** The compiled capture filter, in base64. */
  readonly captureFilter?: string;
  /** Whole frames, and the files they are written to, which only append. */
  readonly recording?: {
    readonly ring: PacketRingDescription;
    readonly files: readonly number[];
    /** The files beside them. */
    readonly sidecars?: readonly number[];
  };
  /** What a conversion writes, and reads beside the captures (null: there is nothing). */
  readonly convert?: {
    readonly output: number;
    readonly beside?: number;
    readonly sidecars: readonly (number | null)[];
    readonly key?: number;
  };
}

/** All descriptors that are handed over, each once. */
export function descriptorsOf(inheritance: Inheritance): number[] {
  const found = [inheritance.control, inheritance.lifeline, ...(inheritance.socketPlane?.descriptors ?? [])];
  for (const ring of inheritance.packetRings) found.push(ring.fd);
  if (inheritance.conntrack !== undefined) found.push(inheritance.conntrack);
  if (inheritance.configuration !== undefined) found.push(inheritance.configuration.fd);
  if (inheritance.state !== undefined) found.push(inheritance.state);
  const { recording } = inheritance;
  // Standard output is inherited anyhow.
  if (recording !== undefined) {
    found.push(recording.ring.fd, ...recording.files.filter((fd) => fd !== 1), ...(recording.sidecars ?? []));
  }
  found.push(...(inheritance.replay ?? []), ...(inheritance.sidecars ?? []).map(({ fd }) => fd));
  found.push(...convertDescriptors(inheritance.convert));
  return [...new Set(found)];
}

function convertDescriptors(convert: Inheritance["convert"]): number[] {
  if (convert === undefined) return [];
  const { output, beside, sidecars, key } = convert;
  return [output, beside, key, ...sidecars].filter((fd): fd is number => typeof fd === "number" && fd !== 1);
}

const isDescriptor = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 3 && value < 65_536;
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 1024;

function isRing(value: unknown): boolean {
  return (
    isRecord(value) &&
    isDescriptor(value["fd"]) &&
    isCount(value["interfaceIndex"]) &&
    isText(value["interfaceName"]) &&
    isCount(value["blockSize"]) &&
    isCount(value["blockCount"])
  );
}

function isSocketPlane(value: unknown): boolean {
  return (
    isRecord(value) &&
    isRecord(value["description"]) &&
    Array.isArray(value["descriptors"]) &&
    value["descriptors"].every(isDescriptor)
  );
}

const isConfiguration = (value: unknown): boolean =>
  isRecord(value) && isDescriptor(value["fd"]) && typeof value["path"] === "string" && value["path"].length <= 4096;
const isSidecar = (value: unknown): boolean => isRecord(value) && isDescriptor(value["fd"]) && isText(value["name"]);
function isRecording(value: unknown): boolean {
  if (!isRecord(value) || !isRing(value["ring"]) || !Array.isArray(value["files"])) return false;
  const { files, sidecars } = value;
  const hasSidecars = Array.isArray(sidecars) && sidecars.length === files.length && sidecars.every(isDescriptor);
  if (sidecars !== undefined && !hasSidecars) return false;
  return files.length > 0 && files.length <= 1000 && files.every((fd) => fd === 1 || isDescriptor(fd));
}
function isConvert(value: unknown): boolean {
  if (!isRecord(value) || !Array.isArray(value["sidecars"])) return false;
  const { output, beside, sidecars, key } = value;
  if (output !== 1 && !isDescriptor(output)) return false;
  if ((beside !== undefined && !isDescriptor(beside)) || (key !== undefined && !isDescriptor(key))) return false;
  return sidecars.every((fd) => fd === null || isDescriptor(fd));
}
/** A classic BPF program of at most 4,096 instructions, in base64. */
const isProgram = (value: unknown): value is string => typeof value === "string" && value.length <= 43_692;

const LEVELS: readonly unknown[] = ["full", "capture", "unprivileged", "replay"] satisfies Level[];

/** The field that is not what it should be, or undefined. */
function wrongField(value: Record<string, unknown>): string | undefined {
  const { target, missing, packetRings } = value;
  if (!LEVELS.includes(value["level"])) return "level";
  if (value["reason"] !== undefined && !isText(value["reason"])) return "reason";
  if (!Array.isArray(missing) || !missing.every(isText)) return "missing";
  if (!isRecord(target) || !isCount(target["uid"]) || !isCount(target["gid"])) return "target";
  if (typeof target["fromRoot"] !== "boolean") return "target";
  if (!isDescriptor(value["control"])) return "control";
  if (!isDescriptor(value["lifeline"])) return "lifeline";
  if (value["socketPlane"] !== undefined && !isSocketPlane(value["socketPlane"])) return "socketPlane";
  if (!Array.isArray(packetRings) || packetRings.length > 64 || !packetRings.every(isRing)) return "packetRings";
  const { captureFilter } = value;
  // 4096 instructions of 8 bytes.
  if (captureFilter !== undefined && (typeof captureFilter !== "string" || captureFilter.length > 43_692)) {
    return "captureFilter";
  }
  if (value["configuration"] !== undefined && !isConfiguration(value["configuration"])) return "configuration";
  if (value["state"] !== undefined && !isDescriptor(value["state"])) return "state";
  if (value["recording"] !== undefined && !isRecording(value["recording"])) return "recording";
  if (value["convert"] !== undefined && !isConvert(value["convert"])) return "convert";
  if (value["conntrack"] !== undefined && !isDescriptor(value["conntrack"])) return "conntrack";
  const { replay, replayFilters, sidecars } = value;
  if (sidecars !== undefined && !(Array.isArray(sidecars) && sidecars.every(isSidecar))) return "sidecars";
  if (replay !== undefined && !(Array.isArray(replay) && replay.every(isDescriptor))) return "replay";
  if (replayFilters === undefined) return undefined;
  return isRecord(replayFilters) && Object.values(replayFilters).every(isProgram) ? undefined : "replayFilters";
}

/** Reads what `JSON.stringify` made of an `Inheritance`; a text says what is wrong with it. */
export function parseInheritance(text: string | undefined): Inheritance | string {
  if (text === undefined) return "not started by the broker";
  if (text.length > LIMIT) return `inheritance: ${text.length} characters, at most ${LIMIT}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "inheritance: not JSON";
  }
  if (!isRecord(value)) return "inheritance: not an object";
  const wrong = wrongField(value);
  // The check above has looked at every field.
  return wrong === undefined ? (value as unknown as Inheritance) : `inheritance: bad field ${wrong}`;
}
