import {
  type Application,
  type Connection,
  type ConnectionState,
  destinationOf,
  type EndReason,
  type Endpoint,
  localIsSource,
  type ProcessInfo,
  type SegmentCounts,
  sourceOf,
} from "../model/index.ts";
import type { FlowCounters, FlowRecord, ProcessRecord, SegmentRecord, TcpRecord } from "./record.ts";
import { eveTimestamp } from "./timestamp.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Protocols whose ports mean something even when 0: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const withPorts = new Set([6, 17, 33, 132, 136]);
const tcp = 6;

/** Suricata's words for the states of TCP. */
const tcpStates = new Map([["CLOSE", "closed"]]);

/** Names of the record that no protocol's facts may take. */
const ownNames = new Set<string>([
  "timestamp",
  "event_type",
  "flow_id",
  "in_iface",
  "vlan",
  "src_ip",
  "src_port",
  "dest_ip",
  "dest_port",
  "proto",
  "app_proto",
  "app_proto_by",
  "app_proto_hint",
  "app_proto_orig",
  "app_proto_alt",
  "app_hostname",
  "app_family",
  "flow",
  "tcp",
  "ether",
  "process",
  "attribution",
  "direction",
  "hostname",
  "hostname_source",
  "geo",
  "network_namespace",
  "translated",
  "tunnel",
  "__proto__",
]);

const deepestFact = 8;

/** True: JSON can say it as it is. Nearly all facts are so, and need no copy. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null || depth === 0) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isPlain(value[index], depth - 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) if (!isPlain((value as Readonly<Record<string, unknown>>)[key], depth - 1)) return false;
  return true;
}

/** A fact as JSON can say it: no null, no NaN, nothing that is not data; undefined when nothing remains. */
function plainFact(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "bigint":
      return value.toString();
    case "object":
      return value === null || depth === 0 ? undefined : plainObject(value, depth);
    default:
      return undefined;
  }
}

function plainObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => plainFact(item, depth - 1)).filter((item) => item !== undefined);
  }
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const plain = plainFact(item, depth - 1);
    if (plain !== undefined) entries.push([key, plain]);
  }
  return Object.fromEntries(entries);
}

/** What only recordings tell of a process: there it has to be read back. */
function addRecorded(record: Mutable<ProcessRecord>, process: ProcessInfo, lineage: readonly ProcessInfo[]): void {
  const { commandLine, workingDirectory, groupId } = process;
  const ancestors = lineage.length > 1 ? lineage.slice(1, 1 + ancestorsAtMost) : process.ancestors;
  if (commandLine !== undefined) record.args = commandLine;
  if (workingDirectory !== undefined) record.working_directory = workingDirectory;
  if (ancestors !== undefined) record.ancestors = ancestors.map(({ pid, name }) => ({ pid, name }));
  if (groupId !== undefined) record.group = { id: groupId };
}

/** A process in ECS's words; with `lineage` (itself and its parents, nearest first) all that a recording tells of it. */
export function processRecord(process: ProcessInfo, lineage?: readonly ProcessInfo[]): ProcessRecord {
  const record: Mutable<ProcessRecord> = { pid: process.pid, name: process.name };
  if (process.start > 0) record.start = eveTimestamp(process.start);
  if (process.executable !== undefined) record.executable = process.executable;
  if (process.commandLine !== undefined) record.command_line = process.commandLine.join(" ");
  if (lineage !== undefined) addRecorded(record, process, lineage);
  if (process.parent !== undefined) record.parent = { pid: process.parent.pid, name: process.parent.name };
  const { user, container } = process;
  if (user !== undefined) record.user = user.name === undefined ? { id: user.id } : { id: user.id, name: user.name };
  if (container !== undefined) {
    const { id, runtime, name } = container;
    record.container = name === undefined ? { id, runtime } : { id, runtime, name };
  }
  if (process.service !== undefined) record.service = process.service;
  return record;
}

/** State of a flow that lives. */
function livingState(connection: Connection, state: ConnectionState): FlowCounters["state"] {
  if (connection.protocolNumber === tcp) return state === "SYN_SENT" || state === "SYN_RECV" ? "new" : "established";
  return connection.txPackets > 0 && connection.rxPackets > 0 ? "established" : "new";
}

/** `state` is the connection's while it lives, and undefined when it has ended. */
function counters(
  connection: Connection,
  state: ConnectionState | undefined,
  reason: EndReason | undefined,
): FlowCounters {
  const forward = localIsSource(connection);
  const record: Mutable<FlowCounters> = {
    pkts_toserver: forward ? connection.txPackets : connection.rxPackets,
    pkts_toclient: forward ? connection.rxPackets : connection.txPackets,
    bytes_toserver: forward ? connection.txBytes : connection.rxBytes,
    bytes_toclient: forward ? connection.rxBytes : connection.txBytes,
    start: eveTimestamp(connection.start),
    end: eveTimestamp(Math.max(connection.start, connection.lastActivity)),
    age: Math.max(0, Math.floor((connection.lastActivity - connection.start) / 1000)),
    state: state === undefined ? "closed" : livingState(connection, state),
  };
  if (state !== undefined) {
    record.rate_toserver = Math.round(forward ? connection.txRate : connection.rxRate);
    record.rate_toclient = Math.round(forward ? connection.rxRate : connection.txRate);
  }
  if (reason !== undefined) record.reason = reason;
  return record;
}

/** Milliseconds, no finer than a microsecond. */
const microseconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

const segmentRecord = (counts: SegmentCounts): SegmentRecord => ({
  retransmits: counts.retransmits,
  out_of_order: counts.outOfOrder,
  duplicate_acks: counts.duplicateAcks,
  zero_windows: counts.zeroWindows,
});

function tcpRecord(connection: Connection, state: ConnectionState): TcpRecord {
  const { rtt, minRtt, retransmits, lost, congestionWindow, handshakeRtt, sent, received } = connection.quality;
  const record: Mutable<TcpRecord> = { state: tcpStates.get(state) ?? state.toLowerCase() };
  if (rtt !== undefined) record.rtt = microseconds(rtt);
  if (minRtt !== undefined) record.min_rtt = microseconds(minRtt);
  if (retransmits !== undefined) record.retransmits = retransmits;
  if (lost !== undefined) record.lost = lost;
  if (congestionWindow !== undefined) record.cwnd = congestionWindow;
  if (handshakeRtt !== undefined) record.handshake_rtt = microseconds(handshakeRtt);
  if (sent !== undefined && received !== undefined) {
    const forward = localIsSource(connection);
    record.toserver = segmentRecord(forward ? sent : received);
    record.toclient = segmentRecord(forward ? received : sent);
  }
  return record;
}

function addEndpoints(record: Mutable<FlowRecord>, connection: Connection): void {
  const source: Endpoint = sourceOf(connection);
  const destination: Endpoint = destinationOf(connection);
  const ports = withPorts.has(connection.protocolNumber);
  if (source.address !== "") record.src_ip = source.address;
  if (ports) record.src_port = source.port;
  if (destination.address !== "") record.dest_ip = destination.address;
  if (ports) record.dest_port = destination.port;
}

function addPlaces(record: Mutable<FlowRecord>, connection: Connection): void {
  const { hostname, hostnameSource, family, geo, localMac, remoteMac } = connection;
  if (family !== undefined) record.app_family = { name: family.name, category: family.category, by: family.source };
  if (hostname !== undefined) record.hostname = hostname;
  if (hostnameSource !== undefined) record.hostname_source = hostnameSource;
  if (geo !== undefined) {
    const place: { country_iso_code?: string; asn?: number; organization?: string } = {};
    if (geo.country !== undefined) place.country_iso_code = geo.country;
    if (geo.asn !== undefined) place.asn = geo.asn;
    if (geo.organization !== undefined) place.organization = geo.organization;
    record.geo = place;
  }
  if (localMac !== undefined || remoteMac !== undefined) {
    const forward = localIsSource(connection);
    const from = forward ? localMac : remoteMac;
    const to = forward ? remoteMac : localMac;
    record.ether = { ...(from !== undefined && { src_mac: from }), ...(to !== undefined && { dest_mac: to }) };
  }
  if (connection.networkNamespace !== 0) record.network_namespace = connection.networkNamespace;
  if (connection.translated !== undefined && connection.translated.length > 0)
    record.translated = connection.translated;
  if (connection.tunnel !== undefined) record.tunnel = connection.tunnel;
}

export interface FlowRecordOptions {
  /**
   * The run has ended, and the state the connection was in just before: what it ended by is its `endReason`, and where it
   * went on ("shutdown", or none) the record shows it as it was.
   */
  readonly before?: ConnectionState;
  /** For a recording, which is read back: the process is told in full, with its parents, nearest first after itself. */
  readonly lineage?: readonly ProcessInfo[];
}

/** Longest chain of parents that a recording tells. */
export const ancestorsAtMost = 16;

/** What a dialect is one of. */
const alsoKnownAs: ReadonlyMap<string, readonly string[]> = new Map([
  ["bittorrent-dht", ["bittorrent"]],
  ["grpc", ["http2"]],
  ["nfs", ["sunrpc"]],
  ["utp", ["bittorrent"]],
]);

/** A bare port is no identification: what it hints at stands under a name of its own. */
function addApplication(record: Mutable<FlowRecord>, application: Application): void {
  if (application.by === "port") {
    record.app_proto_hint = application.name;
    return;
  }
  record.app_proto = application.name;
  record.app_proto_by = application.by;
  const { originally } = application;
  const others = [...(alsoKnownAs.get(application.name) ?? [])];
  if (originally !== undefined && originally !== application.name) {
    record.app_proto_orig = originally;
    others.push(originally);
  }
  // Media and DTLS that followed STUN on one flow.
  if (application.facts["stun"] !== undefined && application.name !== "stun") others.push("stun");
  const dns = application.facts.tls?.encrypted_dns ?? application.facts.quic?.encrypted_dns;
  if (dns !== undefined) others.push(dns);
  if (application.facts.tls?.tor === true) others.push("tor");
  if (others.length > 0) record.app_proto_alt = others;
  const hostname = application.hostname ?? askedName(application);
  if (hostname !== undefined) record.app_hostname = hostname;
}

/** The name that a multicast question asks for. */
function askedName(application: Application): string | undefined {
  const facts = application.facts[application.name] as { queries?: readonly { rrname?: unknown }[] } | undefined;
  const asked = application.name === "mdns" || application.name === "llmnr" ? facts?.queries?.[0]?.rrname : undefined;
  return typeof asked === "string" ? asked : undefined;
}

/** The record of `connection` as it stands at `time` (milliseconds since the epoch): DESIGN section 6. */
export function flowRecord(connection: Connection, time: number, options: FlowRecordOptions = {}): FlowRecord {
  const { before } = options;
  const reason = connection.endReason ?? (before === undefined ? undefined : "shutdown");
  const wentOn = before !== undefined && reason === "shutdown";
  const living = wentOn || connection.liveliness !== "closed";
  const state = wentOn ? before : connection.state;
  const record: Mutable<FlowRecord> = {
    timestamp: eveTimestamp(time),
    flow_id: connection.id,
    event_type: "flow",
    proto: connection.protocol,
    flow: counters(connection, living ? state : undefined, reason),
    attribution: connection.attribution,
  };
  addEndpoints(record, connection);
  if (connection.interfaceName !== undefined) record.in_iface = connection.interfaceName;
  if (connection.vlan !== undefined) record.vlan = [connection.vlan];
  if (connection.direction !== "unknown") record.direction = connection.direction;
  if (connection.protocolNumber === tcp) record.tcp = tcpRecord(connection, state);
  const { application, process } = connection;
  if (application !== undefined) {
    addApplication(record, application);
    for (const name of Object.keys(application.facts)) {
      const facts = application.facts[name];
      if (ownNames.has(name)) continue;
      const plain = isPlain(facts, deepestFact) ? facts : plainFact(facts, deepestFact);
      if (plain !== undefined) record[name] = plain;
    }
  }
  addPlaces(record, connection);
  if (process !== undefined) record.process = processRecord(process, options.lineage);
  return record;
}
