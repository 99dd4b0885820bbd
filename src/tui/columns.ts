import type { Application, Connection, ConnectionState, Endpoint } from "../model/index.ts";
import { formatAge, formatBytes, formatMilliseconds, magnitudeStyle } from "./format.ts";
import type { Cut } from "./glyphs.ts";
import type { MessageKey } from "./messages.ts";
import type { Styles } from "./theme.ts";

/** What the cells of a table are drawn with besides the row. */
export interface CellContext {
  readonly now: number;
  readonly styles: Styles;
  /** Host names where known (`d`); services in the place of port numbers (`p`). */
  readonly names: boolean;
  readonly services: boolean;
  /** A fact that has a column of its own is not said twice. */
  readonly hostColumn: boolean;
  readonly serviceColumn: boolean;
  readonly unknownProcess: string;
}

/** Sums over the connections of one group. One object is reused from tick to tick. */
export interface GroupSums {
  key: string;
  title: string;
  pid: number;
  /** Position of its first member in the order of the table. */
  rank: number;
  rows: number;
  closedRows: number;
  txRate: number;
  rxRate: number;
  txBytes: number;
  rxBytes: number;
  rtt: number;
  start: number;
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
  | "age";

export interface Column {
  readonly id: ColumnId;
  readonly title: MessageKey;
  readonly align: "left" | "right";
  readonly minimum: number;
  readonly preferred: number;
  readonly maximum: number;
  /** On narrow screens the highest number goes first; no two columns have the same. */
  readonly priority: number;
  readonly cut: Cut;
  /** What rows are sorted by: a number (absent values last) or a text. */
  readonly number?: (row: Connection) => number | undefined;
  readonly key?: (row: Connection, context: SortContext) => string;
  readonly cell: (row: Connection, context: CellContext) => string;
  readonly style: (row: Connection, context: CellContext) => number;
  /** The number is an amount of bytes. */
  readonly amount?: "rxRate" | "txRate" | "rxBytes" | "txBytes";
  /** The same of a whole group; columns without it are empty there. */
  readonly groupNumber?: (group: GroupSums) => number;
  readonly groupCell?: (group: GroupSums, context: CellContext) => string;
}

export interface SortContext {
  readonly names: boolean;
}

const folded = new Map<string, string>();

/** The text as it is ordered: without case. Kept, because names repeat. */
function fold(text: string): string {
  const known = folded.get(text);
  if (known !== undefined) return known;
  if (folded.size >= 16_384) folded.clear();
  const made = text.toLowerCase();
  folded.set(text, made);
  return made;
}

const addressKeys = new Map<string, string>();

/** An address so that text order is numeric order for IPv4; IPv6 comes after it. */
function addressKey(address: string): string {
  const known = addressKeys.get(address);
  if (known !== undefined) return known;
  if (addressKeys.size >= 16_384) addressKeys.clear();
  const parts = address.split(".");
  const made =
    parts.length === 4
      ? String.fromCharCode(1, ...parts.map((part) => (Number(part) & 255) + 1))
      : `\u0200${address.toLowerCase()}`;
  addressKeys.set(address, made);
  return made;
}

const endpointKey = (end: Endpoint): string =>
  end.address === "" ? "" : addressKey(end.address) + String.fromCharCode(end.port);

/** "192.0.2.1:443", "[2001:db8::1]:443", "192.0.2.1" without a port, "*" where nobody is named. */
export function formatEndpoint(end: Endpoint, name?: string, service?: string): string {
  const host = name ?? (end.address === "" ? "*" : end.address);
  if (end.port === 0 && service === undefined) return host;
  const tail = service ?? String(end.port);
  return name === undefined && end.address.includes(":") ? `[${host}]:${tail}` : `${host}:${tail}`;
}

/** The well-known service belongs to the port of the side that was called. */
const serviceIsRemote = (row: Connection): boolean => row.direction !== "inbound" && row.state !== "LISTEN";

function remoteText(row: Connection, context: CellContext): string {
  const name = context.names && !context.hostColumn ? row.hostname : undefined;
  const service = context.services && !context.serviceColumn && serviceIsRemote(row) ? row.service : undefined;
  if (row.remote.address === "" && row.remote.port === 0) return row.remoteMac ?? "*";
  return formatEndpoint(row.remote, name, service);
}

function localText(row: Connection, context: CellContext): string {
  const service = context.services && !context.serviceColumn && !serviceIsRemote(row) ? row.service : undefined;
  if (row.local.address === "" && row.local.port === 0) return row.localMac ?? "*";
  return formatEndpoint(row.local, undefined, service);
}

function serviceText(row: Connection, context: CellContext): string {
  const { port } = serviceIsRemote(row) ? row.remote : row.local;
  if (context.services && row.service !== undefined) return row.service;
  return port === 0 ? "" : String(port);
}

/** "tls 1.3", "http GET", "dns example.org"; "https?" when only the port hints at it, "tls~" when inferred. */
export function applicationText(application: Application): string {
  const { facts, name, by } = application;
  const extra =
    facts.tls?.version?.replace(/^TLS ?v?/i, "") ??
    facts.dns?.queries?.[0]?.rrname ??
    facts.http?.http_method ??
    (facts.quic?.version === undefined ? undefined : `v${facts.quic.version.replace(/^v/i, "")}`) ??
    facts.ssh?.server?.software_version;
  const mark = by === "payload" ? "" : by === "port" ? "?" : "~";
  return extra === undefined || extra === "" ? name + mark : `${name}${mark} ${extra}`;
}

const shortStates: Readonly<Record<ConnectionState, string>> = {
  SYN_SENT: "SYN_S",
  SYN_RECV: "SYN_R",
  ESTABLISHED: "ESTAB",
  FIN_WAIT1: "FIN1",
  FIN_WAIT2: "FIN2",
  TIME_WAIT: "TIMEW",
  CLOSE: "CLOSE",
  CLOSE_WAIT: "CLOSEW",
  LAST_ACK: "LASTA",
  LISTEN: "LISTEN",
  CLOSING: "CLSNG",
  ACTIVE: "ACTIVE",
  IDLE: "IDLE",
  STALE: "STALE",
  UNKNOWN: "",
};

/** The state in at most six characters. */
export const shortState = (state: ConnectionState): string => shortStates[state];

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
    return value > 0 ? formatBytes(value) : "·";
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
): Column {
  const pick = (row: Connection): number => row[id];
  return {
    id,
    title,
    align: "right",
    minimum,
    preferred: 9,
    maximum: 9,
    priority,
    cut: "end",
    amount: id,
    number: pick,
    cell: amount(pick),
    style: amountStyle(pick),
    groupNumber: (group) => group[id],
    groupCell: (group) => (group[id] > 0 ? formatBytes(group[id]) : "·"),
  };
}

/** The columns in their order on the screen. */
export const columns: readonly Column[] = [
  {
    id: "process",
    title: "columnProcess",
    align: "left",
    minimum: 12,
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
    minimum: 22,
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
    minimum: 9,
    preferred: 14,
    maximum: 28,
    priority: 4,
    cut: "end",
    key: (row) => fold(row.application?.name ?? ""),
    cell: (row) => (row.application === undefined ? "" : applicationText(row.application)),
    style: (row, { styles }) => (row.application?.by === "payload" ? styles.application : styles.muted),
  },
  {
    id: "host",
    title: "columnHost",
    align: "left",
    minimum: 18,
    preferred: 24,
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
    style: (row, { styles }) =>
      (row.quality.rtt ?? 0) < 100 ? styles.text : (row.quality.rtt ?? 0) < 300 ? styles.stale : styles.critical,
    groupNumber: (group) => group.rtt,
    groupCell: (group) => (group.rtt >= 0 ? formatMilliseconds(group.rtt) : ""),
  },
  bytesColumn("rxRate", "columnRxRate", 2, 8),
  bytesColumn("txRate", "columnTxRate", 3, 8),
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
];

/** A column with the place the layout gave it. */
export interface PlacedColumn {
  readonly column: Column;
  readonly x: number;
  readonly width: number;
}

/** Columns up to this priority are shown if they fit at all; the others only where they crowd nothing better. */
const essential = 5;

/** The columns that are worth their room in `width` cells, in their order. */
function chooseColumns(all: readonly Column[], width: number): Column[] {
  const chosen = new Set<Column>();
  let taken = -1;
  let comfortable = -1;
  for (const column of all.toSorted((a, b) => a.priority - b.priority)) {
    const before = column.priority <= essential ? taken : comfortable;
    if (chosen.size > 0 && before + 1 + column.minimum > width) break;
    chosen.add(column);
    taken += column.minimum + 1;
    comfortable += column.preferred + 1;
  }
  return all.filter((column) => chosen.has(column));
}

/**
 * Places columns into `width` cells with one cell between them: the least important are left out when they do not
 * fit, what is left over brings the most important to their preferred width, then all that can use it, evenly.
 */
export function layoutColumns(all: readonly Column[], width: number, hidden: ReadonlySet<ColumnId>): PlacedColumn[] {
  const chosen = chooseColumns(
    all.filter((column) => !hidden.has(column.id)),
    width,
  );
  const widths = chosen.map((column) => Math.min(column.minimum, Math.max(0, width)));
  const taken = widths.reduce((sum, one) => sum + one + 1, -1);
  growColumns(chosen, widths, Math.max(0, width - taken));
  let x = 0;
  return chosen.map((column, i) => {
    const placed = { column, x, width: widths[i] ?? 0 };
    x += placed.width + 1;
    return placed;
  });
}

function growColumns(chosen: readonly Column[], widths: number[], room: number): void {
  let left = room;
  const places = Array.from(chosen.keys());
  for (const i of places.toSorted((a, b) => (chosen[a]?.priority ?? 0) - (chosen[b]?.priority ?? 0))) {
    const grown = Math.max(0, Math.min(left, (chosen[i]?.preferred ?? 0) - (widths[i] ?? 0)));
    widths[i] = (widths[i] ?? 0) + grown;
    left -= grown;
  }
  for (let growing = true; left > 0 && growing;) {
    growing = false;
    for (const i of places) {
      if (left === 0 || (widths[i] ?? 0) >= (chosen[i]?.maximum ?? 0)) continue;
      widths[i] = (widths[i] ?? 0) + 1;
      left--;
      growing = true;
    }
  }
}
