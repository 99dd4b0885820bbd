import type { PlacedHeading } from "./heading-drag.ts";
import type { Activity } from "./process-rates.ts";
import type { TreeLine } from "./process-tree.ts";
import { activityCell, nameHeading, type ActivityColumn } from "./processes-columns.ts";
import { drawGraph, drawRight, type Paint, type Rectangle } from "./widgets/paint.ts";
import { drawHeading } from "./widgets/table.ts";

const nameWidth = 15;
/** Cells that names have more in a tree, and what is left of them at its deepest lines. */
export const treeIndent = 9;
const leastName = 12;
const mostGraph = 24;
/**
 * Graphs go to the left by so many samples at once: between two steps a row changes in one cell a second, where one that
 * glides would change in all of them. Over an SSH line that is what the tab costs.
 */
const graphStep = 8;

/** Where names, columns and graphs go. */
export interface ActivityLayout {
  readonly x: number;
  readonly width: number;
  readonly names: number;
  readonly columns: readonly ActivityColumn[];
  readonly graphX: number;
  /** 0: no room. */
  readonly graphWidth: number;
}

export function layoutActivities(
  place: Rectangle,
  columns: readonly ActivityColumn[],
  isTree: boolean,
): ActivityLayout {
  const { x, width } = place;
  const taken = columns.reduce((sum, one) => sum + one.width + 1, 0);
  const wanted = isTree ? nameWidth + treeIndent : nameWidth;
  const names = Math.max(1, Math.min(wanted + Math.max(0, (width - taken - wanted) >> 2), width - taken - 2));
  const graphX = x + 1 + names + taken + 1;
  const room = Math.min(mostGraph, width - names - taken - 4);
  return { x, width, names, columns, graphX, graphWidth: room >= 8 ? room : 0 };
}

export interface ActivityState {
  readonly list: readonly Activity[];
  /** Where each of the list stands in the tree; empty: it is none. */
  readonly lines: readonly TreeLine[];
  readonly first: number;
  readonly page: number;
  readonly selected: string | undefined;
  readonly marked: ReadonlySet<string>;
  /** By key. */
  readonly peers: ReadonlyMap<string, string>;
  /** Samples that histories have had. */
  readonly samples: number;
  readonly unnamed: string;
  /** As it may be shown. */
  readonly nameOf: (one: Activity) => string;
  /** Undefined: by name. */
  readonly sort: ActivityColumn | undefined;
  readonly descending: boolean;
}

/** The headings of the columns, from left to right; that of the names is not among them. */
export function activityHeadings(layout: ActivityLayout): PlacedHeading<string>[] {
  let next = layout.x + 1 + layout.names + 1;
  return layout.columns.map(({ id, width }) => {
    const x = next;
    next += width + 1;
    return { id, x, width };
  });
}

/** The line of headings; each is a hit. */
export function drawActivityHeadings(paint: Paint, y: number, layout: ActivityLayout, state: ActivityState): void {
  const { buffer, styles, messages, hits } = paint;
  const table = "processes";
  const arrow = state.descending ? "▼" : "▲";
  const x = layout.x + 1;
  const byName = state.sort === undefined;
  const title = messages.columnProcess + (byName ? arrow : "");
  buffer.text(x, y, title, byName ? styles.headingSorted : styles.heading, layout.names);
  hits.push({ x, y, width: layout.names, height: 1, target: { kind: "heading", table, id: nameHeading } });
  let left = x + layout.names + 1;
  for (const one of layout.columns) {
    const sorted = one === state.sort;
    const style = sorted ? styles.headingSorted : styles.heading;
    const place = { x: left, y, width: one.width, height: 1 };
    const align = one.value === undefined ? "left" : "right";
    drawHeading(paint, place, align, messages[one.title], sorted ? arrow : "", style);
    hits.push({ x: left, y, width: one.width, height: 1, target: { kind: "heading", table, id: one.id } });
    left += one.width + 1;
  }
}

/** The visible entries. */
export function drawActivities(paint: Paint, y: number, layout: ActivityLayout, state: ActivityState): void {
  const { buffer, styles, table, hits } = paint;
  const { x, width } = layout;
  for (let i = 0; i < state.page; i++) {
    const one = state.list[state.first + i];
    if (one === undefined) break;
    const index = state.first + i;
    const line = state.lines[index];
    drawActivity(paint, y + i, one, layout, state, line);
    if (one.key === state.selected) buffer.restyle(x, y + i, width, (style) => table.over(style, styles.selection));
    hits.push({ x, y: y + i, width, height: 1, target: { kind: "row", index } });
    if (line === undefined || line.children === "none") continue;
    const mark = x + 1 + indentOf(line, layout);
    hits.push({ x: mark, y: y + i, width: 2, height: 1, target: { kind: "item", index } });
  }
}

/** Cells before the mark of a line; the deepest lines keep room for their names. */
const indentOf = ({ depth }: TreeLine, { names }: ActivityLayout): number =>
  Math.min(depth * 2, Math.max(0, names - leastName));

function drawActivity(
  paint: Paint,
  y: number,
  one: Activity,
  layout: ActivityLayout,
  state: ActivityState,
  line: TreeLine | undefined,
): void {
  const { buffer, styles } = paint;
  const { x, names, columns, graphX, graphWidth } = layout;
  const unnamed = one.name === "";
  const gone = one.rows === 0 || one.process?.exit !== undefined;
  if (state.marked.has(one.key)) buffer.put(x, y, 0x25cf, styles.accent);
  else if (gone) buffer.put(x, y, 0xd7, styles.closed);
  const style = gone ? styles.closed : unnamed ? styles.faint : line?.isOwn === false ? styles.muted : styles.process;
  const indent = line === undefined ? 0 : indentOf(line, layout);
  if (line !== undefined && line.children !== "none") {
    buffer.put(x + 1 + indent, y, line.children === "open" ? 0x25be : 0x25b8, styles.accent);
  }
  const lead = line === undefined ? 0 : indent + 2;
  buffer.text(x + 1 + lead, y, unnamed ? state.unnamed : state.nameOf(one), style, names - lead);
  let left = x + 1 + names + 1;
  for (const column of columns) {
    if (column.value === undefined) {
      buffer.text(left, y, state.peers.get(one.key) ?? "", styles.host, column.width, "middle");
    } else {
      const [text, look] = activityCell(column, one, styles);
      drawRight(paint, left, y, column.width, text, gone ? styles.closed : look);
    }
    left += column.width + 1;
  }
  if (graphWidth === 0) return;
  const blank = graphStep - 1 - ((state.samples + graphStep - 1) % graphStep);
  const room = { x: graphX, y, width: graphWidth - blank, height: 1 };
  drawGraph(paint, room, one.history, Math.max(1000, one.peak), styles.receive);
}
