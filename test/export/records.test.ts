import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "../fast-check.ts";
import {
  Aggregator,
  createCsvWriter,
  eveTimestamp,
  type FlowRecord,
  flowRecord,
  jsonLine,
  statsRecord,
} from "../../src/export/index.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { row } from "../query/rows.ts";
import { connection } from "./arbitrary.ts";
import { parseCsv } from "./parse-csv.ts";
import { validate } from "./schema.ts";

const schema = JSON.parse(readFileSync(new URL("../../docs/flow.schema.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>;
const problems = (line: string): string[] => validate(schema, schema, JSON.parse(line));

test("a flow record in full", () => {
  const { timestamp, ...record } = flowRecord(row(), 1_700_000_060_000.5);
  assert.equal(timestamp, "2023-11-14T22:14:20.000500+0000");
  assert.deepEqual(record, {
    flow_id: 1,
    event_type: "flow",
    in_iface: "eth0",
    vlan: [120],
    proto: "TCP",
    src_ip: "192.0.2.10",
    src_port: 50_000,
    dest_ip: "198.51.100.7",
    dest_port: 443,
    app_proto: "tls",
    app_proto_by: "payload",
    app_hostname: "img.cdn.example",
    flow: {
      pkts_toserver: 1000,
      pkts_toclient: 15_000,
      bytes_toserver: 1_000_000,
      bytes_toclient: 20_000_000,
      start: "2023-11-14T22:13:20.000000+0000",
      end: "2023-11-14T22:14:10.000000+0000",
      age: 50,
      state: "established",
      rate_toserver: 100_000,
      rate_toclient: 2_000_000,
    },
    attribution: "socket",
    direction: "outbound",
    tcp: { state: "established", rtt: 60, min_rtt: 40, retransmits: 20 },
    tls: { sni: "img.cdn.example", version: "TLS 1.3", ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1" },
    hostname: "img.cdn.example",
    hostname_source: "sni",
    geo: { country_iso_code: "CH", asn: 13_335, organization: "Example Net" },
    ether: { src_mac: "02:00:00:00:00:01", dest_mac: "02:00:5e:00:53:01" },
    network_namespace: 1,
    process: {
      pid: 4242,
      name: "firefox",
      start: "2023-11-14T21:56:40.000000+0000",
      executable: "/usr/lib/firefox/firefox-bin",
      command_line: "firefox --profile work",
      parent: { pid: 77, name: "bash" },
      user: { id: 1000, name: "anna" },
      container: { id: "0123456789ab", runtime: "docker", name: "k8s_web_frontend_kube-system" },
      service: "firefox.service",
    },
  });
});

test("source is the side that opened: an inbound flow is turned round", () => {
  const record = flowRecord(row({ direction: "inbound" }), 0);
  assert.deepEqual(
    [
      record.src_ip,
      record.src_port,
      record.dest_ip,
      record.dest_port,
      record.flow.bytes_toserver,
      record.flow.pkts_toclient,
    ],
    ["198.51.100.7", 443, "192.0.2.10", 50_000, 20_000_000, 1000],
  );
  assert.deepEqual(record.ether, { src_mac: "02:00:5e:00:53:01", dest_mac: "02:00:00:00:00:01" });
});

test("reason: why it ended, shutdown at the end of a run, none while it lives", () => {
  assert.equal(flowRecord(row(), 0).flow.reason, undefined);
  const last = flowRecord(row(), 0, { before: "ESTABLISHED" }).flow;
  assert.deepEqual([last.reason, last.state], ["shutdown", "established"]);
  const closed = flowRecord(row({ liveliness: "closed", endReason: "rst", end: epochMillis(1) }), 0, {
    before: "ESTABLISHED",
  });
  assert.deepEqual([closed.flow.reason, closed.flow.state, closed.flow.rate_toserver], ["rst", "closed", undefined]);
});

test("any row makes a line that is valid by docs/flow.schema.json and holds no control and no null", () => {
  fc.assert(
    fc.property(connection, fc.double({ min: -1, max: 1e18, noNaN: false }), fc.boolean(), (any, time, shutdown) => {
      const line = jsonLine(flowRecord(any, time, shutdown ? { before: any.state } : {}));
      assert.deepEqual(problems(line), []);
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
      JSON.parse(line, (key, value: unknown) => assert.notEqual(value, null, key));
    }),
    { numRuns: 1000 },
  );
});

test("facts never take the place of the record's own fields", () => {
  const record = flowRecord(
    row({ application: { name: "x", by: "payload", facts: { flow: 1, process: { pid: 1 }, x: { a: 1 } } } }),
    0,
  );
  assert.equal(record.flow.pkts_toserver, 1000);
  assert.equal(record.process?.pid, 4242);
  assert.deepEqual(record["x"], { a: 1 });
});

test("stats and aggregates are valid by the schema", () => {
  const snapshot = sampleSnapshot(500);
  assert.deepEqual(problems(jsonLine(statsRecord(snapshot, 3))), []);
  assert.deepEqual(
    problems(
      jsonLine(statsRecord({ ...snapshot, level: { level: "capture", reason: "no CAP_BPF", missing: ["x"] } }, 0)),
    ),
    [],
  );
  for (const by of ["process", "host", "app"] as const) {
    const records = new Aggregator(by).records(snapshot.connections, snapshot.time);
    assert.ok(records.length > 1);
    for (const record of records) assert.deepEqual(problems(jsonLine(record)), []);
  }
});

test("the schema is strict: it refuses what is not in it", () => {
  const good = JSON.parse(jsonLine(flowRecord(row(), 0))) as FlowRecord;
  for (const bad of [
    { ...good, proto: 6 },
    { ...good, event_type: "flows" },
    { ...good, flow: { ...good.flow, extra: 1 } },
    { ...good, flow: { ...good.flow, age: -1 } },
    { ...good, process: { name: "x" } },
    { ...good, timestamp: "2023-11-14T22:14:20Z" },
    { ...good, src_port: 70_000 },
    { ...good, hostname: null },
  ]) {
    assert.notDeepEqual(problems(JSON.stringify(bad)), []);
  }
});

test("CSV parses back: every cell is what the record holds, no formula, one line a record", () => {
  const writer = createCsvWriter("flow");
  const header = parseCsv(writer.header)[0]!;
  fc.assert(
    fc.property(connection, (any) => {
      const record = flowRecord(any, 0);
      const line = writer.line(record);
      assert.doesNotMatch(line, /[\p{Cc}]/u);
      const rows = parseCsv(line);
      assert.equal(rows.length, 1);
      const cells = rows[0]!;
      assert.equal(cells.length, header.length);
      for (const [index, cell] of cells.entries()) {
        if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(cell)) assert.ok(!/^[=+\-@\t\r]/.test(cell), header[index] ?? "");
      }
      const value = (name: string): string => cells[header.indexOf(name)]!;
      assert.equal(value("bytes_toserver"), String(record.flow.bytes_toserver));
      assert.equal(value("src_ip"), record.src_ip ?? "");
      const name = record.process?.name ?? "";
      if (/^[\x20-\x7e]*$/.test(name)) assert.equal(value("process_name").replace(/^'(?='*[=+\-@])/, ""), name);
    }),
    { numRuns: 500 },
  );
});

test("CSV rows of stats carry the losses in the same columns", () => {
  const snapshot = sampleSnapshot(10);
  for (const kind of ["flow", "aggregate"] as const) {
    const writer = createCsvWriter(kind);
    const header = parseCsv(writer.header)[0]!;
    assert.equal(new Set(header).size, header.length);
    const stats = parseCsv(
      writer.line(statsRecord({ ...snapshot, losses: { ...snapshot.losses, evicted: 7 } }, 5)),
    )[0]!;
    assert.equal(stats.length, header.length);
    assert.equal(stats[0], "stats");
    assert.equal(stats[header.indexOf("evicted")], "7");
    assert.equal(stats[header.indexOf("records_dropped")], "5");
  }
});

test("timestamps carry microseconds and never throw", () => {
  assert.equal(eveTimestamp(1_700_000_000_123.456), "2023-11-14T22:13:20.123456+0000");
  for (const odd of [Number.NaN, -1, Infinity, 1e20])
    assert.equal(eveTimestamp(odd), "1970-01-01T00:00:00.000000+0000");
});

test("a port's hint is no app_proto, a flow that changed over has both names, a question has its name", () => {
  const hinted = flowRecord(row({ application: { name: "tls", by: "port", facts: {} } }), 0);
  assert.deepEqual([hinted.app_proto, hinted.app_proto_by, hinted.app_proto_hint], [undefined, undefined, "tls"]);
  const changed = flowRecord(row({ application: { name: "tls", by: "payload", originally: "smtp", facts: {} } }), 0);
  assert.deepEqual([changed.app_proto, changed.app_proto_orig, changed.app_proto_alt], ["tls", "smtp", ["smtp"]]);
  const mdns = { queries: [{ rrname: "printer.local", rrtype: "A" }] };
  const asked = flowRecord(row({ application: { name: "mdns", by: "payload", facts: { mdns } } }), 0);
  assert.equal(asked.app_hostname, "printer.local");
});
