import assert from "node:assert/strict";
import { test } from "node:test";
import { cellSeconds, ConnectionHistory } from "../../src/tui/connection-history.ts";
import fc from "../fast-check.ts";
import { connection, noon } from "./story.ts";

const near = (actual: number, expected: number, slack = 1): void =>
  assert.ok(Math.abs(actual - expected) <= slack, `${actual}, not ${expected}`);

test("a graph holds what was moved and the highest round trip of each cell, the newest last", () => {
  const history = new ConnectionHistory();
  for (let second = 0; second <= 20; second++) {
    const rtt = second === 10 ? 90 : 5;
    const rxBytes = 1000 + second * 500 + (second > 16 ? (second - 16) * 1000 : 0);
    history.add(connection(1, { rxBytes, txBytes: 7, quality: { rtt } }), noon + second * 1000);
  }
  assert.equal(history.span, 20_000);
  const received = history.values("received", 100);
  assert.equal(received.length, 10);
  received.slice(0, 8).forEach((rate) => near(rate, 500));
  received.slice(8).forEach((rate) => near(rate, 1500));
  assert.deepEqual(history.values("sent", 4), [0, 0, 0, 0]);
  // The present second begins a cell.
  const rtt = history.values("rtt", 100);
  assert.deepEqual(rtt, [5, 5, 5, 5, 5, 90, 5, 5, 5, 5, 5]);
  assert.deepEqual(history.values("rtt", 3), [5, 5, 5]);
});

test("the first reading is there at once; nothing is known of the time between readings far apart", () => {
  const history = new ConnectionHistory();
  history.add(connection(1, { quality: { rtt: 8 } }), noon);
  assert.deepEqual(history.values("rtt", 9), [8]);
  history.add(connection(1, { quality: { rtt: 6 } }), noon + 60_000);
  const values = history.values("rtt", 100);
  assert.equal(values[0], 8);
  assert.equal(values.at(-1), 6);
  assert.ok(values.slice(1, -1).every((value) => value === 0));
});

test("another connection, a clock that was set back and a long gap begin anew", () => {
  const history = new ConnectionHistory();
  const read = (id: number, at: number): void => history.add(connection(id, { quality: { rtt: 8 } }), noon + at);
  read(1, 0);
  read(1, 10_000);
  assert.equal(history.span, 10_000);
  read(2, 11_000);
  assert.equal(history.span, 0);
  read(2, 20_000);
  read(2, 15_000);
  assert.equal(history.span, 0);
  read(2, 15_000 + 601_000);
  assert.equal(history.span, 0);
});

test("whatever the readings, cells are whole numbers of what was read, and as much is in them as was moved", () => {
  const step = fc.record({ after: fc.integer({ min: 0, max: 20_000 }), bytes: fc.nat(1_000_000), rtt: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 0, max: 400 }), (steps, cells) => {
      const history = new ConnectionHistory();
      let [time, total, moved] = [noon, 0, 0];
      history.add(connection(1, { rxBytes: 0 }), time);
      for (const { after, bytes, rtt } of steps) {
        time += after;
        total += bytes;
        if (after > 0) moved = total;
        history.add(connection(1, { rxBytes: total, quality: { rtt } }), time);
      }
      const highest = steps.reduce((most, { rtt }) => Math.max(most, rtt), 0);
      for (const graph of ["rtt", "received", "sent"] as const) {
        const values = history.values(graph, cells);
        assert.ok(values.length <= cells);
        assert.ok(values.every((value) => Number.isFinite(value) && value >= 0));
        if (graph === "rtt") assert.ok(values.every((value) => value <= highest));
      }
      const all = history.values("received", 400);
      // The last cell may be younger than the others.
      const past = (time / 1000) % cellSeconds === 0 ? cellSeconds : (time / 1000) % cellSeconds;
      const sum = all.reduce((bytes, rate, at) => bytes + rate * (at === all.length - 1 ? past : cellSeconds), 0);
      if (time - noon < 500_000 && time > noon) near(sum, moved, moved / 1000 + 1);
    }),
  );
});
