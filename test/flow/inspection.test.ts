import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory, portHint } from "../../src/dissect/index.ts";
import { ConnectionTable } from "../../src/flow/connection-table.ts";
import { Inspection } from "../../src/flow/inspection.ts";
import { RowNames } from "../../src/flow/row-names.ts";
import { standardShares } from "../../src/flow/timeouts.ts";
import { TupleKey } from "../../src/flow/tuple-key.ts";
import { epochMillis, networkNamespace, port } from "../../src/model/index.ts";

const budget = 1024 * 1024;

test("undecided flows hold no more than their budget, whatever is sent on how many", () => {
  const table = new ConnectionTable(10, standardShares, { ended: (row) => inspection.drop(row), dropped: () => {} });
  const options = { createInspectors: createInspectorFactory, crypto: cryptography, portHint, inspectedBytes: budget };
  const inspection: Inspection = new Inspection(table, new RowNames(), undefined, options);
  const key = new TupleKey();
  const rows = Array.from({ length: 2000 }, (_, index) => {
    const [local, remote] = [
      { address: "192.0.2.1", port: port(1024 + index) },
      { address: "192.0.2.2", port: port(443) },
    ];
    const protocolNumber = index % 4 === 0 ? 17 : 6;
    key.setText(local.address, local.port, remote.address, remote.port, protocolNumber);
    const start = epochMillis(1);
    return table.create(key, { protocolNumber, local, remote, networkNamespace: networkNamespace(0), start }, true);
  });
  // Beginnings that keep a protocol asking for more: a TLS record that says 16 KiB follow, QUIC, text without an end.
  const beginnings = [
    [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc],
    [0xc3, 0, 0, 0, 1, 8],
    [0x47, 0x45, 0x54, 0x20],
    [0x80, 0, 0x10, 0],
  ];
  const piece = fc.tuple(
    fc.nat(rows.length - 1),
    fc.boolean(),
    fc.constantFrom(0, 0, 1, 700, 5000, 15_000),
    fc.integer({ min: 1, max: 1400 }),
  );
  let highest = 0;
  fc.assert(
    fc.property(fc.array(piece, { minLength: 50, maxLength: 200 }), fc.constantFrom(...beginnings), (pieces, begin) => {
      for (const [index, transmit, offset, length] of pieces) {
        const bytes = new Uint8Array(length).fill(0x41);
        if (offset === 0) bytes.set(begin.slice(0, length));
        inspection.payload(rows[index]!, transmit, 1000 + offset, false, bytes, length);
        const { bytes: held, flows } = inspection.load;
        assert.ok(held >= 0 && (held <= budget || flows === 1), `${held} bytes of ${flows} flows`);
        highest = Math.max(highest, held);
      }
    }),
    { numRuns: 200 },
  );
  assert.ok(highest > budget / 2, `the budget was hardly used: ${highest} bytes`);
  for (const row of rows) table.close(row, "shutdown", 2);
  assert.deepEqual(inspection.load, { bytes: 0, flows: 0 });
});
