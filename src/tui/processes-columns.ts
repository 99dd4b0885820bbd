import { nothing } from "./columns.ts";
import { formatBytes, formatRate, magnitudeStyle } from "./format.ts";
import type { MessageKey } from "./messages.ts";
import { averageRate, type Activity } from "./process-rates.ts";
import type { Styles } from "./theme.ts";

export interface ActivityColumn {
  /** As JSON key in an export. */
  readonly id: string;
  readonly title: MessageKey;
  readonly width: number;
  /** Narrower screens leave the column out. */
  readonly from: number;
  readonly value?: (one: Activity) => number;
  readonly bytes: boolean;
  /** They are bytes a second. */
  readonly rate?: boolean;
}

const column = (
  id: string,
  title: MessageKey,
  width: number,
  from: number,
  value: (one: Activity) => number,
  bytes = true,
): ActivityColumn => ({ id, title, width, from, value, bytes, rate: id.endsWith("_rate") });

export const activityColumns: readonly ActivityColumn[] = [
  column("pid", "columnPid", 8, 50, (one) => one.process?.pid ?? -1, false),
  column("connections", "columnConnections", 7, 40, (one) => one.rows, false),
  column("rx_rate", "columnRxRate", 9, 0, (one) => one.rxRate),
  column("tx_rate", "columnTxRate", 9, 34, (one) => one.txRate),
  column("average_rate", "columnAverage", 9, 96, averageRate),
  column("peak_rate", "columnPeak", 9, 60, (one) => one.peak),
  column("rx_bytes", "columnRxBytes", 9, 70, (one) => one.rxBytes),
  column("tx_bytes", "columnTxBytes", 9, 80, (one) => one.txBytes),
  { id: "top_peer", title: "columnTopPeer", width: 24, from: 130, bytes: false },
];

/** Those of `columns` that a screen of `width` cells has room for. */
export const columnsFor = (columns: readonly ActivityColumn[], width: number, withPid: boolean): ActivityColumn[] =>
  columns.filter((one) => width >= one.from && (withPid || one.id !== "pid"));

/** The heading of the names, which stand before all columns. */
export const nameHeading = "name";

/** Text and style of a number. */
export function activityCell(column: ActivityColumn, one: Activity, styles: Styles): readonly [string, number] {
  const amount = column.value?.(one) ?? 0;
  if (!column.bytes) return [amount < 0 ? "" : String(amount), styles.muted];
  // Averages of next to nothing are no bytes.
  if (amount < 0.5) return [nothing, styles.faint];
  return [column.rate === true ? formatRate(amount) : formatBytes(amount), magnitudeStyle(amount, styles)];
}
