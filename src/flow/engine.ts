import type { Host, Snapshot, EpochMillis, ConnectionId, Connection } from "../model/index.ts";

/** The engine as its clients see it: one tick drains the host and brings the table up to date. */
export interface FlowEngine {
  /** Drains all planes of the host and returns the new state. Called by the one timer of the program. */
  tick(now: EpochMillis): Snapshot;
  connection(id: ConnectionId): Connection | undefined;
  /** Rows that ended since the last call, each once, in the order they ended; for writers of flow records. */
  takeEnded(): readonly Connection[];
  /** Rows whose counters changed in the last tick. */
  changed(): readonly Connection[];
  /** Forgets the closed rows that are kept (the screen's `x`). */
  clearClosed(): void;
  close(): void;
}

export interface FlowEngineOptions {
  readonly host: Host;
  /** Closed rows kept; 5,000 when absent. */
  readonly keepClosed?: number;
}
