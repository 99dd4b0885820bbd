import assert from "node:assert/strict";
import { test } from "node:test";
import type { CreateInspectorFactory, FlowInspector } from "../../src/dissect/inspector.ts";
import type { Cryptography, Identification, NameObservation } from "../../src/dissect/verdict.ts";
import { createFlowEngine, type FlowEngine } from "../../src/flow/index.ts";
import { isBetterSource, NameCache } from "../../src/flow/name-cache.ts";
import { RowNames, setName } from "../../src/flow/row-names.ts";
import { ConnectionRow } from "../../src/flow/connection-row.ts";
import { RateWindows } from "../../src/flow/rate-windows.ts";
import { buildFrame, encapsulate } from "./frames.ts";
import { createFakeHost, type FakeFlow, type FakeHost, type FlowFields } from "../../src/host/fake/index.ts";
import { connectionId, epochMillis, networkNamespace, port } from "../../src/model/index.ts";

const start = 1_767_225_600_000;

test("the first name wins while it is fresh, for ten seconds at least", () => {
  const cache = new NameCache();
  cache.add("192.0.2.1", "first.example", 1, 0);
  cache.add("192.0.2.1", "second.example", 3600, 9000);
  assert.equal(cache.get("192.0.2.1"), "first.example");
  cache.add("192.0.2.1", "second.example", 3600, 11_000);
  assert.equal(cache.get("192.0.2.1"), "second.example");
  cache.add("192.0.2.1", "first.example", 1, 12_000);
  assert.equal(cache.get("192.0.2.1"), "second.example");
});

test("four names an address at most, and a bounded number of addresses", () => {
  const cache = new NameCache(128);
  for (let index = 0; index < 20; index++) cache.add("192.0.2.1", `n${index}.example`, 60, index);
  assert.equal(cache.get("192.0.2.1"), "n0.example");
  cache.add("192.0.2.1", "late.example", 60, 200_000);
  assert.equal(cache.get("192.0.2.1"), "late.example");
  for (let index = 0; index < 5000; index++) cache.add(`10.0.${index >> 8}.${index & 255}`, "x.example", 60, 0);
  assert.ok(cache.size <= 128);
  assert.equal(cache.get("10.0.19.135"), "x.example");
  assert.equal(cache.get("192.0.2.1"), undefined);
});

/** What a row is of when a client talks to this server. */
const toServer = (address: string): ConstructorParameters<typeof ConnectionRow>[0] => ({
  id: connectionId(1),
  protocolNumber: 6,
  protocol: "TCP",
  local: { address: address.includes(":") ? "2001:db8::1" : "192.0.2.1", port: port(40_000) },
  remote: { address, port: port(443) },
  networkNamespace: networkNamespace(0),
  start: epochMillis(start),
});

test("a family says where its name is from as it is now, whoever asked before", () => {
  let asked = 0;
  const families = (): { name: string; category: string } => ({ name: `Example ${++asked}`, category: "test" });
  const row = new ConnectionRow(toServer("192.0.2.2"), new RateWindows(), { families });
  assert.deepEqual([row.family, asked], [undefined, 0]);
  [row.hostname, row.hostnameSource] = ["www.example.org", "dns"];
  assert.deepEqual([row.family?.source, row.family?.name, asked], ["dns", "Example 1", 1]);
  row.hostnameSource = "sni";
  assert.deepEqual([row.family?.source, row.family?.name, asked], ["sni", "Example 2", 2]);
});

test("an address in a Host header is no name", () => {
  const row = new ConnectionRow(toServer("2001:db8::2"), new RateWindows(), {});
  for (const address of ["2001:db8::2", "[2001:db8::2]", "192.0.2.7", "::ffff:192.0.2.7", "1"]) {
    setName(row, address, "http");
    assert.equal(row.hostname, undefined, address);
  }
  setName(row, "4.example", "http");
  assert.equal(row.hostname, "4.example");
});

test("what the payload claims is better than what DNS said", () => {
  assert.ok(isBetterSource("sni", "http") && isBetterSource("http", "dns") && isBetterSource("dns", "ptr"));
  assert.ok(!isBetterSource("dns", "sni") && isBetterSource("ptr", undefined));
});

test("of many rows that wait for a name the newest get it", () => {
  const names = new RowNames();
  const rows = Array.from({ length: 100 }, (_, position) => ({ remote: { address: "192.0.2.1" }, position }));
  for (const waiting of rows) names.begin(waiting as ConnectionRow);
  names.observe("192.0.2.1", "www.example", 60);
  const named = (rows as ConnectionRow[]).filter(({ hostname }) => hostname === "www.example");
  assert.ok(named.length >= 16 && named.length <= 32, `${named.length} of them`);
  assert.ok(rows.slice(-16).every((row) => named.includes(row as ConnectionRow)));
});

/** Payload of these tests is text: "name NAME ADDRESS", "is NAME [HOST SOURCE]", "end". */
const createInspectors: CreateInspectorFactory =
  ({ onName }) =>
  (transport, clientPort, serverPort) =>
    new TextInspector(onName, `${transport} ${clientPort} ${serverPort}`);

const seen: string[] = [];

class TextInspector implements FlowInspector {
  readonly heldBytes = 0;
  identification: Identification | undefined = undefined;
  finished = false;
  readonly #onName: ((observation: NameObservation) => void) | undefined;
  readonly #flow: string;

  constructor(onName: ((observation: NameObservation) => void) | undefined, flow: string) {
    this.#onName = onName;
    this.#flow = flow;
  }

  segment(toServer: boolean, sequence: number, syn: boolean, bytes: Uint8Array): void {
    seen.push(`${this.#flow} ${toServer ? "toServer" : "toClient"} ${sequence}${syn ? " syn" : ""}`);
    this.#read(bytes);
  }

  datagram(toServer: boolean, bytes: Uint8Array): void {
    seen.push(`${this.#flow} ${toServer ? "toServer" : "toClient"}`);
    this.#read(bytes);
  }

  release(): void {}

  #read(bytes: Uint8Array): void {
    const [command, name = "", argument = "", source] = String.fromCharCode(...bytes).split(" ");
    if (command === "name") this.#onName?.({ name, address: argument, ttl: 60 });
    if (command === "is" || command === "name") {
      this.identification = {
        name: command === "is" ? name : "dns",
        by: "payload",
        facts: {},
        ...(source === undefined ? {} : { hostname: argument, hostnameSource: source as "sni" }),
      };
    }
    if (command === "end") this.finished = true;
  }
}

const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
const crypto = {} as Cryptography;

interface SetUp {
  readonly host: FakeHost;
  readonly engine: FlowEngine;
  readonly open: (fields: Partial<FlowFields>) => FakeFlow;
}

function setUp(): SetUp {
  const host = createFakeHost();
  const engine = createFlowEngine({ host, createInspectors, crypto });
  seen.length = 0;
  return { host, engine, open: (fields) => host.sockets.open({ start: epochMillis(start), ...fields })! };
}

test("payload names the application; sampling stops when nothing more is to be learned", () => {
  const { host, engine, open } = setUp();
  const flow = open({ opener: 2, localPort: port(443), remotePort: port(5000) });
  flow.sample({ transmit: false, bytes: text("is tls www.example sni"), sequence: 7, tcpFlags: 2 });
  const snapshot = engine.tick(epochMillis(start + 1000));
  const row = snapshot.connections[0]!;
  // What the client asks for is this machine's name, not the remote side's.
  assert.deepEqual([row.application?.name, row.application?.hostname, row.hostname], ["tls", "www.example", undefined]);
  assert.deepEqual(seen, ["tcp 5000 443 toServer 7 syn"]);
  flow.sample({ transmit: true, bytes: text("end") });
  engine.tick(epochMillis(start + 2000));
  assert.deepEqual(host.sockets.calls, [`stopSampling ${flow.slot} ${flow.generation}`]);
  assert.equal(flow.sample({ transmit: true, bytes: text("is other") }), false);
  assert.equal(row.application?.name, "tls");
});

test("payload names the remote side where this machine is the client", () => {
  const { engine, open } = setUp();
  open({ opener: 1, remotePort: port(443) }).sample({ transmit: true, bytes: text("is tls www.example sni") });
  const row = engine.tick(epochMillis(start + 1000)).connections[0]!;
  assert.deepEqual([row.hostname, row.hostnameSource], ["www.example", "sni"]);
});

test("names of answers reach rows that are there and rows that come", () => {
  const { host, engine, open } = setUp();
  const early = open({ remoteAddress: "198.51.100.1" });
  engine.tick(epochMillis(start + 1000));
  const resolver = open({ protocolNumber: 17, remoteAddress: "192.0.2.53", remotePort: port(53) });
  resolver.sample({ transmit: false, bytes: text("name www.example 198.51.100.1") });
  engine.tick(epochMillis(start + 2000));
  const late = open({ remoteAddress: "198.51.100.1", localPort: port(40001) });
  const { connections } = engine.tick(epochMillis(start + 3000));
  const named = connections.filter((row) => row.remote.address === "198.51.100.1");
  assert.deepEqual(
    named.map((row) => [row.hostname, row.hostnameSource]),
    [
      ["www.example", "dns"],
      ["www.example", "dns"],
    ],
  );
  // Its later answers are wanted too.
  assert.deepEqual(host.sockets.calls, [`resumeSampling ${resolver.slot} ${resolver.generation} 8`]);
  late.sample({ transmit: true, bytes: text("is http host.example http") });
  early.sample({ transmit: true, bytes: text("is tls sni.example sni") });
  engine.tick(epochMillis(start + 4000));
  assert.deepEqual(
    named.map((row) => row.hostname),
    ["sni.example", "host.example"],
  );
  // What DNS said stays known beside it, and what a file says comes after.
  engine.ingestName("198.51.100.1", "file.example");
  assert.deepEqual(engine.namesOf(named[0]!.id), [
    { name: "www.example", source: "dns" },
    { name: "file.example", source: "nrb" },
  ]);
});

test("of protocols that give names, and of no other, more is asked for", () => {
  const { host, engine, open } = setUp();
  const asked = ["mdns", "llmnr", "dns"].map((name, index) => {
    const flow = open({ protocolNumber: 17, localPort: port(6000 + index), remotePort: port(5353) });
    flow.sample({ transmit: false, bytes: text(`is ${name}`) });
    return `resumeSampling ${flow.slot} ${flow.generation} 8`;
  });
  open({ protocolNumber: 17, localPort: port(6010) }).sample({ transmit: false, bytes: text("is quic") });
  open({ localPort: port(6011) }).sample({ transmit: false, bytes: text("is dns") });
  engine.tick(epochMillis(start + 1000));
  assert.deepEqual(host.sockets.calls.toSorted(), asked.toSorted());
});

test("more rows that give names than are asked in one tick get their turn in the next", () => {
  const { host, engine, open } = setUp();
  for (let index = 0; index < 300; index++) {
    const flow = open({ protocolNumber: 17, localPort: port(6000 + index), remotePort: port(5353) });
    flow.sample({ transmit: false, bytes: text("is mdns") });
  }
  engine.tick(epochMillis(start + 1000));
  assert.equal(host.sockets.calls.length, 256);
  engine.tick(epochMillis(start + 2000));
  assert.equal(new Set(host.sockets.calls).size, 300);
});

test("a name that comes much later does not rename a row", () => {
  const { engine, open } = setUp();
  open({ remoteAddress: "198.51.100.1" });
  const resolver = open({ protocolNumber: 17, remoteAddress: "192.0.2.53", remotePort: port(53) });
  engine.tick(epochMillis(start + 1000));
  resolver.update({ lastActivity: epochMillis(start + 40_000), txBytes: 1 });
  engine.tick(epochMillis(start + 40_000));
  resolver.sample({ transmit: false, bytes: text("name www.example 198.51.100.1") });
  const { connections } = engine.tick(epochMillis(start + 41_000));
  assert.equal(connections.find((row) => row.remote.address === "198.51.100.1")!.hostname, undefined);
});

/** An engine that is handed frames from the first address to the second; returns the names of its rows. */
function namesAfter(...frames: readonly Uint8Array[]): string[] {
  const { host, engine } = setUp();
  for (const bytes of frames) {
    host.wire.pushFrame({
      time: epochMillis(start),
      bytes,
      linkType: 1,
      interfaceIndex: 2,
      direction: "out",
      vlan: 0,
    });
  }
  const { connections } = engine.tick(epochMillis(start + 1000));
  return connections.map((row) => `${row.local.port} ${row.application?.name} ${row.application?.by}`).sort();
}

const datagram = (sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array =>
  buildFrame({ protocol: "udp", source: "192.0.2.1", sourcePort, destination: "192.0.2.2", destinationPort, payload });

test("what fits ESP is ESP only as long as no inspector answers", () => {
  assert.deepEqual(namesAfter(datagram(4500, 4500, text("nothing anybody knows..."))), ["4500 esp port"]);
  assert.deepEqual(namesAfter(datagram(4500, 4500, text("is ike here and later on"))), ["4500 ike payload"]);
  const both = [datagram(4500, 4500, text("nothing anybody knows...")), datagram(4500, 4500, text("is ike"))];
  assert.deepEqual(namesAfter(...both), ["4500 ike payload"]);
  assert.deepEqual(namesAfter(...both.toReversed()), ["4500 ike payload"]);
});

test("a tunnel's payload is shown to no inspector, that of the flow inside is", () => {
  const tunnel = { name: "vxlan", source: "192.0.2.1", destination: "192.0.2.2", network: 1 } as const;
  const inner = datagram(6000, 53, text("is dns"));
  assert.deepEqual(namesAfter(encapsulate(tunnel, inner)), ["50000 vxlan payload", "6000 dns payload"]);
  assert.deepEqual(seen, ["udp 6000 53 toServer"]);
});
