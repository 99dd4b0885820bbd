import type { CellBuffer } from "../cell-buffer.ts";
import type { OrderedTable } from "../column-order.ts";
import type { ColumnId } from "../columns.ts";
import { textWidth } from "../glyphs.ts";
import type { Command } from "../keys.ts";
import type { Messages } from "../messages.ts";
import type { QueryWords } from "../query-words.ts";
import type { StyleTable } from "../style.ts";
import type { Styles } from "../theme.ts";

/** What a click means. */
export type Target =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "column"; readonly id: ColumnId }
  /** The right edge of a column's heading: it can be dragged. */
  | { readonly kind: "edge"; readonly id: ColumnId }
  /** A heading of another table than the overview's. */
  | { readonly kind: "heading"; readonly table: OrderedTable; readonly id: string }
  /** What completion offers. */
  | { readonly kind: "completion"; readonly index: number }
  | { readonly kind: "row"; readonly index: number }
  | { readonly kind: "field"; readonly index: number }
  /** An entry of a list, a button of a dialog, by its place. */
  | { readonly kind: "item"; readonly index: number }
  | { readonly kind: "button"; readonly index: number }
  /** The inside of a chart. */
  | { readonly kind: "chart" }
  /** The course of a replay: where it begins, and how wide it is. */
  | { readonly kind: "timeline"; readonly x: number; readonly width: number }
  /** Nothing in particular, but inside. */
  | { readonly kind: "inside" };

/** A place on the screen that answers to the mouse. Later ones lie above earlier ones. */
export interface Hit {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly target: Target;
}

/** What every widget draws with. A widget is a function of this, a place and its data; it keeps nothing. */
export interface Paint {
  readonly buffer: CellBuffer;
  readonly table: StyleTable;
  readonly styles: Styles;
  readonly messages: Messages;
  /** The terminal shows ASCII only. */
  readonly ascii?: boolean;
  /** What the filter says in the language in force; undefined: what the query itself says. */
  readonly queryWords?: QueryWords | undefined;
  readonly hits: Hit[];
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pieces of text in their own styles, one after the other. */
export type Span = readonly [text: string, style: number];

/** Writes spans from `x`; returns the column after the last. Nothing goes beyond `end`. */
export function drawSpans(paint: Paint, x: number, y: number, end: number, spans: readonly Span[]): number {
  let at = x;
  for (const [text, style] of spans) {
    if (at >= end) break;
    at = paint.buffer.text(at, y, text, style, end - at);
  }
  return at;
}

export const spansWidth = (spans: readonly Span[]): number => spans.reduce((sum, [text]) => sum + textWidth(text), 0);

/** Right-aligned text in a field of `width` cells. */
export function drawRight(paint: Paint, x: number, y: number, width: number, text: string, style: number): void {
  const missing = Math.max(0, width - textWidth(text));
  paint.buffer.text(x + missing, y, text, style, width - missing);
}

/** A frame with a title at its top left and spans at its top right; returns the inside. */
export function drawBox(
  paint: Paint,
  place: Rectangle,
  title: readonly Span[],
  right: readonly Span[] = [],
): Rectangle {
  const { buffer, styles } = paint;
  const { x, y, width, height } = place;
  const inside = { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
  if (width < 2 || height < 2) return inside;
  const bottom = y + height - 1;
  const end = x + width - 1;
  drawRule(paint, x, y, width, title, right);
  buffer.put(x, y, 0x256d, styles.border);
  buffer.put(end, y, 0x256e, styles.border);
  buffer.fill(x + 1, bottom, width - 2, 1, 0x2500, styles.border);
  buffer.put(x, bottom, 0x2570, styles.border);
  buffer.put(end, bottom, 0x256f, styles.border);
  buffer.fill(x, y + 1, 1, height - 2, 0x2502, styles.border);
  buffer.fill(end, y + 1, 1, height - 2, 0x2502, styles.border);
  return inside;
}

/** A horizontal line that carries a title and, at its right end, more. */
export function drawRule(
  paint: Paint,
  x: number,
  y: number,
  width: number,
  title: readonly Span[],
  right: readonly Span[] = [],
): void {
  const { buffer, styles } = paint;
  buffer.fill(x, y, width, 1, 0x2500, styles.border);
  let at = x + 1;
  if (title.length > 0) {
    at = drawSpans(paint, x + 1, y, x + width - 1, [["─ ", styles.border], ...title, [" ", styles.border]]);
  }
  const needed = spansWidth(right) + 2;
  if (right.length === 0 || at + needed + 1 > x + width) return;
  const start = x + width - needed - 2;
  if (start < at) return;
  drawSpans(paint, start, y, x + width - 1, [[" ", styles.border], ...right, [" ", styles.border]]);
}

/** The thumb of a scroll bar in one column, drawn only when not everything is visible. */
export function drawScrollbar(paint: Paint, x: number, y: number, height: number, first: number, total: number): void {
  if (total <= height || height < 2) return;
  const size = Math.max(1, Math.round((height * height) / total));
  const room = height - size;
  const at = Math.min(room, Math.round((first / (total - height)) * room));
  paint.buffer.fill(x, y + at, 1, size, 0x2588, paint.styles.border);
}

const blocks = [0x20, 0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588];

/**
 * The newest `width` values as columns of eighths, newest at the right, `height` cells high. A value above 0 always
 * shows. `maximum` fills the height.
 */
export function drawGraph(
  paint: Paint,
  place: Rectangle,
  values: readonly number[],
  maximum: number,
  style: number,
): void {
  for (let row = 0; row < place.height; row++) drawGraphRow(paint, place, row, values, maximum, style);
}

/** One row of a graph, counted from above: for a graph of which not all is on the screen. */
export function drawGraphRow(
  paint: Paint,
  { x, y, width, height }: Rectangle,
  row: number,
  values: readonly number[],
  maximum: number,
  style: number,
): void {
  const levels = height * 8;
  const below = height - 1 - row;
  const shown = Math.min(width, values.length);
  for (let i = 0; i < shown; i++) {
    const value = values[values.length - shown + i] ?? 0;
    let level = maximum > 0 ? Math.round((value / maximum) * levels) : 0;
    if (value > 0 && level < 1) level = 1;
    if (level > levels) level = levels;
    const eighths = Math.max(0, Math.min(8, level - below * 8));
    const isFloor = below === 0 && eighths === 0;
    const glyph = isFloor ? 0x2581 : (blocks[eighths] ?? 0x20);
    paint.buffer.put(x + width - shown + i, y + row, glyph, isFloor ? paint.styles.faint : style);
  }
}
