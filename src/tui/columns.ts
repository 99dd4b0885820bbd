import type { Connection } from "../model/index.ts";
import {
  applicationText,
  containerText,
  endpointKey,
  fold,
  localText,
  remoteText,
  serviceText,
  shortState,
  userText,
} from "./cell-text.ts";
import { formatAge, formatBytes, formatCountWithin, formatMilliseconds, magnitudeStyle } from "./format.ts";
import type { Cut } from "./glyphs.ts";
import type { MessageKey } from "./messages.ts";
import type { Styles } from "./theme.ts";

/** Cells from which a column shows the unit of its numbers: "12.4 MB/s". */
export const unitFrom = 9;

/** What stands for nothing. */
export const nothing = "·";

/** What the cells of a table are drawn with besides the row. */
export interface CellContext {
  readonly now: number;
  readonly styles: Styles;
  /** Host names where known (`d`); services in the place of port numbers (`p`). */
  readonly names: boolean;
  readonly services: boolean;
  /** A fact that has a column of its own is not said twice. */
  readonly hostColumn: boolean;
  readonly localColumn: boolean;
  readonly serviceColumn: boolean;
  readonly unknownProcess: string;
  /** Round trip times from which on one is slow, and bad; milliseconds. */
  readonly rttStale: number;
  readonly rttCritical: number;
}

/** Sums over the connections of one group. One object is reused from tick to tick. */
export interface GroupSums {
  key: string;
  title: string;
  pid: number;
  rows: number;
  closedRows: number;
  txRate: number;
  rxRate: number;
  txBytes: number;
  rxBytes: number;
  rtt: number;
  start: number;
  retransmits: number;
}

export type ColumnId =
  | "process"
  | "pid"
  | "remote"
  | "local"
  | "service"
  | "protocol"
  | "application"
  | "host"
  | "state"
  | "rtt"
  | "rxRate"
  | "txRate"
  | "rxBytes"
  | "txBytes"
  | "age"
  | "interface"
  | "user"
  | "container"
  | "parent"
  | "direction"
  | "retransmits"
  | "idle"
  | "country"
  | "organization";

export interface Column {
  readonly id: ColumnId;
  readonly title: MessageKey;
  readonly align: "left" | "right";
  readonly minimum: number;
  readonly preferred: number;
  readonly maximum: number;
  /** On narrow screens the highest number goes first; no two columns have the same. */
  readonly priority: number;
  /** Shown only where somebody asked for it. */
  readonly optional?: true;
  readonly cut: Cut;
  /** What rows are sorted by: a number (absent values last) or a text. */
  readonly number?: (row: Connection) => number | undefined;
  readonly key?: (row: Connection, context: SortContext) => string;
  readonly cell: (row: Connection, context: CellContext) => string;
  /** What stands there when the cell has no room for all: whole, where the cell would be cut. */
  readonly shortCell?: (row: Connection) => string;
  readonly style: (row: Connection, context: CellContext) => number;
  /** Stands behind the number where the column has `unitFrom` cells. */
  readonly unit?: string;
  /** The number is an amount of bytes. */
  readonly amount?: "rxRate" | "txRate" | "rxBytes" | "txBytes";
  /** The same of a whole group; columns without it are empty there. */
  readonly groupNumber?: (group: GroupSums) => number;
  readonly groupCell?: (group: GroupSums, context: CellContext) => string;
}

export interface SortContext {
  readonly names: boolean;
}

function stateStyle(row: Connection, { styles }: CellContext): number {
  switch (row.state) {
    case "ESTABLISHED":
    case "ACTIVE":
      return styles.good;
    case "SYN_SENT":
    case "SYN_RECV":
      return styles.stale;
    case "LISTEN":
      return styles.accent;
    default:
      return styles.muted;
  }
}

const amount =
  (pick: (row: Connection) => number) =>
  (row: Connection): string => {
    const value = pick(row);
    return value > 0 ? formatBytes(value) : nothing;
  };

const amountStyle =
  (pick: (row: Connection) => number) =>
  (row: Connection, { styles }: CellContext): number => {
    const value = pick(row);
    return value > 0 ? magnitudeStyle(value, styles) : styles.faint;
  };

function bytesColumn(
  id: "rxRate" | "txRate" | "rxBytes" | "txBytes",
  title: MessageKey,
  priority: number,
  minimum: number,
  unit?: string,
): Column {
  const pick = (row: Connection): number => row[id];
  return {
    ...(unit !== undefined && { unit }),
    id,
    title,
    align: "right",
    minimum,
    preferred: 9,
    maximum: unit === undefined ? 9 : 10,
    priority,
    cut: "end",
    amount: id,
    number: pick,
    cell: amount(pick),
    style: amountStyle(pick),
    groupNumber: (group) => group[id],
    groupCell: (group) => (group[id] > 0 ? formatBytes(group[id]) : nothing),
  };
}

function textColumn(
  id: ColumnId,
  title: MessageKey,
  priority: number,
  width: number,
  text: (row: Connection) => string,
): Column {
  return {
    id,
    title,
    align: "left",
    minimum: Math.min(8, width),
    preferred: width,
    maximum: width * 2,
    priority,
    optional: true,
    cut: "end",
    key: (row) => fold(text(row)),
    cell: text,
    style: (_, { styles }) => styles.muted,
  };
}

/** The columns in their first order on the screen. */
export const columns: readonly Column[] = [
  {
    id: "process",
    title: "columnProcess",
    align: "left",
    minimum: 11,
    preferred: 15,
    maximum: 20,
    priority: 0,
    cut: "end",
    key: (row) => fold(row.process?.name ?? ""),
    cell: (row, context) => row.process?.name ?? context.unknownProcess,
    style: (row, { styles }) => (row.process === undefined ? styles.faint : styles.process),
    groupCell: (group) => `${group.title} (${group.rows})`,
  },
  {
    id: "pid",
    title: "columnPid",
    align: "right",
    minimum: 7,
    preferred: 7,
    maximum: 7,
    priority: 7,
    cut: "end",
    number: (row) => row.process?.pid,
    cell: (row) => (row.process === undefined ? "" : String(row.process.pid)),
    style: (_, { styles }) => styles.muted,
    groupNumber: (group) => group.pid,
    groupCell: (group) => (group.pid < 0 ? "" : String(group.pid)),
  },
  {
    id: "remote",
    title: "columnRemote",
    align: "left",
    minimum: 16,
    preferred: 26,
    maximum: 48,
    priority: 1,
    cut: "middle",
    key: (row, { names }) =>
      names && row.hostname !== undefined ? `\u0300${fold(row.hostname)}` : endpointKey(row.remote),
    cell: remoteText,
    style: (row, context) =>
      context.names && !context.hostColumn && row.hostname !== undefined ? context.styles.host : context.styles.address,
  },
  {
    id: "local",
    title: "columnLocal",
    align: "left",
    minimum: 17,
    preferred: 20,
    maximum: 48,
    priority: 10,
    cut: "middle",
    key: (row) => endpointKey(row.local),
    cell: localText,
    style: (_, { styles }) => styles.muted,
  },
  {
    id: "service",
    title: "columnService",
    align: "left",
    minimum: 8,
    preferred: 10,
    maximum: 14,
    priority: 9,
    cut: "end",
    key: (row) => row.service ?? "",
    cell: serviceText,
    style: (_, { styles }) => styles.muted,
  },
  {
    id: "protocol",
    title: "columnProtocol",
    align: "left",
    minimum: 5,
    preferred: 5,
    maximum: 9,
    priority: 6,
    cut: "end",
    key: (row) => row.protocol,
    cell: (row) => row.protocol,
    style: (_, { styles }) => styles.muted,
  },
  {
    id: "application",
    title: "columnApplication",
    align: "left",
    minimum: 12,
    preferred: 16,
    maximum: 32,
    priority: 4,
    cut: "end",
    key: (row) => fold(row.application?.name ?? ""),
    cell: (row) => (row.application === undefined ? "" : applicationText(row.application, row.family)),
    shortCell: (row) => (row.application === undefined ? "" : applicationText(row.application)),
    style: (row, { styles }) => (row.application?.by === "payload" ? styles.application : styles.muted),
  },
  {
    id: "host",
    title: "columnHost",
    align: "left",
    minimum: 18,
    preferred: 22,
    maximum: 60,
    priority: 12,
    cut: "middle",
    key: (row) => fold(row.hostname ?? ""),
    cell: (row) => row.hostname ?? "",
    style: (_, { styles }) => styles.host,
  },
  {
    id: "state",
    title: "columnState",
    align: "left",
    minimum: 6,
    preferred: 11,
    maximum: 11,
    priority: 5,
    cut: "end",
    key: (row) => row.state,
    cell: (row) => row.state,
    shortCell: (row) => shortState(row.state),
    style: stateStyle,
  },
  {
    id: "rtt",
    title: "columnRtt",
    align: "right",
    minimum: 7,
    preferred: 7,
    maximum: 7,
    priority: 8,
    cut: "end",
    number: (row) => row.quality.rtt,
    cell: (row) => (row.quality.rtt === undefined ? "" : formatMilliseconds(row.quality.rtt)),
    style: (row, { styles, rttStale, rttCritical }) => {
      const rtt = row.quality.rtt ?? 0;
      return rtt < rttStale ? styles.text : rtt < rttCritical ? styles.stale : styles.critical;
    },
    groupNumber: (group) => group.rtt,
    groupCell: (group) => (group.rtt >= 0 ? formatMilliseconds(group.rtt) : ""),
  },
  bytesColumn("rxRate", "columnRxRate", 2, 7, "/s"),
  bytesColumn("txRate", "columnTxRate", 3, 7, "/s"),
  bytesColumn("rxBytes", "columnRxBytes", 11, 8),
  bytesColumn("txBytes", "columnTxBytes", 13, 8),
  {
    id: "age",
    title: "columnAge",
    align: "right",
    minimum: 6,
    preferred: 6,
    maximum: 6,
    priority: 14,
    cut: "end",
    number: (row) => 0 - row.start,
    cell: (row, { now }) => formatAge((row.end ?? now) - row.start),
    style: (_, { styles }) => styles.muted,
    groupNumber: (group) => -group.start,
    groupCell: (group, { now }) => formatAge(now - group.start),
  },
  textColumn("interface", "columnInterface", 15, 10, (row) => row.interfaceName ?? ""),
  textColumn("user", "columnUser", 16, 10, (row) => userText(row)),
  textColumn("container", "columnContainer", 17, 14, (row) => containerText(row)),
  textColumn("parent", "columnParent", 18, 12, (row) => row.process?.parent?.name ?? ""),
  textColumn("direction", "columnDirection", 19, 9, (row) => (row.direction === "unknown" ? "" : row.direction)),
  {
    id: "retransmits",
    title: "columnRetransmits",
    align: "right",
    minimum: 8,
    preferred: 8,
    maximum: 8,
    priority: 20,
    optional: true,
    cut: "end",
    number: (row) => row.quality.retransmits,
    cell: (row) => (row.quality.retransmits === undefined ? "" : formatCountWithin(row.quality.retransmits, 6)),
    style: (row, { styles }) => ((row.quality.retransmits ?? 0) > 0 ? styles.stale : styles.faint),
    groupNumber: (group) => group.retransmits,
    groupCell: (group) => formatCountWithin(group.retransmits, 6),
  },
  {
    id: "idle",
    title: "columnIdle",
    align: "right",
    minimum: 6,
    preferred: 6,
    maximum: 6,
    priority: 21,
    optional: true,
    cut: "end",
    number: (row) => 0 - row.lastActivity,
    cell: (row, { now }) => formatAge(now - row.lastActivity),
    style: (_, { styles }) => styles.muted,
  },
  textColumn("country", "columnCountry", 22, 8, (row) => row.geo?.country ?? ""),
  textColumn("organization", "columnOrganization", 23, 16, (row) => row.geo?.organization ?? ""),
];

/** The column of that name. */
export function columnOf(id: ColumnId): Column {
  const found = columns.find((column) => column.id === id);
  if (found === undefined) throw new Error(`column ${id} is not in the table of columns`);
  return found;
}
