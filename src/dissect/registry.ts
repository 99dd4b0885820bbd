/**
 * All application protocols, one row each. Order matters only between protocols that could both recognise the same
 * bytes: the one with the stricter structure stands first. A protocol whose port it is, is asked before all others.
 */
import {
  isDnsStreamFirst,
  parseDnsDatagram,
  parseDnsStream,
  probeDnsDatagram,
  probeDnsStream,
} from "./protocols/dns.ts";
import { isHttpFirst, parseHttp, probeHttp } from "./protocols/http.ts";
import { isQuicFirst, parseQuic, probeQuic } from "./protocols/quic.ts";
import { isSshFirst, parseSsh, probeSsh } from "./protocols/ssh.ts";
import { isTlsFirst, parseTls, probeTls } from "./protocols/tls.ts";
import type { Protocol } from "./protocol.ts";
import type { Identification } from "./verdict.ts";

const any = (): boolean => true;

/** The table. A new protocol is a file under `protocols/` and a row here. */
export const protocols: readonly Protocol[] = [
  {
    name: "tls",
    transport: "tcp",
    ports: [
      443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5223, 5349, 5671, 6514, 6697, 8443, 8883,
    ],
    firstByte: isTlsFirst,
    probe: probeTls,
    parse: parseTls,
  },
  {
    name: "http",
    transport: "tcp",
    ports: [80, 8000, 8008, 8080, 8888, 3128, 5985, 9200],
    firstByte: isHttpFirst,
    probe: probeHttp,
    parse: parseHttp,
  },
  { name: "ssh", transport: "tcp", ports: [22], firstByte: isSshFirst, probe: probeSsh, parse: parseSsh },
  {
    name: "dns",
    transport: "tcp",
    ports: [53],
    firstByte: isDnsStreamFirst,
    probe: probeDnsStream,
    parse: parseDnsStream,
  },
  { name: "quic", transport: "udp", ports: [443], firstByte: isQuicFirst, probe: probeQuic, parse: parseQuic },
  {
    name: "dns",
    transport: "udp",
    ports: [53],
    firstByte: any,
    probe: probeDnsDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
  {
    name: "mdns",
    transport: "udp",
    ports: [5353],
    firstByte: any,
    probe: probeDnsDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
  {
    name: "llmnr",
    transport: "udp",
    ports: [5355],
    firstByte: any,
    probe: probeDnsDatagram,
    parse: parseDnsDatagram,
    endless: true,
  },
];

type Transport = Protocol["transport"];

function byFirstByte(transport: Transport): readonly (readonly Protocol[])[] {
  const rows = protocols.filter((protocol) => protocol.transport === transport);
  return Array.from({ length: 256 }, (_, byte) => rows.filter((protocol) => protocol.firstByte(byte)));
}

const startingWith: Readonly<Record<Transport, readonly (readonly Protocol[])[]>> = {
  tcp: byFirstByte("tcp"),
  udp: byFirstByte("udp"),
};

/** Protocols of `transport` that can begin with `byte`, in the order of the table. */
export function protocolsFor(transport: Transport, byte: number): readonly Protocol[] {
  return startingWith[transport][byte & 0xff]!;
}

function hintsByPort(transport: Transport): ReadonlyMap<number, Identification> {
  const hints = new Map<number, Identification>();
  for (const protocol of protocols) {
    if (protocol.transport !== transport) continue;
    for (const port of protocol.ports) {
      if (!hints.has(port)) hints.set(port, { name: protocol.name, by: "port", facts: {} });
    }
  }
  return hints;
}

const hints: Readonly<Record<Transport, ReadonlyMap<number, Identification>>> = {
  tcp: hintsByPort("tcp"),
  udp: hintsByPort("udp"),
};

/** What the ports alone suggest, the server's first: a hint, and it says so. */
export function portHint(transport: Transport, clientPort: number, serverPort: number): Identification | undefined {
  return hints[transport].get(serverPort) ?? hints[transport].get(clientPort);
}
