import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionRow } from "../../src/flow/connection-row.ts";
import { ProcessTable } from "../../src/flow/process-table.ts";
import { RateWindows } from "../../src/flow/rate-windows.ts";
import { RecordedFlows } from "../../src/flow/recorded-flows.ts";
import {
  type ConnectionId,
  epochMillis,
  networkNamespace,
  pid,
  port,
  type RecordedFlow,
} from "../../src/model/index.ts";

const flow = (number: number, word: string, start = 0): RecordedFlow => ({
  protocol: "TCP",
  source: { address: "192.0.2.1", port: port(number) },
  destination: { address: "192.0.2.2", port: port(443) },
  localIsSource: true,
  start,
  end: start,
  attribution: "socket",
  process: { pid: pid(number), start: epochMillis(0), name: "curl", commandLine: [word] },
});

/** Whose the recording says the flow of this source port is. */
function ownerOf(recorded: RecordedFlows, number: number): number | undefined {
  const row = new ConnectionRow(
    {
      id: number as ConnectionId,
      protocolNumber: 6,
      protocol: "TCP",
      local: { address: "192.0.2.1", port: port(number) },
      remote: { address: "192.0.2.2", port: port(443) },
      networkNamespace: networkNamespace(0),
      start: epochMillis(1000),
    },
    new RateWindows(),
    {},
  );
  recorded.apply(row, new ProcessTable({ lookup: () => undefined }));
  return row.owner?.info.pid;
}

test("records are bounded by their texts, and those that were told of longest ago make way", () => {
  const recorded = new RecordedFlows([], 10_000);
  for (let number = 1; number <= 20; number++) recorded.add(flow(number, "x".repeat(800)));
  const known = Array.from({ length: 20 }, (_, index) => ownerOf(recorded, index + 1));
  const first = known.findIndex((owner) => owner !== undefined);
  assert.deepEqual(
    known,
    Array.from({ length: 20 }, (_, index) => (index < first ? undefined : index + 1)),
  );
  assert.ok(first > 5 && first < 15, `the first ${first} made way`);
});

test("telling of a flow again, however often, takes no more room", () => {
  const recorded = new RecordedFlows([], 10_000);
  recorded.add(flow(1, "first"));
  for (let again = 0; again < 1000; again++) recorded.add(flow(2, "x".repeat(4000)));
  assert.equal(ownerOf(recorded, 1), 1);
  assert.equal(ownerOf(recorded, 2), 2);
  // Of one tuple eight are kept, whose texts count; what is not kept counts for nothing.
  for (let start = 0; start < 500; start++) recorded.add(flow(3, "y", start));
  assert.equal(ownerOf(recorded, 2), 2);
});
