import type { Connection, ProcessInfo } from "../model/index.ts";
import { processRecord } from "./flow-record.ts";
import type { AggregateBy, AggregateRecord } from "./record.ts";
import { eveTimestamp } from "./timestamp.ts";

interface Sums {
  readonly name: string;
  process: ProcessInfo | undefined;
  flows: number;
  live: number;
  txBytes: number;
  rxBytes: number;
  txPackets: number;
  rxPackets: number;
  txRate: number;
  rxRate: number;
}

/** Groups kept; what comes after is summed under one name, so that totals stay true. */
const maximumGroups = 65_536;
const overflowKey = "(others)";

/** Key and name of the group of `connection`. */
type Grouping = (connection: Connection) => { readonly key: string; readonly name: string };

const groupings: Readonly<Record<AggregateBy, Grouping>> = {
  process: ({ process }) =>
    process === undefined
      ? { key: "", name: "(unknown)" }
      : { key: `${process.pid}/${process.start}`, name: process.name },
  host: ({ hostname, remote }) => {
    const name = hostname ?? (remote.address === "" ? "(none)" : remote.address);
    return { key: name, name };
  },
  app: ({ application, protocol }) => {
    const name = application?.name ?? protocol.toLowerCase();
    return { key: name, name };
  },
};

function add(sums: Sums, connection: Connection): void {
  sums.flows += 1;
  sums.txBytes += connection.txBytes;
  sums.rxBytes += connection.rxBytes;
  sums.txPackets += connection.txPackets;
  sums.rxPackets += connection.rxPackets;
}

function groupOf(groups: Map<string, Sums>, grouping: Grouping, connection: Connection): Sums {
  const { key, name } = grouping(connection);
  const full = groups.size >= maximumGroups && !groups.has(key);
  const wanted = full ? overflowKey : key;
  let sums = groups.get(wanted);
  if (sums === undefined) {
    sums = emptySums(full ? overflowKey : name);
    groups.set(wanted, sums);
  }
  if (!full && grouping === groupings.process) sums.process = connection.process;
  return sums;
}

const emptySums = (name: string): Sums => ({
  name,
  process: undefined,
  flows: 0,
  live: 0,
  txBytes: 0,
  rxBytes: 0,
  txPackets: 0,
  rxPackets: 0,
  txRate: 0,
  rxRate: 0,
});

/**
 * Sums by process, host or application over all flows that ever were: flows that ended are handed over once, in
 * `ended`, and stay in the sums when the table has forgotten them. A process is (pid, start).
 */
export class Aggregator {
  readonly #by: AggregateBy;
  readonly #grouping: Grouping;
  readonly #ended = new Map<string, Sums>();

  constructor(by: AggregateBy) {
    this.#by = by;
    this.#grouping = groupings[by];
  }

  /** Takes a flow that ended, once. */
  ended(connection: Connection): void {
    add(groupOf(this.#ended, this.#grouping, connection), connection);
  }

  /** The sums at `time`, with the `live` flows (those that are closed are passed over), greatest rate first. */
  records(live: Iterable<Connection>, time: number): readonly AggregateRecord[] {
    const groups = new Map<string, Sums>();
    for (const [key, sums] of this.#ended) groups.set(key, { ...sums });
    for (const connection of live) {
      if (connection.liveliness === "closed") continue;
      const sums = groupOf(groups, this.#grouping, connection);
      add(sums, connection);
      sums.live += 1;
      sums.txRate += connection.txRate;
      sums.rxRate += connection.rxRate;
    }
    return [...groups.values()]
      .sort((a, b) => b.txRate + b.rxRate - a.txRate - a.rxRate || b.txBytes + b.rxBytes - a.txBytes - a.rxBytes)
      .map((sums) => this.#record(sums, time));
  }

  #record(sums: Sums, time: number): AggregateRecord {
    return {
      timestamp: eveTimestamp(time),
      event_type: "aggregate",
      by: this.#by,
      name: sums.name,
      ...(sums.process !== undefined && { process: processRecord(sums.process) }),
      flows: sums.flows,
      live: sums.live,
      tx_bytes: sums.txBytes,
      rx_bytes: sums.rxBytes,
      tx_packets: sums.txPackets,
      rx_packets: sums.rxPackets,
      tx_rate: Math.round(sums.txRate),
      rx_rate: Math.round(sums.rxRate),
    };
  }
}
