import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { epochMillis, type Connection, type Snapshot } from "../../src/model/index.ts";
import { processKey } from "../../src/tui/grouping.ts";
import { ActivityTable, mostEntries } from "../../src/tui/process-rates.ts";
import { connection, noon, owner, snapshotOf, story, threeRows } from "./story.ts";

const firefox = owner("firefox", 4242);
const second = connection(4, { process: firefox, rxRate: 600_000, rxBytes: 1_000_000 });

test("2 lists every process with the sums of its connections and the true peak", async () => {
  const one = story(
    "80x24",
    snapshotOf([...threeRows, second].map((row) => (row.id === 1 ? { ...row, process: firefox } : row))),
  );
  const lines = await one.keys("2");
  assert.match(lines[1] ?? "", /Processes 3/);
  assert.match(lines[3] ?? "", /^ firefox +4242 +2 +13\.0 MB\/s +340 kB\/s +13\.3 MB\/s +1\.24 GB/);
  one.screen.update(snapshotOf([second], { time: (noon + 1000) as never }));
  assert.match((await one.lines())[3] ?? "", /^ firefox +4242 +1 +600 kB\/s +· +13\.3 MB\/s/);
});

test("s and S sort, j moves, Enter shows the connections of the process", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  assert.match((await one.keys("2S"))[3] ?? "", /curl/);
  const overview = await one.keys("Gk\r");
  assert.match(overview[3] ?? "", /1 of 3 filter pid:901/);
});

test("a click selects a process, a second one shows its connections, Escape goes back", async () => {
  const one = story("80x24", snapshotOf(threeRows), { clock: () => 0 });
  await one.keys("2");
  assert.match((await one.keys("\x1b[<0;5;5M\x1b[<0;5;5M"))[3] ?? "", /filter pid:901/);
  await one.keys("2");
  one.screen.key({ kind: "key", key: "escape" });
  assert.match((await one.lines()).join("\n"), /Connections/);
});

test("every size draws, with 5,000 rows; 120 columns and more have room for the history", async () => {
  for (const size of ["80x24", "120x40", "200x50", "20x5", "5x2", "1x1"]) {
    const one = story(size, sampleSnapshot(5000));
    const lines = await one.keys("2jGkgs");
    assert.ok(lines.every((line) => line.length <= one.terminal.xterm.cols));
    if (size === "200x50") assert.match(lines.join("\n"), /firefox.*[▁-█]/);
  }
});

const later = (seconds: number): Partial<Snapshot> => ({ time: epochMillis(noon + seconds * 1000) });

test("totals do not shrink when closed connections are dropped, and go to the owner that becomes known", () => {
  const table = new ActivityTable();
  const first = connection(1, { process: firefox, rxBytes: 1000, txBytes: 10 });
  const unknown = connection(2, { rxBytes: 50, txBytes: 5 });
  table.update(snapshotOf([first, unknown]));
  const key = processKey(firefox);
  assert.equal(table.find("process", key)?.rxBytes, 1000);
  assert.equal(table.find("process", "")?.rxBytes, 50);
  table.update(snapshotOf([{ ...unknown, rxBytes: 70, process: firefox }], later(1)));
  assert.equal(table.find("process", key)?.rxBytes, 1070);
  assert.equal(table.find("process", key)?.txBytes, 15);
  assert.equal(table.find("process", "")?.rxBytes, 0);
  table.update(snapshotOf([connection(3, { process: firefox, rxBytes: 30 })], later(2)));
  assert.equal(table.find("process", key)?.rxBytes, 1100);
});

test("whatever rows do, the sum over all processes is the sum of what was ever counted", () => {
  const row = fc.record({
    id: fc.integer({ min: 1, max: 8 }),
    pid: fc.integer({ min: 0, max: 3 }),
    grow: fc.nat(1000),
  });
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 8 }), { maxLength: 12 }),
      (ticks) => {
        const table = new ActivityTable();
        const bytes = new Map<number, number>();
        const owners = [undefined, firefox, owner("b", 2), { ...owner("c", 3), service: "c.service" }];
        ticks.forEach((rows, tick) => {
          // A row that was dropped does not come back under its id.
          const ids = new Set(rows.map(({ id }) => id));
          const connections = rows.map(({ id, pid, grow }) => {
            const total = (bytes.get(id) ?? 0) + grow;
            bytes.set(id, total);
            const process = owners[pid];
            return connection(id, { rxBytes: total, txBytes: 0, ...(process === undefined ? {} : { process }) });
          });
          for (const id of bytes.keys())
            if (!ids.has(id)) connections.push(connection(id, { rxBytes: bytes.get(id) ?? 0 }));
          table.update(snapshotOf(connections, later(tick)));
          const expected = [...bytes.values()].reduce((sum, one) => sum + one, 0);
          for (const kind of ["process", "service", "container"] as const) {
            const sum = table.shown(kind).reduce((all, one) => all + one.rxBytes, 0);
            assert.equal(sum, expected, kind);
          }
        });
      },
    ),
  );
});

test("beyond its bound the table says how many are left out, and quiet ones go first", () => {
  const table = new ActivityTable();
  const rows = (from: number, count: number): Connection[] =>
    Array.from({ length: count }, (_, i) => connection(from + i, { process: owner("p", from + i) }));
  table.update(snapshotOf(rows(1, mostEntries + 5)));
  assert.equal(table.shown("process").length, mostEntries);
  assert.equal(table.leftOut("process"), 5);
  table.update(snapshotOf(rows(100_000, 10), later(1)));
  table.update(snapshotOf(rows(100_000, 10), later(2)));
  assert.equal(table.leftOut("process"), 0);
  assert.ok(table.find("process", processKey(owner("p", 100_003))) !== undefined);
});

test("one sample a second, whatever the refresh; the peak is that of a tick", () => {
  const table = new ActivityTable();
  const key = processKey(firefox);
  for (let half = 0; half <= 20; half++) {
    table.update(
      snapshotOf([connection(1, { process: firefox, rxRate: half % 2 === 0 ? 300 : 100 })], later(half / 2)),
    );
  }
  const one = table.find("process", key);
  assert.equal(table.samples, 11);
  assert.deepEqual(
    one?.history.slice(1),
    Array.from({ length: 10 }, () => 200),
  );
  assert.equal(one?.peak, 300);
});

test("Enter selects exactly this process, service or container; v switches", async () => {
  const container = { id: "0123456789abcdef", runtime: "docker", name: 'we"b' };
  const rows = [
    connection(1, { process: { ...owner("nginx", 5), service: "nginx.service", container }, rxRate: 10 }),
    connection(2, { process: { ...owner("nginx", 55), start: epochMillis(noon - 5) } }),
    // The same pid, used again.
    connection(3, { process: { ...owner("nginx", 5), start: epochMillis(noon - 9) } }),
    connection(4, {}),
  ];
  const matches = (lines: readonly string[]): string => /(\d of \d) filter/.exec(lines.join("\n"))?.[1] ?? "";
  const one = story("120x40", snapshotOf(rows));
  assert.match(matches(await one.keys("2g\r")), /1 of 4/);
  assert.match((await one.lines()).join("\n"), /filter pid:5 started:\d+/);
  assert.match((await one.keys("2v")).join("\n"), /grouped by service/);
  assert.match(matches(await one.keys("g\r")), /1 of 4/);
  assert.match((await one.keys("2v")).join("\n"), /we"b/);
  assert.match(matches(await one.keys("g\r")), /1 of 4/);
  // Those in no container.
  assert.match(matches(await one.keys("2G\r")), /3 of 4/);
  assert.match((await one.keys("2v")).join("\n"), /Processes 4/);
});

test("Space marks and goes on, u unmarks; the average and the top peer have their columns", async () => {
  const one = story("200x50", snapshotOf(threeRows));
  const lines = await one.keys("2g  ");
  assert.match(lines[1] ?? "", /2 marked/);
  assert.equal(lines.filter((line) => line.startsWith("●")).length, 2);
  assert.match(lines[2] ?? "", /Average +Peak .*Top peer/);
  assert.match(lines.join("\n"), /firefox .*www\.example\.org/);
  assert.doesNotMatch((await one.keys("u"))[1] ?? "", /marked/);
  assert.match((await one.keys("S")).join("\n"), /by ↓ Rate ▲/);
});

test("a click on a heading sorts, a second one reverses; names and peers sort as text", async () => {
  const one = story("200x50", snapshotOf(threeRows));
  const lines = await one.keys("2");
  const x = (lines[2] ?? "").indexOf("Top peer") + 1;
  assert.match((await one.keys(`\x1b[<0;${x};3M\x1b[<0;${x};3m`))[1] ?? "", /by Top peer ▲/);
  assert.match((await one.keys(`\x1b[<0;${x};3M\x1b[<0;${x};3m`))[1] ?? "", /by Top peer ▼/);
  const named = await one.keys("\x1b[<0;3;3M\x1b[<0;3;3m");
  assert.match(named[1] ?? "", /by Process ▲/);
  assert.match(named[3] ?? "", /curl/);
});

test("a second of 200 busy processes costs few bytes", async () => {
  const rows = (tick: number): Connection[] =>
    Array.from({ length: 200 }, (_, i) =>
      connection(i + 1, { process: owner(`p${i}`, i + 1), rxRate: 1000 + ((i * 7919 + tick * 104_729) % 977) }),
    );
  const one = story("200x50", snapshotOf(rows(0)));
  await one.keys("2sssssssss"); // By name, so that rows stand still.
  for (let tick = 1; tick < 60; tick++) one.screen.update(snapshotOf(rows(tick), later(tick / 2)));
  const before = one.screen.statistics();
  for (let tick = 60; tick < 140; tick++) one.screen.update(snapshotOf(rows(tick), later(tick / 2)));
  const after = one.screen.statistics();
  const bytes = (after.bytes - before.bytes) / (after.frames - before.frames);
  assert.ok(bytes < 6000, `${Math.round(bytes)} bytes a frame`);
});

test("hostile and wide names break nothing, in the list, as peers and in the sidebar", async () => {
  const nasty = [
    "日本語プロセス名がとても長いのである",
    "\x1b]0;owned\x07",
    "e\u0301".repeat(30),
    "👍👍👍👍👍👍👍👍👍",
    "\u202eevil",
    "a\nb",
  ];
  const rows = nasty.map((name, i) =>
    connection(i + 1, {
      process: { ...owner(name, i + 1), service: name, container: { id: name, runtime: "docker", name } },
      hostname: name,
      rxRate: 10,
      rxRate10: 10 + i,
    }),
  );
  for (const size of ["80x24", "200x50", "30x8"]) {
    const one = story(size, snapshotOf(rows));
    for (const keys of ["2", "v", "v", "v", "1AAAA"]) {
      const lines = await one.keys(keys);
      assert.ok(lines.every((line) => !line.includes("\u202e")));
    }
    assert.ok(!one.terminal.writes.join("").includes("\x1b]0;owned"));
  }
});

test("who has gone has a sign, stands below those that did something since, and leaves after a minute", async () => {
  const [firefoxRow, , curl] = threeRows;
  assert.ok(firefoxRow !== undefined && curl !== undefined);
  const ended = { ...curl, rxRate: 800, txRate: 0 };
  const quiet = connection(8, { process: owner("dnsmasq", 53), rxRate: 10 });
  const one = story("80x24", snapshotOf([firefoxRow, quiet, { ...ended, liveliness: "live" }]));
  await one.keys("2");
  one.screen.update(snapshotOf([firefoxRow, { ...quiet, rxRate: 0 }, ended], later(1)));
  one.screen.update(snapshotOf([{ ...firefoxRow, rxRate: 0, txRate: 0 }, quiet, curl], later(2)));
  const lines = (await one.lines()).slice(3, 6);
  assert.match(lines[0] ?? "", /^ dnsmasq +53 +1 +10 B\/s/);
  // Its connection stays in the engine's table of closed ones, and is no connection of the process any more.
  assert.match(lines[1] ?? "", /^ firefox +4242 +1 +·/);
  assert.match(lines[2] ?? "", /^×curl +77 +0 +·/);
  one.screen.update(snapshotOf([firefoxRow, quiet, curl], later(63)));
  assert.doesNotMatch((await one.lines()).join("\n"), /curl/);
});

test("where files are played, what has ended counts and stays", async () => {
  const replay = { level: { level: "replay", missing: [] } } as const;
  const one = story("80x24", snapshotOf(threeRows, replay));
  await one.keys("2");
  one.screen.update(snapshotOf(threeRows, { ...replay, ...later(600) }));
  assert.match((await one.lines()).join("\n"), /^ curl +77 +1 /m);
});
