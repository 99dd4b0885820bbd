import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputOptions } from "../../src/app/cli/index.ts";
import { runHeadless, type RunResult, tickPeriod } from "../../src/app/headless.ts";
import { waitingLimits } from "../../src/app/report.ts";
import type { FlowRecord, StatsRecord } from "../../src/export/index.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { createFakeHost } from "../../src/host/fake/index.ts";
import { type Connection, connectionId } from "../../src/model/index.ts";
import { compile } from "../../src/query/index.ts";
import { row } from "../query/rows.ts";
import { FakeClock, FakeEngine, FakeOutput, type Step } from "./fakes.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly output: FakeOutput;
  readonly engine: FakeEngine;
  readonly stop: AbortController;
  readonly result: Promise<RunResult>;
}

function start(options: Partial<OutputOptions>, ...steps: readonly Step[]): Bench {
  const clock = new FakeClock();
  const output = new FakeOutput();
  const engine = new FakeEngine(...steps);
  const stop = new AbortController();
  const result = runHeadless({
    engine,
    options: { format: "json", by: "flow", ...options },
    output,
    clock,
    stop: stop.signal,
  });
  return { clock, output, engine, stop, result };
}

const flow = (id: number, changes: Partial<Connection> = {}): Connection => row({ id: connectionId(id), ...changes });
const closed = (id: number): Connection => flow(id, { liveliness: "closed", endReason: "fin" });
const records = (output: FakeOutput): (FlowRecord | StatsRecord)[] =>
  output.lines.map((line) => JSON.parse(line) as FlowRecord | StatsRecord);
/** "1 fin" for each flow record, "stats" for each stats record. */
const summary = (output: FakeOutput): string[] =>
  records(output).map((record) =>
    record.event_type === "flow" ? `${record.flow_id} ${record.flow.reason ?? "-"}` : record.event_type,
  );

test("JSON: a flow is written when it ends, and the rest when the run ends", async () => {
  const { clock, output, result, engine } = start(
    { duration: 3.5 },
    { live: [flow(1), flow(2)] },
    { live: [flow(1)], ended: [closed(2)] },
  );
  await clock.run(3000);
  assert.deepEqual(summary(output), ["2 fin"]);
  await clock.run(3500);
  assert.deepEqual(await result, { code: 0 });
  assert.deepEqual(summary(output), ["2 fin", "1 shutdown", "stats"]);
  assert.deepEqual(
    engine.times.map((time) => time - clock.epoch),
    [0, 1000, 2000, 3000, 3500],
  );
});

test("JSON with an interval: active flows each interval, statistics with each", async () => {
  const one = flow(1);
  const two = flow(2);
  const steps: Step[] = [
    { live: [one, two], changed: [one, two] },
    { live: [one, two], changed: [two] },
    { live: [one, two], changed: [] },
    { live: [one, two], changed: [one] },
    { live: [one], ended: [closed(2)] },
  ];
  const { clock, output, result } = start({ interval: 2, count: 2 }, ...steps);
  await clock.run(10_000);
  assert.deepEqual(await result, { code: 0 });
  assert.deepEqual(summary(output), ["1 -", "2 -", "stats", "2 fin", "1 -", "stats", "1 shutdown", "stats"]);
});

test("the tick is a second whatever the interval is, and a whole part of it", async () => {
  assert.deepEqual(
    [undefined, 0.1, 1, 1.5, 2, 60].map((interval) => tickPeriod(interval)),
    [1000, 100, 1000, 750, 1000, 1000],
  );
  const { clock, engine, stop, result } = start({ interval: 1.5 });
  await clock.run(3000);
  stop.abort();
  await result;
  assert.deepEqual(
    engine.times.map((time) => time - clock.epoch),
    [0, 750, 1500, 2250, 3000, 3000],
  );
});

test("a signal ends a run with its last records", async () => {
  const { clock, output, stop, result } = start({}, { live: [flow(1)] });
  await clock.run(200);
  stop.abort();
  assert.deepEqual(await result, { code: 0 });
  assert.deepEqual(summary(output), ["1 shutdown", "stats"]);
});

test("the filter and listening sockets", async () => {
  const query = compile("port:443");
  assert.ok(query.ok);
  const other = flow(2, { remote: { ...row().remote, port: row().local.port } });
  const { clock, output, result } = start(
    { filter: query, duration: 1 },
    { live: [flow(1), other, flow(3, { state: "LISTEN" })] },
  );
  await clock.run(1000);
  await result;
  assert.deepEqual(summary(output), ["1 shutdown", "stats"]);
});

test("a reader that goes away ends the run quietly; a full disk does not", async () => {
  const quiet = start({}, { live: [flow(1)] });
  await quiet.clock.run(100);
  quiet.output.end("gone");
  assert.deepEqual(await quiet.result, { code: 0 });
  const full = start({}, { live: [flow(1)] });
  await full.clock.run(100);
  full.output.end("ENOSPC");
  assert.deepEqual(await full.result, { code: 1, problem: "cannot write the output: ENOSPC" });
});

test("a reader that stops reading costs bounded memory, and what was dropped is counted and told", async () => {
  const burst = Array.from({ length: 60_000 }, (_, index) => closed(index));
  const { clock, output, stop, result } = start(
    { interval: 1 },
    {},
    { ended: burst },
    { live: [flow(1)], changed: [flow(1)] },
  );
  output.reading = false;
  await clock.run(3000);
  assert.ok(output.most < waitingLimits.records + 1_000_000, `${output.most} bytes waited`);
  const stats = records(output).filter((record) => record.event_type === "stats");
  const dropped = stats.at(-1)!.stats.losses.records_dropped;
  assert.ok(dropped > 0 && dropped < 60_000, `${dropped} dropped`);
  output.reading = true;
  output.read();
  stop.abort();
  assert.match((await result).problem ?? "", /^\d+ records were not written/);
});

test("a reader that never reads again does not hold up a run that was told to stop", async () => {
  const { clock, output, stop, result } = start({}, { live: [flow(1)] });
  output.reading = false;
  await clock.run(100);
  stop.abort();
  await clock.run(20_000);
  assert.equal((await result).code, 1);
});

test("at the end every flow is written, however slow the reader", async () => {
  const live = Array.from({ length: 3000 }, (_, index) => flow(index));
  const { clock, output, result } = start({ duration: 1 }, { live });
  output.reading = false;
  await clock.run(1000);
  const state = { over: false };
  void result.then(() => (state.over = true));
  while (!state.over) {
    assert.ok(output.most < 1_000_000, `${output.most} bytes waited`);
    output.read();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await result).code, 0);
  assert.equal(records(output).length, 3001);
});

test("CSV: header first, CRLF, one row a flow", async () => {
  const { clock, output, result } = start({ format: "csv", duration: 1 }, { live: [flow(1)] });
  await clock.run(1000);
  await result;
  assert.match(output.text, /^event_type,timestamp,[^\r\n]*\r\nflow,[^\r\n]*\r\nstats,[^\r\n]*\r\n$/);
});

test("plain: a table each interval, with what ended in it; the last one is not written twice", async () => {
  const { clock, output, result } = start(
    { format: "plain", interval: 1, count: 2 },
    { live: [flow(1)] },
    { live: [flow(1)], ended: [closed(2)] },
  );
  await clock.run(5000);
  await result;
  const tables = output.text
    .split("\n\n")
    .slice(0, -1)
    .map((table) => table.split("\n"));
  assert.deepEqual(
    tables.map((table) => table.length),
    [4, 3],
  );
  assert.match(tables[0]![0]!, /^2023-11-14T22:13:21/);
  assert.match(tables[0]![1]!, /^PROTO +STATE/);
  assert.ok(tables[0]!.some((line) => line.startsWith("TCP    CLOSED")));
});

test("sums: ended and live flows together, at each interval and at the end", async () => {
  const { clock, output, result } = start(
    { by: "process", duration: 2 },
    { live: [flow(1), flow(2)] },
    { live: [flow(1)], ended: [closed(2)] },
  );
  await clock.run(2000);
  await result;
  const [sums, stats] = output.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    [sums?.["event_type"], sums?.["name"], sums?.["flows"], sums?.["live"], sums?.["tx_bytes"]],
    ["aggregate", "firefox", 2, 1, 2_000_000],
  );
  assert.equal(stats?.["event_type"], "stats");
});

test("with the real engine over a scripted host", async () => {
  const host = createFakeHost();
  const engine = createFlowEngine({ host });
  const clock = new FakeClock();
  const output = new FakeOutput();
  const stop = new AbortController();
  const result = runHeadless({
    engine,
    options: { format: "json", by: "flow", duration: 2 },
    output,
    clock,
    stop: stop.signal,
  });
  await clock.run(2000);
  assert.deepEqual(await result, { code: 0 });
  assert.deepEqual(summary(output), ["stats"]);
});
