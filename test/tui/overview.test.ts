import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { noLosses, port } from "../../src/model/index.ts";
import { connection, noon, owner, snapshotOf, story, threeRows } from "./story.ts";

/** The table's rows: what stands below the headings. */
const rowsOf = (lines: readonly string[]): string[] => {
  const heading = lines.findIndex((line) => /Process.*Rate/.test(line));
  return lines.slice(heading + 1, -1).filter((line) => line.replaceAll(/[│╰─╯ █]/g, "") !== "");
};

const names = (lines: readonly string[]): string[] =>
  rowsOf(lines).map((line) => /[a-z][\w-]+/.exec(line.slice(2))?.[0] ?? "");

test("80x24: the whole screen", async () => {
  const { lines } = story("80x24", snapshotOf(threeRows));
  assert.deepEqual(await lines(), [
    " 1 Overview  2 Processes  3 Details  4 Dashboard  5 Graphs  6 Network    ● full",
    " ↓  12.4 MB/s  ▁▁▄█  ↑   341 kB/s  ▁▁▄█   2 live  1 closed  Σ ↓1.24 GB ↑34.0 MB",
    " eth0 ↓12.4 MB/s ↑341 kB/s",
    "── Connections 2 +1 closed ────────────────────────────────────── by ↓ Rate ▼ ──",
    "  Process         Remote                   App          State  ↓ Rate▼  ↑ Rate",
    "  firefox         www.example.org:https    tls 1.3      ESTAB  12.4 MB  340 kB",
    "! sshd            [2001:db8::7]:50022      ssh?         ESTAB    980 B 1.24 kB",
    "× curl            192.0.2.53:domain        dns a.test   CLOSE        ·       ·",
    ...Array.from({ length: 15 }, () => ""),
    " Enter Details  / Filter  s Sort  a Group  t Closed  d Names  h Help  q Quit",
  ]);
});

test("of a listener the port is shown that it listens on, where its own end has no column", async () => {
  const rows = [
    connection(1, {
      process: owner("sshd", 5),
      state: "LISTEN",
      service: "ssh",
      local: { address: "0.0.0.0", port: port(22) },
      remote: { address: "", port: port(0) },
    }),
  ];
  const small = story("80x24", snapshotOf(rows));
  assert.match((await small.lines()).join("\n"), /sshd +\* → :ssh +LISTEN/);
  assert.match((await small.keys("p")).join("\n"), /sshd +\* → :22 +LISTEN/);
  assert.match((await story("200x50", snapshotOf(rows)).lines()).join("\n"), /sshd +5 \* +0\.0\.0\.0:22/);
});

test("120x40 and 200x50: panels, and every column where there is room", async () => {
  const medium = await story("120x40", snapshotOf(threeRows)).lines();
  assert.match(medium[1] ?? "", /^╭─ Traffic ─+╮╭─ Interfaces ─+╮╭─ Totals ─+╮$/);
  assert.match(medium[2] ?? "", /↓ 12\.4 MB\/s .*eth0 +↓ +12\.4 MB\/s ↑ +341 kB\/s.*↓ +1\.24 GB +↑ +34\.0 MB/);
  assert.match(medium[3] ?? "", /peak 12\.4 MB\/s .*live +2 +closed +1/);
  const large = await story("200x50", snapshotOf(threeRows)).keys("i");
  const heading = large.find((line) => /Process +PID/.test(line)) ?? "";
  assert.match(
    heading,
    /Process +PID +Remote +Local +Service +Proto +App +Host name +State +RTT +↓ Rate▼ +↑ Rate +↓ Total +↑ Total +Age/,
  );
  assert.match(
    rowsOf(large)[0] ?? "",
    /firefox +4242 +93\.184\.216\.34:443 +10\.0\.0\.5:40000 +https +TCP +tls 1\.3 +www\.example\.org +ESTABLISHED +12\.3 ms +12\.4 MB\/s +340 kB\/s +1\.24 GB +34\.0 MB +1m05s/,
  );
  for (const line of [...medium, ...large]) assert.ok(line.length <= 200);
});

test("closed, stale and critical rows read without colour", async () => {
  const rows = [...threeRows, connection(4, { process: owner("ntpd", 5), liveliness: "stale" })];
  const shown = rowsOf(await story("80x24", snapshotOf(rows), { colors: "none" }).lines());
  assert.match(shown.find((line) => line.includes("curl")) ?? "", /^× /);
  assert.match(shown.find((line) => line.includes("sshd")) ?? "", /^! /);
  assert.match(shown.find((line) => line.includes("ntpd")) ?? "", /^~ /);
});

test("colours: closed dim, stale yellow, critical red; no colour at all with none", async () => {
  const colored = story("80x24", snapshotOf(threeRows), { colors: "16" });
  const lines = await colored.lines();
  const sshd = lines.findIndex((line) => line.includes("sshd"));
  assert.equal(colored.terminal.cell(2, sshd)?.getFgColor(), 9);
  const curl = lines.findIndex((line) => line.includes("curl"));
  assert.notEqual(colored.terminal.cell(2, curl)?.isDim(), 0);
  const plain = story("80x24", snapshotOf(threeRows), { colors: "none" });
  await plain.keys("j");
  assert.doesNotMatch(plain.terminal.writes.join(""), /\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])[;m]/);
});

test("an incomplete picture says so and why", async () => {
  const level = { level: "capture", reason: "CAP_BPF is missing", missing: ["process events: no BTF"] } as const;
  const losses = { ...noLosses, framesDropped: 1234, unattributedBytes: 5000 };
  for (const size of ["80x24", "200x50"]) {
    const text = (await story(size, snapshotOf(threeRows, { level, losses })).lines()).join("\n");
    assert.match(text, /● capture only/);
    assert.match(text, /▲ lost 1,234 frames · 5\.00 kB without owner/);
    assert.match(text, /▲ capture only: CAP_BPF is missing/);
  }
  const quiet = (await story("80x24", snapshotOf(threeRows)).lines()).join("\n");
  assert.doesNotMatch(quiet, /▲|lost/);
});

test("s and S sort: numbers from the largest, texts from A, and back", async () => {
  const { keys, lines } = story("80x24", snapshotOf(threeRows));
  assert.deepEqual(names(await lines()), ["firefox", "sshd", "curl"]);
  assert.deepEqual(names(await keys("S")), ["curl", "sshd", "firefox"]);
  await keys("r");
  // Five columns on, around the end: ↑ Rate, ↓ Total, ↑ Total, Age, Process.
  assert.deepEqual(names(await keys("sssss")), ["curl", "firefox", "sshd"]);
  assert.deepEqual(names(await keys("S")), ["sshd", "firefox", "curl"]);
});

test("a click on a heading sorts, a second one reverses", async () => {
  const { keys } = story("80x24", snapshotOf(threeRows));
  assert.deepEqual(names(await keys("\x1b[<0;4;5M\x1b[<0;4;5m")), ["curl", "firefox", "sshd"]);
  assert.deepEqual(names(await keys("\x1b[<0;4;5M\x1b[<0;4;5m")), ["sshd", "firefox", "curl"]);
});

test("j k g G, arrows and pages move; the status tells where", async () => {
  const { keys } = story("80x24", sampleSnapshot(400));
  const at = (lines: readonly string[]): string => /(\d+)\/\d+ ──$/.exec(lines[3] ?? "")?.[1] ?? "";
  assert.equal(at(await keys("j")), "1");
  assert.equal(at(await keys("jj\x1b[B")), "4");
  assert.equal(at(await keys("k\x1b[A")), "2");
  assert.equal(at(await keys("\x06")), "20");
  assert.equal(at(await keys("\x1b[6~\x02")), "20");
  assert.equal(at(await keys("\x04")), "29");
  assert.equal(at(await keys("\x15\x1b[5~")), "2");
  assert.equal(at(await keys("g")), "1");
  const end = await keys("G");
  assert.equal(at(end), /(\d+)\/\1 ──$/.exec(end[3] ?? "")?.[1]);
});

test("the selection follows its connection, not its row", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const before = await one.keys("j");
  assert.match(before[3] ?? "", /1\/3/);
  const [first, ...others] = threeRows;
  assert.ok(first);
  one.screen.update(snapshotOf([{ ...first, rxRate: 0 }, ...others]));
  const after = await one.lines();
  assert.match(after[3] ?? "", /[23]\/3/);
  const y = after.findIndex((line) => line.includes("firefox"));
  assert.equal(one.terminal.cell(10, y)?.getBgColor(), 25);
});

test("a selected connection that leaves hands the bar to its neighbour", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys("jj");
  one.screen.update(snapshotOf(threeRows.filter((row) => row.process?.name !== "sshd")));
  const lines = await one.lines();
  assert.match(lines[3] ?? "", /2\/2/);
});

test("t shows closed connections that are long over, x clears them", async () => {
  const old = connection(9, { process: owner("wget", 9), liveliness: "closed", end: threeRows[0]!.start });
  const one = story("80x24", snapshotOf([...threeRows, old]));
  assert.deepEqual(names(await one.lines()), ["firefox", "sshd", "curl"]);
  assert.ok(names(await one.keys("t")).includes("wget"));
  assert.deepEqual(names(await one.keys("x")), ["firefox", "sshd"]);
  assert.equal(one.engine.clears, 1);
  assert.match((await one.lines()).at(-1) ?? "", /Closed connections cleared$/);
});

test("d turns host names into addresses, p services into ports", async () => {
  const { keys, lines } = story("80x24", snapshotOf(threeRows));
  const remote = (all: readonly string[]): string => all.find((line) => line.includes("firefox"))?.slice(18, 43) ?? "";
  assert.match(remote(await lines()), /www\.example\.org:https/);
  assert.match(remote(await keys("p")), /www\.example\.org:443/);
  assert.match(remote(await keys("d")), /93\.184\.216\.34:443/);
  assert.match(remote(await keys("dp")), /www\.example\.org:https/);
});

test("a groups by process with sums; Space and arrows open and close", async () => {
  const more = connection(4, { process: owner("firefox", 4242), rxRate: 600_000, rxBytes: 10 });
  const one = story("80x24", snapshotOf([...threeRows, more]));
  const grouped = rowsOf(await one.keys("a"));
  assert.match(grouped[0] ?? "", /^▸ firefox \(2\) .* 13\.0 MB +340 kB/);
  assert.equal(grouped.length, 3);
  const open = rowsOf(await one.keys("j "));
  assert.match(open[0] ?? "", /^▾ firefox \(2\)/);
  assert.match(open[1] ?? "", /^ {2}├ firefox .*12\.4 MB/);
  assert.match(open[2] ?? "", /^ {2}└ firefox .*600 kB/);
  assert.equal(rowsOf(await one.keys("jj\x1b[D")).length, 3);
  assert.equal(rowsOf(await one.keys("\x1b[C")).length, 5);
  assert.equal(rowsOf(await one.keys("\r")).length, 3);
  assert.match(rowsOf(await one.keys("a"))[0] ?? "", /^ {2}firefox/);
});

test("f freezes the table while the header lives on", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  assert.match((await one.keys("f"))[3] ?? "", /FROZEN 12:00:00/);
  // The engine changes its rows in place.
  const [first] = threeRows;
  assert.ok(first);
  one.screen.update(snapshotOf([{ ...first, rxRate: 5 }]));
  const frozen = await one.lines();
  assert.deepEqual(names(frozen), ["firefox", "sshd", "curl"]);
  assert.match(frozen[1] ?? "", /↓ +5 B\/s/);
  const thawed = await one.keys("f");
  assert.deepEqual(names(thawed), ["firefox"]);
  assert.doesNotMatch(thawed[3] ?? "", /FROZEN/);
});

test("5,000 rows at 200x50", async () => {
  const { keys } = story("200x50", sampleSnapshot(5000));
  const lines = await keys("G");
  assert.match(lines.find((line) => line.includes("Connections")) ?? "", /(\d,\d{3})\/\1/);
  assert.ok(rowsOf(lines).length >= 38);
});

test("hostile and wide names break nothing", async () => {
  const nasty = [
    "日本語プロセス名がとても長い",
    "\x1b]0;owned\x07",
    "e\u0301".repeat(30),
    "👍👍👍👍👍👍👍👍👍",
    "\u202eevil",
    "a\nb",
  ];
  const rows = nasty.map((name, i) => connection(i + 1, { process: owner(name, i), hostname: name }));
  for (const size of ["80x24", "120x40", "200x50", "20x5"]) {
    const one = story(size, snapshotOf(rows));
    const lines = await one.keys("j");
    const text = one.terminal.writes.join("");
    assert.ok(!text.includes("\x1b]0;owned") && !text.includes("\u202e"), "escape sequences of names are not sent");
    assert.equal(one.terminal.xterm.cols, Number(size.split("x")[0]));
    // The rates stand in the same column in every row.
    const heading = lines.findIndex((line) => /Process.*Rate/.test(line));
    if (size !== "80x24") continue;
    const columns = nasty.map((_, i) => one.terminal.cell(77, heading + 1 + i)?.getChars());
    assert.deepEqual(
      columns,
      nasty.map(() => "·"),
    );
  }
});

test("every size from 1x1 draws, with data and without, and with every key", () => {
  const everything = "jkGg\x06\x02\x04\x15sSatdpf/x\x1b\x1b\r\t\t12hqr xcl";
  for (const size of ["1x1", "2x1", "1x2", "5x2", "20x5", "10x3", "3x30", "200x1", "79x23", "300x100"]) {
    for (const snapshot of [undefined, snapshotOf([]), snapshotOf(threeRows), sampleSnapshot(50)]) {
      const { terminal, screen } = story(size, snapshot);
      for (const key of everything) terminal.type(key);
      terminal.resize(40, 12);
      terminal.resize(1, 1);
      screen.close();
      assert.equal(terminal.closed, 1);
    }
  }
});

test("40x12 shows who, with whom and how fast; what has no room is left out whole", async () => {
  const family = { name: "Company", category: "web", source: "sni" } as const;
  const [first, ...others] = threeRows;
  assert.ok(first);
  const small = (await story("40x12", snapshotOf([{ ...first, family }, ...others])).lines()).join("\n");
  assert.match(small, /Process +Remote +↓ Rate▼/);
  assert.match(small, /firefox +www\.ex\S+ +12\.4 MB/);
  const [narrow, wide] = await Promise.all(
    ["80x24", "200x50"].map(async (size) => (await story(size, snapshotOf([{ ...first, family }])).lines()).join("\n")),
  );
  assert.match(narrow ?? "", /tls 1\.3 +ESTAB/);
  assert.match(wide ?? "", /tls 1\.3 · Company/);
});

test("20x5 still shows who and how fast", async () => {
  const lines = await story("20x5", snapshotOf(threeRows)).lines();
  assert.match(lines.join("\n"), /firefox/);
});

test("a screen where nothing changed writes nothing", async () => {
  const snapshot = snapshotOf(threeRows);
  const { screen, terminal } = story("120x40", snapshot);
  const writes = terminal.writes.length;
  for (let i = 0; i < 5; i++) screen.update(snapshot);
  assert.equal(terminal.writes.length, writes);
  assert.equal(screen.statistics().frames, writes);
});

test("a terminal that does not read gets no frames until it does", async () => {
  const { screen, terminal, lines } = story("80x24", snapshotOf(threeRows));
  terminal.congested = true;
  const writes = terminal.writes.length;
  screen.update(snapshotOf([]));
  assert.equal(terminal.writes.length, writes);
  terminal.congested = false;
  terminal.listener?.drained();
  assert.deepEqual(names(await lines()).length, 1);
  assert.match((await lines()).join("\n"), /Nothing to show yet/);
});

test("resizing and coming back from the shell draw everything anew", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  one.terminal.resize(100, 30);
  assert.deepEqual(names(await one.lines()), ["firefox", "sshd", "curl"]);
  one.terminal.type("\x1a");
  assert.equal(one.terminal.suspended, 1);
  const writes = one.terminal.writes.length;
  one.screen.update(snapshotOf(threeRows, { tick: 2, time: (noon + 500) as never }));
  assert.equal(one.terminal.writes.length, writes, "nothing is drawn over the shell");
  one.terminal.xterm.reset();
  one.terminal.listener?.resumed();
  assert.deepEqual(names(await one.lines()), ["firefox", "sshd", "curl"]);
});

test("q and Ctrl-C ask to quit", async () => {
  const { keys, engine } = story("80x24", snapshotOf(threeRows));
  await keys("q");
  assert.equal(engine.quits, 1);
  await keys("/\x03");
  assert.equal(engine.quits, 2);
});

test("top talkers and the dashboard name processes that are called alike once, with their number", async () => {
  const rows = [1, 2, 3].map((id) =>
    connection(id, { process: owner("curl", 100 + id), rxRate10: 1000, rxRate: 1000, rxBytes: 5000 }),
  );
  const one = story("200x50", snapshotOf([...rows, connection(9, { process: owner("sshd", 7), rxRate10: 500 })]));
  assert.match((await one.lines()).join("\n"), /curl \(3\) +━+ +3\.00 kB\/s[^]*sshd +━+ +500 B\/s/);
  assert.match((await one.keys("4")).join("\n"), /curl \(3\) +━+ +3\.00 kB\/s[^]*sshd +━+ +500 B\/s/);
});
