import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, complete, explain, fieldReference, languageReference } from "../../src/query/index.ts";

const texts = (text: string, cursor = text.length, values?: (field: string) => string[]): string[] =>
  complete(text, cursor, values).items.map((item) => item.text);

test("an empty query offers not and every field", () => {
  const items = texts("");
  assert.equal(items[0], "not ");
  assert.ok(items.includes("port:") && items.includes("process:"));
  assert.ok(!items.includes("and "));
});

test("the beginning of a word offers the fields that begin so, by the name that was begun", () => {
  assert.deepEqual(texts("spo"), ["sport:"]);
  assert.deepEqual(texts("source-p"), ["source-port:"]);
  assert.deepEqual(texts("port:443 and pro"), ["proto:", "process:"]);
  assert.deepEqual(complete("port:443 pro x", 12), { ...complete("port:443 pro", 12) });
});

test("after a term and a space come and, or, not", () => {
  assert.deepEqual(texts("port:443 ").slice(0, 3), ["and ", "or ", "not "]);
  assert.equal(texts("port:443 and ")[0], "not ");
  assert.deepEqual(texts("port:443 an"), ["and "]);
});

test("after a field come its values, quoted where they must be", () => {
  assert.deepEqual(texts("is:in"), ["inbound"]);
  assert.deepEqual(texts("is:inbound,cl"), ["closed"]);
  assert.equal(complete("is:inbound,cl", 13).start, 11);
  assert.deepEqual(
    texts("process:", 8, (field) => (field === "process" ? ["curl", "Web Content"] : [])),
    ["curl", '"Web Content"'],
  );
  assert.deepEqual(
    texts('process:"web c', 14, () => ["Web Content"]),
    ['"Web Content"'],
  );
});

test("accepting any completion of a value gives a query that compiles", () => {
  for (const head of ["is:", "app:", "proto:", "state:"]) {
    const { start, end, items } = complete(head, head.length);
    assert.ok(items.length > 0, head);
    for (const item of items) {
      const text = head.slice(0, start) + item.text + head.slice(end);
      assert.ok(compile(text).ok, text);
    }
  }
});

test("sentences", () => {
  const sentence = (text: string): string => {
    const result = explain(text);
    assert.ok(result.ok);
    return result.sentence;
  };
  assert.equal(sentence(" "), "All connections.");
  assert.equal(sentence("port:443"), "Connections whose source or destination port is 443.");
  assert.equal(
    sentence("process:firefox and (port:443 or sni:/\\.cdn\\./) and not dst:10.0.0.0/8 and bytes>10MB"),
    'Connections whose process is named like "firefox" and (whose source or destination port is 443 or whose host name ' +
      "is text matching /\\.cdn\\./) and not whose destination (the side that was called) is 10.0.0.0/8 and whose bytes in " +
      "both directions are more than 10MB.",
  );
  assert.equal(
    sentence("is:inbound,closed"),
    "Connections that are opened by the other side or ended, and kept for a while.",
  );
  assert.equal(
    sentence("port:1000-2000 firefox"),
    'Connections whose source or destination port is 1000 to 2000 and that show "firefox".',
  );
  assert.equal(explain("port:x").ok, false);
});

test("the reference names every field once and explains it", () => {
  for (const field of fieldReference()) assert.ok(field.summary.length > 3 && field.example.length > 2, field.name);
  assert.ok(languageReference.length > 3);
});
