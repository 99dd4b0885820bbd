import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { goldenOf } from "./replay.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const captures = readdirSync(fixtures).filter((file) => file.endsWith(".pcap"));

test("there are fixtures of every first protocol", () => {
  for (const name of ["dns", "http", "quic-1", "quic-2", "ssh", "tls-1.2", "tls-1.3", "tls-resumed"]) {
    assert.ok(captures.includes(`${name}.pcap`), name);
  }
});

for (const capture of captures) {
  test(`${capture} says what its golden file says`, () => {
    const golden = readFileSync(join(fixtures, capture.replace(/\.pcap$/, ".json")), "utf8");
    const { found } = JSON.parse(golden) as { found: unknown };
    assert.deepEqual(JSON.parse(JSON.stringify(goldenOf(join(fixtures, capture)))), found);
  });
}
