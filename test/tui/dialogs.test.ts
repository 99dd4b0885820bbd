import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzyScore } from "../../src/tui/palette-match.ts";
import { snapshotOf, story, threeRows, type Story } from "./story.ts";

const sizes = ["24x6", "80x24", "120x40", "200x50"] as const;
const escape = "\x1b[27u";

/** Where `text` stands, from 1 as the mouse counts. */
function placeOf(lines: readonly string[], text: string): { x: number; y: number } {
  const y = lines.findIndex((line) => line.includes(text));
  assert.ok(y >= 0, `${text} is not on the screen:\n${lines.join("\n")}`);
  return { x: (lines[y] ?? "").indexOf(text) + 1, y: y + 1 };
}

const click = (one: Story, { x, y }: { x: number; y: number }): Promise<string[]> => one.keys(`\x1b[<0;${x};${y}M`);

/** Lets promises of the engine come back. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

for (const size of sizes) {
  test(`${size}: every dialog opens, stays inside, and Esc takes it away`, async () => {
    const one = story(size, snapshotOf(threeRows), { confirm: { quit: true, clear: true } });
    const [columns = 0] = size.split("x").map(Number);
    const before = await one.lines();
    for (const key of [":", "T", "e", "q", "x", "h"]) {
      const open = await one.keys(key);
      assert.notDeepEqual(open, before, `${key} shows something`);
      assert.ok(open.every((line) => line.length <= columns));
      one.terminal.type(escape);
      assert.equal(one.engine.quits, 0);
      // "Theme default" is said when the list of themes goes back.
      const after = (await one.lines()).slice(0, -1);
      assert.deepEqual(after, before.slice(0, -1), `${key} leaves nothing`);
    }
  });
}

test(": finds a command by some of its letters, shows its key, and runs it", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  const open = await one.keys(":");
  assert.ok(open.some((line) => line.includes("Commands")));
  const typed = await one.keys("gropr");
  const first = typed.find((line) => line.includes("group by process")) ?? "";
  assert.match(first, / a │/);
  const after = await one.keys("\r");
  assert.ok(!after.some((line) => line.includes("Commands")));
  assert.match(after.join("\n"), /grouped/);
});

test(": lists themes; arrows choose among the matches, a click runs one, a paste types", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys(":\x1b[200~theme nord\x1b[201~");
  assert.match((await one.keys("\r")).at(-1) ?? "", /Theme nord$/);
  const open = await one.keys(":theme solarized");
  assert.match((await click(one, placeOf(open, "Theme solarized-light"))).at(-1) ?? "", /Theme solarized-light$/);
  await one.keys(":theme solar");
  assert.match((await one.keys("\x1b[B\r")).at(-1) ?? "", /Theme solarized/);
});

test(": says when nothing matches; Enter then does nothing, an empty line and backspace close it", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  assert.match((await one.keys(":zzzzqq")).join("\n"), /Nothing matches/);
  assert.match((await one.keys("\r")).join("\n"), /Nothing matches/);
  assert.doesNotMatch((await one.keys("\x15\x7f")).join("\n"), /Commands/);
});

test("fuzzy: order matters, beginnings of words and runs win", () => {
  assert.equal(fuzzyScore("xq", "quit x"), undefined);
  assert.ok(fuzzyScore("", "anything") !== undefined);
  const score = (text: string): number => fuzzyScore("fr", text) ?? -Infinity;
  assert.ok(score("freeze") > score("page of rows"));
  assert.ok(score("filter rows") > score("offer"));
});

test("quit and clear ask when configured to: twice the key or Enter says yes, all else no", async () => {
  const one = story("80x24", snapshotOf(threeRows), { confirm: { quit: true, clear: true } });
  assert.match((await one.keys("q")).join("\n"), /Quit Socklens\?/);
  await one.keys("n");
  assert.equal(one.engine.quits, 0);
  await one.keys("qq");
  assert.equal(one.engine.quits, 1);
  const asked = await one.keys("x");
  assert.match(asked.join("\n"), /Clear closed connections\?/);
  await click(one, placeOf(asked, "No"));
  assert.equal(one.engine.clears, 0);
  await click(one, placeOf(await one.keys("x"), "Yes"));
  assert.equal(one.engine.clears, 1);
});

test("quit and clear do not ask unless configured to", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys("x");
  assert.equal(one.engine.clears, 1);
  await one.keys("q");
  assert.equal(one.engine.quits, 1);
});

test("e writes the table as shown: filtered and in its order", async () => {
  const one = story("80x24", snapshotOf(threeRows), { filter: "not process:curl" });
  const open = await one.keys("Se");
  assert.match(open.join("\n"), /~\/socklens-20260301-120000\.json/);
  await one.keys("\r");
  await settle();
  assert.match((await one.lines()).at(-1) ?? "", /Wrote 1\.20 kB to \/home\/me\/file$/);
  const [request] = one.engine.exports;
  assert.equal(request?.format, "json");
  assert.equal(request?.overwrite, false);
  assert.ok(request?.content.kind === "connections");
  assert.deepEqual(
    request.content.connections.map((row) => row.process?.name),
    ["sshd", "firefox"],
  );
});

test("e: Tab and clicks change the format with the ending; a name without one is refused", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys("e");
  assert.match((await one.keys("\t")).join("\n"), /120000\.csv/);
  const plain = await one.keys("\t");
  assert.match(plain.join("\n"), /120000\.txt/);
  assert.match((await click(one, placeOf(plain, "JSON"))).join("\n"), /120000\.json/);
  assert.match((await one.keys("\x15name\r")).join("\n"), /must end in/);
  assert.match((await one.keys(".CSV")).join("\n"), /● CSV/);
  await one.keys("\r");
  assert.equal(one.engine.exports.at(-1)?.format, "csv");
  assert.equal(one.engine.exports.at(-1)?.path, "name.CSV");
});

test("e asks before it replaces a file, and tells an error in the dialog", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  one.engine.answer = { ok: false, exists: true, problem: "" };
  await one.keys("e\r");
  await settle();
  assert.match((await one.lines()).join("\n"), /Replace ~\/socklens-20260301-120000\.json\?/);
  one.engine.answer = { ok: false, exists: false, problem: "cannot write: disk full" };
  await one.keys("\r");
  await settle();
  assert.equal(one.engine.exports.at(-1)?.overwrite, true);
  assert.match((await one.lines()).join("\n"), /cannot write: disk full/);
  assert.doesNotMatch((await one.keys("x")).join("\n"), /disk full/);
});

test("a long error of an export is told to its end", async () => {
  const problem = "write to your home, the directory of the start or /tmp, not to hidden ones, and not here";
  for (const size of ["80x24", "40x12"]) {
    const one = story(size, snapshotOf(threeRows));
    one.engine.answer = { ok: false, exists: false, problem };
    await one.keys("e\r");
    await settle();
    const lines = await one.lines();
    const told = lines.flatMap((line) => /│ ([^│]*) │/.exec(line)?.[1]?.trim() ?? []).join(" ");
    assert.ok(told.includes(problem), told);
    assert.match(lines.join("\n"), /Enter Write/);
  }
});

test("e writes the connection of the details tab", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys("j\re\r");
  await settle();
  const content = one.engine.exports[0]?.content;
  assert.ok(content?.kind === "connections");
  assert.deepEqual(
    content.connections.map((row) => row.process?.name),
    ["firefox"],
  );
});
