import assert from "node:assert/strict";
import { test } from "node:test";
import { epochMillis, pid, type Connection, type ProcessInfo } from "../../src/model/index.ts";
import { ActivityTable, type Activity } from "../../src/tui/process-rates.ts";
import { Lineages, ProcessTree, type ParentsOf } from "../../src/tui/process-tree.ts";
import fc from "../fast-check.ts";
import { connection, noon, owner, snapshotOf, story, type Story } from "./story.ts";

const child = (name: string, id: number, parent: ProcessInfo, after = 1): ProcessInfo => ({
  ...owner(name, id),
  start: epochMillis(parent.start + after),
  parent: { pid: parent.pid, name: parent.name },
});

const init = owner("systemd", 1);
const sshd = child("sshd", 800, init);
const shell = child("bash", 900, sshd);
const curl = child("curl", 901, shell);
const wget = child("wget", 902, shell);
const nginx = child("nginx", 500, init);
const worker = child("nginx", 501, nginx);
const parents: Readonly<Record<number, readonly ProcessInfo[]>> = {
  800: [init],
  901: [shell, sshd, init],
  902: [shell, sshd, init],
  500: [init],
  501: [nginx, init],
};

const rows: readonly Connection[] = [
  connection(1, { process: sshd, rxRate: 10, rxBytes: 100, txBytes: 0 }),
  connection(2, { process: curl, rxRate: 5000, rxBytes: 50_000, txBytes: 0 }),
  connection(3, { process: wget, rxRate: 200, rxBytes: 2000, txBytes: 0 }),
  connection(4, { process: nginx, rxRate: 100, rxBytes: 1000, txBytes: 0 }),
  connection(5, { process: worker, rxRate: 1000, rxBytes: 10_000, txBytes: 0 }),
  connection(6, { rxRate: 1, rxBytes: 10, txBytes: 0 }),
];

function treeStory(size: string, list = rows): Story {
  const one = story(size, undefined);
  one.engine.lineage = (id) => {
    const process = list.find((row) => row.id === id)?.process;
    return process === undefined ? [] : [process, ...(parents[process.pid] ?? [])];
  };
  one.screen.update(snapshotOf(list));
  return one;
}

const names = (lines: readonly string[]): string[] =>
  lines.slice(3, -1).flatMap((line) => /^.((?: *[▾▸])? *\S+) +/.exec(line)?.[1] ?? []);

for (const size of ["80x24", "120x40", "200x50"]) {
  test(`${size}: t nests processes below their parents, with sums, those without connections too`, async () => {
    const one = treeStory(size);
    const lines = await one.keys("2t");
    assert.deepEqual(names(lines), [
      "▾ sshd",
      "  ▾ bash",
      "      curl",
      "      wget",
      "▾ nginx",
      "    nginx",
      "  <unknown>",
    ]);
    assert.match(lines[1] ?? "", /tree, with sums of children/);
    const line = (text: string): string => lines.find((each) => each.includes(text)) ?? "";
    assert.match(line("▾ sshd"), /sshd +800 +3 +5\.21 kB/);
    assert.match(line("▾ bash"), /bash +900 +2 +5\.20 kB/);
    assert.match(line("▾ nginx"), /nginx +500 +2 +1\.10 kB/);
    assert.match(line("curl"), /curl +901 +1 +5\.00 kB/);
    assert.deepEqual(names(await one.keys("t")).slice(0, 2), ["curl", "nginx"]);
  });
}

test("left closes a line and leads to the parent, right opens; the order of siblings is that of their sums", async () => {
  const one = treeStory("80x24");
  await one.keys("2tg");
  assert.deepEqual(names(await one.keys("\x1b[D")), ["▸ sshd", "▾ nginx", "    nginx", "  <unknown>"]);
  assert.deepEqual(names(await one.keys("\x1b[C")).slice(0, 3), ["▾ sshd", "  ▾ bash", "      curl"]);
  // From a leaf to its parent, which is closed then.
  assert.deepEqual(names(await one.keys("jj\x1b[D\x1b[D")).slice(0, 3), ["▾ sshd", "  ▸ bash", "▾ nginx"]);
  assert.deepEqual(names(await one.keys("S")), ["  <unknown>", "▾ nginx", "    nginx", "▾ sshd", "  ▸ bash"]);
});

test("a click on the mark of a line closes and opens it, elsewhere it only selects", async () => {
  const one = treeStory("80x24");
  const lines = await one.keys("2t");
  const y = lines.findIndex((line) => line.includes("▾ bash"));
  const x = (lines[y] ?? "").indexOf("▾");
  const click = (at: number): Promise<string[]> => one.keys(`\x1b[<0;${at + 1};${y + 1}M`);
  assert.deepEqual(names(await click(x)).slice(0, 3), ["▾ sshd", "  ▸ bash", "▾ nginx"]);
  assert.deepEqual(names(await click(x + 6)).slice(0, 3), ["▾ sshd", "  ▸ bash", "▾ nginx"]);
  assert.deepEqual(names(await click(x)).slice(0, 3), ["▾ sshd", "  ▾ bash", "      curl"]);
});

test("Enter shows the connections of all that a line sums up", async () => {
  const one = treeStory("120x40");
  assert.match((await one.keys("2tg\r")).join("\n"), /3 of 6 filter \(pid:800 started:\d+\) or \(pid:90/);
  assert.match((await one.keys("2gjj\r")).join("\n"), /1 of 6 filter pid:901/);
});

test("v shows services, t from there the tree; what has no connections is not marked", async () => {
  const one = treeStory("120x40");
  assert.match((await one.keys("2v"))[1] ?? "", /grouped by service/);
  assert.match((await one.keys("t"))[1] ?? "", /tree, with sums/);
  // bash has none.
  assert.doesNotMatch((await one.keys("gj "))[1] ?? "", /marked/);
  assert.match((await one.keys("g "))[1] ?? "", /1 marked/);
});

test("the peak of a sum is that of a tick, also while another tab is shown", async () => {
  const one = treeStory("120x40");
  await one.keys("2t1");
  const busy = rows.map((row) => (row.process?.pid === 800 ? row : { ...row, rxRate: 40_000 }));
  one.screen.update(snapshotOf(busy, { time: epochMillis(noon + 1000) }));
  one.screen.update(snapshotOf(rows, { time: epochMillis(noon + 2000) }));
  assert.match((await one.keys("2")).find((line) => line.includes("▾ bash")) ?? "", /5\.20 kB\/s .*80\.0 kB/);
});

test("parents are asked for a few at a time, and kept", () => {
  const table = new ActivityTable();
  const list = Array.from({ length: 50 }, (_, i) => connection(i + 1, { process: child("c", 2000 + i, shell) }));
  table.update(snapshotOf(list));
  const entries = table.shown("process");
  let asked = 0;
  const lineages = new Lineages((id) => {
    asked++;
    return [list[id - 1]!.process!, shell, sshd];
  });
  for (const expected of [16, 32, 48, 50, 50]) {
    lineages.begin(entries);
    for (const one of entries) assert.equal(lineages.parentsOf(one)[0]?.pid, 900);
    assert.equal(asked, expected);
  }
});

test("whatever processes say of their parents, every entry stands once in the tree and sums are whole", () => {
  const link = fc.record({
    id: fc.integer({ min: 2, max: 12 }),
    start: fc.integer({ min: 0, max: 5 }),
    above: fc.array(fc.record({ id: fc.integer({ min: 0, max: 12 }), start: fc.integer({ min: 0, max: 5 }) }), {
      maxLength: 5,
    }),
    rate: fc.nat(1000),
  });
  const info = (id: number, start: number): ProcessInfo => ({
    name: `p${id}`,
    pid: pid(id),
    start: epochMillis(start),
  });
  const links = fc.uniqueArray(link, { selector: ({ id, start }) => `${id}/${start}`, maxLength: 20 });
  fc.assert(
    fc.property(links, fc.array(fc.nat(11)), (list, closed) => {
      const table = new ActivityTable();
      table.update(
        snapshotOf(
          list.map(({ id, start, rate }, i) =>
            connection(i + 1, { process: info(id, start), rxRate: rate, txRate: 0 }),
          ),
        ),
      );
      const entries = table.shown("process");
      const parentsOf: ParentsOf = (one) =>
        list[(one.connection ?? 0) - 1]?.above.map(({ id, start }) => info(id, start)) ?? [];
      const order = (a: Activity, b: Activity): number => b.rxRate - a.rxRate || (a.key < b.key ? -1 : 1);
      const tree = new ProcessTree();
      const lines = tree.lines(entries, parentsOf, order);
      const own = lines.filter(({ isOwn }) => isOwn).map(({ one }) => one.key);
      assert.deepEqual(own.toSorted(), entries.map(({ key }) => key).toSorted());
      assert.equal(new Set(lines.map(({ one }) => one.key)).size, lines.length);
      const total = entries.reduce((sum, { rxRate }) => sum + rxRate, 0);
      const top = lines.filter(({ depth }) => depth === 0);
      assert.equal(
        top.reduce((sum, { one }) => sum + one.rxRate, 0),
        total,
      );
      for (const { one, members } of lines) {
        assert.equal(
          members().reduce((sum, { rxRate }) => sum + rxRate, 0),
          one.rxRate,
        );
      }
      // The same again, and from entries in another order.
      const keys = (all: typeof lines): string[] => all.map(({ one, depth }) => `${depth} ${one.key}`);
      assert.deepEqual(keys(tree.lines(entries, parentsOf, order)), keys(lines));
      // What is closed hides just what is below it.
      for (const index of closed) if (lines[index] !== undefined) tree.closed.add(lines[index].one.key);
      const shown = tree.lines(entries, parentsOf, order);
      const sum = shown.filter(({ depth }) => depth === 0).reduce((all, { one }) => all + one.rxRate, 0);
      assert.equal(sum, total);
      for (const [index, one] of shown.entries()) {
        if (one.children === "closed") assert.ok((shown[index + 1]?.depth ?? 0) <= one.depth);
      }
    }),
  );
});

test("a line of ancestors that has no end is cut, and costs little", () => {
  const table = new ActivityTable();
  const count = 2000;
  const info = (id: number): ProcessInfo => ({ name: `p${id}`, pid: pid(id), start: epochMillis(id) });
  table.update(snapshotOf(Array.from({ length: count }, (_, i) => connection(i + 1, { process: info(i + 2) }))));
  const entries = table.shown("process");
  const lines = new ProcessTree().lines(
    entries,
    (one) => Array.from({ length: 32 }, (_, i) => info((one.process?.pid ?? 0) - i - 1)),
    (a, b) => b.rows - a.rows || (a.key < b.key ? -1 : 1),
  );
  assert.equal(lines.length, count);
});
