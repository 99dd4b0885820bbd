/**
 * What RustNet (1.x) writes about flows: lines of JSON beside a pcap file (FILE.connections.jsonl), and comments of frames in
 * pcapng. Its sidecar calls the ends "local" and "remote" and does not say who opened a flow.
 */
import {
  epochMillis,
  normalizeAddress,
  pid,
  port,
  type Container,
  type Endpoint,
  type ProcessInfo,
  type RecordedFlow,
} from "../model/index.ts";
import { ancestorsAtMost } from "./flow-record.ts";
import { isFields, readGeo, textOf, wholeOf, type Fields } from "./read-flow-record.ts";

const mostPid = 0x40_0000;
const mostId = 0xffff_ffff;

/** "192.0.2.1:443", "[2001:db8::1%2]:443"; undefined when it is neither. */
function readEndpoint(value: unknown): Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})(?:%\d{1,10})?\]|([0-9.]{7,15})):(\d{1,5})$/.exec(textOf(value) ?? "");
  const address = normalizeAddress(match?.[1] ?? match?.[2] ?? "");
  const number = wholeOf(Number(match?.[3]), 65_535);
  return address === undefined || number === undefined ? undefined : { address, port: port(number) };
}

/** Seconds and nanoseconds since the epoch, in milliseconds. */
function readTime(value: unknown): number | undefined {
  if (!isFields(value)) return undefined;
  const seconds = wholeOf(value["secs_since_epoch"], 1e11);
  const nanoseconds = wholeOf(value["nanos_since_epoch"], 999_999_999);
  return seconds === undefined || nanoseconds === undefined ? undefined : seconds * 1000 + nanoseconds / 1e6;
}

function protocolOf(value: unknown, { address }: Endpoint): string | undefined {
  const name = textOf(value)?.toUpperCase();
  if (name === "ICMPV6" || (name === "ICMP" && address.includes(":"))) return "IPv6-ICMP";
  return name;
}

function readContainer(value: unknown): Container | undefined {
  if (!isFields(value)) return undefined;
  const [id, name] = [textOf(value["container_id"]), textOf(value["container_name"])];
  return id === undefined ? undefined : { id, runtime: "kubernetes", ...(name !== undefined && { name }) };
}

function readAncestors(lineage: unknown, parent: number | undefined): ProcessInfo["ancestors"] {
  const listed = isFields(lineage) && Array.isArray(lineage["ancestors"]) ? lineage["ancestors"] : [];
  const ancestors = listed.slice(0, ancestorsAtMost).flatMap((one: unknown) => {
    const number = isFields(one) ? wholeOf(one["pid"], mostPid) : undefined;
    const name = isFields(one) ? textOf(one["name"]) : undefined;
    return number === undefined || name === undefined ? [] : [{ pid: pid(number), name }];
  });
  if (ancestors.length > 0) return ancestors;
  return parent === undefined ? undefined : [{ pid: pid(parent), name: "" }];
}

function readProcess(line: Fields): ProcessInfo | undefined {
  const name = textOf(line["process_name"]);
  const number = wholeOf(line["pid"], mostPid);
  if (name === undefined || number === undefined) return undefined;
  const executable = textOf(line["process_executable"]);
  const [user, group] = [wholeOf(line["process_uid"], mostId), wholeOf(line["process_gid"], mostId)];
  const container = readContainer(line["kubernetes"]);
  const ancestors = readAncestors(line["process_lineage"], wholeOf(line["process_ppid"], mostPid));
  return {
    pid: pid(number),
    start: epochMillis(0),
    name,
    ...(executable !== undefined && { executable }),
    ...(ancestors?.[0] !== undefined && { parent: ancestors[0], ancestors }),
    ...(user !== undefined && { user: { id: user } }),
    ...(group !== undefined && { groupId: group }),
    ...(container !== undefined && { container }),
  };
}

/** A line of its sidecar; undefined when it is none. */
export function readRustnetFlow(line: Fields): RecordedFlow | undefined {
  const [local, remote] = [readEndpoint(line["local_addr"]), readEndpoint(line["remote_addr"])];
  if (local === undefined || remote === undefined) return undefined;
  const protocol = protocolOf(line["protocol"], local);
  if (protocol === undefined) return undefined;
  const process = readProcess(line);
  const geo = readGeo(line["geoip_country_code"], line["geoip_asn"], line["geoip_as_org"]);
  const start = readTime(line["first_seen"]) ?? 0;
  return {
    protocol,
    source: local,
    destination: remote,
    // Which end is whose is all that this says here.
    localIsSource: true,
    start,
    end: Math.max(start, readTime(line["last_seen"]) ?? 0),
    // It looks owners up in the kernel or in /proc, and does not always say where.
    attribution: process === undefined ? "none" : "procfs",
    ...(process !== undefined && { process }),
    ...(geo !== undefined && { geo }),
  };
}

/** A frame's comment, such as "rustnet process=curl pid=7 ppid=1 uid=1000 app=HTTPS"; undefined when it names nobody. */
export function readRustnetComment(text: string): ProcessInfo | undefined {
  const [tool, ...words] = text.split(" ", 64);
  if (tool !== "rustnet") return undefined;
  const values = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf("=");
    const name = word.slice(0, Math.max(0, at));
    if (at > 0 && !values.has(name)) values.set(name, word.slice(at + 1));
  }
  const number = (name: string, most: number): number | undefined => {
    const value = values.get(name) ?? "";
    return /^\d{1,10}$/.test(value) ? wholeOf(Number(value), most) : undefined;
  };
  const [name, processId] = [textOf(values.get("process")), number("pid", mostPid)];
  if (name === undefined || processId === undefined) return undefined;
  const [parent, user] = [number("ppid", mostPid), number("uid", mostId)];
  const container = readContainer({
    container_id: values.get("container_id"),
    container_name: values.get("container"),
  });
  return {
    pid: pid(processId),
    start: epochMillis(0),
    name,
    ...(parent !== undefined && { parent: { pid: pid(parent), name: "" } }),
    ...(user !== undefined && { user: { id: user } }),
    ...(container !== undefined && { container }),
  };
}
