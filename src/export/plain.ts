import type { Connection, Endpoint, Losses, Snapshot } from "../model/index.ts";
import { escapeText } from "./escape.ts";
import type { AggregateBy, AggregateRecord } from "./record.ts";
import { formatBytes, formatRate } from "./units.ts";
import { fitText, textWidth } from "./width.ts";

interface Column<R> {
  readonly title: string;
  readonly align: "left" | "right";
  /** Cells that are kept when the line is too long; absent: the column is never cut. */
  readonly least?: number;
  readonly text: (row: R) => string;
}

function endpoint({ address, port }: Endpoint): string {
  if (address === "") return "*";
  if (port === 0) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

const flowColumns: readonly Column<Connection>[] = [
  { title: "PROTO", align: "left", text: (c) => c.protocol },
  { title: "STATE", align: "left", text: (c) => (c.liveliness === "closed" ? "CLOSED" : c.state) },
  { title: "LOCAL", align: "left", least: 15, text: (c) => endpoint(c.local) },
  { title: "REMOTE", align: "left", least: 15, text: (c) => endpoint(c.remote) },
  { title: "HOST", align: "left", least: 8, text: (c) => c.hostname ?? "" },
  { title: "APP", align: "left", least: 4, text: (c) => c.application?.name ?? "" },
  { title: "PID", align: "right", text: (c) => String(c.process?.pid ?? "") },
  { title: "PROCESS", align: "left", least: 8, text: (c) => c.process?.name ?? "" },
  { title: "RTT", align: "right", text: (c) => (c.quality.rtt === undefined ? "" : `${c.quality.rtt.toFixed(1)}ms`) },
  { title: "UP", align: "right", text: (c) => formatRate(c.txRate) },
  { title: "DOWN", align: "right", text: (c) => formatRate(c.rxRate) },
  { title: "SENT", align: "right", text: (c) => formatBytes(c.txBytes) },
  { title: "RECEIVED", align: "right", text: (c) => formatBytes(c.rxBytes) },
];

const sumColumns: readonly Column<AggregateRecord>[] = [
  { title: "FLOWS", align: "right", text: (r) => String(r.flows) },
  { title: "LIVE", align: "right", text: (r) => String(r.live) },
  { title: "UP", align: "right", text: (r) => formatRate(r.tx_rate) },
  { title: "DOWN", align: "right", text: (r) => formatRate(r.rx_rate) },
  { title: "SENT", align: "right", text: (r) => formatBytes(r.tx_bytes) },
  { title: "RECEIVED", align: "right", text: (r) => formatBytes(r.rx_bytes) },
];

const nameColumn = (title: string): Column<AggregateRecord> => ({
  title,
  align: "left",
  least: 10,
  text: (r) => r.name,
});

const processColumns: readonly Column<AggregateRecord>[] = [
  { title: "PID", align: "right", text: (r) => String(r.process?.pid ?? "") },
  nameColumn("PROCESS"),
  { title: "USER", align: "left", least: 4, text: (r) => r.process?.user?.name ?? String(r.process?.user?.id ?? "") },
  ...sumColumns,
];

/** Widths of all columns: as wide as the content, then cut evenly where `width` cells are all there is. */
function columnWidths<R>(
  columns: readonly Column<R>[],
  cells: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[index] ?? "")), column.title.length),
  );
  let excess = widths.reduce((sum, cellWidth) => sum + cellWidth + 2, -2) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const current = widths[index] ?? 0;
      const cuttable = column.least !== undefined && current > column.least;
      if (cuttable && (widest < 0 || current > (widths[widest] ?? 0))) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

function table<R>(columns: readonly Column<R>[], rows: readonly R[], width: number): string[] {
  const cells = rows.map((row) => columns.map((column) => escapeText(column.text(row))));
  const widths = columnWidths(columns, cells, width);
  const line = (texts: readonly string[]): string =>
    columns
      .map((column, index) => fitText(texts[index] ?? "", widths[index] ?? 0, column.align))
      .join("  ")
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...cells.map((row) => line(row))];
}

const rate = (connection: Connection): number => connection.txRate + connection.rxRate;
const bytes = (connection: Connection): number => connection.txBytes + connection.rxBytes;

/** A table of flows for people, greatest rate first; `width` is the terminal's, Infinity where there is none. */
export function plainFlows(connections: readonly Connection[], width: number): readonly string[] {
  const sorted = [...connections].sort((a, b) => rate(b) - rate(a) || bytes(b) - bytes(a) || a.id - b.id);
  return table(flowColumns, sorted, width);
}

/** The same in the order given, as wide as it is. */
export const plainFlowsInOrder = (connections: readonly Connection[]): readonly string[] =>
  table(flowColumns, connections, Infinity);

/** Any table: titles, then rows; columns whose cells are all numbers stand at the right. */
export function plainTable(
  titles: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  type Row = (typeof rows)[number];
  const columns = titles.map((title, index): Column<Row> => {
    const numbers = rows.every((row) => typeof (row[index] ?? 0) === "number");
    return { title: title.toUpperCase(), align: numbers ? "right" : "left", text: (row) => String(row[index] ?? "") };
  });
  return table(columns, rows, Infinity);
}

/** A table of sums for people, in the order given. */
export function plainAggregates(
  by: AggregateBy,
  records: readonly AggregateRecord[],
  width: number,
): readonly string[] {
  const columns = by === "process" ? processColumns : [nameColumn(by.toUpperCase()), ...sumColumns];
  return table(columns, records, width);
}

const lossNames: readonly (readonly [keyof Losses, string])[] = [
  ["tableFullPackets", "packets met a full table"],
  ["samplesLost", "samples lost"],
  ["processEventsLost", "process events lost"],
  ["framesDropped", "frames dropped"],
  ["evicted", "live rows evicted"],
];

/** The line above each table: time, level, totals, and what was lost, if anything. */
export function plainStatus(snapshot: Snapshot, recordsDropped: number): string {
  const { level, losses, totals } = snapshot;
  const lost = lossNames.filter(([name]) => losses[name] > 0).map(([name, words]) => `${losses[name]} ${words}`);
  if (recordsDropped > 0) lost.push(`${recordsDropped} rows not written`);
  const parts = [
    new Date(snapshot.time).toISOString(),
    level.reason === undefined ? level.level : `${level.level} (${level.reason})`,
    `${totals.live} live`,
    `up ${formatRate(totals.txRate)} (${formatBytes(totals.txBytes)})`,
    `down ${formatRate(totals.rxRate)} (${formatBytes(totals.rxBytes)})`,
  ];
  // Not lost, but nobody's: the kernel's own packets are among them.
  if (losses.unattributedBytes > 0) parts.push(`${formatBytes(losses.unattributedBytes)} without owner`);
  if (lost.length > 0) parts.push(`LOST: ${lost.join(", ")}`);
  return escapeText(parts.join(" · "));
}
