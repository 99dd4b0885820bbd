import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { compile, complete, explain, type Expression, fieldReference, parse, print } from "../../src/query/index.ts";
import { row, rowNow } from "./rows.ts";

const fieldNames = fieldReference().flatMap((field) => [field.name, ...field.aliases]);

/** Texts that look like queries: pieces of the language in any order. */
const piece = fc.oneof(
  fc.constantFrom("and", "or", "not", "(", ")", "!", "&&", "||", " ", ",", "/", '"', "'", "\\", "*", "-", ":"),
  fc.constantFrom(...fieldNames),
  fc.constantFrom(":", "=", "!=", ">", ">=", "<", "<="),
  fc.constantFrom(
    "443",
    "10.0.0.0/8",
    "2001:db8::1",
    "1000-2000",
    "10MB",
    "50ms",
    "/a[/]b/",
    '"a b"',
    "x",
    "is:closed",
  ),
  fc.string({ maxLength: 6 }),
);
const queryText = fc.oneof(
  fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
  fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(" ")),
  fc.string({ maxLength: 60, unit: "binary" }),
);

function withoutPlaces(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression, (key, value: unknown) => (key === "position" || key === "length" ? undefined : value)),
  );
}

test("parsing, compiling, explaining and completing never throw, and errors stand within the text", () => {
  fc.assert(
    fc.property(queryText, fc.nat(70), (text, cursor) => {
      const parsed = parse(text);
      const compiled = compile(text);
      for (const result of [parsed, compiled, explain(text)]) {
        if (result.ok) continue;
        assert.ok(result.message.length > 0);
        assert.ok(result.position >= 0 && result.length >= 1, JSON.stringify(result));
        assert.ok(result.position + result.length <= text.length + 1, `${text}: ${JSON.stringify(result)}`);
      }
      if (compiled.ok) assert.equal(typeof compiled.predicate(row(), rowNow), "boolean");
      const { start, end } = complete(text, cursor);
      assert.ok(start >= 0 && start <= end && end <= text.length);
    }),
    { numRuns: 5000 },
  );
});

test("what is printed parses to the same, and prints the same", () => {
  let parsedOnes = 0;
  fc.assert(
    fc.property(queryText, (text) => {
      const first = parse(text);
      if (!first.ok) return;
      parsedOnes++;
      const printed = print(first.expression);
      const second = parse(printed);
      assert.ok(second.ok, `${text} printed as ${printed}: ${second.ok ? "" : second.message}`);
      assert.deepEqual(withoutPlaces(second.expression), withoutPlaces(first.expression));
      assert.equal(print(second.expression), printed);
    }),
    { numRuns: 5000 },
  );
  assert.ok(parsedOnes > 500, `only ${parsedOnes} texts were queries`);
});

/** Expressions made by hand, so that every shape is met. */
const term = fc.constantFrom(
  "firefox",
  "port:443",
  "chrome",
  "is:live",
  "bytes>10MB",
  "dst:10.0.0.0/8",
  '"a b"',
  "/fire/",
);
const expressionText = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    term,
    fc
      .tuple(tie("expression"), fc.constantFrom(" and ", " or ", " "), tie("expression"))
      .map(([a, op, b]) => `(${a})${op}(${b})`),
    tie("expression").map((inner) => `not (${inner})`),
  ),
})).expression;

test("logic holds: De Morgan, double negation, and printing changes no answer", () => {
  fc.assert(
    fc.property(expressionText, expressionText, (a, b) => {
      const answer = (text: string): boolean => {
        const query = compile(text);
        assert.ok(query.ok, text);
        return query.predicate(row(), rowNow);
      };
      assert.equal(answer(`not ((${a}) and (${b}))`), answer(`(not (${a})) or (not (${b}))`));
      assert.equal(answer(`not not (${a})`), answer(a));
      const parsed = parse(a);
      assert.ok(parsed.ok);
      assert.equal(answer(print(parsed.expression)), answer(a));
    }),
  );
});

test("every example of the reference compiles", () => {
  for (const field of fieldReference()) {
    const query = compile(field.example);
    assert.ok(query.ok, `${field.example}: ${query.ok ? "" : query.message}`);
    const words = compile(field.example.replaceAll(field.name, field.aliases[0] ?? field.name));
    assert.ok(words.ok, field.example);
  }
});

test("every name and alias stands for one field", () => {
  assert.equal(new Set(fieldNames).size, fieldNames.length);
});
