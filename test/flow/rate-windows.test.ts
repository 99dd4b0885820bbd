import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { RateWindows } from "../../src/flow/rate-windows.ts";

const near = (left: number, right: number): boolean => Math.abs(left - right) <= 1 + Math.abs(right) * 1e-5;

test("means are those of the bytes that passed in the window", () => {
  const step = fc.record({ wait: fc.integer({ min: 1, max: 90_000 }), tx: fc.nat(1e9), rx: fc.nat(1e6) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const windows = new RateWindows();
      const window = windows.take();
      const passed: { from: number; until: number; tx: number }[] = [];
      let now = 1_767_225_600_123;
      for (const { wait, tx, rx } of steps) {
        const from = now;
        now += wait;
        windows.now = now;
        windows.add(window, from, now, tx, rx);
        // What took more than a minute is put into the last minute.
        passed.push({ from: Math.max(from, now - 60_000), until: now, tx });
      }
      for (const seconds of [10, 60]) {
        // Buckets are whole seconds: the truth lies between the sums over the window with and without its first second.
        const sum = (begin: number): number =>
          passed.reduce((total, { from, until, tx }) => {
            const overlap = Math.max(0, until - Math.max(from, begin));
            return total + (until === from ? 0 : (tx * overlap) / (until - from));
          }, 0);
        const mean = windows.mean(window, seconds, 0);
        const least = sum((Math.floor(now / 1000) - seconds + 1) * 1000) / seconds;
        const most = sum((Math.floor(now / 1000) - seconds) * 1000) / seconds;
        assert.ok(mean >= least - 1 - least * 1e-5 && mean <= most + 1 + most * 1e-5, `${least} <= ${mean} <= ${most}`);
      }
    }),
  );
});

test("an even stream has the same rate over every window", () => {
  const windows = new RateWindows();
  const window = windows.take();
  for (let tick = 1; tick <= 200; tick++) {
    const from = 1_000_000_000_000 + (tick - 1) * 730;
    windows.now = from + 730;
    windows.add(window, from, from + 730, 730_000, 0);
  }
  assert.ok(near(windows.mean(window, 10, 0), 1_000_000));
  assert.ok(near(windows.mean(window, 60, 0), 1_000_000));
  assert.equal(windows.mean(window, 60, 1), 0);
});

test("means fall to nothing in silence, with nobody touching the window", () => {
  const windows = new RateWindows();
  const window = windows.take();
  windows.now = 1_000_000;
  windows.add(window, 999_000, 1_000_000, 6000, 600);
  assert.ok(near(windows.mean(window, 60, 0), 100));
  windows.now += 11_000;
  assert.equal(windows.mean(window, 10, 1), 0);
  assert.ok(near(windows.mean(window, 60, 1), 10));
  windows.now += 60_000;
  assert.equal(windows.mean(window, 60, 0), 0);
});

test("a window that is given back is empty when it is taken again", () => {
  const windows = new RateWindows();
  const windowsTaken = Array.from({ length: 1500 }, () => windows.take());
  windows.now = 5000;
  for (const window of windowsTaken) windows.add(window, 4000, 5000, 10, 10);
  windows.give(windowsTaken[700]!);
  assert.equal(windows.size, 1499);
  const again = windows.take();
  assert.equal(windows.mean(again, 60, 0), 0);
  assert.ok(windows.mean(windowsTaken[701]!, 60, 0) > 0);
});
