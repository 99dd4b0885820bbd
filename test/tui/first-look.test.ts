/** What a person sees who has read nothing: signs that are explained, keys that answer, times and totals that are true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMillis, port } from "../../src/model/index.ts";
import { languages } from "../../src/tui/language.ts";
import { connection, noon, owner, snapshotOf, story, threeRows } from "./story.ts";

test("the help explains the signs of the tab and the mouse", async () => {
  for (const size of ["120x60", "200x50"]) {
    const one = story(size, snapshotOf(threeRows));
    const overview = (await one.keys("h")).join("\n");
    for (const line of [/× +ended, or gone/, /~ +quiet/, /! +about to time out/, /App\? +by port/, /· +nothing/]) {
      assert.match(overview, line, size);
    }
    assert.match(overview, /Mouse[^]*drag +order and width of columns/);
    await one.keys("\x1b[27u");
    const network = (await one.keys("6h")).join("\n");
    assert.doesNotMatch(network, /Signs/);
    assert.match(network, /wheel +scroll/);
  }
});

test("a key that does nothing says so, and where it does something", async () => {
  const last = async (keys: string, options = {}): Promise<string> =>
    (await story("120x40", snapshotOf(threeRows), options).keys(keys)).at(-1) ?? "";
  assert.match(await last("z"), /z does nothing here$/);
  assert.match(await last("4/"), /\/ \(filter\) is a key of 1 Overview$/);
  assert.match(await last("3v"), /v \(processes, services or containers\) is a key of 2 Processes$/);
  for (const language of languages) {
    for (const size of ["80x24", "20x6"]) {
      const one = story(size, snapshotOf(threeRows), { language });
      for (const line of await one.keys("5/")) assert.ok(line.length <= one.terminal.xterm.cols, line);
    }
  }
});

test("of a connection that was there before nobody says when it began", async () => {
  const older = connection(1, {
    process: owner("iperf3", 7),
    direction: "unknown",
    start: epochMillis(noon - 60_000),
  });
  const begin = { start: epochMillis(noon - 61_000) };
  const told = (await story("120x60", snapshotOf([older], begin)).keys("j\r")).join("\n");
  assert.match(told, /Started +before 11:59:00 /);
  assert.match(told, /Age +≥ 1m00s/);
  for (const row of [{ ...older, direction: "outbound" } as const, { ...older, start: epochMillis(noon - 50_000) }]) {
    const seen = (await story("120x60", snapshotOf([row], begin)).keys("j\r")).join("\n");
    assert.match(seen, /Started +11:59:\d\d +\d+s ago|Started +11:59:00 +1m00s ago/);
    assert.doesNotMatch(seen, /before|≥/);
  }
});

test("times of another day have their date, those of processes too", async () => {
  const row = connection(1, {
    process: { ...owner("sshd", 7), start: epochMillis(noon - 30 * 3_600_000) },
    start: epochMillis(noon - 26 * 3_600_000),
  });
  const text = (await story("120x60", snapshotOf([row])).keys("j\r")).join("\n");
  assert.match(text, /Started +2026-02-28 10:00:00 +1d02h ago/);
  assert.match(text, /Started +2026-02-28 06:00:00 /);
});

test("the dialog of columns says which have no room", async () => {
  const lines = (await story("80x24", snapshotOf(threeRows)).keys("C")).join("\n");
  assert.match(lines, /\[x\] RTT +no room/);
  assert.match(lines, /\[x\] App +12 /);
});

test("in ASCII received and sent are other signs than the order", async () => {
  const lines = await story("80x24", snapshotOf(threeRows), { unicode: false }).lines();
  assert.match(lines[3] ?? "", /by < Rate v/);
  assert.match(lines[1] ?? "", /^ < +12\.4 MB\/s .* > +341 kB\/s/);
});

test("rates have their unit where the column has room for it in every row, in groups and processes too", async () => {
  const wide = story("120x40", snapshotOf(threeRows));
  assert.match((await wide.lines()).join("\n"), /firefox .* 12\.4 MB\/s +340 kB\/s/);
  assert.match((await wide.keys("a")).join("\n"), /firefox \(1\) .* 12\.4 MB\/s +340 kB\/s/);
  const narrow = (await story("80x24", snapshotOf(threeRows)).lines()).slice(4).join("\n");
  assert.doesNotMatch(narrow, /\/s/);
  const processes = (await story("100x30", snapshotOf(threeRows)).keys("2")).join("\n");
  assert.match(processes, /firefox .* 12\.4 MB\/s +340 kB\/s +\d+ kB\/s +12\.7 MB\/s +1\.24 GB +34\.0 MB/);
});

test("a long filter has more room than what is said of its mistake", async () => {
  const one = story("120x40", snapshotOf(threeRows));
  const line = (await one.keys("/process:iperf3 and rate>1X")).at(-1) ?? "";
  assert.match(line, /^ Filter \/ process:iperf3 and rate>1X +at 25: "1X" is not a number/);
});

test("of a connection that was there before, the service is that of the lower port", async () => {
  const unknown = { direction: "unknown", service: "ssh" } as const;
  const here = connection(1, {
    ...unknown,
    process: owner("sshd", 901),
    local: { address: "10.0.0.5", port: port(22) },
    remote: { address: "10.0.0.7", port: port(50_022) },
  });
  const there = connection(2, {
    ...unknown,
    process: owner("ssh", 902),
    local: { address: "10.0.0.5", port: port(50_023) },
    remote: { address: "10.0.0.8", port: port(22) },
  });
  const narrow = (await story("80x24", snapshotOf([here, there])).lines()).join("\n");
  assert.match(narrow, /sshd +10\.0\.0\.7:50022 /);
  assert.match(narrow, /ssh +10\.0\.0\.8:ssh /);
  const wide = await story("200x50", snapshotOf([here, there])).keys("p");
  assert.match(wide.join("\n"), /sshd +901 10\.0\.0\.7:50022 +10\.0\.0\.5:22 +22 /);
});

test("80x24 without rights: the names of the tabs are whole, and what to do is not cut", async () => {
  const level = {
    level: "unprivileged",
    reason: "run socklens doctor; without CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_NET_RAW",
    missing: [],
  } as const;
  const lines = await story("80x24", snapshotOf(threeRows, { level })).lines();
  assert.equal(lines[0], " 1 Overview 2 Processes 3 Details 4 Dashboard 5 Graphs 6 Network ● unprivileged");
  assert.match(lines.join("\n"), /▲ unprivileged: run socklens doctor; without CAP_BPF/);
});

test("the help of the graphs tells what Esc does there", async () => {
  const one = story("120x60", snapshotOf(threeRows));
  assert.match((await one.keys("5h")).join("\n"), /Esc +away with the cursor, then the overview/);
  await one.keys("\x1b[27u");
  await one.keys("\x1b[D\x1b[27u");
  assert.match((await one.lines()).join("\n"), /Graphs/);
  assert.match((await one.keys("\x1b[27u")).join("\n"), /Connections/);
});

test("a version of QUIC is called as its specification calls it", async () => {
  const told = async (version: string): Promise<string> => {
    const application = { name: "quic", by: "payload", facts: { quic: { version } } } as const;
    return (await story("120x40", snapshotOf([connection(1, { application })])).lines()).join("\n");
  };
  assert.match(await told("1"), / quic v1 /);
  assert.match(await told("v2"), / quic v2 /);
  assert.match(await told("draft-29"), / quic draft-29 /);
});

test("after months and petabytes all numbers are whole", async () => {
  const day = 86_400_000;
  const busy = snapshotOf(
    [
      connection(1, {
        process: owner("backup", 4_194_303),
        rxRate: 999_400_000_000,
        rxBytes: 9.99e17,
        txBytes: 9.99e17,
        start: epochMillis(noon - 400 * day),
        quality: { rtt: 99_000 },
      }),
    ],
    { start: epochMillis(noon - 400 * day), tick: 69_120_000 },
  );
  const months = {
    ...busy,
    totals: {
      ...busy.totals,
      live: 131_072,
      closed: 5000,
      opened: 987_654_321,
      ended: 987_523_249,
      rxPackets: 9.99e14,
      txPackets: 9.99e14,
    },
  };
  for (const size of ["80x24", "100x30", "120x40", "200x50"]) {
    const one = story(size, months);
    for (const keys of ["", "2", "4", "1j\r"]) {
      const lines = await one.keys(keys);
      for (const line of lines) assert.ok(line.length <= one.terminal.xterm.cols, line);
      // A number that was cut ends in an ellipsis.
      assert.doesNotMatch(lines.join("\n"), /\d…/, `${size} ${keys}`);
    }
  }
  assert.match((await story("120x40", months).lines()).join("\n"), /999 GB\/s[^]*up 400d|up 400d[^]*999 GB\/s/);
});
