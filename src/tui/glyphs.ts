/**
 * Text to cells. A cell holds one number, its glyph: a code point, an interned cluster (a base with its combining
 * marks), or `continuation` for the right half of a wide character.
 *
 * Text on the screen is hostile: names come from processes and from the wire. What would move the cursor, reorder or
 * hide text is made visible here, once, so that no widget has to think of it: C0 controls as U+2400.., everything
 * else that is invisible or reorders as \u{...}. Clusters and caches are bounded.
 */
import { eastAsianWidth } from "get-east-asian-width";

/** The right half of a wide character. */
export const continuation = 0xffff_ffff;
export const space = 0x20;
const ellipsis = 0x2026;

const internedBase = 0x11_0000;
const internedLimit = 4096;
const marksLimit = 4;
const cacheLimit = 4096;
/** No widget shows more of one text than this. */
const unitsLimit = 4096;

const internedText: string[] = [];
const internedIds = new Map<string, number>();

/** Glyphs of one text, ready to be put into cells. `widths[i]` is 1 or 2. */
export interface GlyphLine {
  readonly glyphs: Uint32Array;
  readonly widths: Uint8Array;
  /** Cells the whole line takes. */
  readonly width: number;
}

/** How a text that does not fit is shortened. */
export type Cut = "end" | "middle" | "none";

const lines = new Map<string, GlyphLine>();

const attaches = /^[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]$/u;
/** Invisible, reordering, or without an agreed shape. */
const hidden = /^[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}\u115f\u3164\uffa0\u2800]$/u;

/** The text of a glyph that `glyphLine` made; empty for `continuation`. */
export function glyphText(glyph: number): string {
  if (glyph < internedBase) return String.fromCodePoint(glyph);
  return internedText[glyph - internedBase] ?? "";
}

/** True: terminals may disagree about how wide this is, so its position is stated again after it. */
export function isUncertain(glyph: number): boolean {
  if (glyph < 0x1100) return glyph >= 0x300;
  if (glyph >= internedBase) return true;
  if (glyph >= 0x2190 && glyph < 0x25ff) return false; // arrows, box drawing, blocks
  if (glyph >= 0x2800 && glyph < 0x2900) return false; // braille
  return !isStableWide(glyph);
}

/** Wide in every table since Unicode 6: CJK, kana, Hangul syllables, fullwidth forms. */
export function isStableWide(glyph: number): boolean {
  return (
    (glyph >= 0x2e80 && glyph < 0xa4d0 && glyph !== 0x303f) ||
    (glyph >= 0xac00 && glyph < 0xd7a4) ||
    (glyph >= 0xf900 && glyph < 0xfb00) ||
    (glyph >= 0xff01 && glyph < 0xff61) ||
    (glyph >= 0x2_0000 && glyph < 0x3_fffe)
  );
}

/** True: printable ASCII only, one cell a code unit. */
export function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}

/** Cells that `text` takes on the screen, escapes included. */
export function textWidth(text: string): number {
  return isPlain(text) ? text.length : glyphLine(text).width;
}

/** Glyphs of `text`; kept, because names repeat from frame to frame. */
export function glyphLine(text: string): GlyphLine {
  const known = lines.get(text);
  if (known !== undefined) return known;
  const made = makeLine(text.length > unitsLimit ? text.slice(0, unitsLimit) : text);
  if (lines.size >= cacheLimit) lines.clear();
  lines.set(text, made);
  return made;
}

function makeLine(text: string): GlyphLine {
  const glyphs: number[] = [];
  const widths: number[] = [];
  let cluster = "";
  let marks = 0;
  const push = (glyph: number, width: number): void => {
    glyphs.push(glyph);
    widths.push(width);
  };
  const escape = (label: string): void => {
    for (let i = 0; i < label.length; i++) push(label.charCodeAt(i), 1);
    cluster = "";
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) {
      push(code, 1);
      cluster = character;
      marks = 0;
    } else if (code < 0x20) {
      push(0x2400 + code, 1);
      cluster = "";
    } else if (code === 0x7f) {
      push(0x2421, 1);
      cluster = "";
    } else if (code === 0xfe0e || code === 0xfe0f) {
      // Asks for another shape of the character before it, which would change its width: the plain shape stays.
    } else if (code >= 0xd800 && code < 0xe000) {
      push(0xfffd, 1);
      cluster = "";
    } else if (hidden.test(character)) {
      escape(code < 0x100 ? `\\x${code.toString(16)}` : `\\u{${code.toString(16)}}`);
    } else if (attaches.test(character)) {
      if (cluster === "") push(0x25cc, 1);
      if (cluster === "") cluster = "\u25cc";
      if (marks++ < marksLimit) {
        cluster += character;
        glyphs[glyphs.length - 1] = intern(cluster, glyphs[glyphs.length - 1] ?? space);
      }
    } else {
      push(code, eastAsianWidth(code));
      cluster = character;
      marks = 0;
    }
  }
  let width = 0;
  for (const one of widths) width += one;
  return { glyphs: Uint32Array.from(glyphs), widths: Uint8Array.from(widths), width };
}

/** The cluster's glyph; `fallback` (the base alone) once the table is full, so that names cannot grow it for ever. */
function intern(cluster: string, fallback: number): number {
  const known = internedIds.get(cluster);
  if (known !== undefined) return known;
  if (internedText.length >= internedLimit) return fallback;
  const glyph = internedBase + internedText.length;
  internedText.push(cluster);
  internedIds.set(cluster, glyph);
  return glyph;
}

/**
 * `text` shortened to `width` cells, with an ellipsis where something is missing. The result is never wider than
 * `width`; a wide character that would be cut in half is left out.
 */
export function fitLine(text: string, width: number, cut: Cut): GlyphLine {
  const line = glyphLine(text);
  if (line.width <= width) return line;
  if (width <= 0) return part(line, 0, 0);
  if (cut === "none") return part(line, 0, cellsFromStart(line, width));
  const room = width - 1;
  const tailRoom = cut === "middle" ? room >> 1 : 0;
  const head = cellsFromStart(line, room - tailRoom);
  const tail = cellsFromEnd(line, tailRoom);
  const glyphs = new Uint32Array(head + 1 + (line.glyphs.length - tail));
  const widths = new Uint8Array(glyphs.length);
  glyphs.set(line.glyphs.subarray(0, head));
  widths.set(line.widths.subarray(0, head));
  glyphs[head] = ellipsis;
  widths[head] = 1;
  glyphs.set(line.glyphs.subarray(tail), head + 1);
  widths.set(line.widths.subarray(tail), head + 1);
  let total = 0;
  for (const one of widths) total += one;
  return { glyphs, widths, width: total };
}

/** `text` broken into lines of at most `width` cells, after a space where one stands in a line's second half; at least one line. */
export function wrapLine(text: string, width: number): GlyphLine[] {
  const line = glyphLine(text);
  if (line.width <= width || width < 2) return [line];
  const out: GlyphLine[] = [];
  let from = 0;
  let used = 0;
  /** After the last space, and the cells up to there. */
  let [word, usedAtWord] = [0, 0];
  for (let i = 0; i < line.glyphs.length; i++) {
    const one = line.widths[i] ?? 1;
    if (used + one > width) {
      const isWord = word > from && usedAtWord * 2 > width;
      out.push(part(line, from, isWord ? word : i));
      used = isWord ? used - usedAtWord : 0;
      from = isWord ? word : i;
    }
    used += one;
    if (line.glyphs[i] === space) [word, usedAtWord] = [i + 1, used];
  }
  out.push(part(line, from, line.glyphs.length));
  return out;
}

function part(line: GlyphLine, from: number, to: number): GlyphLine {
  const widths = line.widths.subarray(from, to);
  let width = 0;
  for (const one of widths) width += one;
  return { glyphs: line.glyphs.subarray(from, to), widths, width };
}

function cellsFromStart(line: GlyphLine, width: number): number {
  let used = 0;
  let count = 0;
  while (count < line.widths.length && used + (line.widths[count] ?? 1) <= width) used += line.widths[count++] ?? 1;
  return count;
}

function cellsFromEnd(line: GlyphLine, width: number): number {
  let used = 0;
  let at = line.widths.length;
  while (at > 0 && used + (line.widths[at - 1] ?? 1) <= width) used += line.widths[--at] ?? 1;
  return at;
}
