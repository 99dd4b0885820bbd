import type { Cost } from "./own-cost.ts";
import type { Connection, ConnectionId, KnownName, NetworkSource, ProcessInfo, Snapshot } from "../model/index.ts";
import type { Playback } from "./playback.ts";

export type ExportFormat = "json" | "csv" | "plain";

/** What a tab can write to a file: connections with everything known of them, or the cells of a table. */
export type ExportContent =
  | { readonly kind: "connections"; readonly connections: readonly Connection[] }
  | {
      readonly kind: "table";
      /** Names as JSON keys: "process_name". */
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | number | undefined)[])[];
    };

export interface ExportRequest {
  /** As it was typed: may begin with "~/". */
  readonly path: string;
  readonly format: ExportFormat;
  readonly content: ExportContent;
  /** The state that `content` was taken from. */
  readonly snapshot: Snapshot;
  /** The person agreed that a file that is there is replaced. */
  readonly overwrite: boolean;
}

/** How an export went. `exists`: nothing was written, because there is such a file and `overwrite` was not set. */
export type ExportResult =
  | { readonly ok: true; readonly path: string; readonly bytes: number }
  | { readonly ok: false; readonly exists: boolean; readonly problem: string };

/** What the screen asks of the rest of the program. */
export interface ScreenEngine {
  /** Forgets the closed rows that are kept. */
  clearClosed(): void;
  /** The user wants to leave. The terminal is still the screen's: call `close`. */
  quit(): void;
  /** Puts text into the clipboard by a program of the desktop, beside asking the terminal. */
  copy?(text: string): void;
  /** Interfaces, routes and neighbours; absent in replay. */
  readonly network?: NetworkSource;
  /** The maker of a network card, by its address. */
  readonly vendorOf?: (mac: string) => string | undefined;
  /** The owner of a connection and its parents, the nearest first, as far as they are known; may ask for them. */
  lineage?(id: ConnectionId): readonly ProcessInfo[];
  /** There is a database that tells countries of addresses. */
  readonly knowsCountries?: boolean;
  /** What the program has cost so far; absent where that means nothing. */
  cost?(): Cost;
  /** What the remote address of a connection is called, beside what the connection itself says. */
  namesOf?(id: ConnectionId): readonly KnownName[];
  /** Writes a file; absent where there is nobody who may. */
  export?(request: ExportRequest): Promise<ExportResult>;
  /** Capture files that are played; absent live. */
  readonly playback?: Playback;
}
