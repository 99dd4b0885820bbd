import { textWidth } from "../glyphs.ts";
import { drawRight, type Paint, type Rectangle } from "./paint.ts";

/** One curve as the legend tells it. */
export interface LegendEntry {
  readonly name: string;
  readonly value: string;
  readonly style: number;
  /** The letter that stands along the curve; "" when only its colour tells it. */
  readonly marker: string;
}

const valueWidth = 10;
/** Between a value and the next entry. */
const gap = 3;
/** The least cells of a name that say something. */
const leastName = 6;

/** How entries are laid out: in rows of even width, which is as much as the longest needs, or as there is. */
interface LegendGrid {
  readonly rows: number;
  readonly perRow: number;
  /** Cells of one name; below 0: there is no room for it. */
  readonly names: number;
}

const lead = (entries: readonly LegendEntry[]): number => (entries.some(({ marker }) => marker !== "") ? 4 : 2);

/** `rows` is at most `most`; where not all entries have room, as many as have. */
export function layoutLegend(entries: readonly LegendEntry[], width: number, most: number): LegendGrid {
  const count = Math.max(1, entries.length);
  const around = lead(entries) + 1 + valueWidth + gap;
  const longest = entries.reduce((widest, { name }) => Math.max(widest, textWidth(name)), 1);
  const room = width + gap;
  const natural = Math.max(1, Math.floor(room / (around + longest)));
  const needed = Math.max(natural, Math.ceil(count / Math.max(1, most)));
  const perRow = Math.max(1, Math.min(count, needed, Math.max(1, Math.floor(room / (around + leastName)))));
  const names = Math.min(longest, Math.floor(room / perRow) - around);
  return { rows: Math.max(1, Math.min(most, Math.ceil(count / perRow))), perRow, names };
}

/** Every curve's colour, letter, name and value. */
export function drawLegend(paint: Paint, place: Rectangle, entries: readonly LegendEntry[]): void {
  const { buffer, styles } = paint;
  const { rows, perRow, names } = layoutLegend(entries, place.width, place.height);
  const first = lead(entries);
  const step = first + Math.max(1, names) + 1 + valueWidth + gap;
  entries.slice(0, rows * perRow).forEach(({ name, value, style, marker }, index) => {
    const x = place.x + (index % perRow) * step;
    const y = place.y + Math.floor(index / perRow);
    const end = place.x + place.width;
    buffer.text(x, y, marker === "" ? "━" : `━${marker}━`, style, Math.max(0, end - x));
    const at = x + first;
    buffer.text(at, y, name, styles.text, Math.max(0, Math.min(Math.max(1, names), end - at)), "middle");
    const from = at + Math.max(1, names) + 1;
    if (from + valueWidth <= end) drawRight(paint, from, y, valueWidth, value, styles.muted);
  });
}
