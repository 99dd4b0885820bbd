import type { Connection, ProcessInfo, SegmentCounts } from "../model/index.ts";
import { formatEndpoint } from "./cell-text.ts";
import { formatAge, formatBytes, formatClock, formatMilliseconds, formatRate } from "./format.ts";

/** One fact under its name in the JSON contract; technical, the same in every language. */
export interface DetailField {
  readonly section: string;
  readonly name: string;
  readonly value: string;
}

const factsLimit = 200;
const depthLimit = 4;
const valueLimit = 2048;

/** Everything known of a connection. Absent facts have no line. */
export function detailFields(row: Connection, now: number): DetailField[] {
  const out: DetailField[] = [];
  const adder =
    (section: string) =>
    (name: string, value: string | number | boolean | undefined): void => {
      if (value === undefined || value === "") return;
      out.push({ section, name, value: String(value).slice(0, valueLimit) });
    };
  identity(row, now, adder("connection"));
  if (row.process !== undefined) processFields(row.process, adder("process"));
  else adder("process")("attribution", row.attribution);
  applicationFields(row, adder("application"));
  qualityFields(row, adder("tcp"));
  counters(row, adder("flow"));
  return out;
}

type Add = (name: string, value: string | number | boolean | undefined) => void;

function identity(row: Connection, now: number, add: Add): void {
  add("id", row.id);
  add("proto", `${row.protocol} (${protocolNumber(row.protocolNumber)})`);
  add("local", formatEndpoint(row.local));
  add("remote", formatEndpoint(row.remote));
  add("hostname", row.hostname);
  add("hostname_source", row.hostnameSource);
  add("direction", row.direction);
  add("state", row.state);
  add("liveliness", row.liveliness);
  add("reason", row.endReason);
  add("service", row.service);
  add("start", time(row.start, now));
  add("last_activity", time(row.lastActivity, now));
  add("end", row.end === undefined ? undefined : time(row.end, now));
  add("age", formatAge((row.end ?? now) - row.start));
  add("interface", row.interfaceName);
  add("network_namespace", row.networkNamespace === 0 ? undefined : row.networkNamespace);
  add("vlan", row.vlan);
  add("local_mac", row.localMac);
  add("remote_mac", row.remoteMac);
  add("geo.country", row.geo?.country);
  add("geo.asn", row.geo?.asn);
  add("geo.organization", row.geo?.organization);
  row.translated?.slice(0, 16).forEach((tuple, i) => add(`translated[${i}]`, tuple));
}

const protocolNumber = (number: number): string =>
  number >= 0x1_0000 ? `EtherType 0x${(number & 0xffff).toString(16).padStart(4, "0")}` : String(number);

const time = (at: number, now: number): string => `${formatClock(at)} (${formatAge(now - at)} ago)`;

function processFields(process: ProcessInfo, add: Add): void {
  add("process.name", process.name);
  add("process.pid", process.pid);
  add("process.start", process.start === 0 ? undefined : new Date(process.start).toISOString());
  add("process.executable", process.executable);
  add("process.command_line", process.commandLine?.map(quoted).join(" "));
  if (process.parent !== undefined) add("process.parent", `${process.parent.name} (${process.parent.pid})`);
  if (process.user !== undefined) {
    add(
      "process.user",
      process.user.name === undefined ? process.user.id : `${process.user.name} (${process.user.id})`,
    );
  }
  add("process.group", process.groupId);
  add("process.service", process.service);
  if (process.container !== undefined) {
    const { runtime, name, id } = process.container;
    add("process.container", `${runtime} ${name ?? ""} ${id}`.replace(/ {2,}/g, " "));
  }
  add("process.cgroup", process.cgroupPath ?? process.cgroupId);
  add("process.exit", process.exit === undefined ? undefined : new Date(process.exit).toISOString());
}

const quoted = (argument: string): string =>
  argument === "" || /[\s'"\\$`]/.test(argument) ? `'${argument.replaceAll("'", String.raw`'\''`)}'` : argument;

function applicationFields(row: Connection, add: Add): void {
  const { application } = row;
  if (application === undefined) return;
  add("app_proto", application.name);
  add("app_proto_by", application.by);
  add("app_hostname", application.hostname);
  if (row.family !== undefined) {
    add("app_family", `${row.family.name} (${row.family.category})`);
    add("app_family.by", row.family.source);
  }
  flatten(application.facts, "", 0, { left: factsLimit }, add);
}

/** Facts of any shape, as lines; what is too deep or too many is left out. */
function flatten(value: unknown, name: string, depth: number, budget: { left: number }, add: Add): void {
  if (value === null || value === undefined || depth > depthLimit || budget.left-- <= 0) return;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    add(name, value);
  } else if (Array.isArray(value)) {
    const items: readonly unknown[] = value.slice(0, factsLimit);
    if (items.every((item) => typeof item === "string" || typeof item === "number")) add(name, items.join(", "));
    else items.forEach((item, i) => flatten(item, `${name}[${i}]`, depth + 1, budget, add));
  } else if (typeof value === "object") {
    for (const [key, inner] of Object.entries(value).slice(0, factsLimit)) {
      flatten(inner, name === "" ? key : `${name}.${key}`, depth + 1, budget, add);
    }
  }
}

function qualityFields(row: Connection, add: Add): void {
  const { quality } = row;
  if (quality.rtt !== undefined) add("rtt", formatMilliseconds(quality.rtt));
  if (quality.minRtt !== undefined) add("min_rtt", formatMilliseconds(quality.minRtt));
  add("retransmits", quality.retransmits);
  add("lost", quality.lost);
  add("congestion_window", quality.congestionWindow);
  if (quality.handshakeRtt !== undefined) add("handshake_rtt", formatMilliseconds(quality.handshakeRtt));
  segmentFields("sent", quality.sent, add);
  segmentFields("received", quality.received, add);
}

/** Segments of one side that tell of trouble, where a capture shows them. */
function segmentFields(side: string, counts: SegmentCounts | undefined, add: Add): void {
  if (counts === undefined) return;
  add(`${side}_retransmits`, counts.retransmits);
  add(`${side}_out_of_order`, counts.outOfOrder);
  add(`${side}_duplicate_acks`, counts.duplicateAcks);
  add(`${side}_zero_windows`, counts.zeroWindows);
}

function counters(row: Connection, add: Add): void {
  add("rx_bytes", exact(row.rxBytes));
  add("tx_bytes", exact(row.txBytes));
  add("rx_packets", row.rxPackets);
  add("tx_packets", row.txPackets);
  add("rx_rate", rates(row.rxRate, row.rxRate10, row.rxRate60));
  add("tx_rate", rates(row.txRate, row.txRate10, row.txRate60));
  add("attribution", row.attribution);
}

const exact = (bytes: number): string => (bytes < 1000 ? `${bytes} B` : `${formatBytes(bytes)} (${bytes} B)`);

const rates = (now: number, ten: number, sixty: number): string =>
  `${formatRate(now)} now · ${formatRate(ten)} over 10 s · ${formatRate(sixty)} over 60 s`;
