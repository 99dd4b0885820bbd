import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { createFakeHost, type FakeFlow } from "../../src/host/fake/index.ts";
import { epochMillis, pid, port, type Connection, type Host, type Snapshot } from "../../src/model/index.ts";
import { buildFrame } from "./frames.ts";

const start = 1_767_225_600_000;

const replayHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

type Step =
  | { readonly kind: "open"; readonly port: number; readonly udp: boolean }
  | { readonly kind: "count" | "release"; readonly which: number }
  | {
      readonly kind: "frame";
      readonly port: number;
      readonly flags: string;
      readonly back: boolean;
      readonly interface: number;
    }
  | { readonly kind: "nat"; readonly port: number; readonly ended: boolean }
  | { readonly kind: "tick"; readonly wait: number }
  | { readonly kind: "clear" };

const ports = fc.integer({ min: 1, max: 6 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("open" as const), port: ports, udp: fc.boolean() }),
    fc.record({ kind: fc.constantFrom("count" as const, "release" as const), which: fc.nat(30) }),
    fc.record({
      kind: fc.constant("frame" as const),
      port: fc.integer({ min: 1, max: 12 }),
      flags: fc.constantFrom("S", "SA", "A", "FA", "R", "UDP"),
      back: fc.boolean(),
      interface: fc.integer({ min: 2, max: 3 }),
    }),
    fc.record({ kind: fc.constant("nat" as const), port: ports, ended: fc.boolean() }),
    fc.record({ kind: fc.constant("tick" as const), wait: fc.constantFrom(500, 1000, 20_000, 70_000, 700_000) }),
    fc.record({ kind: fc.constant("clear" as const) }),
  ),
  { maxLength: 120 },
) as fc.Arbitrary<Step[]>;

/** What holds of every snapshot, whatever happened. */
function check(snapshot: Snapshot, before: Snapshot | undefined): void {
  const { totals, connections } = snapshot;
  assert.equal(totals.live + totals.closed, connections.length);
  assert.equal(new Set(connections.map((row) => row.id)).size, connections.length);
  assert.equal(connections.filter((row) => row.liveliness === "closed").length, totals.closed);
  for (const row of connections) {
    assert.ok(row.txBytes >= 0 && row.rxBytes >= 0 && row.txRate >= 0 && row.txRate10 >= 0, `row ${row.id}`);
    assert.equal(row.liveliness === "closed", row.endReason !== undefined && row.end !== undefined);
    assert.ok(row.liveliness !== "closed" || row.end! >= row.start);
  }
  if (before === undefined) return;
  for (const name of ["txBytes", "rxBytes", "txPackets", "rxPackets", "ended"] as const) {
    assert.ok(totals[name] >= before.totals[name], `${name} went from ${before.totals[name]} to ${totals[name]}`);
  }
}

test("whatever happens, rows are whole, end once, and totals never shrink", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 8, max: 64 }), (script, capacity) => {
      const host = createFakeHost({ capacity });
      host.interfaces.set(
        { index: 2, name: "eth0", addresses: ["192.0.2.10"] },
        { index: 3, name: "br0", addresses: [] },
      );
      const engine = createFlowEngine({ host, keepClosed: 10, wireRows: 12 });
      const flows: FakeFlow[] = [];
      const ended: Connection[] = [];
      let now = start;
      let before: Snapshot | undefined;
      for (const step of script) {
        switch (step.kind) {
          case "open": {
            const flow = host.sockets.open({
              protocolNumber: step.udp ? 17 : 6,
              localPort: port(step.port),
              start: epochMillis(now),
              lastActivity: epochMillis(now),
              ownerPid: pid(step.port),
            });
            if (flow !== undefined) flows.push(flow);
            break;
          }
          case "count":
            flows[step.which]?.count(now, { tx: 100, rx: 200 });
            break;
          case "release":
            flows[step.which]?.release({ reset: step.which % 2 === 0 });
            break;
          case "frame": {
            const udp = step.flags === "UDP";
            const near = { address: "192.0.2.10", port: step.port };
            const far = { address: "198.51.100.1", port: 443 };
            const [from, to] = step.back ? [far, near] : [near, far];
            const bytes = buildFrame({
              protocol: udp ? "udp" : "tcp",
              source: from.address,
              sourcePort: from.port,
              destination: to.address,
              destinationPort: to.port,
              ...(udp ? {} : { flags: step.flags }),
            });
            host.wire.pushFrame({ time: epochMillis(now), bytes, interfaceIndex: step.interface });
            break;
          }
          case "nat":
            host.translations.push({
              protocolNumber: 6,
              original: {
                source: "192.0.2.10",
                sourcePort: step.port,
                destination: "198.51.100.1",
                destinationPort: 443,
              },
              reply: {
                source: "198.51.100.1",
                sourcePort: 443,
                destination: "192.0.2.10",
                destinationPort: step.port + 6,
              },
              ended: step.ended,
            });
            break;
          case "clear":
            engine.clearClosed();
            break;
          case "tick": {
            now += step.wait;
            const snapshot = engine.tick(epochMillis(now));
            check(snapshot, before);
            before = { ...snapshot, totals: { ...snapshot.totals } };
            ended.push(...engine.takeEnded());
            assert.ok(snapshot.totals.closed <= 10);
            break;
          }
        }
      }
      const last = engine.tick(epochMillis(now + 1000));
      check(last, before);
      engine.close();
      ended.push(...engine.takeEnded());
      assert.equal(new Set(ended).size, ended.length, "a row ended twice");
      assert.equal(ended.length, last.totals.opened);
    }),
    { numRuns: 300 },
  );
});

test("frames of any content are taken without complaint", () => {
  const engine = createFlowEngine({ host: replayHost });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(0, 1, 12, 101, 113, 276, 999),
      fc.nat(1e6),
      (bytes, linkType, time) => {
        engine.ingestFrame({
          time: epochMillis(start + time),
          linkType,
          interfaceIndex: 0,
          direction: "unknown",
          bytes,
          wireLength: bytes.length,
          vlan: 0,
        });
      },
    ),
    { numRuns: 2000 },
  );
  const { totals, connections } = engine.tick(epochMillis(start + 2e6));
  assert.equal(totals.live + totals.closed, connections.length);
});

test("a flood of tuples keeps within bounds, and what is spoken with stays", () => {
  const engine = createFlowEngine({ host: replayHost, wireRows: 1000, keepClosed: 100 });
  const ingest = (time: number, source: string, sourcePort: number): void => {
    const bytes = buildFrame({
      protocol: "tcp",
      source,
      sourcePort,
      destination: "192.0.2.10",
      destinationPort: 80,
      flags: "A",
    });
    engine.ingestFrame({
      time: epochMillis(time),
      linkType: 1,
      interfaceIndex: 0,
      direction: "in",
      bytes,
      wireLength: bytes.length,
      vlan: 0,
    });
  };
  let now = start;
  for (let index = 0; index < 20_000; index++) {
    now += 1;
    ingest(now, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, 1024);
    if (index % 100 === 0) ingest(now, "198.51.100.1", 5000);
  }
  const snapshot = engine.tick(epochMillis(now));
  assert.ok(snapshot.totals.live <= 1000, `${snapshot.totals.live} live rows`);
  assert.ok(snapshot.totals.closed <= 100);
  assert.equal(snapshot.losses.evicted, snapshot.totals.ended);
  const spoken = snapshot.connections.filter(
    (row) => row.remote.address === "198.51.100.1" || row.local.address === "198.51.100.1",
  );
  assert.deepEqual(
    spoken.map((row) => row.txPackets + row.rxPackets),
    [200],
  );
});

test("rows that end are held for whoever asks for them, and for nobody else", () => {
  const host = createFakeHost();
  const engine = createFlowEngine({ host, keepClosed: 0 });
  let now = start;
  const burst = (count: number): void => {
    for (let index = 0; index < count; index++) host.sockets.open({ localPort: port(index) })!.release();
    now += 1000;
    engine.tick(epochMillis(now));
  };
  for (let round = 0; round < 5; round++) burst(6000);
  assert.ok(engine.takeEnded().length <= 10_000);
  for (let round = 0; round < 3; round++) burst(6000);
  assert.equal(engine.takeEnded().length, 18_000);
  assert.equal(engine.takeEnded().length, 0);
});

test("a tick names the rows that were counted in it", () => {
  const host = createFakeHost();
  const engine = createFlowEngine({ host });
  const flows = Array.from({ length: 5 }, (_, index) => host.sockets.open({ localPort: port(index + 1) })!);
  engine.tick(epochMillis(start));
  flows[3]!.count(start + 500, { tx: 1 });
  engine.tick(epochMillis(start + 1000));
  assert.deepEqual(
    engine.changed().map((row) => row.local.port),
    [4],
  );
  const [row] = engine.changed();
  assert.equal(engine.connection(row!.id), row);
  engine.tick(epochMillis(start + 2000));
  assert.deepEqual(engine.changed(), []);
});

test("interfaces are read once a second at most, and have rates", () => {
  const host = createFakeHost();
  const engine = createFlowEngine({ host });
  for (let tick = 0; tick <= 20; tick++) {
    host.interfaces.set({ rxBytes: tick * 1000, txBytes: tick * 500 });
    const { interfaces } = engine.tick(epochMillis(start + tick * 500));
    if (tick > 2)
      assert.deepEqual(
        interfaces.map(({ rxRate, txRate }) => [rxRate, txRate]),
        [[2000, 1000]],
      );
  }
  assert.equal(host.interfaces.reads, 11);
});

test("a silent row is stale and critical after the shares of its timeout that were asked for", () => {
  const agedTo = (seconds: number, shares?: { stale: number; critical: number }): string | undefined => {
    const host = createFakeHost();
    const engine = createFlowEngine({ host, ...(shares === undefined ? {} : { shares }) });
    const ends = { source: "192.0.2.10", sourcePort: 5000, destination: "198.51.100.1", destinationPort: 9999 };
    host.wire.pushFrame({
      time: epochMillis(start),
      bytes: buildFrame({ protocol: "udp", ...ends }),
      interfaceIndex: 2,
    });
    engine.tick(epochMillis(start));
    for (let second = 1; second < seconds; second++) engine.tick(epochMillis(start + second * 1000));
    const { connections } = engine.tick(epochMillis(start + seconds * 1000));
    const liveliness = connections[0]?.liveliness;
    engine.close();
    return liveliness;
  };
  // Other UDP times out after 60 s.
  assert.equal(agedTo(40), "live");
  assert.equal(agedTo(50), "stale");
  assert.equal(agedTo(56), "critical");
  const early = { stale: 0.2, critical: 0.5 };
  assert.equal(agedTo(8, early), "live");
  assert.equal(agedTo(20, early), "stale");
  assert.equal(agedTo(40, early), "critical");
});
