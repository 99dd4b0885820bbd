import {
  connectionId,
  epochMillis,
  networkNamespace,
  port,
  type Application,
  type Attribution,
  type Connection,
  type ConnectionState,
  type ProcessInfo,
} from "../../model/index.ts";
import type { Random } from "./random.ts";
import { sampleStart, type SampleProgram } from "./sample-processes.ts";

export type MutableConnection = { -readonly [Field in keyof Connection]: Connection[Field] };

const tcpStates = [
  "ESTABLISHED",
  "ESTABLISHED",
  "ESTABLISHED",
  "ESTABLISHED",
  "TIME_WAIT",
  "CLOSE_WAIT",
  "SYN_SENT",
] as const;

const services: Readonly<Record<number, string>> = {
  22: "ssh",
  53: "domain",
  80: "http",
  123: "ntp",
  443: "https",
  5432: "postgresql",
  5672: "amqp",
  6379: "redis",
};

/** Makes up one row: mostly TCP and UDP of `program`, some listeners, and what has no socket (ARP, ICMP). */
export function sampleConnection(
  random: Random,
  index: number,
  process: ProcessInfo,
  program: SampleProgram,
): MutableConnection {
  const shape = random.integer(100);
  if (shape < 2) return withoutSocket(random, index, 0x10000 | 0x0806, "ARP");
  if (shape < 4) return withoutSocket(random, index, 1, "ICMP");
  const version6 = random.chance(25);
  const serverPort = random.pick(program.ports);
  const datagram = serverPort === 53 || serverPort === 123 || (serverPort === 443 && random.chance(20));
  const here = version6 ? "2001:db8::10" : "192.0.2.10";
  const listening = program.serves === true && shape < 10;
  const clientPort = 32768 + random.integer(28000);
  const row: MutableConnection = {
    ...emptyRow(random, index),
    protocolNumber: datagram ? 17 : 6,
    protocol: datagram ? "UDP" : "TCP",
    local: {
      address: listening ? (version6 ? "::" : "0.0.0.0") : here,
      port: port(program.serves === true ? serverPort : clientPort),
    },
    remote: listening
      ? { address: "", port: port(0) }
      : { address: sampleAddress(random, version6), port: port(program.serves === true ? clientPort : serverPort) },
    direction: listening ? "unknown" : program.serves === true ? "inbound" : "outbound",
    state: listening
      ? "LISTEN"
      : datagram
        ? random.pick<ConnectionState>(["ACTIVE", "IDLE", "STALE"])
        : random.pick<ConnectionState>(tcpStates),
    process,
    attribution: random.pick<Attribution>(["socket", "socket", "socket", "iterator"]),
  };
  const service = services[serverPort];
  if (service !== undefined) row.service = service;
  if (listening) return row;
  if (row.state === "SYN_SENT") {
    if (program.serves === true) row.state = "SYN_RECV";
    row.txPackets = 1;
    row.txBytes = 74;
    return row;
  }
  addTraffic(random, row);
  if (!datagram) {
    const rtt = (1 + random.integer(2000)) / 10;
    row.quality = {
      rtt,
      minRtt: rtt * 0.8,
      retransmits: random.chance(10) ? random.integer(40) : 0,
      congestionWindow: 10,
    };
  }
  addApplication(random, row, serverPort, datagram, random.pick(program.hosts));
  if (random.chance(5)) close(random, row);
  return row;
}

function emptyRow(random: Random, index: number): MutableConnection {
  const start = epochMillis(sampleStart - random.integer(3_600_000));
  return {
    id: connectionId(index + 1),
    protocolNumber: 0,
    protocol: "",
    local: { address: "192.0.2.10", port: port(0) },
    remote: { address: "", port: port(0) },
    networkNamespace: networkNamespace(1),
    interfaceName: "eth0",
    direction: "unknown",
    state: "UNKNOWN",
    liveliness: "live",
    start,
    lastActivity: epochMillis(start + random.integer(sampleStart - start + 1)),
    txBytes: 0,
    rxBytes: 0,
    txPackets: 0,
    rxPackets: 0,
    txRate: 0,
    rxRate: 0,
    txRate10: 0,
    rxRate10: 0,
    txRate60: 0,
    rxRate60: 0,
    quality: {},
    attribution: "none",
  };
}

function withoutSocket(random: Random, index: number, protocolNumber: number, protocol: string): MutableConnection {
  const row = emptyRow(random, index);
  row.protocolNumber = protocolNumber;
  row.protocol = protocol;
  row.remote = { address: sampleAddress(random, false), port: port(0) };
  row.state = "ACTIVE";
  row.localMac = "02:00:00:00:00:10";
  row.remoteMac = `02:00:00:00:01:${hex(random.integer(256))}`;
  row.txPackets = 1 + random.integer(20);
  row.txBytes = row.txPackets * 46;
  return row;
}

function addTraffic(random: Random, row: MutableConnection): void {
  row.rxBytes = random.integer(2 ** random.integer(isQuestion(row) ? 16 : 31));
  row.txBytes = Math.floor(row.rxBytes / (1 + random.integer(50)));
  row.rxPackets = Math.ceil(row.rxBytes / 1400);
  row.txPackets = Math.ceil(row.txBytes / 600);
  if (row.state === "TIME_WAIT" || !random.chance(30)) return;
  row.lastActivity = sampleStart;
  const most = isQuestion(row) ? 8 : 24;
  setRates(row, random.integer(2 ** random.integer(most)), random.integer(2 ** random.integer(most + 3)));
}

/** DNS and NTP: a question now and then, and its answer. */
export const isQuestion = ({ local, remote }: Pick<Connection, "local" | "remote">): boolean =>
  [53, 123].includes(local.port) || [53, 123].includes(remote.port);

/** Gives a row a rate of its own kind over all windows. */
export function setRates(row: MutableConnection, tx: number, rx: number): void {
  row.txRate = tx;
  row.rxRate = rx;
  row.txRate10 = tx * 0.8;
  row.rxRate10 = rx * 0.8;
  row.txRate60 = tx * 0.5;
  row.rxRate60 = rx * 0.5;
}

function addApplication(
  random: Random,
  row: MutableConnection,
  serverPort: number,
  datagram: boolean,
  host: string,
): void {
  const application = sampleApplication(random, serverPort, datagram, host);
  if (application !== undefined) row.application = application;
  const hostname = application?.hostname ?? (random.chance(60) ? host : undefined);
  if (hostname === undefined) return;
  row.hostname = hostname;
  row.hostnameSource = application?.hostnameSource ?? "dns";
}

function sampleApplication(
  random: Random,
  serverPort: number,
  datagram: boolean,
  host: string,
): Application | undefined {
  const named = { by: "payload", hostname: host } as const;
  if (serverPort === 443 && datagram) {
    return { ...named, name: "quic", facts: { quic: { version: "1", sni: host } }, hostnameSource: "sni" };
  }
  if (serverPort === 443) {
    const tls = { sni: host, version: random.pick(["TLS 1.3", "TLS 1.2"]), client_alpns: ["h2", "http/1.1"] };
    return { ...named, name: "tls", facts: { tls }, hostnameSource: "sni" };
  }
  if (serverPort === 80) {
    return {
      ...named,
      name: "http",
      facts: { http: { hostname: host, http_method: "GET", url: "/" } },
      hostnameSource: "http",
    };
  }
  if (serverPort === 53)
    return { name: "dns", by: "payload", facts: { dns: { queries: [{ rrname: host, rrtype: "A" }] } } };
  if (serverPort === 22) {
    const ssh = { client: { proto_version: "2.0", software_version: "OpenSSH_9.9" } };
    return { name: "ssh", by: "payload", facts: { ssh } };
  }
  return services[serverPort] === undefined ? undefined : { name: services[serverPort], by: "port", facts: {} };
}

function close(random: Random, row: MutableConnection): void {
  setRates(row, 0, 0);
  row.liveliness = "closed";
  row.endReason = random.pick(["fin", "rst", "timeout", "released"]);
  row.end = row.lastActivity;
  if (row.protocolNumber === 6) row.state = "CLOSE";
}

function sampleAddress(random: Random, version6: boolean): string {
  if (version6)
    return `2001:db8:${(1 + random.integer(0xffff)).toString(16)}::${(1 + random.integer(0xffff)).toString(16)}`;
  return `${random.pick(["198.51.100", "203.0.113", "10.20.30"])}.${1 + random.integer(254)}`;
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");
