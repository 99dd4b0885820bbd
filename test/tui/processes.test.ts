import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
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
  assert.match(lines[3] ?? "", /^ firefox +4242 +2 +13\.0 MB +340 kB +13\.3 MB +1\.24 GB/);
  one.screen.update(snapshotOf([second], { time: (noon + 1000) as never }));
  assert.match((await one.lines())[3] ?? "", /^ firefox +4242 +1 +600 kB +· +13\.3 MB/);
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
