import type { Snapshot } from "../model/index.ts";
import type { PlacedColumn } from "./column-layout.ts";
import type { ColumnSettings } from "./column-settings.ts";
import type { CellContext, Column, ColumnId } from "./columns.ts";
import { formatClock, formatCount } from "./format.ts";
import type { FlowMarks } from "./flow-marks.ts";
import type { Grouping } from "./grouping.ts";
import { fill, type MessageKey } from "./messages.ts";
import type { OwnCost } from "./own-cost.ts";
import { drawSidebar, sidebarFrom, sidebarWidth } from "./overview-sidebar.ts";
import type { TableView } from "./table-view.ts";
import { drawInterfaceLine, drawPanels, drawTrafficLine, headerNotices } from "./widgets/header.ts";
import { drawBox, drawRule, drawSpans, type Paint, type Rectangle, type Span } from "./widgets/paint.ts";
import { drawHeadings, drawRows, markWidth } from "./widgets/table.ts";

/** What the overview shows besides the snapshot. */
export interface OverviewState {
  readonly view: TableView;
  readonly columns: ColumnSettings;
  readonly sort: Column;
  readonly descending: boolean;
  readonly grouping: Grouping;
  readonly showClosed: boolean;
  readonly names: boolean;
  readonly services: boolean;
  readonly sidebar: boolean;
  readonly rttStale: number;
  readonly rttCritical: number;
  /** Milliseconds between the last two snapshots; 0 when there was one. */
  readonly interval: number;
  readonly cost: OwnCost;
  /** The filter in force, "" when none. */
  readonly filter: string;
  readonly frozenAt: number | undefined;
  readonly scroll: number;
  readonly selected: number;
  readonly marks: FlowMarks;
}

/** What a frame of the overview put where. */
export interface DrawnOverview {
  /** Rows the table shows, and the first one's line on the screen. */
  readonly page: number;
  readonly top: number;
  /** The scroll position that keeps the selection visible. */
  readonly first: number;
  /** The columns, and where the first one begins. */
  readonly columns: readonly PlacedColumn[];
  readonly columnsX: number;
  /** There is room for the sidebar. */
  readonly sidebar: boolean;
}

/** Where the parts of the overview go; rows of height 0 are not shown. */
interface Layout {
  readonly sidebar: boolean;
  readonly panels: number;
  readonly trafficLine: boolean;
  readonly interfaceLine: boolean;
  readonly notices: number;
  readonly boxed: boolean;
  readonly rule: boolean;
  readonly headings: boolean;
}

const panelsHeight = 6;

const hasSidebar = ({ width, height }: Pick<Rectangle, "width" | "height">, wanted: boolean): boolean =>
  wanted && width >= sidebarFrom.columns && height >= sidebarFrom.rows;

function layout(width: number, height: number, notices: number, wanted: boolean): Layout {
  const sidebar = hasSidebar({ width, height }, wanted);
  const large = sidebar || (height >= 28 && width >= 100);
  return {
    sidebar,
    panels: large && !sidebar ? panelsHeight : 0,
    trafficLine: !large && height >= 8,
    interfaceLine: !large && height >= 18,
    notices: height >= 18 ? Math.min(2, notices) : height >= 10 ? Math.min(1, notices) : 0,
    boxed: large,
    rule: !large && height >= 12,
    headings: height >= 3,
  };
}

const hostColumn: ReadonlySet<ColumnId> = new Set(["host"]);
const noColumn: ReadonlySet<ColumnId> = new Set();

/** Draws the overview into `place`. */
export function drawOverview(paint: Paint, place: Rectangle, snapshot: Snapshot, state: OverviewState): DrawnOverview {
  const notices = headerNotices(paint, snapshot);
  const parts = layout(place.width, place.height, notices.length, state.sidebar);
  const { x } = place;
  const width = parts.sidebar ? place.width - sidebarWidth : place.width;
  let { y } = place;
  if (parts.sidebar) {
    drawSidebar(
      paint,
      { x: x + width, y, width: sidebarWidth, height: place.height },
      snapshot,
      state.interval,
      state.cost,
    );
  }
  if (parts.panels > 0) {
    drawPanels(paint, { x, y, width, height: parts.panels }, snapshot);
    y += parts.panels;
  }
  if (parts.trafficLine) drawTrafficLine(paint, y++, width, snapshot);
  if (parts.interfaceLine && snapshot.interfaces.length > 0) drawInterfaceLine(paint, y++, width, snapshot);
  for (let i = 0; i < parts.notices; i++) drawSpans(paint, x + 1, y++, x + width - 1, notices[i] ?? []);
  const table = drawTable(paint, { x, y, width, height: place.y + place.height - y }, parts, snapshot, state);
  return { ...table, sidebar: hasSidebar(place, true) };
}

function drawTable(
  paint: Paint,
  place: Rectangle,
  parts: Layout,
  snapshot: Snapshot,
  state: OverviewState,
): Omit<DrawnOverview, "sidebar"> {
  const { x, y, width } = place;
  let table = place;
  const title = tableTitle(paint, state);
  const right = tableStatus(paint, state);
  if (parts.boxed) table = drawBox(paint, table, title, right);
  else if (parts.rule) {
    drawRule(paint, x, y, width, title, right);
    table = { x, y: y + 1, width: width - 2, height: place.height - 1 };
  }
  const room = table.width - markWidth - (parts.boxed ? 1 : 0);
  const placed = state.columns.layout(room, state.names ? noColumn : hostColumn);
  const page = Math.max(0, table.height - (parts.headings ? 1 : 0));
  const first = firstVisible(state, page);
  const context: CellContext = {
    now: snapshot.time,
    styles: paint.styles,
    names: state.names,
    services: state.services,
    hostColumn: placed.some(({ column }) => column.id === "host"),
    localColumn: placed.some(({ column }) => column.id === "local"),
    serviceColumn: placed.some(({ column }) => column.id === "service"),
    unknownProcess: paint.messages.unknownProcess,
    rttStale: state.rttStale,
    rttCritical: state.rttCritical,
  };
  const tableState = {
    view: state.view,
    columns: placed,
    context,
    first,
    selected: state.selected,
    marks: state.marks,
    sort: state.sort.id,
    descending: state.descending,
    scrollbarX: x + width - 1,
    unknownGroup: paint.messages[state.grouping === "process" ? "unknownProcess" : "unknownGroup"],
  };
  if (parts.headings) drawHeadings(paint, table.x, table.y, table.width, tableState);
  const rows = { ...table, y: table.y + (parts.headings ? 1 : 0), height: page };
  if (state.view.count === 0) drawEmpty(paint, rows, state);
  else drawRows(paint, rows, tableState);
  return { page, first, top: rows.y, columns: placed, columnsX: table.x + markWidth };
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
  if (state.filter === "") {
    spans.push([formatCount(view.matched - view.ended), styles.text]);
    if (view.ended > 0) spans.push([` +${formatCount(view.ended)} ${messages.closed}`, styles.muted]);
  } else {
    const values = { matched: formatCount(view.matched), count: formatCount(view.candidates) };
    spans.push([fill(messages.matches, values), styles.text], [` ${messages.filter.toLowerCase()} `, styles.muted]);
    spans.push([state.filter, styles.accent]);
  }
  if (state.frozenAt !== undefined) {
    spans.push([` ${fill(messages.frozen, { time: formatClock(state.frozenAt) })}`, styles.warning]);
  }
  return spans;
}

const groupedBy: Readonly<Record<Exclude<Grouping, "none">, MessageKey>> = {
  process: "byProcess",
  service: "byService",
  container: "byContainer",
  host: "byHost",
  app: "byApp",
  country: "byCountry",
};

function tableStatus(paint: Paint, state: OverviewState): Span[] {
  const { messages, styles } = paint;
  const arrow = state.descending ? "▼" : "▲";
  const spans: Span[] = [[fill(messages.sorted, { column: messages[state.sort.title], arrow }), styles.muted]];
  if (state.grouping !== "none") {
    spans.push([` · ${fill(messages.grouped, { what: messages[groupedBy[state.grouping]] })}`, styles.muted]);
  }
  if (state.marks.size > 0) spans.push([` · ${fill(messages.marked, { count: state.marks.size })}`, styles.accent]);
  if (state.showClosed) spans.push([` · ${messages.withClosed}`, styles.muted]);
  if (state.selected >= 0) {
    const at = formatCount(state.selected + 1);
    spans.push([" · ", styles.muted]);
    spans.push([fill(messages.position, { at, count: formatCount(state.view.count) }), styles.text]);
  }
  return spans;
}
