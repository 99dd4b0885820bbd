import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayingTime } from "../../src/app/replay/playing-time.ts";
import { GrowingRate } from "../../src/app/replay/rate-cells.ts";
import fc from "../fast-check.ts";

test("cells grow with time; no byte is lost, and each is where it came", () => {
  const frames = fc.array(fc.tuple(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 65_535 })));
  fc.assert(
    fc.property(frames, (list) => {
      const rate = new GrowingRate();
      for (const [place, bytes] of list) rate.add(place, bytes);
      const expected = new Map<number, number>();
      for (const [place, bytes] of list) {
        const cell = Math.floor(place / rate.width);
        expected.set(cell, (expected.get(cell) ?? 0) + bytes);
      }
      rate.bytes.forEach((bytes, cell) => assert.equal(bytes, expected.get(cell) ?? 0));
      const last = list.reduce((most, [place]) => Math.max(most, place), 0);
      assert.ok(last < rate.width * rate.bytes.length);
      assert.ok(rate.width === 1 || last >= (rate.width / 2) * rate.bytes.length, "no coarser than it has to be");
    }),
  );
});

test("playing time never goes back by more than frames that came late, whatever the file's clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e13, noNaN: true }), { minLength: 1 }), (times) => {
      const playing = new PlayingTime();
      let latest = 0;
      for (const time of times) {
        const clock = playing.clock(latest);
        const isLate = clock !== undefined && time < clock && time >= clock - 59_999;
        const isBetween = clock !== undefined && Math.abs(time - (clock - 60_000)) < 2;
        const place = playing.place(time);
        assert.ok(place >= 0 && place >= latest - 60_000, `${place} after ${latest}`);
        latest = Math.max(latest, place);
        if (!isLate && !isBetween) assert.ok(Math.abs(playing.clock(place)! - time) < 0.01, `${time} at ${place}`);
      }
    }),
  );
  const playing = new PlayingTime();
  assert.equal(playing.clock(0), undefined);
  assert.deepEqual(
    [1_000_000, 1_000_500, 1_000_400, 2_000_000, 1_900_000, 1_900_100].map((time) => playing.place(time)),
    [0, 500, 400, 1_000_000, 1_000_000, 1_000_100],
  );
  assert.equal(playing.clock(1_000_100), 1_900_100);
});
