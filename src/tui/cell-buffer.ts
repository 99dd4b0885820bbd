import { continuation, fitLine, isPlain, space, type Cut, type GlyphLine } from "./glyphs.ts";

const ellipsis = 0x2026;

/**
 * A grid of cells, each a glyph and a style id. Everything drawn is clipped to the grid, so widgets need not be
 * careful at the edges. Invariant: a wide glyph is always followed by its `continuation` in the same row.
 */
export class CellBuffer {
  readonly columns: number;
  readonly rows: number;
  readonly glyphs: Uint32Array;
  readonly styles: Uint16Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.glyphs = new Uint32Array(columns * rows).fill(space);
    this.styles = new Uint16Array(columns * rows);
  }

  /** Blanks everything. */
  clear(style = 0): void {
    this.glyphs.fill(space);
    this.styles.fill(style);
  }

  /** Puts one narrow glyph. */
  put(x: number, y: number, glyph: number, style: number): void {
    if (x < 0 || y < 0 || x >= this.columns || y >= this.rows) return;
    this.#set(y * this.columns + x, x, glyph, style);
  }

  /** Fills a rectangle with one narrow glyph. */
  fill(x: number, y: number, width: number, height: number, glyph: number, style: number): void {
    for (let row = Math.max(0, y); row < Math.min(this.rows, y + height); row++) {
      for (let column = Math.max(0, x); column < Math.min(this.columns, x + width); column++) {
        this.#set(row * this.columns + column, column, glyph, style);
      }
    }
  }

  /**
   * Writes `text` from (x, y), shortened to `width` cells.
   * @returns the column after the last cell written.
   */
  text(x: number, y: number, text: string, style: number, width = this.columns - x, cut: Cut = "end"): number {
    if (y < 0 || y >= this.rows || width <= 0 || x >= this.columns) return x;
    const room = Math.min(width, this.columns - x);
    if (x < 0 || !isPlain(text) || (text.length > room && cut === "middle")) {
      return this.line(x, y, fitLine(text, room, cut), style);
    }
    const base = y * this.columns;
    const whole = text.length <= room;
    const count = whole ? text.length : cut === "end" ? room - 1 : room;
    for (let i = 0; i < count; i++) this.#set(base + x + i, x + i, text.charCodeAt(i), style);
    if (whole || cut !== "end") return x + count;
    this.#set(base + x + count, x + count, ellipsis, style);
    return x + count + 1;
  }

  /** Writes glyphs that were made before; what does not fit is left out. */
  line(x: number, y: number, line: GlyphLine, style: number): number {
    if (y < 0 || y >= this.rows) return x;
    const base = y * this.columns;
    let at = x;
    for (let i = 0; i < line.glyphs.length; i++) {
      const width = line.widths[i] ?? 1;
      if (at >= 0 && at + width <= this.columns) {
        this.#set(base + at, at, line.glyphs[i] ?? space, style);
        if (width === 2) this.#setContinuation(base + at + 1, at + 1, style);
      }
      at += width;
    }
    return at;
  }

  /** Replaces the style of every cell of a piece of a row: `restyle` maps the old id to the new. */
  restyle(x: number, y: number, width: number, restyle: (style: number) => number): void {
    if (y < 0 || y >= this.rows) return;
    const base = y * this.columns;
    const end = base + Math.min(this.columns, x + width);
    for (let i = base + Math.max(0, x); i < end; i++) this.styles[i] = restyle(this.styles[i] ?? 0);
  }

  #set(index: number, x: number, glyph: number, style: number): void {
    const glyphs = this.glyphs;
    if (glyphs[index] === continuation && x > 0) glyphs[index - 1] = space;
    if (x + 1 < this.columns && glyphs[index + 1] === continuation) glyphs[index + 1] = space;
    glyphs[index] = glyph;
    this.styles[index] = style;
  }

  #setContinuation(index: number, x: number, style: number): void {
    if (x + 1 < this.columns && this.glyphs[index + 1] === continuation) this.glyphs[index + 1] = space;
    this.glyphs[index] = continuation;
    this.styles[index] = style;
  }
}
