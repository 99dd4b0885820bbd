import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { RateHistory, Series, mostSeries } from "../../src/tui/rate-history.ts";
import { roundUp } from "../../src/tui/widgets/chart.ts";
import { epochMillis, type Snapshot } from "../../src/model/index.ts";
import type { Activity } from "../../src/tui/process-rates.ts";
import { connection, noon, owner, snapshotOf, story, type Story } from "./story.ts";

const has = (lines: readonly string[], text: string | RegExp): boolean =>
  lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));

/** A snapshot `second` seconds after noon in which two processes move what is given, in bytes a second. */
function at(second: number, firefox: number, curl: number): Snapshot {
  const rows = [
    connection(1, { process: owner("firefox", 42), rxRate: firefox, rxBytes: firefox * (second + 1), txRate: 0 }),
    connection(2, { process: owner("curl", 77), rxRate: 0, txRate: curl, txBytes: curl * (second + 1) }),
  ];
  return snapshotOf(rows, { time: epochMillis(noon + second * 1000) });
}

function running(size: string, seconds = 30): Story {
  const one = story(size, at(0, 0, 0));
  for (let second = 1; second <= seconds; second++) one.screen.update(at(second, 2_000_000, second > 15 ? 500_000 : 0));
  return one;
}

const braille = (lines: readonly string[]): number => (lines.join("").match(/[\u2801-\u28ff]/g) ?? []).length;

describe("series of rates", () => {
  test("keep what was moved, to the byte within ten minutes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(1e6)), { maxLength: 60 }), (steps) => {
        const series = new Series();
        let time = 1_000_000;
        let total = 0;
        for (const [millis, bytes] of steps) {
          series.add(time, time + millis / 1000, bytes, 0);
          time += millis / 1000;
          total += bytes;
        }
        const end = Math.ceil(time);
        const mean = series.mean(0, end - 590, end, end);
        assert.ok(Math.abs(mean * 590 - total) <= 1 + total * 1e-5, `${mean * 590} of ${total}`);
        assert.equal(series.mean(1, end - 590, end, end), 0);
      }),
    );
  });

  test("forget what is older than an hour", () => {
    const series = new Series();
    series.add(1000, 1001, 9_000_000, 0);
    assert.ok(series.mean(0, 1000 - 30, 1010, 1010 + 1200) > 0, "the coarse grid has it");
    series.add(1000 + 7200, 1001 + 7200, 1, 0);
    assert.equal(series.mean(0, 1000, 1010, 1000 + 7200), 0);
  });

  test("are as many as there is room for: the quiet ones go", () => {
    const history = new RateHistory();
    const activity = (key: string): Activity => ({ key, name: key, rxRate: 1, txRate: 0 }) as Activity;
    history.update(1000, []);
    for (let index = 0; index < mostSeries + 20; index++) history.update(2000 + index * 1000, [activity(`p${index}`)]);
    assert.equal(history.find("p0"), undefined);
    assert.ok(history.find(`p${mostSeries + 19}`) !== undefined);
  });

  test("axes end at round numbers", () => {
    assert.deepEqual([0, 1, 3, 7, 11, 4999, 5001].map(roundUp), [1, 1, 5, 10, 20, 5000, 10_000]);
  });
});

describe("the graphs tab", () => {
  test("draws what the machine received and sent, with axes and a legend", async () => {
    for (const size of ["80x24", "120x40", "200x50"]) {
      const lines = await running(size).keys("5");
      assert.ok(has(lines, /Graphs the whole machine/), size);
      assert.ok(has(lines, /━ received 2\.00 MB\/s +━ sent 500 kB\/s/), size);
      assert.ok(has(lines, /2\.00 MB\/s┤/), "the axis");
      assert.ok(has(lines, "12:00:30"), "the time now");
      assert.ok(braille(lines) > 20, size);
    }
  });

  test("lays processes over each other: the busiest, or those that are marked", async () => {
    const one = running("120x40");
    const busiest = await one.keys("5v");
    assert.ok(has(busiest, /━ firefox 2\.00 MB\/s +━ curl 500 kB\/s/));
    await one.keys("2");
    const list = await one.lines();
    const isCurlFirst =
      list.findIndex((line) => line.includes("curl")) < list.findIndex((line) => line.includes("firefox"));
    await one.keys(isCurlFirst ? "g " : "gj ");
    const marked = await one.keys("5");
    assert.ok(has(marked, /━ curl 500 kB\/s/) && !has(marked, "━ firefox"));
  });

  test("follows the connection that was chosen in the overview", async () => {
    const one = running("120x40", 5);
    assert.ok(has(await one.keys("5vv"), "Choose a connection") || has(await one.lines(), "one connection"));
    await one.keys("1j5");
    for (let second = 6; second <= 20; second++) one.screen.update(at(second, 3_000_000, 0));
    assert.ok(has(await one.lines(), /one connection · firefox/));
    assert.ok(has(await one.lines(), /━ received 3\.00 MB\/s/));
  });

  test("shows another time, another scale, and the values under a cursor", async () => {
    const one = running("120x40");
    await one.keys("5");
    assert.ok(has(await one.keys("w"), "10 min"));
    assert.ok(has(await one.keys("w"), "60 min"));
    assert.ok(has(await one.keys("w"), "1 min"));
    assert.ok(has(await one.keys("+"), "30 s"));
    assert.ok(has(await one.keys("l"), "logarithmic"));
    await one.keys("\x1b[D".repeat(30));
    assert.ok(has(await one.lines(), /at 12:00:1[0-9]/));
    assert.ok(has(await one.lines(), /━ sent 0 B\/s/), "before curl began");
  });

  test("draws at every size, in ASCII and without colours", async () => {
    for (const size of ["18x5", "30x8", "80x24"]) {
      const [columns = 0] = size.split("x").map(Number);
      for (const options of [{}, { unicode: false }, { colors: "none" as const }]) {
        const one = story(size, at(0, 0, 0), options);
        for (let second = 1; second < 10; second++) one.screen.update(at(second, 1e6, 1e3));
        const lines = await one.keys("5");
        assert.ok(
          lines.every((line) => line.length <= columns),
          size,
        );
      }
    }
  });
});
