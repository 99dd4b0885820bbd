/**
 * What a record costs: microseconds for each of many rows, beside `JSON.stringify` of the same row as it is.
 *
 *     node bench/export.ts [rows]
 */
import { createCsvWriter, flowRecord, jsonLine, plainFlows } from "../src/export/index.ts";
import { sampleSnapshot } from "../src/host/fake/index.ts";

const rows = Number(process.argv[2] ?? 20_000);
const { connections, time } = sampleSnapshot(rows);
const rounds = 9;

/** Least milliseconds of several passes over all rows, and the bytes made. */
function measure(pass: () => number): { milliseconds: number; bytes: number } {
  let milliseconds = Infinity;
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    bytes = pass();
    milliseconds = Math.min(milliseconds, performance.now() - start);
  }
  return { milliseconds, bytes };
}

const sum = (lines: Iterable<string>): number => {
  let bytes = 0;
  for (const line of lines) bytes += line.length;
  return bytes;
};
const csv = createCsvWriter("flow");
const passes: readonly (readonly [string, () => number])[] = [
  ["(control: JSON.stringify of the row)", () => sum(connections.map((row) => JSON.stringify(row)))],
  ["json", () => sum(connections.map((row) => jsonLine(flowRecord(row, time))))],
  ["csv", () => sum(connections.map((row) => csv.line(flowRecord(row, time))))],
  ["plain table", () => sum(plainFlows(connections, 200))],
];
const results = passes.map(([name, pass]) => ({ name, ...measure(pass) }));
const control = results[0]!.milliseconds;
console.log(`${rows} rows, least of ${rounds} passes`);
console.log("us/row".padStart(8), "ratio".padStart(7), "bytes/row".padStart(10), " format");
for (const { name, milliseconds, bytes } of results) {
  console.log(
    ((milliseconds * 1000) / rows).toFixed(2).padStart(8),
    (milliseconds / control).toFixed(2).padStart(7),
    (bytes / rows).toFixed(0).padStart(10),
    "",
    name,
  );
}
