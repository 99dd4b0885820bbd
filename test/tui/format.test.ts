import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatCountWithin,
  formatMilliseconds,
} from "../../src/tui/format.ts";

test("bytes have three digits and the right unit at every edge", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [0.2, "1 B"],
    [999, "999 B"],
    [999.4, "999 B"],
    [999.5, "1.00 kB"],
    [1240, "1.24 kB"],
    [9994, "9.99 kB"],
    [9996, "10.0 kB"],
    [99_960, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [1.24e9, "1.24 GB"],
    [5e18, "5000 PB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text, String(bytes));
  assert.equal(formatBytes(Number.NaN), "0 B");
  assert.equal(formatBytes(-5), "0 B");
});

test("bytes below an exabyte never take more than seven characters", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 9.9e17, noNaN: true }), (bytes) => formatBytes(bytes).length <= 7));
});

test("times", () => {
  assert.equal(formatMilliseconds(0.21), "210 µs");
  assert.equal(formatMilliseconds(12.34), "12.3 ms");
  assert.equal(formatMilliseconds(999.6), "1.0 s");
  assert.equal(formatMilliseconds(Number.NaN), "");
  fc.assert(fc.property(fc.double({ min: 0, max: 9e6, noNaN: true }), (ms) => formatMilliseconds(ms).length <= 7));
  assert.deepEqual([0, 42_000, 252_000, 3_720_000, 273_600_000].map(formatAge), [
    "0s",
    "42s",
    "4m12s",
    "1h02m",
    "3d04h",
  ]);
  assert.equal(formatAge(-1), "0s");
  assert.equal(formatClock(Number.NaN), "--:--:--");
});

test("counts", () => {
  assert.equal(formatCount(1_234_567), "1,234,567");
  assert.equal(formatCount(999), "999");
  assert.equal(formatCountWithin(2000, 5), "2,000");
  assert.equal(formatCountWithin(12_345, 5), "12.3k");
  assert.equal(formatCountWithin(12_345, 4), "12k");
  assert.equal(formatCountWithin(1_234_567, 5), "1.23M");
  fc.assert(
    fc.property(fc.nat(2_000_000_000), fc.integer({ min: 4, max: 9 }), (count, width) => {
      assert.ok(formatCountWithin(count, width).length <= Math.max(width, 4), `${count} in ${width}`);
    }),
  );
});
