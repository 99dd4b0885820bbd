import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { columnIds, ColumnSettings } from "../../src/tui/column-settings.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import type { Connection } from "../../src/model/index.ts";
import { keyTable, type ScreenSettings } from "../../src/tui/index.ts";
import { connection, owner, snapshotOf, story, threeRows } from "./story.ts";

const heading = (lines: readonly string[]): string => lines.find((line) => /Process/.test(line.slice(0, 20))) ?? "";

test("C shows the columns; Space hides one, K and J move it, the table follows", async () => {
  for (const size of ["80x24", "120x40", "200x50"]) {
    const one = story(size, snapshotOf(threeRows));
    const dialog = (await one.keys("C")).join("\n");
    assert.match(dialog, /─ Columns ─/);
    assert.match(dialog, /\[x\] Process/);
    // Down to Remote: hidden.
    await one.keys("jj ");
    one.screen.key({ kind: "key", key: "escape" });
    assert.doesNotMatch(heading(await one.lines()), /Remote/, size);
    await one.keys("Cjj ");
    // Remote before Process.
    await one.keys("KK");
    one.screen.key({ kind: "key", key: "escape" });
    assert.match((await one.lines()).find((line) => line.includes("Remote")) ?? "", /^[│ ]+Remote +Process/, size);
    await one.keys("Cr");
    one.screen.key({ kind: "key", key: "escape" });
    assert.match(heading(await one.lines()), /^[│ ]+Process.*Remote/, size);
  }
});

test("the process column stays; an optional one comes by Space and by a click", async () => {
  const user = { id: 1000, name: "ada" };
  const one = story("200x50", snapshotOf([connection(1, { process: { ...owner("curl", 7), user } })]));
  await one.keys("C ");
  assert.match(heading(await one.lines()), /Process/);
  const lines = await one.lines();
  const y = lines.findIndex((line) => line.includes("[ ] User"));
  const x = (lines[y] ?? "").indexOf("[ ] User");
  await one.keys(`\x1b[<0;${x + 2};${y + 1}M`);
  one.screen.key({ kind: "key", key: "escape" });
  await one.keys("i");
  const shown = (await one.lines()).join("\n");
  assert.match(shown, /User/);
  assert.match(shown, /curl .* ada/);
});

test("< and > size the sorted column, a drag on the edge of a heading sizes any; r in the dialog undoes it", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const rateAt = (lines: readonly string[]): number => heading(lines).indexOf("↓ Rate");
  const before = heading(await one.lines());
  await one.keys("sssss"); // Process
  const wide = heading(await one.keys(">>>"));
  assert.ok(wide.indexOf("Remote") > before.indexOf("Remote"), `${before}\n${wide}`);
  assert.equal(heading(await one.keys("<<<")).indexOf("Remote"), before.indexOf("Remote"));
  const edge = before.indexOf("Remote"); // The cell before it, counted from 1.
  const dragged = heading(await one.keys(`\x1b[<0;${edge};5M\x1b[<32;${edge + 6};5M\x1b[<0;${edge + 6};5m`));
  assert.equal(dragged.indexOf("Remote"), before.indexOf("Remote") + 6);
  assert.ok(rateAt(await one.lines()) > 0);
  await one.keys("Cr");
  one.screen.key({ kind: "key", key: "escape" });
  assert.equal(heading(await one.lines()).indexOf("Remote"), before.indexOf("Remote"));
});

test("country and network of the other side are columns that can be shown, and sorted by", async () => {
  const geo = (country: string, organization: string): Connection["geo"] => ({ country, organization });
  const rows = [geo("DE", "Example Net"), geo("CH", "Example Lab")].map((one, index) =>
    connection(index + 1, { process: owner(`p${index}`, index), ...(one && { geo: one }) }),
  );
  const columns = { shown: ["country", "organization"], order: ["country", "organization"] } as const;
  const one = story("120x40", snapshotOf(rows), { settings: { columns, sort: "country" } });
  const lines = await one.lines();
  assert.match(lines.join("\n"), /Country▲ +Network +Process/);
  const [first, second] = ["CH +Example Lab", "DE +Example Net"].map((row) =>
    lines.findIndex((line) => new RegExp(row).test(line)),
  );
  assert.ok(first !== undefined && second !== undefined && first > 0 && second === first + 1, lines.join("\n"));
});

test("what was changed is remembered, and comes back", async () => {
  const one = story("120x40", snapshotOf(threeRows));
  assert.equal(one.screen.remembered().columns, undefined);
  await one.keys("Cjj ");
  const { columns } = one.screen.remembered();
  assert.deepEqual(columns?.hidden, ["remote"]);
  const again = story("120x40", snapshotOf(threeRows), { remembered: { columns: columns ?? {} } });
  assert.doesNotMatch(heading(await again.lines()), /Remote/);
});

test("configured columns, sorting and grouping are the beginning, and what r goes back to", async () => {
  const settings = {
    columns: { order: ["state", "process"], hidden: ["remote"], widths: { state: 20 } },
    sort: "process",
    grouping: "app",
    sidebar: false,
  } as const;
  const one = story("200x50", snapshotOf(threeRows), { settings });
  const lines = await one.lines();
  assert.match(lines.find((line) => line.includes("State")) ?? "", /^[│ ]+State {16}Process▲/);
  assert.match(lines.join("\n"), /grouped by application/);
  await one.keys("asS");
  assert.match((await one.keys("r")).join("\n"), /by Process ▲ · grouped by application/);
});

test("A groups by service, container, host, application, country, and not at all", async () => {
  const container = { id: "0123456789abcdef", runtime: "docker", name: "web" };
  const rows = [
    connection(1, {
      process: { ...owner("nginx", 5), container, service: "nginx.service" },
      hostname: "a.example",
      application: { name: "http", by: "payload", facts: {} },
      geo: { country: "CH" },
      rxRate: 500,
    }),
    connection(2, { process: { ...owner("nginx", 6), container }, hostname: "a.example", rxRate: 700 }),
  ];
  const one = story("120x40", snapshotOf(rows));
  const groups = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => /▸ (.*? \(\d\))/.exec(line)?.[1] ?? []).toSorted();
  assert.deepEqual(groups(await one.keys("A")), ["nginx (1)", "nginx (1)"]);
  assert.deepEqual(groups(await one.keys("A")), ["<none> (1)", "nginx.service (1)"].toSorted());
  assert.deepEqual(groups(await one.keys("A")), ["web (2)"]);
  assert.match((await one.lines()).join("\n"), /web \(2\).* 1\.20 kB/);
  assert.deepEqual(groups(await one.keys("A")), ["a.example (2)"]);
  assert.deepEqual(groups(await one.keys("A")), ["<none> (1)", "http (1)"].toSorted());
  assert.deepEqual(groups(await one.keys("A")), ["<none> (1)", "CH (1)"].toSorted());
  assert.deepEqual(groups(await one.keys("A")), []);
});

test("i takes the sidebar away; it shows talkers and losses and never comes below 160 columns", async () => {
  const rows = [connection(1, { process: owner("rsync", 5), rxRate10: 5_000_000 })];
  const one = story("200x50", snapshotOf(rows));
  const shown = (await one.lines()).join("\n");
  assert.match(shown, /Top talkers/);
  assert.match(shown, /rsync +━+ +5\.00 MB\/s/);
  assert.match(shown, /level full/);
  assert.match(shown, /lost 0/);
  assert.doesNotMatch((await one.keys("i")).join("\n"), /Top talkers/);
  assert.match((await story("80x24", snapshotOf(rows)).keys("i")).join("\n"), /─ Routes/, "where there is no room");
  for (const size of ["80x24", "120x40", "159x50", "200x20", "20x5", "1x1"]) {
    assert.doesNotMatch((await story(size, sampleSnapshot(100)).lines()).join("\n"), /Top talkers/);
  }
});

test("any choice of columns lays out without overlap, and the state of a choice is a choice again", () => {
  const ids = fc.subarray([...columnIds]);
  const widths = fc.dictionary(fc.constantFrom(...columnIds), fc.integer({ min: -5, max: 500 }));
  fc.assert(
    fc.property(ids, ids, widths, fc.integer({ min: 0, max: 400 }), (order, hidden, sizes, width) => {
      const settings = new ColumnSettings({ order, hidden, widths: sizes });
      let next = 0;
      for (const placed of settings.layout(width, new Set())) {
        assert.ok(placed.x >= next);
        next = placed.x + placed.width + 1;
      }
      assert.ok(!settings.isHidden("process"));
      settings.toggle("pid");
      const choice = settings.choice();
      assert.ok(choice !== undefined);
      assert.deepEqual(new ColumnSettings({}, choice).choice(), choice);
    }),
  );
});

test("interfaces stand under the names they were given, or not at all", async () => {
  const snapshot = snapshotOf(threeRows);
  const [first] = snapshot.interfaces;
  assert.ok(first);
  const interfaces = [first, { ...first, index: 3, name: "veth0" }];
  const settings = { interfaces: { eth0: { label: "WAN" }, veth0: { hidden: true } } };
  for (const size of ["80x24", "120x40", "200x50"]) {
    const text = (await story(size, { ...snapshot, interfaces }, { settings }).lines()).join("\n");
    assert.match(text, /WAN/);
    assert.doesNotMatch(text, /eth0|veth0/);
  }
});

test("slow and bad round trip times are told by colour, from where the thresholds say", async () => {
  const rows = [5, 50, 500].map((rtt, i) => connection(i + 1, { quality: { rtt }, process: owner(`p${rtt}`, i) }));
  const colors = async (settings: ScreenSettings): Promise<number[]> => {
    const one = story("200x50", snapshotOf(rows), { settings: { sidebar: false, sort: "rtt", ...settings } });
    const lines = await one.lines();
    const x = heading(lines).indexOf("RTT") + 1;
    return [500, 50, 5].map((rtt) => {
      const y = lines.findIndex((line) => line.includes(` p${rtt} `));
      return one.terminal.cell(x, y)?.getFgColor() ?? -1;
    });
  };
  const [bad, fine, also] = await colors({});
  assert.notEqual(bad, fine);
  assert.equal(fine, also);
  const [worst, slow, good] = await colors({ rttStale: 40, rttCritical: 400 });
  assert.equal(new Set([worst, slow, good]).size, 3);
});

test("keys that were configured hold everywhere: dispatch, footer, help", async () => {
  const keys = keyTable.map((one) =>
    one.command === "sort" ? { ...one, keys: ["z"] } : one.command === "freeze" ? { ...one, keys: [] } : one,
  );
  const one = story("120x50", snapshotOf(threeRows), { keys });
  assert.match((await one.lines()).at(-1) ?? "", /z Sort/);
  assert.doesNotMatch((await one.lines()).at(-1) ?? "", /Freeze/);
  assert.match((await one.keys("z")).join("\n"), /by ↑ Rate/);
  assert.match((await one.keys("s")).join("\n"), /by ↑ Rate/);
  assert.match((await one.keys("h")).join("\n"), /│ +z +sort by the next column/);
});

test("the dialog draws at every size, and all its keys do something or nothing", async () => {
  for (const size of ["80x24", "120x40", "200x50", "30x8", "20x5", "5x2", "1x1"]) {
    const one = story(size, sampleSnapshot(5000));
    for (const key of [
      "C",
      "j",
      " ",
      "J",
      "K",
      "<",
      ">",
      "G",
      "J",
      "g",
      "K",
      "\x1b[C",
      "\x1b[D",
      "\x1b[1;2A",
      "\x1b[1;2B",
      "r",
      "z",
    ]) {
      const lines = await one.keys(key);
      assert.ok(lines.every((line) => line.length <= one.terminal.xterm.cols));
    }
    one.screen.key({ kind: "key", key: "escape" });
    assert.doesNotMatch((await one.lines()).join("\n"), /─ Columns ─/);
  }
});
