/**
 * Fuzzes what people and other programs may have written into our files: configurations made of pieces of valid ones, and
 * remembered states; demands that nothing throws, that mistakes stand within the text, and that a configuration that is
 * fine prints as one that reads the same.
 *
 *   fuzz/configuration.ts [--inputs N] [--seed N]
 *
 * Inputs are a function of the seed: a failure is found again with the seed that it prints.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { readConfiguration, readRemembered, resolveConfiguration } from "../src/app/config/index.ts";
import { printConfiguration } from "../src/app/config/print.ts";
import { settings } from "../src/app/config/schema.ts";
import { Random } from "../src/host/fake/index.ts";

const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
const inputs = Number(values.inputs ?? 20_000);
const seed = Number(values.seed ?? 1);

/** Longest that one text may take. */
const maxMillis = 500;

const lines = [
  ...settings.map(({ name, standard }) => `${name} = ${JSON.stringify(standard)}`),
  "[overview]",
  "[columns]",
  "[columns.width]",
  "[thresholds]",
  "[keys]",
  "[keys.processes]",
  "[interfaces.eth0]",
  "[themes.mine]",
  "[themes.mine.roles]",
  "[[themes]]",
  "process = 20",
  'process = { fg = "#ff0000", bold = true }',
  'base = "nord"',
  'label = "WAN"',
  'quit = ["q", "ctrl-q"]',
  "sort = []",
  'sort = "x"',
  "__proto__ = { a = 1 }",
  "x = 1979-05-27T07:32:00Z",
  "a.b.c = [[1, 2], { d = 3 }]",
  'm = """\nlong\n"""',
];
const pieces = [
  "[",
  "]",
  "{",
  "}",
  ".",
  ",",
  "=",
  "#",
  '"',
  "'",
  "\\",
  '"""',
  "'''",
  "\n",
  "\t",
  "\0",
  "é",
  "\u{1f600}",
  "1",
  "1e9",
  "nan",
  "true",
];

function makeText(random: Random): string {
  let text = "";
  for (let count = 1 + random.integer(6); count > 0; count--) text += `${lines[random.integer(lines.length)]}\n`;
  for (let count = random.chance(60) ? 0 : random.integer(4); count > 0; count--) {
    const at = random.integer(text.length + 1);
    const piece = pieces[random.integer(pieces.length)] ?? "";
    text = text.slice(0, at) + piece + text.slice(at + random.integer(3));
  }
  return text;
}

function check(text: string): boolean {
  readRemembered(text, undefined);
  readRemembered(
    JSON.stringify({ version: 1, filters: [text, 3], columns: { order: [text], widths: { pid: -5 } } }),
    {},
  );
  const reading = readConfiguration(text);
  if (!reading.ok) {
    const count = text.split("\n").length;
    for (const { line, column, message } of reading.problems) {
      assert.ok(line >= 1 && line <= count && column >= 1, `${line}:${column} of ${count} lines`);
      assert.ok(message.length > 0);
    }
    return false;
  }
  const first = resolveConfiguration(reading.file, {}, {});
  assert.ok(!("problem" in first), "problem" in first ? first.problem : "");
  const again = readConfiguration(printConfiguration(first, "x"));
  assert.ok(again.ok, again.ok ? "" : JSON.stringify(again.problems));
  const second = resolveConfiguration(again.file, {}, {});
  assert.ok(!("problem" in second));
  assert.deepEqual(second.settings, first.settings);
  assert.deepEqual(second.keys, first.keys);
  assert.deepEqual(second.themes, first.themes);
  return true;
}

const random = new Random(seed);
let fine = 0;
for (let index = 0; index < inputs; index++) {
  const text = makeText(random);
  const start = performance.now();
  try {
    if (check(text)) fine++;
    const took = performance.now() - start;
    assert.ok(took < maxMillis, `took ${Math.round(took)} ms`);
  } catch (error) {
    console.error(`seed ${seed}, input ${index}: ${JSON.stringify(text)}`);
    throw error;
  }
}
console.log(`${inputs} texts, ${fine} of them fine, seed ${seed}`);
