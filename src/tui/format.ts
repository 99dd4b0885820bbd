import type { Styles } from "./theme.ts";

const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Three significant digits and an SI unit (powers of 1000): "0 B", "980 B", "1.24 kB", "12.4 MB". */
export function formatBytes(bytes: number): string {
  if (!(bytes > 0)) return "0 B";
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.max(1, Math.round(value))} B`;
  const digits = value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${units[unit] ?? ""}`;
}

/** Bytes a second. */
export const formatRate = (rate: number): string => `${formatBytes(rate)}/s`;

/** The style that tells the order of magnitude before the digits are read. */
export function magnitudeStyle(bytes: number, styles: Styles): number {
  if (bytes < 999.5) return styles.bytes;
  if (bytes < 999_500) return styles.kilobytes;
  return bytes < 999_500_000 ? styles.megabytes : styles.gigabytes;
}

/** A time of `milliseconds` in at most seven characters: "210 µs", "12.3 ms", "1.20 s". */
export function formatMilliseconds(milliseconds: number): string {
  if (!(milliseconds >= 0)) return "";
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`;
  if (milliseconds < 9.995) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 99.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 99_950 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 1000)} s`;
}

/** An age in at most six characters: "42s", "4m12s", "1h02m", "3d04h". */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${pad(minutes % 60)}m`;
  const days = Math.floor(hours / 24);
  return days < 1000 ? `${days}d${pad(hours % 24)}h` : `${days}d`;
}

/** Local time of day: "14:03:59". */
export function formatClock(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "--:--:--";
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** A moment in local time: of today as "14:03:59", of another day as "2026-02-28 14:03:59". */
export function formatMoment(time: number, now: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime()) || date.toDateString() === new Date(now).toDateString()) return formatClock(time);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${formatClock(time)}`;
}

/** Whole numbers with thousands apart: "12,345". */
export function formatCount(count: number): string {
  const text = String(Math.round(count));
  return text.length < 4 ? text : text.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A whole number in at most `width` characters: "12,345", else "12.3k", "1.23M". */
export function formatCountWithin(count: number, width: number): string {
  const whole = formatCount(count);
  if (whole.length <= width || count < 1000) return whole;
  const [value, unit] =
    count < 999_500 ? [count / 1e3, "k"] : count < 999_500_000 ? [count / 1e6, "M"] : [count / 1e9, "G"];
  const digits = width >= 5 && value < 9.995 ? 2 : width >= 5 && value < 99.95 ? 1 : 0;
  return value.toFixed(digits) + unit;
}

const pad = (value: number): string => (value < 10 ? `0${value}` : String(value));
