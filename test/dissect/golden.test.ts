import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readmeOf } from "../../tools/capture-fixture/readme.ts";
import { scenarios } from "../../tools/capture-fixture/scenarios.ts";
import { goldenOf } from "./replay.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const files = readdirSync(fixtures).sort();
const withEnding = (ending: string): string[] =>
  files
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
const captures = withEnding(".pcap");

test("every scenario has its capture and golden file, and nothing else is there", () => {
  const names = Object.keys(scenarios).sort();
  assert.deepEqual(captures, names);
  assert.deepEqual(withEnding(".json"), names);
});

test("the captures are small", () => {
  for (const name of captures) assert.ok(statSync(join(fixtures, `${name}.pcap`)).size < 24_000, name);
});

test("the fixtures' page lists the programs and commands of every golden file", () => {
  const goldenFiles = files.filter((file) => file.endsWith(".json")).map((file) => join(fixtures, file));
  assert.equal(readFileSync(join(fixtures, "README.md"), "utf8"), readmeOf(goldenFiles));
});

for (const name of captures) {
  test(`${name}.pcap says what its golden file says`, () => {
    const golden = readFileSync(join(fixtures, `${name}.json`), "utf8");
    const { found } = JSON.parse(golden) as { found: unknown };
    assert.deepEqual(JSON.parse(JSON.stringify(goldenOf(join(fixtures, `${name}.pcap`)))), found);
  });
}
