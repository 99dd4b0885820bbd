import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { connection, owner, snapshotOf, story, threeRows } from "./story.ts";

const typed = (lines: readonly string[]): string =>
  /^ Filter \/ (.*?)(?: {2,}.*)?$/.exec(lines.at(-1) ?? "")?.[1] ?? "";

test("Tab completes fields, then values of the rows; Shift-Tab goes back; Esc takes the offer back", async () => {
  const one = story("120x40", snapshotOf(threeRows));
  const offered = await one.keys("/pro");
  assert.match(offered.join("\n"), /proto: +protocol/);
  assert.match(offered.join("\n"), /process: +process/);
  const first = typed(await one.keys("\t"));
  const second = typed(await one.keys("\t"));
  assert.notEqual(first, second);
  assert.equal(typed(await one.keys("\x1b[Z")), first);
  one.screen.key({ kind: "key", key: "escape" });
  assert.equal(typed(await one.lines()), "pro");
  await one.keys("cess:");
  assert.match((await one.lines()).join("\n"), /│ firefox/);
  assert.equal(typed(await one.keys("ss\t")), "process:sshd");
  assert.match((await one.keys("\r"))[3] ?? "", /./);
  assert.match((await one.lines()).join("\n"), /1 of 3 filter process:sshd/);
});

test("down chooses in the popup, a click too, and values that need quotes get them", async () => {
  const one = story("80x24", snapshotOf([connection(1, { process: owner("Web Content", 5) })]));
  const lines = await one.keys("/process:");
  const y = lines.findIndex((line) => line.includes('"Web Content"'));
  const x = (lines[y] ?? "").indexOf('"Web');
  assert.equal(typed(await one.keys(`\x1b[<0;${x + 2};${y + 1}M`)), 'process:"Web Content"');
  assert.match((await one.lines()).at(-1) ?? "", /1 of 1/);
});

test("what is wrong is underlined in the line", async () => {
  const one = story("120x40", snapshotOf(threeRows));
  const line = (await one.keys("/port:443 and prozess:x")).at(-1) ?? "";
  const at = line.indexOf("prozess");
  assert.notEqual(one.terminal.cell(at, 39)?.isUnderline(), 0);
  assert.notEqual(one.terminal.cell(at + 6, 39)?.isUnderline(), 0);
  assert.equal(one.terminal.cell(at - 2, 39)?.isUnderline(), 0);
  assert.match(line, /at 14: .*did you mean/);
});

test("up and down on an empty line go through the filters that were applied; they are remembered", async () => {
  const one = story("80x24", snapshotOf(threeRows), { remembered: { filters: ["port:1", "proto:udp"] } });
  await one.keys("/proto:tcp\r");
  assert.deepEqual(one.screen.remembered().filters, ["port:1", "proto:udp", "proto:tcp"]);
  one.screen.key({ kind: "key", key: "escape" });
  assert.equal(typed(await one.keys("/\x1b[A")), "proto:tcp");
  assert.equal(typed(await one.keys("\x1b[A")), "proto:udp");
  assert.equal(typed(await one.keys("\x1b[A\x1b[A\x1b[A")), "port:1");
  assert.equal(typed(await one.keys("\x1b[B")), "proto:udp");
  assert.equal(typed(await one.keys("\x1b[B\x1b[B")), "");
  assert.equal(typed(await one.keys("\x10")), "proto:tcp");
  await one.keys("\r/\x15proto:udp\r");
  assert.deepEqual(one.screen.remembered().filters, ["port:1", "proto:tcp", "proto:udp"]);
});

test("pages move through the rows while one types, and every size draws the popup", async () => {
  for (const size of ["80x24", "120x40", "200x50", "20x5", "8x3", "1x1"]) {
    const one = story(size, sampleSnapshot(5000));
    const lines = await one.keys("/\t\t\x1b[6~");
    assert.ok(lines.every((line) => line.length <= one.terminal.xterm.cols));
  }
});

test("hostile and wide values in the popup break nothing", async () => {
  const nasty = ["\x1b]0;owned\x07", "日本語プロセス", "a\nb", "\u202eevil"];
  const one = story("80x24", snapshotOf(nasty.map((name, i) => connection(i + 1, { process: owner(name, i + 1) }))));
  await one.keys("/process:");
  for (let i = 0; i < nasty.length; i++) {
    const lines = await one.keys("\t");
    assert.ok(lines.every((line) => line.length <= 80));
  }
  assert.ok(!one.terminal.writes.join("").includes("\x1b]0;owned"));
});
