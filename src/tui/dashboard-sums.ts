import type { Connection, Snapshot } from "../model/index.ts";
import { processKey } from "./grouping.ts";

/** One bar of a list: what it is called, what it does now (bytes a second, mean over ten), and over how many rows. */
export interface Share {
  readonly name: string;
  rate: number;
  bytes: number;
  rows: number;
  /** How many processes of this name there are; 1 for what is no process. */
  count: number;
}

/** What the dashboard shows of all rows, summed in one pass. */
export interface DashboardSums {
  readonly protocols: readonly Share[];
  readonly applications: readonly Share[];
  readonly processes: readonly Share[];
  readonly hosts: readonly Share[];
  readonly countries: readonly Share[];
  /** Rows by state of TCP, the most frequent first. */
  readonly states: readonly (readonly [state: string, rows: number])[];
  readonly retransmits: number;
  readonly lost: number;
  /** Packets that connections with such counters sent. */
  readonly segments: number;
  /** Median of the smoothed round trip times, in milliseconds; undefined: none is known. */
  readonly rtt: number | undefined;
}

class Tally {
  #shares = new Map<string, Share>();

  add(key: string, name: string, row: Connection): void {
    let share = this.#shares.get(key);
    if (share === undefined) this.#shares.set(key, (share = { name, rate: 0, bytes: 0, rows: 0, count: 1 }));
    share.rate += row.rxRate10 + row.txRate10;
    share.bytes += row.rxBytes + row.txBytes;
    share.rows++;
  }

  /** Those of one name become one. */
  byName(): this {
    const named = new Map<string, Share>();
    for (const one of this.#shares.values()) {
      const known = named.get(one.name);
      if (known === undefined) named.set(one.name, one);
      else {
        known.rate += one.rate;
        known.bytes += one.bytes;
        known.rows += one.rows;
        known.count++;
      }
    }
    this.#shares = named;
    return this;
  }

  /** Those that do something now first, then by what they have done. */
  sorted(): Share[] {
    const order = (a: Share, b: Share): number =>
      b.rate - a.rate || b.bytes - a.bytes || b.rows - a.rows || (a.name < b.name ? -1 : 1);
    return [...this.#shares.values()].sort(order);
  }
}

/** Sums all rows; `unknown` stands for rows without an owner. */
export function sumUp(snapshot: Snapshot, unknown: string): DashboardSums {
  const [protocols, applications, processes, hosts, countries] = [
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
    new Tally(),
  ];
  const states = new Map<string, number>();
  const times: number[] = [];
  let retransmits = 0;
  let lost = 0;
  let segments = 0;
  for (const row of snapshot.connections) {
    if (row.protocolNumber === 6) states.set(row.state, (states.get(row.state) ?? 0) + 1);
    retransmits += row.quality.retransmits ?? 0;
    lost += row.quality.lost ?? 0;
    if (row.quality.retransmits !== undefined) segments += row.txPackets;
    // Listeners exchange nothing, and what is inside a tunnel is counted by the flow around it.
    if (row.state === "LISTEN" || row.tunnel !== undefined) continue;
    if (row.quality.rtt !== undefined && row.liveliness !== "closed") times.push(row.quality.rtt);
    protocols.add(row.protocol, row.protocol, row);
    const { application, process, family } = row;
    const name = application === undefined || application.by === "port" ? "" : application.name;
    if (name !== "") applications.add(name, name, row);
    processes.add(process === undefined ? "" : processKey(process), process?.name ?? unknown, row);
    const host = family?.name ?? row.hostname ?? row.remote.address;
    if (host !== "") hosts.add(host, host, row);
    if (row.geo?.country !== undefined) countries.add(row.geo.country, row.geo.country, row);
  }
  times.sort((a, b) => a - b);
  return {
    protocols: protocols.sorted(),
    applications: applications.sorted(),
    processes: processes.byName().sorted(),
    hosts: hosts.sorted(),
    countries: countries.sorted(),
    states: [...states].sort((a, b) => b[1] - a[1]),
    retransmits,
    lost,
    segments,
    rtt: times[times.length >> 1],
  };
}
