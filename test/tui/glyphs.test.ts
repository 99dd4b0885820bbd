import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { fitLine, glyphLine, glyphText, textWidth, wrapLine, type Cut } from "../../src/tui/glyphs.ts";

const shown = (text: string, width = 1000, cut: Cut = "end"): string =>
  Array.from(fitLine(text, width, cut).glyphs, glyphText).join("");

test("control characters are shown, not sent", () => {
  assert.equal(shown("a\x1b[31mb"), "a␛[31mb");
  assert.equal(shown("\0\n\r\t\x7f"), "␀␊␍␉␡");
  assert.equal(shown("\x9b2J\x85"), String.raw`\x9b2J\x85`);
});

test("what reorders or hides text is spelled out", () => {
  assert.equal(shown("a\u202eb"), String.raw`a\u{202e}b`);
  assert.equal(shown("\u2066x\u2069\u200b\ufeff"), String.raw`\u{2066}x\u{2069}\u{200b}\u{feff}`);
  assert.equal(shown("a\u2028b"), String.raw`a\u{2028}b`);
  assert.equal(shown("\u{e0041}"), String.raw`\u{e0041}`);
  assert.equal(shown("\ud800"), "\ufffd");
});

test("wide characters take two cells, combining marks none", () => {
  assert.equal(textWidth("日本語"), 6);
  assert.equal(textWidth("é"), 1);
  assert.equal(glyphLine("e\u0301x").glyphs.length, 2);
  assert.equal(textWidth("👍"), 2);
  assert.equal(textWidth("\u0301"), 1);
  assert.equal(shown("\u0301"), "\u25cc\u0301");
});

test("a pile of combining marks is cut, so that one cell stays one cell", () => {
  const zalgo = `a${"\u0300".repeat(500)}b`;
  assert.equal(textWidth(zalgo), 2);
  assert.ok(shown(zalgo).length <= 6);
});

test("long texts end in an ellipsis, or have it in the middle", () => {
  assert.equal(shown("abcdefghij", 5), "abcd…");
  assert.equal(shown("abcdefghij", 6, "middle"), "abc…ij");
  assert.equal(shown("abcdefghij", 5, "none"), "abcde");
  assert.equal(shown("日本語日本語", 6), "日本…");
  assert.equal(shown("日本", 1), "…");
  assert.equal(shown("日本", 0), "");
});

test("no text is ever wider than its room, and its glyphs never move the cursor", () => {
  const cut = fc.constantFrom<Cut>("end", "middle", "none");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(40), cut, (text, width, how) => {
      const line = fitLine(text, width, how);
      assert.ok(line.width <= width || line.width === textWidth(text));
      if (textWidth(text) > width) assert.ok(line.width <= width);
      const out = Array.from(line.glyphs, glyphText).join("");
      assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(out), JSON.stringify(out));
    }),
  );
});

test("wrapping loses nothing and keeps the width", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 2, max: 30 }), (text, width) => {
      const lines = wrapLine(text, width);
      for (const line of lines) assert.ok(line.width <= width);
      const joined = lines.map((line) => Array.from(line.glyphs, glyphText).join("")).join("");
      assert.equal(joined, shown(text));
    }),
  );
});
