import assert from "node:assert/strict";
import { test } from "node:test";
import { keyLabel, keyTable } from "../../src/tui/index.ts";
import { bindingsFor, bindingsOf } from "../../src/tui/keys.ts";
import { tabs } from "../../src/tui/tab-screen.ts";
import { connection, owner, snapshotOf, story, threeRows } from "./story.ts";
import { until } from "../until.ts";

test("/ filters while one types, counts, and Enter keeps it", async () => {
  const { keys, lines } = story("80x24", snapshotOf(threeRows));
  assert.match((await keys("/")).at(-1) ?? "", /^ Filter \/ +3 of 3 +Enter Apply  Esc Cancel$/);
  const typed = await keys("process:fire");
  assert.match(typed.at(-1) ?? "", /^ Filter \/ process:fire +1 of 3 +Enter Apply/);
  assert.ok(typed.some((line) => line.includes("firefox")) && !typed.some((line) => line.includes("sshd")));
  const kept = await keys("\r");
  assert.match(kept[3] ?? "", /Connections 1 of 3 filter process:fire/);
  assert.match(kept.at(-1) ?? "", /Quit$/);
  // A lone ESC becomes the Escape key a little later.
  await keys("\x1b");
  assert.ok(await until(async () => (await lines()).some((line) => line.includes("sshd"))), "the filter stayed");
});

test("an error names its place and keeps the last good rows; Enter does not accept it", async () => {
  const { keys } = story("120x40", snapshotOf(threeRows));
  const broken = await keys("/process:fire and (");
  assert.match(broken.at(-1) ?? "", /^ Filter \/ process:fire and \( +.*at \d+: /);
  assert.ok(!broken.some((line) => line.includes("sshd")));
  assert.match((await keys("\r")).at(-1) ?? "", /^ Filter/);
  const fixed = await keys("\x7f\x7f\x7f\x7f\x7f\x7f\r");
  assert.match(fixed.at(-1) ?? "", /Quit$/);
});

test("arrows move through the rows while the filter is typed, and a paste is text", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const lines = await one.keys("/\x1b[200~proto:tcp\n\x1b[201~\x1b[B\x1b[B");
  assert.match(lines.at(-1) ?? "", /Filter \/ proto:tcp/);
  assert.match(lines[3] ?? "", /2\/2/);
  const y = lines.findIndex((line) => line.includes("sshd"));
  assert.equal(one.terminal.cell(10, y)?.getBgColor(), 25);
});

test("Escape while typing brings the filter from before back", async () => {
  const one = story("80x24", snapshotOf(threeRows), { filter: "proto:tcp" });
  assert.match((await one.lines())[3] ?? "", /2 of 3 filter proto:tcp/);
  await one.keys("/ and pid:901");
  assert.match((await one.lines())[3] ?? "", /1 of 3/);
  one.screen.key({ kind: "key", key: "escape" });
  assert.match((await one.lines())[3] ?? "", /2 of 3 filter proto:tcp/);
});

test("a filter from the command line that does not parse is told in the footer", async () => {
  const lines = await story("120x40", snapshotOf(threeRows), { filter: "proto:(" }).lines();
  assert.match(lines.at(-1) ?? "", /at \d+: /);
});

test("c copies the remote address, or the field in details, by OSC 52, without controls", async () => {
  const one = story("80x24", snapshotOf([connection(1, { process: owner("a\x1b\nb", 1) })]));
  const lastCopy = (): string => {
    const last = one.terminal.writes.findLast((write) => write.startsWith("\x1b]52;c;") && write.endsWith("\x07"));
    return Buffer.from(last?.slice(7, -1) ?? "", "base64").toString();
  };
  assert.match((await one.keys("jc")).at(-1) ?? "", /Copied 93\.184\.216\.34:443$/);
  assert.equal(lastCopy(), "93.184.216.34:443");
  await one.keys("\r");
  // Fields in order: down to the process's name.
  for (let i = 0; i < 30 && !lastCopy().startsWith("ab"); i++) await one.keys("jc");
  assert.match(lastCopy(), /^ab \(1\) · /);
});

test("the tabs: keys, and clicks on the bar", async () => {
  const { keys, lines } = story("80x24", snapshotOf(threeRows));
  assert.match((await keys("\t")).join("\n"), /Processes 3/);
  assert.match((await keys("\x1b[Z")).join("\n"), /Connections 2 \+1 closed/);
  assert.match((await keys("3")).join("\n"), /─ Process ─/);
  assert.match((await keys("1")).join("\n"), /Connections 2 \+1 closed/);
  const x = ((await lines())[0] ?? "").indexOf("3 ") + 3;
  assert.match((await keys(`\x1b[<0;${x};1M`)).join("\n"), /─ Process ─/);
});

test("clicks choose rows, a double click opens, the wheel moves, hints are buttons", async () => {
  let now = 0;
  const one = story("80x24", snapshotOf(threeRows), { clock: () => now });
  assert.match((await one.keys("\x1b[<0;10;7M"))[3] ?? "", /2\/3/);
  now += 1000;
  assert.match((await one.keys("\x1b[<0;10;6M"))[3] ?? "", /1\/3/);
  assert.match((await one.keys("\x1b[<65;10;6M"))[3] ?? "", /3\/3/);
  now += 1000;
  await one.keys("\x1b[<0;10;6M");
  now += 100;
  assert.match((await one.keys("\x1b[<0;10;6M")).join("\n"), /firefox \(4242\)/);
  await one.keys("1");
  const footer = (await one.lines()).at(-1) ?? "";
  const x = footer.indexOf("Quit") + 1;
  await one.keys(`\x1b[<0;${x};24M`);
  assert.equal(one.engine.quits, 1);
});

test("h lists every key of the key table, and scrolls where it does not fit", async () => {
  let large = "";
  for (const { id, key: number } of tabs) {
    large = (await story("120x50", snapshotOf(threeRows)).keys(`${number}h`)).join("\n");
    for (const { context, keys, replay } of keyTable) {
      if (replay !== undefined || (context !== "any" && context !== id)) continue;
      for (const key of keys) assert.ok(large.includes(keyLabel(key)), `help of ${id} shows ${key}`);
    }
  }
  assert.match(large, /3 +go to tab 3: Details/);
  const one = story("80x24", snapshotOf(threeRows));
  assert.match((await one.keys("h")).join("\n"), /Move/);
  for (let i = 0; i < 60; i++) one.terminal.type("j");
  assert.match((await one.lines()).join("\n"), /q Ctrl-C +quit/);
  assert.doesNotMatch((await one.keys("z")).join("\n"), /Ctrl-C +quit/);
});

for (const replays of [false, true]) {
  test(`no key means two things in one place${replays ? ", while files are played" : ""}`, () => {
    const seen = new Set<string>();
    for (const { id } of tabs) {
      for (const binding of bindingsOf(id, bindingsFor(keyTable, replays))) {
        for (const key of binding.keys) {
          assert.ok(!seen.has(`${id} ${key}`), `${key} in ${id}`);
          seen.add(`${id} ${key}`);
        }
      }
    }
  });
}

test("only keys of the replay give way to a tab's own", () => {
  for (const { id } of tabs) {
    const own = new Set(keyTable.filter(({ context }) => context === id).flatMap(({ keys }) => keys));
    for (const { context, keys, replay } of keyTable) {
      if (context === "any" && replay === undefined)
        assert.ok(!keys.some((key) => own.has(key)), `${keys.join(" ")} in ${id}`);
    }
  }
});
