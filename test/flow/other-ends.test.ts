import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { createFlowEngine, type FlowEngine } from "../../src/flow/index.ts";
import { createFakeHost } from "../../src/host/fake/index.ts";
import { epochMillis, pid, port, type Connection, type Host, type RecordedFlow } from "../../src/model/index.ts";
import { decode, Packet } from "../../src/wire/index.ts";
import { buildFrame } from "./frames.ts";

const begin = 1_767_225_600_000;
const replayHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

const client = { address: "127.0.0.1", port: port(40_000) };
const server = { address: "127.0.0.1", port: port(80) };

/** What a recording says of one end of the flow; `told`: it knows who opened it. */
function record(direction: "inbound" | "outbound", at = 0, told = true, protocol = "TCP"): RecordedFlow {
  const isClient = direction === "outbound";
  const [number, name] = isClient ? [7, "curl"] : [8, "nginx"];
  return {
    protocol,
    source: client,
    destination: server,
    localIsSource: isClient,
    ...(told && { direction }),
    start: begin + at,
    end: begin + at + 100,
    attribution: "socket",
    process: { pid: pid(number), start: epochMillis(0), name },
  };
}

interface Segment {
  readonly toServer: boolean;
  readonly flags: string;
  readonly size: number;
  readonly sequence: number;
}

function ingest(engine: FlowEngine, at: number, segment: Segment, protocol: "tcp" | "udp" = "tcp"): void {
  const [from, to] = segment.toServer ? [client, server] : [server, client];
  const bytes = buildFrame({
    protocol,
    source: from.address,
    sourcePort: from.port,
    destination: to.address,
    destinationPort: to.port,
    flags: segment.flags,
    sequence: segment.sequence,
    acknowledgement: 500,
    payload: new Uint8Array(segment.size),
  });
  engine.ingestFrame({
    time: epochMillis(begin + at),
    linkType: 1,
    interfaceIndex: 0,
    direction: "unknown",
    bytes,
    wireLength: bytes.length,
    vlan: 0,
  });
}

/** What both ends are to agree on, from the side of the client. */
function told(row: Connection): unknown {
  const isClient = row.direction === "outbound";
  const { txBytes, rxBytes, txPackets, rxPackets, quality, state } = row;
  return {
    name: row.process?.name,
    direction: row.direction,
    local: row.local,
    remote: row.remote,
    counts: isClient ? [txBytes, rxBytes, txPackets, rxPackets] : [rxBytes, txBytes, rxPackets, txPackets],
    quality,
    state,
    application: row.application?.name,
    lastActivity: row.lastActivity,
    liveliness: row.liveliness,
  };
}

const rowsOf = (engine: FlowEngine, at: number): Connection[] =>
  engine
    .tick(epochMillis(begin + at))
    .connections.toSorted((one, other) => (one.direction < other.direction ? 1 : -1) || one.start - other.start);

const segments = fc.array(
  fc
    .record({
      toServer: fc.boolean(),
      flags: fc.constantFrom("S", "A", "PA", "FA", "RA"),
      size: fc.nat(50),
      sequence: fc.integer({ min: 400, max: 700 }),
    })
    .map((segment) => (segment.flags === "S" && !segment.toServer ? { ...segment, flags: "SA" } : segment)),
  { minLength: 1, maxLength: 40 },
);

test("both ends of a connection on loopback have a row with the same counts, whenever the records come", () => {
  fc.assert(
    fc.property(segments, fc.nat(40), fc.nat(40), (connection, one, other) => {
      const results = [[-1, -1] as const, [one, other] as const].map(([first, second]) => {
        const engine = createFlowEngine({ host: replayHost });
        if (first < 0)
          for (const direction of ["outbound", "inbound"] as const) engine.ingestRecordedFlow(record(direction));
        for (const [index, segment] of connection.entries()) {
          ingest(engine, index, segment);
          if (index === Math.min(first, connection.length - 1)) engine.ingestRecordedFlow(record("outbound"));
          if (index === Math.min(second, connection.length - 1)) engine.ingestRecordedFlow(record("inbound"));
        }
        return rowsOf(engine, 100);
      });
      const [before = [], late = []] = results;
      // A connection that begins anew on the same ports has two rows of its own.
      assert.equal(before.length % 2, 0);
      if (before.length > 2) return;
      assert.deepEqual(
        before.map((row) => row.process?.name),
        ["curl", "nginx"],
      );
      assert.deepEqual(late.map(told), before.map(told));
      const [near, far] = before as [Connection, Connection];
      assert.deepEqual([near.txBytes, near.rxBytes], [far.rxBytes, far.txBytes]);
      assert.deepEqual([near.txPackets, near.rxPackets], [far.rxPackets, far.txPackets]);
      assert.equal(near.txPackets + near.rxPackets, connection.length);
      assert.deepEqual([near.quality.sent, near.quality.received], [far.quality.received, far.quality.sent]);
      assert.deepEqual([near.local, near.remote], [far.remote, far.local]);
    }),
    { numRuns: 300 },
  );
});

const data: Segment = { toServer: true, flags: "PA", size: 10, sequence: 1 };

test("one end alone, or records that do not know who opened it, give one row", () => {
  for (const records of [
    [],
    [record("inbound")],
    [record("outbound")],
    [record("outbound", 0, false), record("inbound", 0, false)],
    // Of two connections that had the same ports one after the other.
    [record("outbound"), record("inbound", -60_000)],
  ]) {
    const engine = createFlowEngine({ host: replayHost });
    for (const one of records) engine.ingestRecordedFlow(one);
    ingest(engine, 0, data);
    assert.equal(rowsOf(engine, 10).length, 1, JSON.stringify(records));
  }
});

test("datagrams have two rows, which end together and not before their time", () => {
  const engine = createFlowEngine({ host: replayHost });
  ingest(engine, 0, data, "udp");
  for (const direction of ["outbound", "inbound"] as const) {
    engine.ingestRecordedFlow(record(direction, 0, true, "UDP"));
  }
  for (let index = 1; index < 10; index++) ingest(engine, index * 1000, data, "udp");
  const rows = rowsOf(engine, 9500);
  assert.deepEqual(
    rows.map((row) => [row.process?.name, row.txPackets, row.rxPackets, row.state]),
    [
      ["curl", 10, 0, "ACTIVE"],
      ["nginx", 0, 10, "ACTIVE"],
    ],
  );
  assert.equal(engine.tick(epochMillis(begin + 9500)).totals.txPackets, 10);
  const [first, second] = rowsOf(engine, 200_000);
  assert.deepEqual([first?.endReason, second?.endReason], ["timeout", "timeout"]);
  assert.deepEqual([first?.end, second?.end], [begin + 9000, begin + 9000]);
});

test("the frame that an expression is asked of belongs to both ends", () => {
  const engine = createFlowEngine({ host: replayHost });
  for (const direction of ["outbound", "inbound"] as const) engine.ingestRecordedFlow(record(direction));
  ingest(engine, 0, data);
  assert.deepEqual(
    engine
      .rowsOfFrame()
      .map((row) => row.process?.name ?? "")
      .toSorted(),
    ["curl", "nginx"],
  );
});

test("live, the other end of a packet is found behind a second row of the first one", () => {
  for (const order of [
    [0, 1, 2],
    [1, 0, 2],
    [1, 2, 0],
  ]) {
    const host = createFakeHost();
    host.interfaces.set({ index: 1, name: "lo", addresses: ["127.0.0.1"], loopback: true });
    const engine = createFlowEngine({ host });
    const near = {
      localAddress: "127.0.0.1",
      localPort: client.port,
      remoteAddress: "127.0.0.1",
      remotePort: server.port,
    };
    const far = {
      localAddress: "127.0.0.1",
      localPort: server.port,
      remoteAddress: "127.0.0.1",
      remotePort: client.port,
    };
    // A server's socket that was there before is known in another way once it has sent.
    for (const [at, which] of order.entries()) {
      const start = epochMillis(begin + at);
      const ends = which === 0 ? near : far;
      host.sockets.open({
        ...ends,
        protocolNumber: 17,
        interfaceIndex: 1,
        start,
        lastActivity: start,
        rxPackets: 1,
        rxBytes: 9,
      });
    }
    engine.tick(epochMillis(begin + 100));
    const bytes = buildFrame({
      protocol: "udp",
      source: client.address,
      sourcePort: client.port,
      destination: server.address,
      destinationPort: server.port,
    });
    const packet = new Packet();
    decode(1, bytes, bytes.length, bytes.length, packet, 0);
    const ports = [engine.connectionOf(packet), engine.connectionOf(packet, true)].map((row) => row?.local.port ?? 0);
    assert.deepEqual(
      ports.toSorted((one, other) => one - other),
      [server.port, client.port],
      order.join(),
    );
  }
});
