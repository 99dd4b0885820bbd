import assert from "node:assert/strict";
import { test } from "node:test";
import { Aggregator } from "../../src/export/index.ts";
import { connectionId, epochMillis, pid } from "../../src/model/index.ts";
import { row } from "../query/rows.ts";

test("sums hold what ended, what lives, and nothing twice", () => {
  const aggregator = new Aggregator("process");
  const ended = row({ liveliness: "closed", endReason: "fin" });
  aggregator.ended(ended);
  const live = row({ id: connectionId(2) });
  for (let round = 0; round < 2; round++) {
    const [record, ...others] = aggregator.records([ended, live], 0);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [record?.flows, record?.live, record?.tx_bytes, record?.rx_bytes, record?.tx_rate, record?.rx_rate],
      [2, 1, 2_000_000, 40_000_000, 100_000, 2_000_000],
    );
    assert.equal(record?.process?.pid, 4242);
  }
});

test("a reused pid is another process; no process is one group", () => {
  const again = row({ process: { pid: pid(4242), start: epochMillis(1_700_000_040_000), name: "curl" } });
  const { process, ...nobody } = row();
  void process;
  const records = new Aggregator("process").records([row(), again, nobody, nobody], 0);
  assert.deepEqual(
    records.map((record) => [record.name, record.flows] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    [
      ["(unknown)", 2],
      ["curl", 1],
      ["firefox", 1],
    ],
  );
});

test("by host: the name, or the address; by app: the protocol where nothing is known", () => {
  const { hostname, application, ...bare } = row();
  void [hostname, application];
  assert.deepEqual(
    new Aggregator("host")
      .records([row(), bare], 0)
      .map((record) => record.name)
      .sort(),
    ["198.51.100.7", "img.cdn.example"],
  );
  assert.deepEqual(
    new Aggregator("app")
      .records([row(), bare], 0)
      .map((record) => record.name)
      .sort(),
    ["tcp", "tls"],
  );
});

test("groups are bounded, and the totals stay true", () => {
  const aggregator = new Aggregator("host");
  const flows = 70_000;
  for (let index = 0; index < flows; index++) aggregator.ended(row({ hostname: `host-${index}`, txBytes: 1 }));
  const records = aggregator.records([], 0);
  assert.ok(records.length <= 65_537, `${records.length} groups`);
  assert.equal(
    records.reduce((sum, record) => sum + record.tx_bytes, 0),
    flows,
  );
  assert.equal(
    records.reduce((sum, record) => sum + record.flows, 0),
    flows,
  );
});
