import type { Snapshot } from "../model/index.ts";
import { layoutColumns, type PlacedColumn } from "./column-layout.ts";
import { columns, type CellContext, type Column, type ColumnId } from "./columns.ts";
import { formatClock, formatCount } from "./format.ts";
import { fill } from "./messages.ts";
import type { TableView } from "./table-view.ts";
import { drawInterfaceLine, drawPanels, drawTrafficLine, headerNotices } from "./widgets/header.ts";
import { drawBox, drawRule, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";
import { drawHeadings, drawRows, markWidth } from "./widgets/table.ts";

/** What the overview shows besides the snapshot. */
export interface OverviewState {
  readonly view: TableView;
  readonly sort: Column;
  readonly descending: boolean;
  readonly grouped: boolean;
  readonly showClosed: boolean;
  readonly names: boolean;
  readonly services: boolean;
  /** The filter in force, "" when none. */
  readonly filter: string;
  readonly frozenAt: number | undefined;
  readonly scroll: number;
  readonly selected: number;
}

/** Where the parts of the overview go; rows of height 0 are not shown. */
interface Layout {
  readonly panels: number;
  readonly trafficLine: boolean;
  readonly interfaceLine: boolean;
  readonly notices: number;
  readonly boxed: boolean;
  readonly rule: boolean;
  readonly headings: boolean;
}

const panelsHeight = 6;

function layout(width: number, height: number, notices: number): Layout {
  const large = height >= 28 && width >= 100;
  return {
    panels: large ? panelsHeight : 0,
    trafficLine: !large && height >= 8,
    interfaceLine: !large && height >= 18,
    notices: height >= 18 ? Math.min(2, notices) : height >= 10 ? Math.min(1, notices) : 0,
    boxed: large,
    rule: !large && height >= 12,
    headings: height >= 3,
  };
}

const placeColumns = (width: number, names: boolean): PlacedColumn[] =>
  layoutColumns(columns, width, new Set<ColumnId>(names ? [] : ["host"]));

/**
 * Draws the overview into `place`.
 * @returns how many rows the table shows, the scroll position that keeps the selection visible, and the first row's
 * line on the screen.
 */
export function drawOverview(
  paint: Paint,
  place: Rectangle,
  snapshot: Snapshot,
  state: OverviewState,
): { page: number; first: number; top: number } {
  const { styles } = paint;
  const { x, width } = place;
  const end = place.y + place.height;
  const notices = headerNotices(paint, snapshot);
  const parts = layout(width, place.height, notices.length);
  let { y } = place;
  if (parts.panels > 0) {
    drawPanels(paint, { x, y, width, height: parts.panels }, snapshot);
    y += parts.panels;
  }
  if (parts.trafficLine) drawTrafficLine(paint, y++, width, snapshot);
  if (parts.interfaceLine) drawInterfaceLine(paint, y++, width, snapshot);
  for (let i = 0; i < parts.notices; i++) drawSpans(paint, x + 1, y++, x + width - 1, notices[i] ?? []);

  let table: Rectangle = { x, y, width, height: end - y };
  const title = tableTitle(paint, state);
  const right = tableStatus(paint, state);
  if (parts.boxed) table = drawBox(paint, table, title, right);
  else if (parts.rule) {
    drawRule(paint, x, y++, width, title, right);
    table = { x, y, width: width - 2, height: end - y };
  }
  const placed = placeColumns(table.width - markWidth - (parts.boxed ? 1 : 0), state.names);
  const page = Math.max(0, table.height - (parts.headings ? 1 : 0));
  const first = firstVisible(state, page);
  const context: CellContext = {
    now: snapshot.time,
    styles,
    names: state.names,
    services: state.services,
    hostColumn: placed.some(({ column }) => column.id === "host"),
    serviceColumn: placed.some(({ column }) => column.id === "service"),
    unknownProcess: paint.messages.unknownProcess,
  };
  const tableState = {
    view: state.view,
    columns: placed,
    context,
    first,
    selected: state.selected,
    sort: state.sort.id,
    descending: state.descending,
    scrollbarX: x + width - 1,
  };
  if (parts.headings) drawHeadings(paint, table.x, table.y, table.width, tableState);
  const rows = { ...table, y: table.y + (parts.headings ? 1 : 0), height: page };
  if (state.view.count === 0) drawEmpty(paint, rows, state);
  else drawRows(paint, rows, tableState);
  return { page, first, top: rows.y };
}

function firstVisible({ view, scroll, selected }: OverviewState, page: number): number {
  let first = scroll;
  if (selected >= 0) {
    if (selected < first) first = selected;
    if (selected >= first + page) first = selected - page + 1;
  }
  return Math.max(0, Math.min(first, view.count - page));
}

function drawEmpty(paint: Paint, place: Rectangle, state: OverviewState): void {
  const { messages, styles, buffer } = paint;
  const text = state.view.candidates > 0 ? messages.noRowsFiltered : messages.noRows;
  buffer.text(place.x + 2, place.y + (place.height > 4 ? 2 : 0), text, styles.muted, place.width - 3);
}

function tableTitle(paint: Paint, state: OverviewState): Span[] {
  const { messages, styles } = paint;
  const { view } = state;
  const spans: Span[] = [[`${messages.panelConnections} `, styles.heading]];
  if (state.filter === "") spans.push([formatCount(view.matched), styles.text]);
  else {
    const values = { matched: formatCount(view.matched), count: formatCount(view.candidates) };
    spans.push([fill(messages.matches, values), styles.text], [` ${messages.filter.toLowerCase()} `, styles.muted]);
    spans.push([state.filter, styles.accent]);
  }
  if (state.frozenAt !== undefined) {
    spans.push([` ${fill(messages.frozen, { time: formatClock(state.frozenAt) })}`, styles.warning]);
  }
  return spans;
}

function tableStatus(paint: Paint, state: OverviewState): Span[] {
  const { messages, styles } = paint;
  const arrow = state.descending ? "▼" : "▲";
  const spans: Span[] = [[fill(messages.sorted, { column: messages[state.sort.title], arrow }), styles.muted]];
  if (state.grouped) spans.push([` · ${messages.grouped}`, styles.muted]);
  if (state.showClosed) spans.push([` · ${messages.withClosed}`, styles.muted]);
  if (state.selected >= 0) {
    const at = formatCount(state.selected + 1);
    spans.push([" · ", styles.muted]);
    spans.push([fill(messages.position, { at, count: formatCount(state.view.count) }), styles.text]);
  }
  return spans;
}
