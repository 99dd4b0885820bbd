import assert from "node:assert/strict";
import { test } from "node:test";
import { createFlowEngine } from "../../src/flow/index.ts";
import { epochMillis, type Connection, type Host } from "../../src/model/index.ts";
import { buildFrame } from "./frames.ts";

const start = 1_767_225_600_000;

const replayHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

/** The row of one datagram, a second after it. */
function rowAfterOneSecond(means?: boolean): Connection {
  const engine = createFlowEngine({ host: replayHost, ...(means !== undefined && { means }) });
  const ends = { source: "192.0.2.1", sourcePort: 40_000, destination: "192.0.2.2", destinationPort: 9 };
  const bytes = buildFrame({ protocol: "udp", ...ends });
  engine.tick(epochMillis(start));
  engine.ingestFrame({
    time: epochMillis(start + 500),
    linkType: 1,
    interfaceIndex: 0,
    direction: "unknown",
    bytes,
    wireLength: bytes.length,
    vlan: 0,
  });
  const { connections } = engine.tick(epochMillis(start + 1000));
  assert.equal(connections.length, 1);
  return connections[0]!;
}

test("rates over longer times are kept unless nobody asks for them", () => {
  const kept = rowAfterOneSecond();
  assert.ok(kept.txRate > 0 && kept.txRate10 > 0 && kept.txRate60 > 0);
  const without = rowAfterOneSecond(false);
  assert.equal(without.txRate, kept.txRate);
  assert.deepEqual([without.txRate10, without.rxRate10, without.txRate60, without.rxRate60], [0, 0, 0, 0]);
});
