import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { formatSpan, leastSpan, mostSpan, parseSpan } from "../../src/tui/graph-span.ts";
import { layoutLegend } from "../../src/tui/widgets/legend.ts";
import { RateHistory, Series, mostSeries } from "../../src/tui/rate-history.ts";
import { roundUp } from "../../src/tui/widgets/chart.ts";
import { epochMillis, port, type Snapshot } from "../../src/model/index.ts";
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

  test("know the rate of a second that is not over, fine and coarse", () => {
    const series = new Series();
    series.add(1000, 1006.5, 6500, 13_000);
    assert.equal(series.mean(0, 1006, 1006.5, 1006.5), 1000);
    assert.equal(series.mean(1, 1006, 1006.5, 1006.5), 2000);
    for (let time = 1006.5; time < 1803.5; time++) series.add(time, time + 1, 1000, 0);
    assert.ok(
      Math.abs(series.mean(0, 1000, 1803.5, 1803.5) - 1000) < 20,
      "ten-second cells, of which the last is not full",
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
      assert.ok(has(lines, /━ received +2\.00 MB\/s +━ sent +500 kB\/s/), size);
      assert.ok(has(lines, /2\.00 MB\/s┤/), "the axis");
      assert.ok(has(lines, "12:00:30"), "the time now");
      assert.ok(braille(lines) > 20, size);
    }
  });

  test("lays processes over each other: the busiest, or those that are marked", async () => {
    const one = running("120x40");
    const busiest = await one.keys("5v");
    assert.ok(has(busiest, /━A━ firefox +2\.00 MB\/s +━B━ curl +500 kB\/s/));
    await one.keys("2");
    const list = await one.lines();
    const isCurlFirst =
      list.findIndex((line) => line.includes("curl")) < list.findIndex((line) => line.includes("firefox"));
    await one.keys(isCurlFirst ? "g " : "gj ");
    const marked = await one.keys("5");
    assert.ok(has(marked, /━A━ curl +500 kB\/s/) && !has(marked, "━ firefox"));
  });

  test("follows the connection that was chosen in the overview", async () => {
    const one = running("120x40", 5);
    assert.ok(has(await one.keys("5vv"), "Choose or mark") || has(await one.lines(), "one connection"));
    await one.keys("1j5");
    for (let second = 6; second <= 20; second++) one.screen.update(at(second, 3_000_000, 0));
    assert.ok(has(await one.lines(), /one connection · firefox/));
    assert.ok(has(await one.lines(), /━ received +3\.00 MB\/s/));
  });

  test("lays marked connections over each other, each with its letter, its colour and its value at the cursor", async () => {
    for (const size of ["80x24", "120x40", "200x50"]) {
      const one = story(size, at(0, 0, 0));
      const marked = await one.keys("g  ");
      assert.ok(has(marked, /●firefox|●curl/), "a sign stands beside a marked row");
      assert.ok(has(marked, "2 marked"), "and the selection went on to the next");
      const ends = (second: number): number => (second > 15 ? 500_000 : 0);
      for (let second = 1; second <= 30; second++) one.screen.update(at(second, 2_000_000, ends(second)));
      const lines = await one.keys("5");
      assert.ok(has(lines, /Graphs connections/), size);
      assert.ok(has(lines, /━[AB]━ firefox 93\.184\.216\.34:443 +2\.00 MB\/s/), lines[2] ?? "");
      assert.ok(has(lines, /━[AB]━ curl 93\.184\.216\.34:443 +500 kB\/s/), lines[2] ?? "");
      const drawn = lines.slice(4).join("");
      assert.ok(drawn.includes("A") && drawn.includes("B"), "letters stand on the lines");
      await one.keys("\x1b[D".repeat(20));
      assert.ok(has(await one.lines(), /curl \S+ +0 B\/s/), "before curl began");
      await one.keys("\x1b[D".repeat(20));
      assert.ok(has(await one.lines(), /curl \S+ +–/), "before anybody looked");
      await one.keys("1u5");
      assert.ok(has(await one.lines(), /one connection · /), "unmarked: the one that was chosen last");
    }
  });

  test("lays processes and connections over each other", async () => {
    const one = running("120x40", 5);
    await one.keys("g m2g 5");
    for (let second = 6; second <= 20; second++) one.screen.update(at(second, 2_000_000, 0));
    const lines = await one.lines();
    assert.ok(has(lines, /Graphs all that is marked/));
    assert.ok(has(lines, /━A━ (firefox|curl) .*━B━ \S+ 93\.184\.216\.34:443/), lines[2] ?? "");
    assert.ok(has(await one.keys("v"), /Graphs the whole machine/));
    assert.ok(has(await one.keys("vvv"), /Graphs all that is marked/));
  });

  test("draws 16 curves with names cut rather than left out, and hides names while privacy is on", async () => {
    const rows = Array.from({ length: 9 }, (_, index) =>
      connection(index + 1, { process: owner(`process-with-a-name-${index}`, index + 10), rxRate: 1000 * (index + 1) }),
    );
    const later = (second: number): Snapshot =>
      snapshotOf(
        rows.map((row, index) => ({ ...row, rxBytes: (index + 1) * 1000 * second })),
        { time: epochMillis(noon + second * 1000) },
      );
    for (const [size, all] of [
      ["80x24", false],
      ["120x40", true],
      ["200x50", true],
    ] as const) {
      const one = story(size, later(1));
      await one.keys("g" + "m".repeat(9));
      assert.ok(has(await one.lines(), "At most 8 can be marked"), size);
      await one.keys("2g" + " ".repeat(9));
      for (let second = 2; second < 9; second++) one.screen.update(later(second));
      const lines = await one.keys("5");
      const legend = lines.join(" ").match(/━[A-P]━/g) ?? [];
      assert.equal(new Set(legend).size, all ? 16 : legend.length, size);
      assert.ok(legend.length >= 10, `${size}: ${legend.length}`);
      const secret = (await one.keys("P")).join("\n");
      assert.doesNotMatch(secret, /93\.184\.216/);
    }
  });

  test("connections that are called alike are told apart by their own port", async () => {
    const rows = [40_001, 40_002].map((own, index) =>
      connection(index + 1, { process: owner("curl", 7), local: { address: "10.0.0.5", port: port(own) } }),
    );
    const one = story("120x40", snapshotOf(rows));
    await one.keys("g  ");
    one.screen.update(snapshotOf(rows, { time: epochMillis(noon + 1000) }));
    const lines = await one.keys("5");
    for (const own of [40_001, 40_002]) assert.ok(has(lines, `curl :${own} → 93.184.216.34:443`), lines[2] ?? "");
  });

  test("a mark of a connection that is gone makes room, and its curve stays until then", async () => {
    const rows = Array.from({ length: 10 }, (_, index) =>
      connection(index + 1, { process: owner(`p${index}`, index) }),
    );
    const one = story("120x40", snapshotOf(rows));
    await one.keys("g" + "m".repeat(8));
    const rest = { time: epochMillis(noon + 1000) };
    one.screen.update(snapshotOf(rows.slice(0, 5), rest));
    assert.equal((await one.keys("5")).join("").match(/━[A-P]━/g)?.length, 8);
    await one.keys("1gk");
    const before = (await one.lines()).filter((line) => line.includes("●")).length;
    one.screen.update(snapshotOf([...rows.slice(0, 5), connection(99, { process: owner("new", 99) })], rest));
    await one.keys("/new\r");
    assert.ok(has(await one.keys("gm"), "8 marked"));
    assert.ok(has(await one.lines(), /●new/) && before > 0);
  });

  test("has an axis of different numbers while nothing moves, and knows a capture from its beginning", async () => {
    const still = story("80x24", at(0, 0, 0));
    for (let second = 1; second < 5; second++) still.screen.update(at(second, 0, 0));
    const marks = (await still.keys("5")).flatMap((line) => /^ +(\S+ B\/s)┤/.exec(line)?.[1] ?? []);
    assert.equal(new Set(marks).size, marks.length, marks.join(", "));
    const level = { level: "replay", missing: [] } as const;
    const file = story("80x24", { ...at(2, 0, 0), level, start: epochMillis(noon) });
    assert.ok(has(await file.keys("5"), /received +0 B\/s/));
  });

  test("shows any span of time that is typed", async () => {
    const one = running("80x24");
    await one.keys("5W");
    const type = (text: string): Promise<string[]> => one.keys(`\x15${text}\r`);
    assert.ok(has(await type("soon"), "15 s to 1 h"), "the dialog stays and says what may be typed");
    assert.ok(has(await type("2m30s"), "2 min 30 s"));
    assert.ok(!has(await one.lines(), "Time shown"));
    await one.keys("W");
    assert.ok(has(await type("9h"), "60 min"), "no longer than rates are kept");
    assert.ok(has(await one.keys("w"), "1 min"));
  });

  test("the cursor goes where the mouse is", async () => {
    const one = running("120x40");
    await one.keys("5");
    await one.keys("\x1b[<0;40;20M\x1b[<32;100;20M\x1b[<0;100;20m");
    const lines = await one.lines();
    assert.ok(has(lines, /at 12:00:\d\d/), lines[1] ?? "");
    assert.equal(lines[20]?.[99], "│", lines.join("\n"));
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
    assert.ok(has(await one.lines(), /━ sent +0 B\/s/), "before curl began");
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

test("spans of time are read as they are written, and never leave their bounds", () => {
  assert.deepEqual(["90", "90s", "5m", "5 min", "1h", "1m30s", "2:30", "1 s", "99h"].map(parseSpan), [
    90,
    90,
    300,
    300,
    3600,
    90,
    150,
    leastSpan,
    mostSpan,
  ]);
  for (const text of ["", "m", "5x", "-3", "1:99", "9".repeat(40)]) assert.equal(parseSpan(text), undefined, text);
  fc.assert(
    fc.property(fc.integer({ min: leastSpan, max: mostSpan }), (seconds) => {
      assert.equal(parseSpan(formatSpan(seconds)), seconds);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (text) => {
      const seconds = parseSpan(text);
      assert.ok(seconds === undefined || (seconds >= leastSpan && seconds <= mostSpan));
    }),
  );
});

test("a legend keeps within its room", () => {
  const names = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 12 }), (list, width, most) => {
      const entries = list.map((name) => ({ name, value: "1 kB/s", style: 0, marker: "A" }));
      const { rows, perRow, names: room } = layoutLegend(entries, width, most);
      assert.ok(rows >= 1 && rows <= most && perRow >= 1 && perRow <= list.length);
      if (perRow > 1) assert.ok(perRow * (4 + room + 1 + 10 + 3) - 3 <= width && room >= 1);
      // What has room somewhere is not left out.
      if (rows * perRow < list.length) assert.ok(rows === most);
    }),
  );
});
