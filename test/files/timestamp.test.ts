import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import { resolution, splitTicks } from "../../src/files/timestamp.ts";

test("ticks of every resolution become seconds and nanoseconds exactly", () => {
  const into = { seconds: 0, nanoseconds: 0 };
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(u32, u32, fc.integer({ min: 0, max: 255 }), (high, low, value) => {
      splitTicks(high, low, resolution(value), into);
      const exponent = BigInt(value & 0x7f);
      const perSecond = value >= 0x80 ? 2n ** exponent : 10n ** exponent;
      const ticks = (BigInt(high) << 32n) | BigInt(low);
      assert.equal(into.seconds, Number(ticks / perSecond));
      assert.equal(into.nanoseconds, Number(((ticks % perSecond) * 1_000_000_000n) / perSecond));
    }),
    {
      numRuns: 5000,
      examples: [
        [0x0005_9717, 0, 6],
        [0x1797_8f5a, 0x1234_5678, 9],
        [0xffff_ffff, 0xffff_ffff, 11],
        [0xffff_ffff, 0xffff_ffff, 0x80 | 37],
        [0xffff_ffff, 0xffff_ffff, 0],
      ],
    },
  );
});
