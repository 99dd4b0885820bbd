import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { epochMillis } from "../../src/model/index.ts";
import type { SeekTarget } from "../../src/tui/index.ts";
import { parseSeek } from "../../src/tui/seek-text.ts";
import { FakePlayback, fileBegin } from "./fake-playback.ts";
import { connection, noon, owner, snapshotOf, story, threeRows, type Story } from "./story.ts";

const escape = "\x1b[27u";

/** A screen on which a file is played. */
function player(size: string, playback = new FakePlayback()): Story & { playback: FakePlayback } {
  return { ...story(size, snapshotOf(threeRows), { playback }), playback };
}

/** The line above the last one. */
const timeline = async (one: Story): Promise<string> => (await one.lines()).at(-2) ?? "";

test("the timeline: state, speed, place, packets, both ends and the rate", async () => {
  const wide = await timeline(player("120x40"));
  assert.match(wide, /^ ► 1x 12:00:00\.000 +#600\/1,200 11:58:00 [▁▂▃▄▅▆▇█]{30,} 12:02:00$/);
  assert.match(await timeline(player("80x24")), /^ ► 1x 12:00:00\.000 +#600\/1,200 11:58:00 [▁-█]{20,} 12:02:00$/);
  assert.match(await timeline(player("70x24")), /^ ► 1x 12:00:00\.000 +#600 11:58:00 [▁-█]{15,} 12:02:00$/);
  assert.match(await timeline(player("40x10")), /^ ► 1x 12:00:00(\.000)? [▁-█]{8,}$/);
  assert.match(await timeline(player("14x8")), /^ ► 1x [▁-█]{6,}$/);
  const ascii = story("80x24", snapshotOf(threeRows), { playback: new FakePlayback(), unicode: false });
  assert.match((await ascii.lines()).at(-2) ?? "", /^ > 1x 12:00:00\.000 +#600\/1,200 11:58:00 [ -~]{20,} 12:02:00$/);
});

test("the rate is drawn where it was, and the place is marked", async () => {
  const playback = new FakePlayback();
  playback.value.rate.bytes.fill(0).fill(1000, 512, 768);
  const one = player("80x24", playback);
  const line = await timeline(one);
  const bar = /11:58:00 (.+) 12:02:00/.exec(line)?.[1] ?? "";
  const half = Math.floor(bar.length / 2);
  assert.match(bar.slice(0, half - 1), /^▁+$/);
  assert.match(bar.slice(half + 1, Math.floor(bar.length * 0.75) - 1), /^█+$/);
  assert.match(bar.slice(Math.ceil(bar.length * 0.75) + 1), /^▁+$/);
  const at = line.indexOf(bar) + half;
  const marked = one.terminal.cell(at, 22);
  assert.notEqual(marked?.isInverse() ?? 0, one.terminal.cell(at + 1, 22)?.isInverse() ?? 0);
});

test("a live screen has no timeline, and keys of the replay do nothing there", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const before = await one.lines();
  assert.doesNotMatch(before.join("\n"), /►/);
  const after = await one.keys(".,;+-{}()L");
  assert.deepEqual(after.slice(0, -1), before.slice(0, -1));
  assert.match(after.at(-1) ?? "", /L does nothing here$/);
});

test("what is not counted yet is not drawn as silence; progress and the end are told", async () => {
  const playback = new FakePlayback();
  playback.value.rate.bytes.fill(0, 256);
  playback.value.isCounted = false;
  const one = player("80x24", playback);
  assert.match(await timeline(one), /[▁-█]·{10,} 12:02:00$/);
  playback.value.seeking = 0.456;
  one.screen.draw();
  assert.match(await timeline(one), /^ » 45 % 1x /);
  await one.keys(escape);
  assert.equal(playback.value.seeking, undefined, "Esc cancels it");
  Object.assign(playback.value, { playing: false, ended: true, speed: Infinity, loops: true });
  one.screen.draw();
  assert.match(await timeline(one), /^ ■ max ∞ /);
});

test("a click on the timeline goes there, a drag goes on, a click on the state pauses", async () => {
  const one = player("80x24");
  const line = await timeline(one);
  const from = line.indexOf("11:58:00 ") + "11:58:00 ".length;
  const width = line.indexOf(" 12:02:00") - from;
  await one.keys(`\x1b[<0;${from + 1};23M`);
  assert.deepEqual(one.playback.targets.at(-1), { kind: "time", time: 0 });
  await one.keys(`\x1b[<32;${from + width};23M`);
  assert.deepEqual(one.playback.targets.at(-1), { kind: "time", time: 240_000 });
  await one.keys(`\x1b[<32;79;1M`);
  assert.equal(one.playback.targets.length, 3, "also when the hand leaves the line");
  await one.keys(`\x1b[<0;79;1m\x1b[<0;2;23M`);
  assert.equal(one.playback.value.playing, false);
  assert.equal(one.playback.targets.length, 3);
});

for (const size of ["18x6", "80x24", "120x40", "200x50"]) {
  test(`${size}: ; asks where to go, says what is no place, and goes`, async () => {
    const one = player(size);
    const [columns = 0] = size.split("x").map(Number);
    const before = await one.lines();
    for (const line of await one.keys(";12:0")) assert.ok(line.length <= columns);
    if (columns >= 80) {
      assert.match((await one.lines()).join("\n"), /Go to/);
      assert.match((await one.keys("x\r")).join("\n"), /Not a place in the file/);
      assert.doesNotMatch((await one.keys("\x15")).join("\n"), /Not a place/);
    } else await one.keys("\x15");
    await one.keys("25%\r");
    assert.deepEqual(one.playback.targets, [{ kind: "time", time: 60_000 }]);
    assert.doesNotMatch((await one.lines()).join("\n"), /Go to/);
    await one.keys(`;${escape}`);
    assert.equal((await one.lines()).length, before.length);
    assert.equal(one.playback.targets.length, 1);
  });
}

test("a pipe cannot go back, and the screen says so", async () => {
  const one = player("80x24");
  one.playback.seekable = false;
  assert.match((await one.keys(",")).at(-1) ?? "", /A pipe cannot be read again$/);
  assert.match((await one.keys(";0%\r")).join("\n"), /A pipe cannot be read again/);
});

test("Space plays and pauses in every tab, Enter opens groups and m marks", async () => {
  const one = player("120x40");
  for (const tab of ["1", "2", "3", "4", "5", "6"]) {
    const { playing } = one.playback.value;
    await one.keys(`${tab} `);
    assert.equal(one.playback.value.playing, !playing, tab);
  }
  assert.match((await one.keys("1aj\r")).join("\n"), /▾/);
  assert.match((await one.keys("2jm")).join("\n"), /1 marked/);
});

test("+ and - zoom in the graphs, as ever; { and } are there for the speed", async () => {
  const one = player("120x40");
  assert.match((await one.keys("5+")).join("\n"), /30 s/);
  assert.equal(one.playback.value.speed, 1);
  await one.keys("}");
  assert.equal(one.playback.value.speed, 2);
  const help = (await one.keys("h")).join("\n");
  assert.match(help, /\} +faster/);
  assert.doesNotMatch(help, /\+ = \} +faster/);
});

test("the help lists the keys of the replay in a replay only", async () => {
  assert.match((await player("120x50").keys("h")).join("\n"), /; +go to a time/);
  assert.doesNotMatch((await story("120x50", snapshotOf(threeRows)).keys("h")).join("\n"), /go to a time/);
});

test("a notice goes after its time on the machine's clock, whatever the file's does", async () => {
  let now = 0;
  const playback = new FakePlayback();
  const one = story("80x24", snapshotOf(threeRows), { playback, clock: () => now });
  assert.match((await one.keys("L")).at(-1) ?? "", /followed by the beginning$/);
  one.screen.update(snapshotOf(threeRows, { time: epochMillis(noon + 3_600_000) }));
  assert.match((await one.lines()).at(-1) ?? "", /followed by the beginning$/);
  now = 4001;
  one.screen.draw();
  assert.doesNotMatch((await one.lines()).at(-1) ?? "", /followed/);
});

test("a connection that is followed in the graphs is so after a restart, too", async () => {
  const one = player("120x40");
  await one.keys("j5vv");
  const title = (await one.lines())[1] ?? "";
  assert.match(title, /firefox/);
  const at = (seconds: number, rxBytes: number): void =>
    one.screen.update(
      snapshotOf([{ ...threeRows[0]!, rxBytes }], { time: epochMillis(noon - 60_000 + seconds * 1000) }),
    );
  one.screen.restart();
  at(0, 1000);
  assert.doesNotMatch((await one.lines())[2] ?? "", /received +[\d.]+ [kMG]B/);
  at(10, 1000 + 10 * 2e6);
  assert.equal((await one.lines())[1], title);
  assert.match((await one.lines())[2] ?? "", /received +2\.00 MB\/s/);
});

test("what was left for later is there when it is looked at", async () => {
  const more = snapshotOf([...threeRows, connection(9, { process: owner("wget", 8), rxRate: 5000 })], { tick: 2 });
  for (const later of ["catch up", "look", "freeze"]) {
    const one = player("120x40");
    one.screen.update({ ...more, time: epochMillis(noon + 500) }, true);
    assert.doesNotMatch((await one.lines()).join("\n"), /wget/, "it is drawn a turn later");
    assert.equal(one.screen.catchUp(), true);
    assert.match((await one.lines()).join("\n"), /wget/);
    if (later === "catch up") while (one.screen.catchUp());
    if (later === "freeze") await one.keys("f");
    assert.match((await one.keys("2")).join("\n"), /wget/, later);
    while (one.screen.catchUp());
    assert.match((await one.keys("4")).join("\n"), /wget/, later);
  }
});

test("after a restart totals of processes begin anew", async () => {
  const one = player("120x40");
  await one.keys("2");
  const before = await one.lines();
  const half = threeRows.map((row) => ({ ...row, rxBytes: row.rxBytes / 2, txBytes: row.txBytes / 2 }));
  one.screen.restart();
  one.screen.update(snapshotOf(half, { time: epochMillis(noon - 60_000) }));
  const after = await one.lines();
  assert.match(before.find((line) => line.includes("firefox")) ?? "", /1\.24 GB/);
  assert.match(after.find((line) => line.includes("firefox")) ?? "", /620 MB/);
});

test("where many ticks come at once, graphs show what was moved in them, not the last one's rate", async () => {
  const one = story("120x40", undefined, { playback: new FakePlayback() });
  const at = (seconds: number, tick: number, rxBytes: number): void =>
    one.screen.update(
      snapshotOf([connection(1, { process: owner("curl", 7), rxBytes, txBytes: 0, rxRate: 1 })], {
        time: epochMillis(noon + seconds * 1000),
        tick,
      }),
    );
  at(0, 0, 5000);
  at(20, 40, 5000 + 20 * 1e6);
  assert.match((await one.keys("5")).join("\n"), /received +1\.00 MB\/s/);
  at(20.5, 41, 5000 + 21 * 1e6);
  assert.match((await one.lines()).join("\n"), /received +(1 B\/s|\d+ kB\/s|0 B\/s)/, "tick by tick it is the tick's");
});

const time = (seconds: number): SeekTarget => ({ kind: "time", time: seconds * 1000 });

test("places in words: times of the day and the calendar, ways from here, packets, shares", () => {
  const state = new FakePlayback().state();
  const cases: readonly (readonly [string, SeekTarget | undefined])[] = [
    ["11:59:00", time(60)],
    ["11:59", time(60)],
    ["12:01:30.5", time(210.5)],
    ["2026-03-01 12:00:00", time(120)],
    ["2026-03-01T12:00:00Z", time(120)],
    ["2026-03-01T13:00:00+01:00", time(120)],
    ["13:00", undefined],
    ["2026-03-02 12:00:00", undefined],
    ["25:00", undefined],
    ["+30s", time(150)],
    ["-1m", time(60)],
    ["- 1 m", time(60)],
    ["-1h", time(0)],
    ["+1m30s", time(210)],
    ["+1m30", time(210)],
    ["+500ms", time(120.5)],
    ["90", time(90)],
    ["1.5m", time(90)],
    ["#1200", { kind: "packet", packets: 1200 }],
    ["#1,000", { kind: "packet", packets: 1000 }],
    ["+#5", { kind: "packet", packets: 605 }],
    ["-#700", { kind: "packet", packets: 0 }],
    ["50%", time(120)],
    ["12.5 %", time(30)],
    ["101%", undefined],
    ["", undefined],
    ["+", undefined],
    ["noon", undefined],
    ["30s5", time(35)],
    ["30 5s", time(305)],
    ["#", undefined],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseSeek(text, state), expected, text);
});

test("a time of the day is that of the day nearest to where a long file stands", () => {
  const state = { ...new FakePlayback().state(), length: 5 * 86_400_000 };
  const at = (days: number, text: string): SeekTarget | undefined =>
    parseSeek(text, { ...state, position: days * 86_400_000, clock: epochMillis(fileBegin + days * 86_400_000) });
  assert.deepEqual(at(0, "12:00"), time(120));
  assert.deepEqual(at(2, "12:00"), time(2 * 86_400 + 120));
  assert.deepEqual(at(0, "03:00"), time(15 * 3600 + 120));
  assert.deepEqual(at(5, "03:00"), time(4 * 86_400 + 15 * 3600 + 120));
});

test("a file of ages is no reason to think for long", () => {
  const begin = epochMillis(0);
  const state = { ...new FakePlayback().state(), begin, position: 1e14, clock: epochMillis(1e14), length: 1.8e16 };
  for (const text of ["12:00", "2026-03-01 12:00", "50%", "9999999999d"]) {
    const target = parseSeek(text, state);
    assert.ok(target?.kind === "time" && target.time >= 0, text);
  }
  assert.equal(parseSeek("12:00", { ...state, clock: epochMillis(1e17) }), undefined);
});

test("whatever is typed gives a place of the file's side of zero, or none", () => {
  const state = new FakePlayback().state();
  const piece = fc.constantFrom(
    "1",
    "59",
    ":",
    "+",
    "-",
    "#",
    "%",
    "s",
    "m",
    "h",
    "d",
    " ",
    ".",
    "2026-03-01",
    "T",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (text) => {
        const target = parseSeek(text, state);
        if (target === undefined) return;
        const value = target.kind === "time" ? target.time : target.packets;
        assert.ok(value >= 0 && Number.isFinite(value), String(value));
      },
    ),
  );
});
