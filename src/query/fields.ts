/**
 * The one table of fields: parsing, completion, explanation and the printed reference are all read from it.
 * Getters allocate nothing; what has to be made (a joined command line) is made once per process and kept weakly.
 */
import { type Connection, destinationOf, type Endpoint, type HttpFacts, sourceOf } from "../model/index.ts";
import {
  type AddressField,
  type Field,
  type FlagField,
  type NumberField,
  type NumberGetter,
  type TextField,
  type TextGetter,
  unknownNumber,
} from "./field.ts";
import { commandLine, isOwnerKnown, processFields, program } from "./process-fields.ts";
import type { Unit } from "./quantity.ts";

const local = (connection: Connection): Endpoint => connection.local;
const remote = (connection: Connection): Endpoint => connection.remote;

const http = (connection: Connection): HttpFacts | undefined => connection.application?.facts.http;

const loopbackAddress = (address: string): boolean =>
  address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");

function lossPercent(connection: Connection): number {
  const lost = connection.quality.lost ?? connection.quality.retransmits;
  if (lost === undefined) return unknownNumber;
  return connection.txPackets === 0 ? 0 : (100 * lost) / connection.txPackets;
}

const endOrNow = (connection: Connection, now: number): number => connection.end ?? now;

const addressFields: readonly AddressField[] = [
  {
    kind: "address",
    name: "src",
    aliases: ["source"],
    summary: "source (the side that opened it) is",
    example: "src:192.168.1.0/24",
    sides: [sourceOf],
  },
  {
    kind: "address",
    name: "dst",
    aliases: ["dest", "destination"],
    summary: "destination (the side that was called) is",
    example: "not dst:10.0.0.0/8",
    sides: [destinationOf],
  },
  {
    kind: "address",
    name: "local",
    aliases: [],
    summary: "local address is",
    example: "local:192.0.2.10",
    sides: [local],
  },
  {
    kind: "address",
    name: "remote",
    aliases: ["peer"],
    summary: "remote address is",
    example: "remote:2001:db8::/32",
    sides: [remote],
  },
  {
    kind: "address",
    name: "ip",
    aliases: ["address"],
    summary: "local or remote address is",
    example: "ip:10.0.0.1-10.0.0.9",
    sides: [local, remote],
  },
];

const portOf = (
  name: string,
  aliases: readonly string[],
  summary: string,
  example: string,
  numbers: readonly NumberGetter[],
): NumberField => ({ kind: "number", name, aliases, summary, example, unit: "count", greatest: 65_535, numbers });

const portFields: readonly NumberField[] = [
  portOf("port", [], "source or destination port is", "port:1000-2000", [(c) => c.local.port, (c) => c.remote.port]),
  portOf("sport", ["srcport", "source-port"], "source port is", "sport>=32768", [(c) => sourceOf(c).port]),
  portOf("dport", ["dstport", "dest-port", "destination-port"], "destination port is", "dport:80,443", [
    (c) => destinationOf(c).port,
  ]),
];

const networkFields: readonly Field[] = [
  {
    kind: "text",
    name: "proto",
    aliases: ["protocol"],
    summary: "protocol is",
    example: "proto:udp",
    suggestions: ["tcp", "udp", "icmp", "ipv6-icmp", "sctp", "arp"],
    texts: [(c) => c.protocol],
  },
  {
    kind: "text",
    name: "state",
    aliases: [],
    summary: "state is",
    example: "state:established",
    suggestions: ["established", "syn_sent", "time_wait", "close_wait", "listen", "active", "idle", "stale"],
    spelling: (value) => value.replaceAll("-", "_"),
    texts: [(c) => c.state],
  },
  {
    kind: "text",
    name: "service",
    aliases: ["svc"],
    summary: "well-known service of the port is",
    example: "service:https",
    texts: [(c) => c.service],
  },
  {
    kind: "text",
    name: "iface",
    aliases: ["interface"],
    summary: "interface is",
    example: "iface=eth0",
    texts: [(c) => c.interfaceName],
  },
  {
    kind: "number",
    name: "vlan",
    aliases: [],
    summary: "VLAN is",
    example: "vlan:100-199",
    unit: "count",
    greatest: 4095,
    numbers: [(c) => c.vlan ?? unknownNumber],
  },
  {
    kind: "text",
    name: "mac",
    aliases: [],
    summary: "local or remote hardware address is",
    example: "mac:02:00:5e",
    spelling: (value) => value.replaceAll("-", ":"),
    texts: [(c) => c.localMac, (c) => c.remoteMac],
  },
  {
    kind: "text",
    name: "country",
    aliases: [],
    summary: "remote address is registered in",
    example: "country=CH",
    texts: [(c) => c.geo?.country],
  },
  {
    kind: "number",
    name: "asn",
    aliases: [],
    summary: "remote network (autonomous system) is",
    example: "asn:AS13335",
    unit: "count",
    prefix: "as",
    greatest: 0xffffffff,
    numbers: [(c) => c.geo?.asn ?? unknownNumber],
    texts: [(c) => c.geo?.organization],
  },
];

/** The payload has told the protocol, and with it the names that it claims. */
export const isIdentified = ({ application }: Connection): boolean =>
  application !== undefined && application.by !== "port";

/** What free text looks at. */
export const isAllKnown = (connection: Connection): boolean => isOwnerKnown(connection) && isIdentified(connection);

const applicationFields: readonly TextField[] = [
  {
    kind: "text",
    name: "family",
    aliases: [],
    isKnown: isIdentified,
    summary: "family of services by host name, or its category, is",
    example: "family:github",
    texts: [(c) => c.family?.name, (c) => c.family?.category],
  },
  {
    kind: "text",
    name: "app",
    aliases: ["application"],
    isKnown: isIdentified,
    summary: "application protocol is",
    example: "app:tls",
    suggestions: ["tls", "http", "dns", "ssh", "quic"],
    texts: [(c) => c.application?.name],
  },
  {
    kind: "text",
    name: "host",
    aliases: ["hostname", "sni"],
    isKnown: isIdentified,
    summary: "host name is",
    example: "sni:/\\.cdn\\./",
    texts: [
      (c) => c.hostname,
      (c) => c.application?.hostname,
      (c) => c.application?.facts.tls?.sni,
      (c) => c.application?.facts.quic?.sni,
      (c) => http(c)?.hostname,
      (c) => c.application?.facts.dns?.queries?.[0]?.rrname,
    ],
  },
  {
    kind: "text",
    name: "ssh",
    aliases: [],
    isKnown: isIdentified,
    summary: "SSH software is",
    example: "ssh:OpenSSH_9",
    texts: [
      (c) => c.application?.facts.ssh?.server?.software_version,
      (c) => c.application?.facts.ssh?.client?.software_version,
      (c) => c.application?.facts.ssh?.server?.proto_version,
    ],
  },
  {
    kind: "text",
    name: "ja4",
    aliases: [],
    isKnown: isIdentified,
    summary: "JA4 fingerprint is",
    example: "ja4:t13d1516h2",
    texts: [(c) => c.application?.facts.tls?.ja4, (c) => c.application?.facts.quic?.ja4],
  },
];

const measure = (
  name: string,
  aliases: readonly string[],
  summary: string,
  example: string,
  unit: Unit,
  number: NumberGetter,
): NumberField => ({ kind: "number", name, aliases, summary, example, unit, numbers: [number] });

const measureFields: readonly NumberField[] = [
  measure("bytes", ["size"], "bytes in both directions are", "bytes>10MB", "bytes", (c) => c.txBytes + c.rxBytes),
  measure("tx", ["sent", "up"], "bytes sent are", "tx>1GiB", "bytes", (c) => c.txBytes),
  measure("rx", ["received", "down"], "bytes received are", "rx>1GiB", "bytes", (c) => c.rxBytes),
  measure("packets", ["pkts"], "packets are", "packets<3", "count", (c) => c.txPackets + c.rxPackets),
  measure("rate", [], "rate in both directions is", "rate>1M", "rate", (c) => c.txRate + c.rxRate),
  measure("txrate", ["uprate"], "rate sent is", "txrate>8Mbit", "rate", (c) => c.txRate),
  measure("rxrate", ["downrate"], "rate received is", "rxrate>500kB/s", "rate", (c) => c.rxRate),
  measure("rtt", [], "round trip time is", "rtt>50ms", "milliseconds", (c) => c.quality.rtt ?? unknownNumber),
  measure(
    "retransmits",
    ["retrans"],
    "retransmitted segments are",
    "retransmits>0",
    "count",
    (c) => c.quality.retransmits ?? unknownNumber,
  ),
  measure("loss", [], "lost share of the packets sent is", "loss>1%", "percent", lossPercent),
  measure("age", [], "age is", "age<10s", "seconds", (c, now) => (endOrNow(c, now) - c.start) / 1000),
  measure("idle", [], "time since the last packet is", "idle>1m", "seconds", (c, now) => (now - c.lastActivity) / 1000),
];

const flagField: FlagField = {
  kind: "flag",
  name: "is",
  aliases: [],
  summary: "connection is",
  example: "is:inbound",
  flags: new Map([
    ["closed", { summary: "ended, and kept for a while", test: (c) => c.liveliness === "closed" }],
    ["live", { summary: "not ended", test: (c) => c.liveliness !== "closed" }],
    ["stale", { summary: "near its timeout", test: (c) => c.liveliness === "stale" || c.liveliness === "critical" }],
    [
      "loopback",
      {
        summary: "within this machine",
        test: (c) => loopbackAddress(c.remote.address) || loopbackAddress(c.local.address),
      },
    ],
    ["listen", { summary: "a listening socket", test: (c) => c.state === "LISTEN" }],
    ["inbound", { summary: "opened by the other side", test: (c) => c.direction === "inbound" }],
    ["outbound", { summary: "opened by this side", test: (c) => c.direction === "outbound" }],
  ]),
};

/** All fields, in the order of the reference. */
export const fields: readonly Field[] = [
  ...portFields,
  ...addressFields,
  ...networkFields,
  ...applicationFields,
  ...processFields,
  ...measureFields,
  flagField,
];

const byName = new Map(fields.flatMap((field) => [field.name, ...field.aliases].map((name) => [name, field] as const)));

/** The field that `name` or one of its aliases stands for, in any case. */
export const findField = (name: string): Field | undefined => byName.get(name.toLowerCase());

/** Every name and alias. */
export const fieldNames: readonly string[] = [...byName.keys()];

/** Texts that free text is looked for in: what a row or its details show. */
export const shownTexts: readonly TextGetter[] = [
  (c) => c.process?.name,
  program,
  (c) => c.remote.address,
  (c) => c.hostname,
  (c) => c.local.address,
  (c) => c.protocol,
  (c) => c.service,
  (c) => c.application?.name,
  (c) => c.application?.hostname,
  (c) => c.state,
  (c) => c.interfaceName,
  (c) => c.process?.user?.name,
  (c) => c.process?.container?.name,
  (c) => c.process?.service,
  (c) => c.geo?.country,
  (c) => c.geo?.organization,
  commandLine,
];

/** Names among them: what a word may stand for with letters left out. */
export const namedTexts: readonly TextGetter[] = [
  (c) => c.process?.name,
  program,
  (c) => c.hostname,
  (c) => c.service,
  (c) => c.application?.name,
  (c) => c.application?.hostname,
  (c) => c.process?.container?.name,
  (c) => c.process?.service,
  (c) => c.geo?.organization,
];

/** Numbers that free text of digits is looked for in. */
export const shownNumbers: readonly NumberGetter[] = [
  (c) => c.local.port,
  (c) => c.remote.port,
  (c) => c.process?.pid ?? unknownNumber,
];
