import type { Connection, Snapshot } from "../model/index.ts";
import { copyConnection } from "./freeze.ts";
import { Series } from "./rate-history.ts";

/** Connections that are followed at once: each holds 7.5 kB of rates. */
const mostFollowed = 16;

/** What one connection moved from the moment it was followed. */
export interface FollowedFlow {
  series: Series;
  /** As it was last given to `follow`. */
  row: Connection;
  /** Since when; up to when. Milliseconds. */
  since: number;
  time: number;
  rx: number;
  tx: number;
}

/** Rates of the connections that somebody asked for, the one asked for last behind all others. */
export class FollowedFlows {
  readonly #flows = new Map<number, FollowedFlow>();

  /** From `time` (milliseconds) on, or from before when it is followed already. Those in `kept` are not given up for it. */
  follow(row: Connection, time: number, kept: readonly Connection[] = []): void {
    const known = this.#flows.get(row.id);
    this.#flows.delete(row.id);
    this.#flows.set(
      row.id,
      known === undefined
        ? { series: new Series(), row: copyConnection(row), since: time, time, rx: row.rxBytes, tx: row.txBytes }
        : { ...known, row: copyConnection(row) },
    );
    for (const id of this.#flows.keys()) {
      if (this.#flows.size <= mostFollowed) break;
      if (id !== row.id && kept.every((one) => one.id !== id)) this.#flows.delete(id);
    }
  }

  update({ time, connections }: Snapshot): void {
    if (this.#flows.size === 0) return;
    for (const row of connections) {
      const flow = this.#flows.get(row.id);
      if (flow === undefined || time <= flow.time) continue;
      if (flow.time < 0) {
        [flow.since, flow.time, flow.rx, flow.tx] = [time, time, row.rxBytes, row.txBytes];
        continue;
      }
      const [rx, tx] = [Math.max(0, row.rxBytes - flow.rx), Math.max(0, row.txBytes - flow.tx)];
      flow.series.add(flow.time / 1000, time / 1000, rx, tx);
      [flow.time, flow.rx, flow.tx] = [time, row.rxBytes, row.txBytes];
    }
  }

  /** What comes next is of an earlier time: forgets what was moved, not who is followed. */
  restart(): void {
    for (const flow of this.#flows.values()) {
      flow.series = new Series();
      flow.since = Infinity;
      flow.time = -1;
    }
  }

  find(id: number): FollowedFlow | undefined {
    return this.#flows.get(id);
  }

  /** The one that was asked for last. */
  get last(): FollowedFlow | undefined {
    return [...this.#flows.values()].at(-1);
  }
}
