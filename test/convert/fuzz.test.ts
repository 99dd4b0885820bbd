import assert from "node:assert/strict";
import { test } from "node:test";
import { runCopy, runRedact } from "../../fuzz/convert.ts";

test("mutated frames are redacted within their bounds, and have the pseudonyms of their addresses", () => {
  assert.ok(runRedact(20_000, 1).leftOut > 0);
});

test("what can be read of mutated files is written into files that read back whole", () => {
  assert.ok(runCopy(2000, 1).frames > 0);
});
