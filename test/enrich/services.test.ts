import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { parseServices, readServices } from "../../src/enrich/index.ts";

test("the first name of a port and protocol counts; comments and bad ports do not", () => {
  const names = parseServices("# no\nhttps 443/tcp # secure\nother 443/tcp\nquic\t443/udp\nbad 99999/tcp\n");
  assert.deepEqual(
    [...names],
    [
      ["tcp 443", "https"],
      ["udp 443", "quic"],
    ],
  );
});

test("a machine's own name stands before ours, and without a file ours stand", () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-services-"));
  const file = join(directory, "services");
  try {
    writeFileSync(file, "mine 22/tcp\n");
    const lookup = readServices(file);
    assert.equal(lookup("tcp", 22), "mine");
    assert.equal(lookup("tcp", 443), "https");
    assert.equal(lookup("tcp", 47_999), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
  assert.equal(readServices(join(directory, "gone"))("udp", 53), "domain");
});

test("any text is read without an exception", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parseServices(text).size <= text.length));
});
