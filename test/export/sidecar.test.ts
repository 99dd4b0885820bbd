import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "../fast-check.ts";
import {
  LineCutter,
  readSidecarLine,
  sidecarFlowLine,
  sidecarHeaderLine,
  sidecarInterfaceLine,
  sidecarStatisticsLine,
} from "../../src/export/index.ts";
import { epochMillis, pid } from "../../src/model/index.ts";
import { row } from "../query/rows.ts";
import { connection } from "./arbitrary.ts";
import { validate } from "./schema.ts";

const time = 1_700_000_060_000;

test("a flow is read back with its owner as it was", () => {
  const base = row();
  // Paths of cgroups are not told: container and service are.
  const { cgroupPath: _, ...owner } = base.process!;
  const process = {
    ...owner,
    commandLine: ["sh", "-c", "echo a b"],
    workingDirectory: "/srv/www",
    groupId: 100,
  };
  const parents = [
    { pid: pid(77), name: "bash" },
    { pid: pid(1), name: "init" },
  ];
  const lineage = [process, ...parents.map((one) => ({ ...one, start: epochMillis(0) }))];
  const entry = readSidecarLine(sidecarFlowLine({ ...base, process }, time, lineage));
  assert.equal(entry?.kind, "flow");
  assert.deepEqual(entry?.kind === "flow" && entry.flow, {
    protocol: "TCP",
    source: base.local,
    destination: base.remote,
    localIsSource: true,
    direction: "outbound",
    start: base.start,
    end: base.lastActivity,
    attribution: "socket",
    process: { ...process, ancestors: parents },
    networkNamespace: 1,
    interfaceName: "eth0",
    geo: base.geo,
    hostname: "img.cdn.example",
    hostnameSource: "sni",
  });
});

test("header, interfaces and statistics are read back", () => {
  const header = { application: "Socklens", captureFilter: "port 443" };
  assert.deepEqual(readSidecarLine(sidecarHeaderLine(header, time)), { kind: "header", time, header, version: 1 });
  const one = { name: "eth0", addresses: ["192.0.2.1", "2001:db8::1"] };
  assert.deepEqual(readSidecarLine(sidecarInterfaceLine(one, time)), { kind: "interface", time, interface: one });
  const statistics = { accepted: 12, dropped: 2, delivered: 10 };
  const line = sidecarStatisticsLine(statistics, time);
  assert.deepEqual(readSidecarLine(line), { kind: "statistics", time, statistics });
  assert.deepEqual(readSidecarLine(sidecarStatisticsLine({}, time)), { kind: "statistics", time, statistics: {} });
});

test("a flow's line is what the schema says, and one line, whatever texts the flow holds", () => {
  const schema = JSON.parse(readFileSync(new URL("../../docs/flow.schema.json", import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;
  fc.assert(
    fc.property(connection, (any) => {
      const line = sidecarFlowLine(any, time);
      assert.deepEqual(validate(schema, schema, JSON.parse(line)), []);
      assert.equal(line.indexOf("\n"), line.length - 1);
      // A tuple without addresses that are some is no flow that could be found again.
      const entry = readSidecarLine(line);
      assert.equal(entry?.kind, "flow");
    }),
  );
});

test("lines that tell nothing, or not what they should, are left out", () => {
  const lines = [
    "",
    "null",
    "[]",
    "{",
    '{"event_type":"flow"}',
    '{"event_type":"flow","flow":{}}',
    '{"event_type":"sidecar","sidecar":{"version":-1,"application":"x"}}',
    '{"event_type":"interface","interface":{"name":7,"addresses":[]}}',
    '{"event_type":"interface","interface":{"name":"eth0","addresses":"192.0.2.1"}}',
    '{"event_type":"stats","stats":{}}',
    `{"event_type":"capture","capture":{"dropped":1},"pad":"${"x".repeat(70_000)}"}`,
  ];
  for (const line of lines) assert.equal(readSidecarLine(line), undefined, line.slice(0, 60));
  const odd = readSidecarLine('{"event_type":"interface","interface":{"name":"e","addresses":["no address",1]}}');
  assert.deepEqual(odd, { kind: "interface", time: 0, interface: { name: "e", addresses: [] } });
});

test("no JSON makes the reader throw", () => {
  const fields = fc.constantFrom("event_type", "flow", "sidecar", "interface", "capture", "process", "args", "pid");
  const values = fc.oneof(fc.constantFrom("flow", "sidecar", "interface", "capture", 1, -1, [], {}), fc.jsonValue());
  fc.assert(
    fc.property(fc.dictionary(fields, fc.oneof(values, fc.dictionary(fields, values))), (any) => {
      readSidecarLine(JSON.stringify(any));
    }),
  );
});

test("lines are the same however the bytes come in pieces, and a long one is left out", () => {
  const text = "ä line\n\nanother one\nthe last";
  fc.assert(
    fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 6 }), (cuts) => {
      const bytes = Buffer.from(text);
      const lines: string[] = [];
      const cutter = new LineCutter((line) => lines.push(line));
      let from = 0;
      for (const cut of [...cuts.toSorted((one, other) => one - other), bytes.length]) {
        // The buffer of a reader is used again.
        const piece = Uint8Array.from(bytes.subarray(from, cut));
        cutter.push(piece);
        piece.fill(0x21);
        from = cut;
      }
      cutter.end();
      assert.deepEqual(lines, ["ä line", "another one", "the last"]);
    }),
  );
  const lines: string[] = [];
  const cutter = new LineCutter((line) => lines.push(line));
  for (let piece = 0; piece < 10; piece++) cutter.push(new Uint8Array(65_536).fill(0x61));
  cutter.push(Buffer.from("\nshort\n"));
  assert.deepEqual(lines, ["short"]);
  assert.equal(cutter.skipped, 1);
});
