import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runScenario } from "./scenario.ts";

const folder = new URL("scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

test("there are scenarios", () => assert.ok(files.length > 0));

for (const file of files) {
  test(`scenario ${file.replace(".txt", "").replaceAll("-", " ")}`, () => {
    runScenario(readFileSync(new URL(file, folder), "utf8"));
  });
}
