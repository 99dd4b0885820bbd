import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { keyTable, type Binding } from "../../src/tui/index.ts";
import { tabs } from "../../src/tui/tab-screen.ts";
import { FakePlayback } from "./fake-playback.ts";
import { bytesOf, stories, type KeyStory } from "./key-stories.ts";
import { connection, owner, snapshotOf, story } from "./story.ts";

const wide = connection(9_999_991, {
  process: owner("日本語プロセス", 70_001),
  hostname: "例え.テスト",
  hostnameSource: "dns",
  liveliness: "closed",
  rxRate: 999_000_000,
});
const snapshot = snapshotOf([...sampleSnapshot(300).connections, wide]);

const bytes = (key: string): string =>
  bytesOf[key] ?? (key.startsWith("ctrl-") ? String.fromCharCode(key.charCodeAt(5) & 31) : key);

const tabKey = ({ context }: Binding): string => tabs.find(({ id }) => id === context)?.key ?? "1";

/** Those that go to a tab have their story here: it is the same for all. */
function storyOf(binding: Binding): KeyStory | undefined {
  const tab = tabs.find(({ command }) => command === binding.command);
  if (tab !== undefined) return { still: true };
  return stories[`${binding.context} ${binding.command}`];
}

test("every binding of the key table has a story, and every story a binding", () => {
  const missing = keyTable.filter((binding) => storyOf(binding) === undefined);
  assert.deepEqual(
    missing.map(({ context, command }) => `${context} ${command}`),
    [],
    "add them to key-stories.ts",
  );
  const known = new Set(keyTable.map(({ context, command }) => `${context} ${command}`));
  assert.deepEqual(
    Object.keys(stories).filter((key) => !known.has(key)),
    [],
    "their bindings are gone",
  );
});

const sizes = ["18x5", "80x24", "120x40", "200x50"] as const;

for (const binding of keyTable) {
  const told = storyOf(binding);
  if (told === undefined) continue;
  for (const key of binding.keys) {
    test(`${binding.context}: ${key} (${binding.command})`, async () => {
      for (const size of sizes) {
        const one = story(size, snapshot, binding.replay === undefined ? {} : { playback: new FakePlayback() });
        // Details are of the first connection.
        await one.keys(binding.context === "details" ? "j\r" : tabKey(binding));
        if (told.before !== undefined) await one.keys(told.before);
        const before = await one.lines();
        const after = await one.keys(bytes(key));
        const [columns = 0] = size.split("x").map(Number);
        for (const line of after) assert.ok(line.length <= columns, `${size}: ${line}`);
        // Where there is hardly any room it must do no harm; what it shows is looked at elsewhere.
        if (size === "18x5") continue;
        const [was, is] = [before.join("\n"), after.join("\n")];
        if (told.still !== true) assert.notEqual(is, was, `${size}: nothing happened`);
        if (told.shows !== undefined) assert.match(is, told.shows, size);
        if (told.hides !== undefined) {
          assert.match(was, told.hides, size);
          assert.doesNotMatch(is, told.hides, size);
        }
        await told.check?.(one, binding);
      }
    });
  }
}

test("with 5,000 connections and wide names every key works one after the other, and the frame stays whole", async () => {
  const rows = sampleSnapshot(5000).connections.map((row, index) =>
    index % 3 === 0
      ? { ...row, process: owner(`プロセス${index}`, 100_000 + index), hostname: `ホスト${index}.例` }
      : row,
  );
  const one = story("120x40", snapshotOf(rows), { playback: new FakePlayback() });
  for (const { keys, command } of keyTable) {
    if (command === "suspend") continue;
    for (const key of keys) {
      await one.keys(`${bytes(key)}\x1b[27u`);
      for (const line of await one.lines()) assert.ok(line.length <= 120, line);
    }
  }
  // What was drawn by differences is what a whole frame shows.
  const byDifferences = await one.keys("r1");
  assert.deepEqual(await one.keys("\x0c"), byDifferences);
});
