/** Reads what the broker hands over: what it says of each descriptor is checked before anything is done with it. */
import type { Level } from "../../model/index.ts";
import { PACKET_RINGS_LIMIT, type Inheritance } from "../broker/inheritance.ts";

/** Longest text that is read. */
const LIMIT = 65_536;

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

type Check = (value: unknown) => boolean;

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check, most = Infinity): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);

/** Every field, and what it must be. */
const fields: Readonly<Record<keyof Inheritance, Check>> = {
  level: (value) => LEVELS.includes(value),
  reason: optional(isText),
  missing: listOf(isText),
  target: (value) =>
    isRecord(value) && isCount(value["uid"]) && isCount(value["gid"]) && typeof value["fromRoot"] === "boolean",
  control: isDescriptor,
  lifeline: isDescriptor,
  socketPlane: optional(isSocketPlane),
  packetRings: listOf(isRing, PACKET_RINGS_LIMIT),
  conntrack: optional(isDescriptor),
  configuration: optional(isConfiguration),
  state: optional(isDescriptor),
  replay: optional(listOf(isDescriptor)),
  sidecars: optional(listOf(isSidecar)),
  replayFilters: optional((value) => isRecord(value) && Object.values(value).every(isProgram)),
  captureFilter: optional(isProgram),
  recording: optional(isRecording),
  convert: optional(isConvert),
};

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
  for (const [name, check] of Object.entries(fields)) {
    if (!check(value[name])) return `inheritance: bad field ${name}`;
  }
  // Every field was looked at.
  return value as unknown as Inheritance;
}
