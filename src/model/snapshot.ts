import type { Connection } from "./connection.ts";
import type { LevelReport, Losses } from "./level.ts";
import type { EpochMillis } from "./units.ts";

/** One network interface with its own counters: what ours are reconciled with. */
export interface InterfaceInfo extends InterfaceCounters {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** LINKTYPE_ of the frames that a recording has of it: Ethernet (1), or raw IP (101) where the link layer has no number. */
  readonly linkType?: number;
}

/** Bytes and bytes a second of an interface, and what it lost. */
export interface InterfaceCounters {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxRate: number;
  readonly txRate: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

/** Of an interface that was not read yet, or that nothing tells of. */
export const noInterfaceCounters: InterfaceCounters = {
  rxBytes: 0,
  txBytes: 0,
  rxRate: 0,
  txRate: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
};

/** Sums over all rows that ever were, so that they never shrink when a row is dropped. Bytes and bytes a second. */
export interface Totals {
  readonly txBytes: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly rxPackets: number;
  readonly txRate: number;
  readonly rxRate: number;
  readonly live: number;
  readonly closed: number;
  /** Rows opened and closed since the start. */
  readonly opened: number;
  readonly ended: number;
}

/** The state of everything after a tick: what screens and writers read. Nobody but the engine changes it. */
export interface Snapshot {
  readonly time: EpochMillis;
  readonly start: EpochMillis;
  readonly tick: number;
  readonly level: LevelReport;
  readonly losses: Losses;
  readonly interfaces: readonly InterfaceInfo[];
  readonly totals: Totals;
  /** Total bytes a second of recent ticks, oldest first, at most 120: the header's sparkline. */
  readonly rateHistory: { readonly tx: readonly number[]; readonly rx: readonly number[] };
  /** Live and kept closed rows, in no particular order. The array may be reused by the next tick. */
  readonly connections: readonly Connection[];
}
