import type { ExportRecord } from "./record.ts";

/** What JSON leaves as it is and a terminal or a line reader does not. */
const unsafe = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** One record as one line of JSON, without its line end. Controls, also C1, are escaped. */
export function jsonLine(
  record: ExportRecord | Readonly<Record<string, string | number | object | undefined>>,
): string {
  const line = JSON.stringify(record);
  // Most lines are ASCII without DEL; a search for that costs a tenth of the pattern.
  if (Buffer.byteLength(line) === line.length && !line.includes("\u007f")) return line;
  return line.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
