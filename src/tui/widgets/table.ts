import type { Connection } from "../../model/index.ts";
import type { PlacedColumn } from "../column-layout.ts";
import { nothing, unitFrom, type CellContext, type Column, type ColumnId } from "../columns.ts";
import { magnitudeStyle } from "../format.ts";
import { textWidth } from "../glyphs.ts";
import type { Branch, TableView, ViewItem } from "../table-view.ts";
import { drawRight, drawScrollbar, type Paint, type Rectangle } from "./paint.ts";

export interface TableState {
  readonly view: TableView;
  readonly columns: readonly PlacedColumn[];
  readonly context: CellContext;
  /** First visible item, and the selected one or -1. */
  readonly first: number;
  readonly selected: number;
  /** Rows that are marked, by id. */
  readonly marks: { has(id: number): boolean };
  readonly sort: ColumnId;
  readonly descending: boolean;
  /** The title of the group of those that belong to none. */
  readonly unknownGroup: string;
  /** Where the scroll bar goes. */
  readonly scrollbarX: number;
}

/** Every row begins with two signs: closed, stale and critical read without colour; and whether somebody marked it. */
export const markWidth = 2;

/** The line of column names; a click sorts. */
export function drawHeadings(paint: Paint, x: number, y: number, width: number, state: TableState): void {
  const { buffer, styles, hits, messages } = paint;
  buffer.fill(x, y, width, 1, 0x20, styles.heading);
  for (const { column, x: offset, width: room } of state.columns) {
    const sorted = column.id === state.sort;
    const style = sorted ? styles.headingSorted : styles.heading;
    const at = x + markWidth + offset;
    const mark = sorted ? (state.descending ? "▼" : "▲") : "";
    drawHeading(paint, { x: at, y, width: room, height: 1 }, column.align, messages[column.title], mark, style);
    hits.push({ x: at, y, width: room, height: 1, target: { kind: "column", id: column.id } });
    hits.push({ x: at + room, y, width: 1, height: 1, target: { kind: "edge", id: column.id } });
  }
}

/** A heading with the mark of the order behind it, which stays where there is no room for all of the name. */
export function drawHeading(
  paint: Paint,
  { x, y, width }: Rectangle,
  align: "left" | "right",
  title: string,
  mark: string,
  style: number,
): void {
  const { buffer } = paint;
  const needed = textWidth(title) + textWidth(mark);
  if (align === "right" && needed <= width) drawRight(paint, x, y, width, title + mark, style);
  else if (mark === "" || needed <= width) buffer.text(x, y, title + mark, style, width);
  else if (width > 0) {
    buffer.text(x, y, title, style, width - 1, "none");
    buffer.text(x + width - 1, y, mark, style, 1, "none");
  }
}

/** The visible rows, and nothing of the others. */
export function drawRows(paint: Paint, place: Rectangle, state: TableState): void {
  const { view, first } = state;
  const { styles, table } = paint;
  const count = Math.min(place.height, view.count - first);
  for (let i = 0; i < count; i++) {
    const item = view.item(first + i);
    if (item === undefined) break;
    const y = place.y + i;
    drawItem(paint, place.x, y, item, state);
    if (first + i === state.selected) {
      paint.buffer.restyle(place.x, y, place.width, (style) => table.over(style, styles.selection));
    }
    const target = { kind: "row", index: first + i } as const;
    paint.hits.push({ x: place.x, y, width: place.width, height: 1, target });
  }
  drawScrollbar(paint, state.scrollbarX, place.y, place.height, first, view.count);
}

function drawItem(paint: Paint, x: number, y: number, item: ViewItem, state: TableState): void {
  if (item.kind === "connection") drawConnection(paint, x, y, item.row, item.branch, state);
  else drawGroup(paint, x, y, item, state);
}

function drawConnection(paint: Paint, x: number, y: number, row: Connection, branch: Branch, state: TableState): void {
  const { buffer, styles } = paint;
  const { context } = state;
  const { liveliness } = row;
  let whole = -1;
  if (liveliness !== "live") {
    whole = styles[liveliness];
    buffer.put(x, y, liveliness === "closed" ? 0xd7 : liveliness === "stale" ? 0x7e : 0x21, whole);
  }
  if (state.marks.has(row.id)) buffer.put(x + 1, y, 0x25cf, styles.accent);
  for (const placed of state.columns) {
    const { column } = placed;
    let text = column.cell(row, context);
    if (text === "") continue;
    const at = x + markWidth + placed.x;
    const { width } = placed;
    const style = whole >= 0 ? whole : column.style(row, context);
    if (column.shortCell !== undefined && text.length > width) text = column.shortCell(row);
    if (column.id === "process" && branch !== "none") {
      buffer.put(at, y, branch === "last" ? 0x2514 : 0x251c, styles.border);
      buffer.text(at + 2, y, text, whole >= 0 ? whole : styles.muted, width - 2);
      continue;
    }
    if (column.align === "right") drawRight(paint, at, y, width, withUnit(text, column, width), style);
    else buffer.text(at, y, text, style, width, column.cut);
  }
}

/** The number with its unit where there is room for it in all rows. */
const withUnit = (text: string, { unit }: Column, width: number): string =>
  unit === undefined || width < unitFrom || text === nothing ? text : text + unit;

function drawGroup(
  paint: Paint,
  x: number,
  y: number,
  item: Extract<ViewItem, { kind: "group" }>,
  state: TableState,
): void {
  const { buffer, styles } = paint;
  const { group, open } = item;
  buffer.put(x, y, open ? 0x25be : 0x25b8, styles.group);
  const { columns } = state;
  const named = Math.max(
    0,
    columns.findIndex(({ column }) => column.id === "process"),
  );
  for (const [i, { column, x: offset, width: own }] of columns.entries()) {
    const at = x + markWidth + offset;
    if (i === named) {
      const width = titleWidth(columns, i, (one) => (one.groupCell?.(group, state.context) ?? "") === "");
      const count = ` (${group.rows})`;
      const name = group.title === "" ? state.unknownGroup : group.title;
      const end = buffer.text(at, y, name, styles.group, Math.max(1, width - count.length));
      buffer.text(end, y, count, styles.muted, at + width - end);
      continue;
    }
    const text = column.groupCell?.(group, state.context) ?? "";
    const value = column.amount === undefined ? undefined : group[column.amount];
    const style = value === undefined ? styles.text : value > 0 ? magnitudeStyle(value, styles) : styles.faint;
    if (text !== "") drawRight(paint, at, y, own, withUnit(text, column, own), style);
  }
}

/** The title of a group may reach over the columns behind it that say nothing about groups. */
function titleWidth(columns: readonly PlacedColumn[], from: number, isEmpty: (column: Column) => boolean): number {
  const first = columns[from];
  let last = first;
  for (const next of columns.slice(from + 1)) {
    if (!isEmpty(next.column)) break;
    last = next;
  }
  return first === undefined || last === undefined ? 0 : last.x + last.width - first.x;
}
