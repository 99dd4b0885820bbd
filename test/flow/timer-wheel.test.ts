import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { TimerWheel } from "../../src/flow/timer-wheel.ts";

interface Item {
  readonly at: number;
  checkAt: number;
}

const item = (at: number): Item => ({ at, checkAt: -1 });

test("everything fires once, not early, and at the first look after its time", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9000), { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
      (times, steps) => {
        const wheel = new TimerWheel<Item>();
        wheel.advance(0, Infinity, () => assert.fail("nothing was asked for"));
        for (const at of times) wheel.schedule(item(at + 1), at + 1);
        let now = 0;
        const fired: number[] = [];
        for (const step of steps) {
          const before = now;
          now += step;
          wheel.advance(now, Infinity, (due) => {
            assert.ok(due.at <= now && due.at > before, `${due.at} fired between ${before} and ${now}`);
            fired.push(due.at);
          });
        }
        assert.deepEqual(
          fired.toSorted((left, right) => left - right),
          times
            .map((at) => at + 1)
            .filter((at) => at <= now)
            .toSorted((left, right) => left - right),
        );
      },
    ),
    { examples: [[[0], [1]]] },
  );
});

test("an earlier check takes the place of a later one, a later one changes nothing", () => {
  const wheel = new TimerWheel<Item>();
  wheel.advance(100, Infinity, () => {});
  const both = item(0);
  wheel.schedule(both, 150);
  wheel.schedule(both, 120);
  wheel.schedule(both, 140);
  const fired: number[] = [];
  for (let now = 101; now < 400; now++) wheel.advance(now, Infinity, () => fired.push(now));
  assert.deepEqual(fired, [120]);
});

test("what is cancelled does not fire; what schedules itself again does", () => {
  const wheel = new TimerWheel<Item>();
  wheel.advance(0, Infinity, () => {});
  const gone = item(5);
  wheel.schedule(gone, 5);
  wheel.cancel(gone);
  const again = item(5);
  wheel.schedule(again, 5);
  const fired: number[] = [];
  for (let now = 1; now <= 5000; now++) {
    wheel.advance(now, Infinity, (due) => {
      assert.equal(due, again);
      fired.push(now);
      if (fired.length < 3) wheel.schedule(due, now + 2000);
    });
  }
  assert.deepEqual(fired, [5, 2005, 4005]);
});

test("a budget spreads what is due over several calls and loses nothing", () => {
  const wheel = new TimerWheel<Item>();
  wheel.advance(0, Infinity, () => {});
  for (let index = 0; index < 100; index++) wheel.schedule(item(10), 10);
  const counts: number[] = [];
  for (let now = 10; now < 15; now++) {
    let count = 0;
    wheel.advance(now, 30, () => count++);
    counts.push(count);
  }
  assert.deepEqual(counts, [30, 30, 30, 10, 0]);
});

test("a long pause in the middle of a budget loses nothing either", () => {
  const wheel = new TimerWheel<Item>();
  wheel.advance(0, Infinity, () => {});
  for (let index = 0; index < 100; index++) wheel.schedule(item(10), index % 2 === 0 ? 10 : 10 + 2048 * 3);
  let count = 0;
  wheel.advance(10, 20, () => count++);
  assert.equal(count, 20);
  for (const now of [4000, 6154, 9000]) wheel.advance(now, Infinity, () => count++);
  assert.equal(count, 100);
});

test("a clock that is set back does not fire what waits for later", () => {
  const wheel = new TimerWheel<Item>();
  wheel.advance(5000, Infinity, () => {});
  wheel.schedule(item(5010), 5010);
  wheel.rewind(100);
  wheel.schedule(item(105), 105);
  const fired: number[] = [];
  for (const now of [104, 105, 3000, 5009, 5010]) wheel.advance(now, Infinity, (due) => fired.push(due.at));
  assert.deepEqual(fired, [105, 5010]);
});
