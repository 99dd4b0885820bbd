import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import {
  Aggregator,
  escapeText,
  formatBytes,
  formatCount,
  plainAggregates,
  plainFlows,
  plainStatus,
  textWidth,
} from "../../src/export/index.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { connectionId, epochMillis, networkNamespace, pid, port } from "../../src/model/index.ts";
import { row } from "../query/rows.ts";
import { connection } from "./arbitrary.ts";

test("a table of flows", () => {
  const wide = row({
    id: connectionId(2),
    hostname: "例え.example",
    txRate: 0,
    rxRate: 0,
    process: { pid: pid(7), start: epochMillis(0), name: "\u001b[31mred" },
  });
  assert.deepEqual(plainFlows([wide, row()], Infinity), [
    "PROTO  STATE        LOCAL             REMOTE            HOST             APP   PID  PROCESS         RTT        UP       DOWN     SENT  RECEIVED",
    "TCP    ESTABLISHED  192.0.2.10:50000  198.51.100.7:443  img.cdn.example  tls  4242  firefox      60.0ms  100 kB/s  2.00 MB/s  1.00 MB   20.0 MB",
    "TCP    ESTABLISHED  192.0.2.10:50000  198.51.100.7:443  例え.example     tls     7  \\x1b[31mred  60.0ms     0 B/s      0 B/s  1.00 MB   20.0 MB",
  ]);
});

test("lines fit a terminal that is wide enough for what cannot be cut", () => {
  fc.assert(
    fc.property(
      fc.array(connection, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 150, max: 240 }),
      (rows, width) => {
        const lines = plainFlows(rows, width);
        assert.equal(lines.length, rows.length + 1);
        for (const line of lines) {
          assert.ok(textWidth(line) <= width, `${textWidth(line)} of ${width}: ${line}`);
          assert.doesNotMatch(line, /\p{Cc}|\p{Cf}/u);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("columns stand under each other, with IPv6, no address and no port", () => {
  const lines = plainFlows(
    [
      row({ remote: { address: "2001:db8::1", port: port(443) } }),
      row({ remote: { address: "", port: port(0) }, networkNamespace: networkNamespace(0) }),
      row({ protocol: "ICMP", protocolNumber: 1, remote: { address: "192.0.2.1", port: port(0) } }),
    ],
    Infinity,
  );
  const column = lines[0]!.indexOf("REMOTE");
  assert.deepEqual(
    lines.slice(1).map((line) => line.slice(column).split(" ")[0]),
    ["[2001:db8::1]:443", "*", "192.0.2.1"],
  );
});

test("tables of sums, and the line above them", () => {
  const snapshot = sampleSnapshot(300);
  for (const by of ["process", "host", "app"] as const) {
    const lines = plainAggregates(by, new Aggregator(by).records(snapshot.connections, snapshot.time), 120);
    assert.match(lines[0]!, new RegExp(by === "process" ? "^ *PID  PROCESS" : `^${by.toUpperCase()} `));
    assert.ok(lines.length > 2);
  }
  const losses = { ...snapshot.losses, framesDropped: 9, unattributedBytes: 1200 };
  assert.match(
    plainStatus({ ...snapshot, losses }, 2),
    / · 1\.20 kB without owner · LOST: .*9 frames dropped, .*2 rows not written$/,
  );
  assert.match(
    plainStatus({ ...snapshot, level: { level: "unprivileged", reason: "no CAP_BPF", missing: [] } }, 0),
    /unprivileged \(no CAP_BPF\)/,
  );
});

test("amounts", () => {
  const shown = [0, 999, 999.6, 1000, 9994, 9996, 99_940, 999_499, 999_500, 1e9, 1e21, Number.NaN, -1].map((value) =>
    formatBytes(value),
  );
  assert.deepEqual(shown, [
    "0 B",
    "999 B",
    "1.00 kB",
    "1.00 kB",
    "9.99 kB",
    "10.0 kB",
    "99.9 kB",
    "999 kB",
    "1.00 MB",
    "1.00 GB",
    "1000 EB",
    "0 B",
    "0 B",
  ]);
});

test("whole numbers", () => {
  const shown = [0, 999, 1000, 12_345.4, 1_234_567, 1e9].map((value) => formatCount(value));
  assert.deepEqual(shown, ["0", "999", "1,000", "12,345", "1,234,567", "1,000,000,000"]);
});

test("text for terminals", () => {
  assert.equal(escapeText("a\u001b[2Jb\u009b\u202e\u2028\ud800é漢"), "a\\x1b[2Jb\\x9b\\u{202e}\\u{2028}\\u{d800}é漢");
});
