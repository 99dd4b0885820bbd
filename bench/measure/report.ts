/** Prints what a bench found: the machine, the day, and one table. */
import { cpus, loadavg, release } from "node:os";

export function printMachine(title: string, command: string): void {
  const [model] = cpus();
  console.log(`# ${title}`);
  console.log(
    `${new Date().toISOString()} · ${cpus().length} cores (${model?.model ?? "unknown"}) · Linux ${release()} · ` +
      `Node ${process.version} · load ${loadavg()[0]?.toFixed(2)}`,
  );
  console.log(`${command}\n`);
}

/** Prints rows under their headings, numbers to the right. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  console.log(line(headings));
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const row of rows) console.log(line(row));
  console.log("");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** A number with so many decimals, or a dash where there is none. */
export function cell(value: number, decimals = 2): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : "-";
}

/** What a target asks, beside what was found. */
export function printTarget(what: string, value: number, limit: number, unit: string, decimals = 2): void {
  const verdict = Number.isFinite(value) ? (value <= limit ? "reached" : "MISSED") : "not measured";
  console.log(`target: ${what} ≤ ${limit} ${unit}: ${cell(value, decimals)} ${unit}: ${verdict}`);
}

/** A field of the stats record, wherever it stands in it. */
export function field(record: unknown, name: string): number {
  if (typeof record !== "object" || record === null) return Number.NaN;
  for (const [key, value] of Object.entries(record)) {
    if (key === name && typeof value === "number") return value;
    const inner = field(value, name);
    if (!Number.isNaN(inner)) return inner;
  }
  return Number.NaN;
}
