import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import type { Connection } from "../../src/model/index.ts";
import { compile, decider, type Decision } from "../../src/query/index.ts";
import { row } from "./rows.ts";

const now = 1_700_000_060_000;

function decide(text: string, connection: Connection): Decision {
  const query = compile(text);
  assert.ok(query.ok, text);
  return decider(query)(connection, now);
}

/** A row as it is when its first packet came: neither owner nor protocol nor name. */
function early(): Connection {
  const { process: _, application: __, hostname: ___, family: ____, ...known } = row();
  return { ...known, attribution: "none" };
}

const hinted: Connection = { ...early(), application: { name: "http", by: "port", facts: {} } };

test("what may still be learned leaves a row open", () => {
  const open = [
    "app:tls",
    "not app:tls",
    "app!=tls",
    "process:firefox",
    "user:root",
    "container:web",
    "host:cdn.example",
    "dst:cdn.example",
    "firefox",
    "app:tls and port:443",
    "app:tls or port:80",
    "ja4:t13",
  ];
  for (const text of open) assert.equal(decide(text, early()), "open", text);
  // A port is a hint.
  for (const text of ["app:http", "app:tls", "not app:http"]) assert.equal(decide(text, hinted), "open", text);
});

test("what is known is decided at once", () => {
  const yes = [
    "",
    "port:443",
    "app:tls or port:443",
    "not port:80",
    "dst:198.51.100.0/24",
    "proto:tcp",
    "198.51.100.7",
  ];
  const no = ["port:80", "app:tls and port:80", "not port:443", "dst:10.0.0.0/8", "bytes>1TB"];
  for (const text of yes) assert.equal(decide(text, early()), "yes", text);
  for (const text of no) assert.equal(decide(text, early()), "no", text);
});

test("nothing is open of a row of which all is known", () => {
  for (const text of ["app:tls", "process:firefox", "host:x", "firefox", "not app:tls"]) {
    assert.notEqual(decide(text, row()), "open", text);
  }
});

const terms = [
  "app:tls",
  "app!=http",
  "process:firefox",
  "host:cdn",
  "dst:cdn",
  "port:443",
  "port:80",
  "bytes>1",
  "fire",
];
const text = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...terms),
    tie("query").map((one) => `not (${one})`),
    fc.tuple(tie("query"), fc.constantFrom("and", "or"), tie("query")).map(([a, word, b]) => `(${a}) ${word} (${b})`),
  ),
})).query;

test("a decision is what the query says once all is known, whatever that is", () => {
  const later: fc.Arbitrary<Partial<Connection>> = fc.record(
    {
      process: fc.constantFrom(row().process!, { ...row().process!, name: "curl", executable: "/bin/curl" }),
      application: fc.constantFrom(
        { name: "tls", by: "payload" as const, facts: {} },
        { name: "http", by: "payload" as const, facts: {}, hostname: "cdn.example" },
        { name: "http", by: "port" as const, facts: {} },
      ),
      hostname: fc.constantFrom("img.cdn.example", "other.example"),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(text, later, later, (query, some, more) => {
      const compiled = compile(query);
      assert.ok(compiled.ok, query);
      const before = { ...early(), ...some };
      // What was known stays; a hint may be overtaken.
      const { application } = before;
      const kept = application?.by === "port" ? { ...some, application: undefined } : some;
      const known = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
      const after: Connection = { ...early(), ...more, ...known };
      const decision = decider(compiled)(before, now);
      const isNamedLater = before.hostname === undefined && after.hostname !== undefined;
      if (decision === "open" || isNamedLater) return;
      assert.equal(decision === "yes", compiled.predicate(after, now), query);
    }),
    { numRuns: 500 },
  );
});

test("a row of which all is known is decided as the filter matches it", () => {
  fc.assert(
    fc.property(text, (query) => {
      const compiled = compile(query);
      assert.ok(compiled.ok, query);
      const expected = compiled.predicate(row(), now) ? "yes" : "no";
      assert.equal(decider(compiled)(row(), now), expected, query);
    }),
  );
});
