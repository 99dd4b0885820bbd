import type { Connection, ProcessInfo, Snapshot } from "../model/index.ts";

/** Ticks of history kept for each process. */
export const historyTicks = 120;
const mostProcesses = 1024;

/** What one process does over all its connections. Bytes and bytes a second. */
export interface ProcessRates {
  readonly key: string;
  readonly process: ProcessInfo | undefined;
  rows: number;
  rxRate: number;
  txRate: number;
  /** The highest sum of both directions in any one tick since the process was first seen. */
  peak: number;
  rxBytes: number;
  txBytes: number;
  /** Sums of both directions of recent ticks, oldest first, at most `historyTicks`. */
  readonly history: number[];
  tick: number;
}

const keyOf = (row: Connection): string => (row.process === undefined ? "" : `${row.process.pid}/${row.process.start}`);

/** Sums the connections of every process, tick after tick; processes without a connection are forgotten. */
export class ProcessRateTable {
  readonly #known = new Map<string, ProcessRates>();
  #tick = 0;
  #time = -1;

  get all(): Iterable<ProcessRates> {
    return this.#known.values();
  }

  update(snapshot: Snapshot): void {
    this.#tick++;
    // A frozen screen shows the same moment again and again.
    const later = snapshot.time !== this.#time;
    this.#time = snapshot.time;
    for (const row of snapshot.connections) this.#add(row);
    for (const [key, one] of this.#known) {
      if (one.tick !== this.#tick) {
        this.#known.delete(key);
        continue;
      }
      if (!later) continue;
      const rate = one.rxRate + one.txRate;
      one.peak = Math.max(one.peak, rate);
      one.history.push(rate);
      if (one.history.length > historyTicks) one.history.shift();
    }
  }

  #add(row: Connection): void {
    const key = keyOf(row);
    let one = this.#known.get(key);
    if (one === undefined) {
      if (this.#known.size >= mostProcesses) return;
      one = {
        key,
        process: row.process,
        rows: 0,
        rxRate: 0,
        txRate: 0,
        peak: 0,
        rxBytes: 0,
        txBytes: 0,
        history: [],
        tick: 0,
      };
      this.#known.set(key, one);
    }
    if (one.tick !== this.#tick) {
      one.tick = this.#tick;
      one.rows = 0;
      one.rxRate = 0;
      one.txRate = 0;
      one.rxBytes = 0;
      one.txBytes = 0;
    }
    one.rows++;
    one.rxRate += row.rxRate;
    one.txRate += row.txRate;
    one.rxBytes += row.rxBytes;
    one.txBytes += row.txBytes;
  }
}
