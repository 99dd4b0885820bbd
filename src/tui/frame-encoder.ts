import type { CellBuffer } from "./cell-buffer.ts";
import { asciiShape, consoleShape } from "./glyph-shapes.ts";
import { continuation, glyphText, isStableWide, isUncertain, space } from "./glyphs.ts";
import type { StyleTable } from "./style.ts";

/** Unchanged cells between two changes that are cheaper to write again than to jump over. */
const gapLimit = 3;

/** Rows that moved between two frames: those from `top` to `bottom` (included) went up by `by`, or down if negative. */
export interface Scroll {
  readonly top: number;
  readonly bottom: number;
  readonly by: number;
}

/**
 * Turns the difference of two buffers into the bytes that bring a terminal from one to the other: jumps over what did
 * not change, SGR only where the style changes, one synchronised update (DEC private mode 2026) a frame. The result is
 * a view into a buffer that the next call overwrites; empty when nothing changed.
 */
export class FrameEncoder {
  readonly #styles: StyleTable;
  readonly #unicode: boolean;
  /** Only shapes that the Linux console has. */
  plainShapes = false;
  /** The terminal may do a frame at once; false: it said that it does not know how. */
  synchronised = true;
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;
  #style = 0;
  /** Where the terminal's cursor is; -1 when that is not certain. */
  #x = -1;
  #y = -1;

  constructor(styles: StyleTable, unicode: boolean) {
    this.#styles = styles;
    this.#unicode = unicode;
  }

  /**
   * @param previous what the terminal shows, or undefined when that is not known: everything is drawn anew.
   * Overwritten.
   * @param next what it shall show, of the same size.
   * @param scroll a hint: the terminal moves rows by itself where that leaves less to write.
   */
  encode(previous: CellBuffer | undefined, next: CellBuffer, scroll?: Scroll): Uint8Array {
    this.#length = 0;
    this.#style = 0;
    this.#x = -1;
    this.#y = -1;
    this.#ascii(this.synchronised ? "\x1b[?2026h\x1b[?25l" : "\x1b[?25l");
    const prologue = this.#length;
    if (previous === undefined) this.#ascii("\x1b[0m\x1b[2J");
    else if (scroll !== undefined) this.#scroll(previous, next, scroll);
    for (let y = 0; y < next.rows; y++) this.#row(previous, next, y);
    if (this.#length === prologue) return this.#bytes.subarray(0, 0);
    this.#turn(0);
    if (this.synchronised) this.#ascii("\x1b[?2026l");
    return this.#bytes.subarray(0, this.#length);
  }

  /** Moves rows inside a scrolling region (DECSTBM, SU, SD) and `previous` with them; new rows come in blank. */
  #scroll(previous: CellBuffer, next: CellBuffer, { top, bottom, by }: Scroll): void {
    const rows = bottom - top + 1;
    const distance = Math.abs(by);
    if (top < 0 || bottom >= next.rows || distance === 0 || distance >= rows) return;
    const columns = next.columns;
    const kept = (rows - distance) * columns;
    const from = (by > 0 ? top + by : top) * columns;
    const to = (by > 0 ? top : top + distance) * columns;
    let still = 0;
    let moved = 0;
    for (let i = 0; i < kept; i++) {
      const { glyphs, styles } = next;
      if (glyphs[to + i] !== previous.glyphs[to + i] || styles[to + i] !== previous.styles[to + i]) still++;
      if (glyphs[to + i] !== previous.glyphs[from + i] || styles[to + i] !== previous.styles[from + i]) moved++;
    }
    if (moved * 2 >= still) return;
    this.#ascii(`\x1b[${top + 1};${bottom + 1}r\x1b[${distance}${by > 0 ? "S" : "T"}\x1b[r`);
    const blank = (by > 0 ? bottom + 1 - distance : top) * columns;
    for (const [cells, empty] of [
      [previous.glyphs, space],
      [previous.styles, 0],
    ] as const) {
      cells.copyWithin(to, from, from + kept);
      cells.fill(empty, blank, blank + distance * columns);
    }
  }

  #row(previous: CellBuffer | undefined, next: CellBuffer, y: number): void {
    const columns = next.columns;
    const base = y * columns;
    const blankFrom = this.#blankTail(next, base);
    let x = this.#nextChange(previous, next, base, 0);
    while (x < columns) {
      if (x >= blankFrom && columns - x > 4) {
        this.#move(x, y);
        this.#turn(0);
        this.#ascii("\x1b[K");
        return;
      }
      if (next.glyphs[base + x] === continuation) x--;
      this.#move(x, y);
      let change = x;
      while (change < columns && change - x <= gapLimit && this.#cheap(next, base, x, change)) {
        while (x <= change && x < columns) x += this.#cell(next, base, x, y);
        if (x >= blankFrom) break;
        change = this.#nextChange(previous, next, base, x);
      }
      x = this.#nextChange(previous, next, base, x);
    }
  }

  /** First column from which the row is empty in the terminal's own style. */
  #blankTail(next: CellBuffer, base: number): number {
    let x = next.columns;
    while (x > 0 && next.glyphs[base + x - 1] === space && next.styles[base + x - 1] === 0) x--;
    return x;
  }

  #nextChange(previous: CellBuffer | undefined, next: CellBuffer, base: number, from: number): number {
    const columns = next.columns;
    let x = from;
    if (previous === undefined) {
      while (x < columns && next.glyphs[base + x] === space && next.styles[base + x] === 0) x++;
      return x;
    }
    while (
      x < columns &&
      previous.glyphs[base + x] === next.glyphs[base + x] &&
      previous.styles[base + x] === next.styles[base + x]
    ) {
      x++;
    }
    return x;
  }

  /** True: the cells between `from` and `to` are of the current style and one byte each. */
  #cheap(next: CellBuffer, base: number, from: number, to: number): boolean {
    for (let x = from; x < to; x++) {
      if (next.styles[base + x] !== this.#style || (next.glyphs[base + x] ?? 0) > 0x7e) return false;
    }
    return from === to || this.#x === from;
  }

  /** Writes one cell, or the two of a wide one; returns how many. */
  #cell(next: CellBuffer, base: number, x: number, y: number): number {
    const glyph = next.glyphs[base + x] ?? space;
    const wide = x + 1 < next.columns && next.glyphs[base + x + 1] === continuation;
    const width = wide ? 2 : 1;
    if (this.#x !== x) this.#move(x, y);
    const style = next.styles[base + x] ?? 0;
    // A blank looks the same in any foreground: it need not cost a sequence.
    if (glyph !== space || this.#styles.blank(style) !== this.#styles.blank(this.#style)) this.#turn(style);
    if (glyph < 0x7f) {
      this.#byte(glyph);
    } else if (!this.#unicode) {
      this.#ascii(asciiShape(glyph));
      if (wide) this.#ascii(" ");
    } else {
      // A terminal that takes this for narrow must not show what was there before beside it.
      if (wide && !isStableWide(glyph)) {
        this.#ascii("  ");
        this.#x = -1;
        this.#move(x, y);
      }
      this.#utf8(this.plainShapes ? consoleShape(glyph) : glyph);
    }
    this.#x = x + width;
    if ((this.#unicode && isUncertain(glyph)) || this.#x >= next.columns) this.#x = -1;
    return width;
  }

  #move(x: number, y: number): void {
    if (this.#x === x && this.#y === y) return;
    if (this.#y === y && this.#x >= 0 && x > this.#x) {
      const by = x - this.#x;
      this.#ascii(by === 1 ? "\x1b[C" : `\x1b[${by}C`);
    } else if (this.#y === y) {
      this.#ascii(x === 0 ? "\r" : `\x1b[${x + 1}G`);
    } else if (this.#y >= 0 && y === this.#y + 1 && x === 0) {
      this.#ascii("\r\n");
    } else {
      this.#ascii(x === 0 ? `\x1b[${y + 1}H` : `\x1b[${y + 1};${x + 1}H`);
    }
    this.#x = x;
    this.#y = y;
  }

  #turn(style: number): void {
    if (style === this.#style) return;
    const bytes = this.#styles.transition(this.#style, style);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#style = style;
  }

  #utf8(glyph: number): void {
    for (const character of glyphText(glyph)) {
      const code = character.codePointAt(0) ?? space;
      this.#reserve(4);
      if (code < 0x80) {
        this.#bytes[this.#length++] = code;
      } else if (code < 0x800) {
        this.#bytes[this.#length++] = 0xc0 | (code >> 6);
        this.#bytes[this.#length++] = 0x80 | (code & 63);
      } else if (code < 0x1_0000) {
        this.#bytes[this.#length++] = 0xe0 | (code >> 12);
        this.#bytes[this.#length++] = 0x80 | ((code >> 6) & 63);
        this.#bytes[this.#length++] = 0x80 | (code & 63);
      } else {
        this.#bytes[this.#length++] = 0xf0 | (code >> 18);
        this.#bytes[this.#length++] = 0x80 | ((code >> 12) & 63);
        this.#bytes[this.#length++] = 0x80 | ((code >> 6) & 63);
        this.#bytes[this.#length++] = 0x80 | (code & 63);
      }
    }
  }

  #byte(value: number): void {
    this.#reserve(1);
    // Glyphs below the space never reach a buffer; if one did, it would be a command to the terminal.
    this.#bytes[this.#length++] = value < space ? space : value;
  }

  #ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2 + count);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
