import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { compile, seenValues } from "../../src/query/index.ts";
import { fuzzyTest } from "../../src/query/fuzzy.ts";
import { connection, owner } from "../tui/story.ts";

const finds = (needle: string, text: string): boolean => fuzzyTest(needle)?.(text) ?? false;

test("letters in order from the beginning of a word, close together", () => {
  assert.ok(finds("frfx", "firefox"));
  assert.ok(finds("gthb", "www.github.com"));
  assert.ok(finds("gthb", "WWW.GitHub.com"));
  assert.ok(!finds("irfx", "firefox"), "not at the beginning of a word");
  assert.ok(!finds("frxf", "firefox"), "not in order");
  assert.ok(!finds("frfx", "f r f far away from the x"), "not close");
  assert.equal(fuzzyTest("frx"), undefined);
});

test("free text is fuzzy, but not in quotes, not after not, not in fields, not in addresses", () => {
  const row = connection(1, { process: owner("firefox", 4242), hostname: "www.github.com" });
  const matches = (text: string): boolean => {
    const query = compile(text);
    assert.ok(query.ok);
    return query.predicate(row, 0);
  };
  assert.ok(matches("frfx"));
  assert.ok(matches("gthb frfx"));
  assert.ok(matches("frfx or nothing"));
  assert.ok(!matches('"frfx"'));
  assert.ok(!matches("process:frfx"));
  assert.ok(matches("not frfx"));
  assert.ok(!matches("not firefox"));
  assert.ok(!matches("9326"));
});

test("a text that begins with the needle is always found, and nothing throws", () => {
  const word = fc.stringMatching(/^[a-z0-9]{4,20}$/);
  fc.assert(fc.property(word, fc.string({ maxLength: 20 }), (needle, rest) => finds(needle, needle + rest)));
  fc.assert(
    fc.property(fc.string(), fc.string(), (needle, text) => {
      finds(needle.toLowerCase(), text);
    }),
  );
});

test("values that rows have are offered, most frequent first; measures are not", () => {
  const values = seenValues(sampleSnapshot(500).connections);
  assert.ok([...values("process")].length > 1);
  assert.ok([...values("dport")].every((one) => /^\d+$/.test(one)));
  assert.ok([...values("remote")].length > 1);
  assert.deepEqual([...values("bytes")], []);
  assert.deepEqual([...values("is")], []);
  assert.deepEqual([...values("nothing")], []);
  const rows = [1, 2, 3].map((id) => connection(id, { process: owner(id === 1 ? "a" : "b", id) }));
  assert.deepEqual([...seenValues(rows)("process")], ["b", "a"]);
});
