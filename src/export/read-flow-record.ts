/** The way back of `flow-record.ts`: what a record tells of a flow's owner and names, checked field by field. */
import {
  epochMillis,
  parseAddress,
  pid,
  port,
  type Attribution,
  type Container,
  type Geo,
  type HostnameSource,
  type ProcessInfo,
  type RecordedFlow,
} from "../model/index.ts";
import { ancestorsAtMost } from "./flow-record.ts";
import { readEveTimestamp } from "./timestamp.ts";

/** Longest line that is read, and longest text in it that is kept. */
export const longestRecord = 65_536;
const longestText = 4096;
/** Most words of a command line. */
const longestCommandLine = 4096;

/** An object of JSON from outside. */
export type Fields = Readonly<Record<string, unknown>>;

const attributions: readonly string[] = ["socket", "iterator", "procfs", "none"] satisfies Attribution[];
const hostnameSources: readonly string[] = ["sni", "http", "dns", "hosts", "nrb", "ptr"] satisfies HostnameSource[];

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.length <= longestText ? value : undefined;
export const wholeOf = (value: unknown, most: number): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;

function readContainer(value: unknown): Container | undefined {
  if (!isFields(value)) return undefined;
  const [id, runtime, name] = [textOf(value["id"]), textOf(value["runtime"]), textOf(value["name"])];
  if (id === undefined || runtime === undefined) return undefined;
  return { id, runtime, ...(name !== undefined && { name }) };
}

function readUser(value: unknown): ProcessInfo["user"] {
  const id = isFields(value) ? wholeOf(value["id"], 0xffff_ffff) : undefined;
  if (!isFields(value) || id === undefined) return undefined;
  const name = textOf(value["name"]);
  return { id, ...(name !== undefined && { name }) };
}

/** Where an address is registered; undefined when nothing of it is told. */
export function readGeo(country: unknown, asn: unknown, organization: unknown): Geo | undefined {
  const code = typeof country === "string" && /^[A-Z]{2}$/.test(country) ? country : undefined;
  const [number, name] = [wholeOf(asn, 0xffff_ffff), textOf(organization)];
  if (code === undefined && number === undefined && name === undefined) return undefined;
  return {
    ...(code !== undefined && { country: code }),
    ...(number !== undefined && { asn: number }),
    ...(name !== undefined && { organization: name }),
  };
}

function readParent(value: unknown): ProcessInfo["parent"] {
  if (!isFields(value)) return undefined;
  const [number, name] = [wholeOf(value["pid"], 0x40_0000), textOf(value["name"])];
  return number === undefined || name === undefined ? undefined : { pid: pid(number), name };
}

/** All of them, or nothing: a chain with a link left out would tell another descent. */
function readAncestors(value: unknown): ProcessInfo["ancestors"] {
  if (!Array.isArray(value) || value.length > ancestorsAtMost) return undefined;
  const ancestors = value.map((one) => readParent(one)).filter((one) => one !== undefined);
  return ancestors.length === value.length ? ancestors : undefined;
}

function readArguments(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > longestCommandLine) return undefined;
  const words = value.map((word) => textOf(word)).filter((word) => word !== undefined);
  return words.length === value.length ? words : undefined;
}

function readProcess(value: unknown): ProcessInfo | undefined {
  if (!isFields(value)) return undefined;
  const [number, name] = [wholeOf(value["pid"], 0x40_0000), textOf(value["name"])];
  if (number === undefined || name === undefined) return undefined;
  const [executable, command, directory, service] = [
    textOf(value["executable"]),
    textOf(value["command_line"]),
    textOf(value["working_directory"]),
    textOf(value["service"]),
  ];
  // Records of earlier versions tell it as one text: the words are joined by spaces.
  const commandLine = readArguments(value["args"]) ?? command?.split(" ");
  const ancestors = readAncestors(value["ancestors"]);
  const group = isFields(value["group"]) ? wholeOf(value["group"]["id"], 0xffff_ffff) : undefined;
  const [user, parent, container] = [
    readUser(value["user"]),
    readParent(value["parent"]),
    readContainer(value["container"]),
  ];
  return {
    pid: pid(number),
    start: epochMillis(readEveTimestamp(value["start"]) ?? 0),
    name,
    ...(executable !== undefined && { executable }),
    ...(commandLine !== undefined && { commandLine }),
    ...(directory !== undefined && { workingDirectory: directory }),
    ...(parent !== undefined && { parent }),
    ...(ancestors !== undefined && { ancestors }),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { groupId: group }),
    ...(container !== undefined && { container }),
    ...(service !== undefined && { service }),
  };
}

/** A line of JSON as an object; undefined when it is none, or longer than any record. Never throws. */
export function readFields(line: string): Fields | undefined {
  if (line.length > longestRecord) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads one line of JSON that holds a flow record; undefined when it is none. */
export function readFlowRecord(line: string): RecordedFlow | undefined {
  const value = readFields(line);
  return value && readFlowFields(value);
}

/** A flow record as an object; undefined when it is none. */
export function readFlowFields(value: Fields): RecordedFlow | undefined {
  if (value["event_type"] !== "flow" || !isFields(value["flow"])) return undefined;
  const protocol = textOf(value["proto"]);
  const [from, to] = [textOf(value["src_ip"]) ?? "", textOf(value["dest_ip"]) ?? ""];
  const [start, end] = [readEveTimestamp(value["flow"]["start"]), readEveTimestamp(value["flow"]["end"])];
  if (protocol === undefined || start === undefined || end === undefined) return undefined;
  if ([from, to].some((address) => address !== "" && parseAddress(address) === undefined)) return undefined;
  const attribution = textOf(value["attribution"]) ?? "none";
  const direction = value["direction"];
  const [process, hostname, source, namespace] = [
    readProcess(value["process"]),
    textOf(value["hostname"]),
    textOf(value["hostname_source"]) ?? "",
    wholeOf(value["network_namespace"], 0xffff_ffff),
  ];
  const interfaceName = textOf(value["in_iface"]);
  const place = isFields(value["geo"]) ? value["geo"] : {};
  const geo = readGeo(place["country_iso_code"], place["asn"], place["organization"]);
  return {
    protocol,
    source: { address: from, port: port(wholeOf(value["src_port"], 65_535) ?? 0) },
    destination: { address: to, port: port(wholeOf(value["dest_port"], 65_535) ?? 0) },
    localIsSource: direction === "outbound" ? true : direction === "inbound" ? false : undefined,
    ...((direction === "outbound" || direction === "inbound") && { direction }),
    start,
    end,
    attribution: attributions.includes(attribution) ? (attribution as Attribution) : "none",
    ...(process !== undefined && { process }),
    ...(namespace !== undefined && { networkNamespace: namespace }),
    ...(interfaceName !== undefined && { interfaceName }),
    ...(geo !== undefined && { geo }),
    ...(hostname !== undefined &&
      hostnameSources.includes(source) && { hostname, hostnameSource: source as HostnameSource }),
  };
}
