import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asciiShape, consoleShape } from "../../src/tui/glyph-shapes.ts";
import { createScreen } from "../../src/tui/index.ts";
import { HeadlessTerminal } from "./headless-terminal.ts";
import { snapshotOf, story, threeRows } from "./story.ts";

/** Characters of code page 437, which the fonts of the Linux console hold, and Latin-1. */
const codePage = "─│║┌┐└┘├┤┬┴┼░▒▓█▄▀■▲▼►◄↑↓→←Σσµ·×−≤≥≈∞√°";

const root = join(import.meta.dirname, "../../src/tui");
const drawn = new Set(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter(
      (name) => name.endsWith(".ts") && !name.includes("languages") && !/(?:language|glyph-shapes)\.ts$/.test(name),
    )
    .flatMap((name) => readFileSync(join(root, name), "utf8").split("\n"))
    .filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line))
    .flatMap((line) => Array.from(line))
    .filter((character) => /[\u2000-\u2bff]/u.test(character)),
);

test("every shape that the screen draws has one in ASCII, and one on the Linux console", () => {
  assert.ok(drawn.size > 5, `${drawn.size} shapes`);
  for (const shape of drawn) {
    const code = shape.codePointAt(0) ?? 0;
    assert.notEqual(asciiShape(code), "?", shape);
    const shown = String.fromCodePoint(consoleShape(code));
    assert.ok(/[\x20-\x7e]/.test(shown) || codePage.includes(shown), `${shape} is shown as ${shown}`);
  }
});

test("braille by its density", () => {
  assert.equal([0x2800, 0x2801, 0x280f, 0x28ff].map(asciiShape).join(""), " .:#");
  assert.equal(String.fromCodePoint(consoleShape(0x28ff)), "█");
});

test("the Linux console sees its own shapes in the same places", async () => {
  const terminal = Object.assign(new HeadlessTerminal({ columns: 120, rows: 40, colors: "16" }), { plainShapes: true });
  const screen = createScreen({ terminal, engine: { quit: () => undefined, clearClosed: () => undefined } });
  screen.update(snapshotOf(threeRows));
  const lines = await terminal.lines();
  assert.match(lines.join("\n"), /┌─ Connections/);
  assert.doesNotMatch(lines.join("\n"), /[╭╮╰╯●▁]/);
  const full = await story("120x40", snapshotOf(threeRows), { colors: "16" }).lines();
  assert.deepEqual(
    lines.map((line) => line.length),
    full.map((line) => line.length),
  );
});

test("in ASCII arrows are words: their shapes are keys themselves", async () => {
  const help = async (unicode: boolean, keys: string): Promise<string> =>
    (await story("120x50", snapshotOf(threeRows), { unicode }).keys(keys)).join("\n");
  assert.match(await help(true, "5h"), /│ ← +move the cursor to earlier/);
  assert.match(await help(false, "5h"), /\| Left +move the cursor to earlier/);
  assert.match(await help(false, "h"), /\| Up k +up[^]*\| Down j +down[^]*Enter +details/);
  assert.match(await help(false, ":close the group"), /close the group +Left/);
});
