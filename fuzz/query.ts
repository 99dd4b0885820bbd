/**
 * Fuzzes the filter language: mutates valid queries and made-up ones, and demands that nothing throws, that errors stand
 * within the text, that what was printed parses to the same, and that no query is slow over a row.
 *
 *   fuzz/query.ts [--inputs N] [--seed N]
 *
 * Inputs are a function of the seed: a failure is found again with the seed that it prints.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Random } from "../src/host/fake/index.ts";
import { compile, complete, explain, fieldReference, parse, print } from "../src/query/index.ts";
import { row, rowNow } from "../test/query/rows.ts";

const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
const inputs = Number(values.inputs ?? 20_000);
const seed = Number(values.seed ?? 1);

/** Longest that compiling a query and testing one row with it may take. */
const maxMillis = 200;

const pieces = [
  ...fieldReference().flatMap(({ name, aliases, example }) => [name, ...aliases, example]),
  ..." and | or | not |(|)|!|&&|||,|/|\"|'|\\|*|-|:|=|!=|>|>=|<|<=|[|]|{9}|+|?|^|$|\\b|é|\ud800".split("|"),
];

/** Long texts to meet what a pattern may do to them. */
const long = row({ hostname: `${"ab".repeat(2000)}.example`, service: "x".repeat(4000) });

function makeText(random: Random): string {
  let text = "";
  for (let count = 1 + random.integer(12); count > 0; count--) {
    text += random.chance(90) ? pieces[random.integer(pieces.length)]! : String.fromCharCode(random.integer(0x10000));
    if (random.chance(30)) text += " ";
  }
  if (random.chance(30)) text = text.slice(random.integer(text.length), text.length - random.integer(3));
  return random.chance(5) ? text.repeat(1 + random.integer(100)) : text;
}

function withoutPlaces(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => (key === "position" || key === "length" ? undefined : item));
}

function check(text: string): boolean {
  const start = performance.now();
  const query = compile(text);
  if (query.ok) query.predicate(long, rowNow);
  else {
    assert.ok(query.position >= 0 && query.length >= 1 && query.position + query.length <= text.length + 1);
  }
  assert.ok(performance.now() - start < maxMillis, "slow");
  assert.equal(explain(text).ok, query.ok);
  complete(text, text.length >> 1);
  const parsed = parse(text);
  if (!parsed.ok) return query.ok;
  const again = parse(print(parsed.expression));
  // Quoting and the words for the operators can make a text at the limit longer than it.
  if (again.ok) assert.equal(withoutPlaces(again.expression), withoutPlaces(parsed.expression));
  else assert.match(again.message, /longer than/);
  return query.ok;
}

const random = new Random(seed);
let compiled = 0;
for (let index = 0; index < inputs; index++) {
  const text = makeText(random);
  try {
    if (check(text)) compiled++;
  } catch (error) {
    console.error(`seed ${seed}, input ${index}: ${JSON.stringify(text)}`);
    throw error;
  }
}
console.log(`${inputs} queries, ${compiled} of them compiled, seed ${seed}`);
