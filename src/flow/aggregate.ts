import type { Connection, EpochMillis, ProcessInfo } from "../model/index.ts";

export type GroupBy = "process" | "host" | "app";

/** Connections that have a process, a remote host or an application protocol in common, and their sums. */
export interface Group {
  /** Tells groups apart and stays the same from tick to tick. */
  readonly key: string;
  /** Name of the process, host or protocol; "" when nobody knows it. Hostile text. */
  readonly name: string;
  /** Of a group by process. */
  readonly process?: ProcessInfo;
  readonly start: EpochMillis;
  readonly lastActivity: EpochMillis;
  readonly connections: number;
  readonly live: number;
  readonly txBytes: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly rxPackets: number;
  readonly txRate: number;
  readonly rxRate: number;
  readonly txRate10: number;
  readonly rxRate10: number;
  readonly txRate60: number;
  readonly rxRate60: number;
}

type MutableGroup = { -readonly [Field in keyof Group]: Group[Field] };

/**
 * Sums up connections by what they have in common, in the order in which each group's first one comes. A process is one by pid
 * and start; a host by its best known name, else its address; an application by its protocol, else the service of its port,
 * else the transport.
 */
export function aggregate(connections: Iterable<Connection>, by: GroupBy): Group[] {
  const groups = new Map<string, MutableGroup>();
  for (const connection of connections) {
    const key = keyOf[by](connection);
    let group = groups.get(key);
    if (group === undefined) {
      group = emptyGroup(key, connection, by);
      groups.set(key, group);
    }
    add(group, connection);
  }
  return [...groups.values()];
}

/** Key of the group that a connection belongs to. */
export function groupKey(connection: Connection, by: GroupBy): string {
  return keyOf[by](connection);
}

const applicationOf = (connection: Connection): string =>
  connection.application?.name ?? connection.service ?? connection.protocol.toLowerCase();

const hostOf = (connection: Connection): string => connection.hostname ?? connection.remote.address;

const keyOf: Readonly<Record<GroupBy, (connection: Connection) => string>> = {
  process: ({ process }) => (process === undefined ? "" : `${process.pid}:${process.start}`),
  host: hostOf,
  app: applicationOf,
};

const nameOf: Readonly<Record<GroupBy, (connection: Connection) => string>> = {
  process: ({ process }) => process?.name ?? "",
  host: hostOf,
  app: applicationOf,
};

function emptyGroup(key: string, connection: Connection, by: GroupBy): MutableGroup {
  return {
    key,
    name: nameOf[by](connection),
    ...(by === "process" && connection.process !== undefined ? { process: connection.process } : {}),
    start: connection.start,
    lastActivity: connection.lastActivity,
    connections: 0,
    live: 0,
    txBytes: 0,
    rxBytes: 0,
    txPackets: 0,
    rxPackets: 0,
    txRate: 0,
    rxRate: 0,
    txRate10: 0,
    rxRate10: 0,
    txRate60: 0,
    rxRate60: 0,
  };
}

function add(group: MutableGroup, connection: Connection): void {
  if (connection.start < group.start) group.start = connection.start;
  if (connection.lastActivity > group.lastActivity) group.lastActivity = connection.lastActivity;
  group.connections++;
  if (connection.liveliness !== "closed") group.live++;
  group.txBytes += connection.txBytes;
  group.rxBytes += connection.rxBytes;
  group.txPackets += connection.txPackets;
  group.rxPackets += connection.rxPackets;
  group.txRate += connection.txRate;
  group.rxRate += connection.rxRate;
  group.txRate10 += connection.txRate10;
  group.rxRate10 += connection.rxRate10;
  group.txRate60 += connection.txRate60;
  group.rxRate60 += connection.rxRate60;
}
