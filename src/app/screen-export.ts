import {
  createCsvWriter,
  csvLine,
  escapeText,
  flowRecord,
  jsonLine,
  plainFlowsInOrder,
  plainStatus,
  plainTable,
  statsRecord,
} from "../export/index.ts";
import type { ExportRequest, ExportResult } from "../tui/index.ts";

type Exported = Pick<ExportRequest, "content" | "format" | "snapshot">;

/** The lines of a file that the screen writes, with their ends. Levels and losses are part of every export. */
export function* exportLines({ content, format, snapshot }: Exported): Generator<string> {
  const { time } = snapshot;
  if (format === "plain") {
    yield `${plainStatus(snapshot, 0)}\n`;
    const lines =
      content.kind === "table" ? plainTable(content.columns, content.rows) : plainFlowsInOrder(content.connections);
    for (const line of lines) yield `${line}\n`;
  } else if (content.kind === "table") {
    if (format === "csv") yield `${csvLine(content.columns)}\r\n`;
    for (const row of content.rows) {
      if (format === "csv") yield `${csvLine(row)}\r\n`;
      else yield `${jsonLine(Object.fromEntries(content.columns.map((name, index) => [name, row[index]])))}\n`;
    }
  } else if (format === "csv") {
    const writer = createCsvWriter("flow");
    yield `${writer.header}\r\n`;
    for (const row of content.connections) yield `${writer.line(flowRecord(row, time))}\r\n`;
    yield `${writer.line(statsRecord(snapshot, 0))}\r\n`;
  } else {
    for (const row of content.connections) yield `${jsonLine(flowRecord(row, time))}\n`;
    yield `${jsonLine(statsRecord(snapshot, 0))}\n`;
  }
}

/** A file that somebody else writes: each call tells what went wrong. */
export interface ExportTarget {
  createFile(path: string, overwrite: boolean): { path?: string; problem?: string; exists?: boolean };
  writeFile(bytes: Uint8Array): { problem?: string };
  finishFile(complete: boolean): { bytes?: number; problem?: string };
}

type Result = ExportResult;

const failed = (problem: string, exists = false): Result => ({ ok: false, exists, problem: escapeText(problem) });

/**
 * Writes an export in pieces of `pieceBytes`. Rows are live objects: they are put into words before anything else runs,
 * the writing then lets ticks and keys in between.
 */
export async function writeExport(request: ExportRequest, target: ExportTarget, pieceBytes: number): Promise<Result> {
  const created = target.createFile(request.path, request.overwrite);
  if (created.problem !== undefined) return failed(created.problem, created.exists);
  const bytes = Buffer.from([...exportLines(request)].join(""), "utf8");
  for (let from = 0, piece = 1; from < bytes.length; from += pieceBytes, piece++) {
    const { problem } = target.writeFile(bytes.subarray(from, from + pieceBytes));
    if (problem !== undefined) {
      target.finishFile(false);
      return failed(problem);
    }
    if (piece % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const finished = target.finishFile(true);
  if (finished.problem !== undefined) return failed(finished.problem);
  return { ok: true, path: escapeText(created.path ?? request.path), bytes: finished.bytes ?? bytes.length };
}
