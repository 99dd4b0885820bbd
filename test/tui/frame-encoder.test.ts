import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { CellBuffer } from "../../src/tui/cell-buffer.ts";
import { FrameEncoder, type Scroll } from "../../src/tui/frame-encoder.ts";
import { continuation, glyphText } from "../../src/tui/glyphs.ts";
import { StyleTable, type StyleSpec } from "../../src/tui/style.ts";
import { HeadlessTerminal } from "./headless-terminal.ts";

const specs: readonly StyleSpec[] = [
  {},
  { bold: true },
  { fg: { rgb: 0x123456, ansi: 3 } },
  { fg: { rgb: 0x123456, ansi: 3 }, bg: { rgb: 0xabcdef, ansi: 12 }, underline: true },
  { bg: { rgb: 0x102030, ansi: 4 }, dim: true },
  { reverse: true },
];

/** Narrow, wide, combining, emoji, box drawing, and hostile. */
const texts = [
  "a",
  "hello",
  "   ",
  "日本",
  "e\u0301a",
  "👍x",
  "─│█▁",
  "\x1b[2J",
  "x\u202ey",
  "한글 test",
  "\u0301",
  "ö",
];

const operation = fc.record({
  x: fc.integer({ min: -3, max: 30 }),
  y: fc.integer({ min: -1, max: 8 }),
  text: fc.constantFrom(...texts),
  style: fc.nat(specs.length - 1),
  kind: fc.constantFrom("text", "fill", "restyle", "clear"),
});

function apply(buffer: CellBuffer, one: { x: number; y: number; text: string; style: number; kind: string }): void {
  if (one.kind === "text") buffer.text(one.x, one.y, one.text.repeat(2), one.style);
  else if (one.kind === "fill") buffer.fill(one.x, one.y, 9, 2, 0x2e, one.style);
  else if (one.kind === "restyle") buffer.restyle(one.x, one.y, 9, () => one.style);
  else buffer.clear(one.style);
}

function assertShown(terminal: HeadlessTerminal, buffer: CellBuffer): void {
  for (let y = 0; y < buffer.rows; y++) {
    for (let x = 0; x < buffer.columns; x++) {
      const index = y * buffer.columns + x;
      const glyph = buffer.glyphs[index] ?? 0;
      const cell = terminal.cell(x, y);
      const chars = cell?.getChars() ?? "";
      const where = `cell ${x},${y}`;
      if (glyph === continuation) {
        assert.ok(chars === "" || chars === " ", `${where}: right half shows ${JSON.stringify(chars)}`);
        continue;
      }
      assert.equal(chars === "" ? " " : chars, glyphText(glyph), where);
      const spec = specs[buffer.styles[index] ?? 0] ?? {};
      const blank = glyphText(glyph) === " ";
      if (!blank) assert.equal(cell?.isBold() !== 0, spec.bold === true, `${where}: bold`);
      assert.equal(cell?.isUnderline() !== 0, spec.underline === true, `${where}: underline`);
      assert.equal(cell?.isInverse() !== 0, spec.reverse === true, `${where}: reverse`);
      if (!blank) assert.equal(cell?.isFgRGB() ? cell.getFgColor() : undefined, spec.fg?.rgb, `${where}: foreground`);
      assert.equal(cell?.isBgRGB() ? cell.getBgColor() : undefined, spec.bg?.rgb, `${where}: background`);
    }
  }
}

/** Moves the rows from 1 to the one before the last up or down, as a list does. */
function scrollRows(buffer: CellBuffer, by: number): Scroll {
  const { columns, rows } = buffer;
  const scroll = { top: Math.min(1, rows - 1), bottom: Math.max(0, rows - 2), by };
  const old = { glyphs: buffer.glyphs.slice(), styles: buffer.styles.slice() };
  for (let y = scroll.top; y <= scroll.bottom; y++) {
    const source = y + by;
    if (source < scroll.top || source > scroll.bottom) continue;
    const range = [source * columns, (source + 1) * columns] as const;
    buffer.glyphs.set(old.glyphs.subarray(...range), y * columns);
    buffer.styles.set(old.styles.subarray(...range), y * columns);
  }
  return scroll;
}

test("whatever was drawn, the terminal shows the buffer", async () => {
  const size = fc.record({ columns: fc.integer({ min: 1, max: 28 }), rows: fc.integer({ min: 1, max: 7 }) });
  const frame = fc.record({
    operations: fc.array(operation, { maxLength: 6 }),
    by: fc.oneof(fc.constant(0), fc.integer({ min: -4, max: 4 })),
  });
  const frames = fc.array(frame, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(size, frames, async ({ columns, rows }, sequence) => {
      const table = new StyleTable("truecolor");
      for (const [i, spec] of specs.entries()) assert.equal(table.define(spec), i);
      const encoder = new FrameEncoder(table, true);
      const terminal = new HeadlessTerminal({ columns, rows });
      terminal.xterm.write("\x1b[?7l");
      let previous: CellBuffer | undefined;
      for (const { operations, by } of sequence) {
        const next = new CellBuffer(columns, rows);
        if (previous !== undefined) {
          next.glyphs.set(previous.glyphs);
          next.styles.set(previous.styles);
        }
        const scroll = by === 0 ? undefined : scrollRows(next, by);
        for (const one of operations) apply(next, one);
        terminal.write(encoder.encode(previous, next, scroll));
        await terminal.settled();
        assertShown(terminal, next);
        previous = next;
      }
      terminal.xterm.dispose();
    }),
    { numRuns: 150 },
  );
});

test("a frame that changes nothing has no bytes, one that changes a cell has few", () => {
  const encoder = new FrameEncoder(new StyleTable("truecolor"), true);
  const before = new CellBuffer(80, 24);
  before.text(0, 3, "the same", 0);
  const after = new CellBuffer(80, 24);
  after.text(0, 3, "the same", 0);
  assert.equal(encoder.encode(before, after).length, 0);
  after.text(4, 3, "S", 0);
  const bytes = Buffer.from(encoder.encode(before, after)).toString("latin1");
  assert.equal(bytes, "\x1b[?2026h\x1b[?25l\x1b[4;5HS\x1b[?2026l");
});

test("a list that scrolls is moved by the terminal", () => {
  const encoder = new FrameEncoder(new StyleTable("truecolor"), true);
  const list = (first: number): CellBuffer => {
    const buffer = new CellBuffer(60, 20);
    for (let y = 0; y < 18; y++) buffer.text(0, y + 1, `row ${first + y} ${"abcdefgh".repeat((first + y) % 5)}`, 0);
    return buffer;
  };
  const plain = encoder.encode(list(0), list(1)).length;
  const moved = Buffer.from(encoder.encode(list(0), list(1), { top: 1, bottom: 18, by: 1 })).toString("latin1");
  assert.ok(moved.includes("\x1b[2;19r\x1b[1S\x1b[r"), JSON.stringify(moved));
  assert.ok(moved.length * 3 < plain, `${moved.length} of ${plain} bytes`);
});

test("every frame is one synchronised update and leaves the plain style", () => {
  const table = new StyleTable("truecolor");
  const bold = table.define({ bold: true });
  const next = new CellBuffer(10, 1);
  next.text(0, 0, "x", bold);
  const bytes = Buffer.from(new FrameEncoder(table, true).encode(undefined, next)).toString("latin1");
  assert.ok(bytes.startsWith("\x1b[?2026h"));
  assert.ok(bytes.endsWith("\x1b[m\x1b[?2026l"));
});

test("without UTF-8 only ASCII is sent", () => {
  const next = new CellBuffer(20, 2);
  next.text(0, 0, "─│█▁↓ 日本 é", 0);
  const bytes = Buffer.from(new FrameEncoder(new StyleTable("none"), false).encode(undefined, next)).toString("latin1");
  assert.ok(bytes.includes("-|#_< ? ?  ?"), JSON.stringify(bytes));
});

test("colours follow the depth of the terminal", () => {
  const spec: StyleSpec = { fg: { rgb: 0xfe0000, ansi: 9 }, bg: { rgb: 0x5f87ae, ansi: 4 }, bold: true };
  const sequence = (depth: "none" | "16" | "256" | "truecolor"): string => {
    const table = new StyleTable(depth);
    return Buffer.from(table.transition(0, table.define(spec))).toString("latin1");
  };
  assert.equal(sequence("none"), "\x1b[1m");
  assert.equal(sequence("16"), "\x1b[1;91;44m");
  assert.equal(sequence("256"), "\x1b[1;38;5;196;48;5;67m");
  assert.equal(sequence("truecolor"), "\x1b[1;38;2;254;0;0;48;2;95;135;174m");
});
