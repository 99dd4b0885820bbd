import fc from "../fast-check.ts";
import type { Connection } from "../../src/model/index.ts";

/** Text as the wire or a hostile process may give it. */
const hostileText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ maxLength: 20, unit: "binary" }),
  fc.constantFrom(
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    'a"b',
    "a,b",
    "a\r\nb",
    "\u001b[31mred",
    "\u009b2J",
    "漢字",
    "\u202eevil",
    "\ud800",
  ),
);
const amount = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const segments = fc.record({ retransmits: amount, outOfOrder: amount, duplicateAcks: amount, zeroWindows: amount });
const rate = fc.double({ min: 0, max: 1e12, noNaN: true });
const time = fc.double({ min: 0, max: 4e12, noNaN: true });
const endpoint = fc.record({
  address: fc.constantFrom("192.0.2.1", "2001:db8::1", "", "127.0.0.1"),
  port: fc.nat(65_535),
});
const facts = fc.oneof(
  fc.constant({}),
  fc.record({
    tls: fc.record({ sni: hostileText, version: fc.constant("TLS 1.3"), client_alpns: fc.array(hostileText) }),
  }),
  fc.record({ dns: fc.record({ queries: fc.array(fc.record({ rrname: hostileText, rrtype: fc.constant("A") })) }) }),
  fc.dictionary(fc.constantFrom("flow", "process", "__proto__", "timestamp", "mqtt", "proto"), fc.jsonValue()),
  fc.record({ odd: fc.constantFrom(Number.NaN, null, undefined, 1n, [null, undefined], { a: null }, () => 1) }),
);

const process = fc.record(
  {
    pid: fc.nat(),
    start: time,
    name: hostileText,
    executable: hostileText,
    commandLine: fc.array(hostileText, { maxLength: 4 }),
    parent: fc.record({ pid: fc.nat(), name: hostileText }),
    user: fc.record({ id: fc.nat(), name: hostileText }, { requiredKeys: ["id"] }),
    container: fc.record(
      { id: hostileText, runtime: hostileText, name: hostileText },
      { requiredKeys: ["id", "runtime"] },
    ),
    service: hostileText,
  },
  { requiredKeys: ["pid", "start", "name"] },
);

const optional = {
  interfaceName: hostileText,
  endReason: fc.constantFrom("fin", "rst", "timeout", "released", "evicted", "shutdown"),
  end: time,
  process,
  application: fc.record(
    {
      name: fc.constantFrom("tls", "dns", "mqtt"),
      by: fc.constantFrom("payload", "inferred", "port"),
      facts,
      hostname: hostileText,
    },
    { requiredKeys: ["name", "by", "facts"] },
  ),
  service: hostileText,
  hostname: hostileText,
  hostnameSource: fc.constantFrom("sni", "http", "dns", "hosts", "nrb", "ptr"),
  geo: fc.record({ country: fc.constant("CH"), asn: fc.nat(), organization: hostileText }, { requiredKeys: [] }),
  localMac: hostileText,
  remoteMac: hostileText,
  vlan: fc.nat(4095),
  translated: fc.array(hostileText, { maxLength: 2 }),
};

const required = {
  id: fc.nat(),
  protocolNumber: fc.constantFrom(1, 6, 17, 58, 132, 0x10806),
  protocol: fc.constantFrom("TCP", "UDP", "ICMP", "ARP"),
  local: endpoint,
  remote: endpoint,
  networkNamespace: fc.nat(10),
  direction: fc.constantFrom("outbound", "inbound", "unknown"),
  state: fc.constantFrom("ESTABLISHED", "SYN_SENT", "CLOSE", "LISTEN", "ACTIVE", "TIME_WAIT"),
  liveliness: fc.constantFrom("live", "stale", "critical", "closed"),
  start: time,
  lastActivity: time,
  txBytes: amount,
  rxBytes: amount,
  txPackets: amount,
  rxPackets: amount,
  txRate: rate,
  rxRate: rate,
  txRate10: rate,
  rxRate10: rate,
  txRate60: rate,
  rxRate60: rate,
  quality: fc.record(
    {
      rtt: rate,
      minRtt: rate,
      retransmits: amount,
      congestionWindow: amount,
      lost: amount,
      handshakeRtt: rate,
      sent: segments,
      received: segments,
    },
    { requiredKeys: [] },
  ),
  attribution: fc.constantFrom("socket", "iterator", "procfs", "none"),
};

/** Any row that the model allows, with hostile texts; numbers carry their brands by being numbers. */
export const connection = fc.record(
  { ...required, ...optional },
  { requiredKeys: Object.keys(required) as (keyof typeof required)[] },
) as unknown as fc.Arbitrary<Connection>;
