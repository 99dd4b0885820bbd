import type { Connection } from "../../model/index.ts";
import { formatEndpoint } from "../cell-text.ts";
import type { DetailField } from "../details.ts";
import { wrapLine, type GlyphLine } from "../glyphs.ts";
import { drawBox, drawScrollbar, type Paint, type Rectangle, type Span } from "./paint.ts";

const nameWidth = 26;

interface Line {
  readonly field: number;
  readonly heading?: string;
  readonly name?: string;
  readonly value?: GlyphLine;
}

/**
 * Names and values of one connection in a frame, the field under the cursor marked.
 * @returns the scroll position that keeps the cursor visible.
 */
export function drawDetails(
  paint: Paint,
  place: Rectangle,
  row: Connection,
  fields: readonly DetailField[],
  cursor: number,
  scroll: number,
  right: readonly Span[],
): number {
  const { styles, table, buffer, messages, hits } = paint;
  const title: Span[] = [
    [row.process?.name ?? messages.unknownProcess, styles.title],
    [row.direction === "inbound" ? " ← " : " → ", styles.muted],
    [row.hostname ?? formatEndpoint(row.remote), styles.host],
  ];
  const inside = drawBox(paint, place, title, right);
  const names = Math.min(nameWidth, inside.width >> 1);
  const valueX = inside.x + 1 + names;
  const valueWidth = Math.max(2, inside.width - names - 2);
  const lines = detailLines(fields, valueWidth);
  const first = visibleFrom(lines, cursor, scroll, inside.height);
  for (let i = 0; i < inside.height; i++) {
    const line = lines[first + i];
    if (line === undefined) break;
    const y = inside.y + i;
    if (line.heading !== undefined) buffer.text(inside.x + 1, y, line.heading, styles.title, inside.width - 1);
    if (line.name !== undefined) buffer.text(inside.x + 2, y, line.name, styles.muted, names - 2);
    if (line.value !== undefined) buffer.line(valueX, y, line.value, styles.text);
    if (line.field < 0) continue;
    hits.push({ x: inside.x, y, width: inside.width, height: 1, target: { kind: "field", index: line.field } });
    if (line.field === cursor) {
      buffer.restyle(inside.x, y, inside.width, (style) => table.over(style, styles.selection));
    }
  }
  drawScrollbar(paint, place.x + place.width - 1, inside.y, inside.height, first, lines.length);
  return first;
}

function detailLines(fields: readonly DetailField[], width: number): Line[] {
  const lines: Line[] = [];
  let section = "";
  fields.forEach((field, index) => {
    if (field.section !== section) {
      if (section !== "") lines.push({ field: -1 });
      ({ section } = field);
      lines.push({ field: -1, heading: section });
    }
    wrapLine(field.value, width).forEach((value, i) => {
      lines.push(i === 0 ? { field: index, name: field.name, value } : { field: index, value });
    });
  });
  return lines;
}

function visibleFrom(lines: readonly Line[], cursor: number, scroll: number, height: number): number {
  const top = lines.findIndex((line) => line.field === cursor);
  let first = scroll;
  if (top >= 0) {
    let bottom = top;
    while (lines[bottom + 1]?.field === cursor) bottom++;
    if (bottom >= first + height) first = bottom - height + 1;
    // The first field brings the headings above it along.
    const start = cursor === 0 ? 0 : top;
    if (start < first) first = start;
  }
  return Math.max(0, Math.min(first, lines.length - height));
}
