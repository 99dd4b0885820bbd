import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileRegex, compileWildcard } from "../../src/query/regex.ts";

/** Patterns over a small alphabet, so that texts often match. */
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(
      "a",
      "b",
      "B",
      "é",
      ".",
      "\\.",
      "\\d",
      "\\w",
      "\\W",
      "\\s",
      "[ab]",
      "[^a]",
      "[a-c0-9]",
      "[^\\d]",
      "[\\w.]",
      "\\x41",
    ),
    fc.constantFrom("^", "$", "\\b", "\\B", "-", "\\/"),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?"))
      .map(([a, q]) => `(?:${a})${q}`),
  ),
})).node;
const subject = fc.string({
  maxLength: 14,
  unit: fc.constantFrom("a", "b", "A", "c", "1", ".", "-", " ", "é", "É", "/", "_"),
});

test("agrees with the language's own regular expressions", () => {
  fc.assert(
    fc.property(pattern, fc.array(subject, { minLength: 1, maxLength: 6 }), (source, subjects) => {
      const ours = compileRegex(source);
      assert.ok(!("problem" in ours), `${source}: ${JSON.stringify(ours)}`);
      const theirs = new RegExp(source, "is");
      for (const text of subjects)
        assert.equal(ours.test(text), theirs.test(text), `/${source}/ on ${JSON.stringify(text)}`);
    }),
    { numRuns: 3000 },
  );
});

test("patterns that take other engines for ever take no time", () => {
  for (const source of ["(a+)+$", "(a|a)*b", "(.*)*x", "(a*)*(a*)*(a*)*y", "(a?){200}a{200}$"]) {
    const regex = compileRegex(source);
    assert.ok(!("problem" in regex), source);
    // With backtracking the first of these would outlive the machine; a finite automaton answers at once.
    assert.equal(regex.test(`${"a".repeat(3000)}!`), false, source);
  }
});

test("nested repeats are refused, not unrolled for ever", () => {
  for (const source of ["(((a{999}){999}){999}){999}", "((((){9999}){9999}){9999}){9999}"]) {
    assert.ok("problem" in compileRegex(source), source);
  }
});

test("a pattern that wants more states than are kept still answers rightly", () => {
  const regex = compileRegex("a[ab]{12}c");
  assert.ok(!("problem" in regex));
  const theirs = /a[ab]{12}c/i;
  let seed = 1;
  for (let round = 0; round < 300; round++) {
    let text = "";
    for (let index = 0; index < 60; index++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      text += "ababababc".charAt((seed >> 8) % 9);
    }
    assert.equal(regex.test(text), theirs.test(text), text);
  }
});

test("never throws on any pattern or text", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 40, unit: "binary" }),
      fc.string({ maxLength: 40, unit: "binary" }),
      (source, text) => {
        const regex = compileRegex(source);
        if ("problem" in regex) assert.ok(regex.position >= 0 && regex.position <= source.length);
        else assert.equal(typeof regex.test(text), "boolean");
        const wildcard = compileWildcard(source);
        assert.ok(!("problem" in wildcard) && typeof wildcard.test(text) === "boolean");
      },
    ),
    { numRuns: 3000 },
  );
});

test("a wildcard matches the whole text", () => {
  const wildcard = compileWildcard("*.example.*");
  assert.ok(!("problem" in wildcard));
  assert.deepEqual(
    ["a.EXAMPLE.org", ".example.", "example.org", "a.example"].map((text) => wildcard.test(text)),
    [true, true, false, false],
  );
});
