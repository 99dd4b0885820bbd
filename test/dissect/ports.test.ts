import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { protocols } from "../../src/dissect/index.ts";
import { examples } from "./examples/index.ts";
import { inspectMessages } from "./converse.ts";
import { inspect, readFlows } from "./replay.ts";
import type { Identification } from "../../src/dissect/index.ts";

type Transport = "tcp" | "udp";
type Ports = readonly [client: number, server: number];

const highPorts: readonly Ports[] = [
  [40_000, 40_001],
  [1024, 33_333],
  [60_999, 7],
];

/** Names that are one format on several ports: which of them it is, the port says. */
const families: readonly (readonly string[])[] = [
  ["dns", "mdns", "llmnr"],
  ["sunrpc", "nfs"],
];
/**
 * What has too little structure for any port but its own: there nothing is said of it, or what the bytes say as well. By
 * protocol: RFC 6886 has fixed lengths and small numbers only, RIP's and HSRP's are mostly zero, RTMP's and
 * ZooKeeper's words begin like many, memcached's "get" is anybody's, ESP has two numbers, and a session that was joined later
 * has lost its beginning.
 */
const needPort = new Set([
  "bfd",
  "coap",
  "esp",
  "ike",
  "mdns",
  "memcached",
  "nat-pmp",
  "ntp",
  "rip",
  "rtmp",
  "zookeeper",
]);
/**
 * Flows whose bytes are both protocols' own: "get key" is an inline command of Redis, ESP's numbers may be OpenVPN's, and a
 * uTP SYN with its extensions may be a CoAP POST.
 */
const both: ReadonlySet<string> = new Set([
  "ftp named pop3",
  "ftp named smtp",
  "ike named openvpn",
  "memcached named redis",
  "openvpn named esp",
  "pop3 named ftp",
  "redis named pop3",
  "redis named smtp",
  "utp named coap",
]);

function registered(transport: Transport): number[] {
  const rows = protocols.filter((row) => row.transport === transport);
  return [...new Set(rows.flatMap(({ ports }) => ports))];
}

/** The ports of every protocol of `transport`, on one side and on the other. */
function* foreignPorts(transport: Transport): Generator<Ports> {
  for (const port of registered(transport)) yield* [[40_000, port] as const, [port, 40_001] as const];
}

function isSame(name: string, found: string): boolean {
  return name === found || families.some((family) => family.includes(name) && family.includes(found));
}

/** Fails when bytes of `name` were taken for another protocol's because of where they were sent. */
function assertNotMisnamed(name: string, found: Identification | undefined, [client, server]: Ports): void {
  if (found?.by !== "payload") return;
  const isRight = isSame(name, found.name) || both.has(`${name} named ${found.name}`);
  assert.ok(isRight, `${name} is taken for ${found.name} from port ${client} to ${server}`);
}

const fixtures = join(import.meta.dirname, "fixtures");

describe("a captured flow", () => {
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".pcap"))) {
    const flows = readFlows(join(fixtures, file))
      .map((flow) => ({ flow, name: inspect(flow).inspector.identification }))
      .filter(({ name }) => name?.by === "payload");
    const moved = (index: number, [client, server]: Ports): Identification | undefined => {
      const { flow } = flows[index]!;
      return inspect({ ...flow, client: `a ${client}`, server: `b ${server}` }).inspector.identification;
    };

    test(`of ${file} is known on any port, or on its own alone when its structure is weak`, () => {
      for (const [index, { name }] of flows.entries()) {
        for (const ports of highPorts) {
          const found = moved(index, ports);
          const isKnown = found?.by === "payload" && isSame(name!.name, found.name);
          const isSilent = needPort.has(name!.name) && found?.by !== "payload";
          assert.ok(
            isKnown || isSilent,
            `${name!.name} is ${found?.name} by ${found?.by} on ports ${ports.join(", ")}`,
          );
        }
      }
    });

    test(`of ${file} is not misnamed on another protocol's port`, () => {
      for (const [index, { flow, name }] of flows.entries()) {
        for (const ports of foreignPorts(flow.transport)) assertNotMisnamed(name!.name, moved(index, ports), ports);
      }
    });
  }
});

test("no example is misnamed on another protocol's port", () => {
  for (const { transport, messages, name } of Object.values(examples).flat()) {
    for (const ports of foreignPorts(transport)) {
      const [clientPort, serverPort] = ports;
      const found = inspectMessages(transport, messages, { clientPort, serverPort }).identification;
      assertNotMisnamed(name, found, ports);
    }
  }
});
