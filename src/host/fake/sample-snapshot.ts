import {
  epochMillis,
  noLosses,
  type InterfaceInfo,
  type ProcessInfo,
  type Snapshot,
  type Totals,
} from "../../model/index.ts";
import { Random } from "./random.ts";
import { isQuestion, sampleConnection, setRates, type MutableConnection } from "./sample-connection.ts";
import { sampleProcess, samplePrograms, sampleStart, type SampleProgram } from "./sample-processes.ts";

/** Snapshots of a made-up machine, tick after tick. */
export interface SampleSource {
  /** The state now; `connections` is the same array at every tick, as the engine's is. */
  readonly snapshot: Snapshot;
  /** Lets one second pass in which `active` rows send and receive; returns the new state. */
  advance(active: number): Snapshot;
}

/** One plausible snapshot with `rows` rows: mixed protocols, states, processes, names. The same seed gives the same. */
export function sampleSnapshot(rows: number, seed = 1): Snapshot {
  return createSampleSource(rows, seed).snapshot;
}

/** A machine with `rows` rows that changes as it is told. */
export function createSampleSource(rows: number, seed = 1): SampleSource {
  const random = new Random(seed);
  const processes = sampleProcesses(random, rows);
  const connections: MutableConnection[] = [];
  for (let index = 0; index < rows; index += 1) {
    const [process, program] = random.pick(processes);
    connections.push(sampleConnection(random, index, process, program));
  }
  const history: { tx: number[]; rx: number[] } = { tx: [], rx: [] };
  for (let index = 0; index < 60; index += 1) {
    history.tx.push(random.integer(1_000_000));
    history.rx.push(random.integer(20_000_000));
  }
  let tick = 1;
  const talking = connections.filter(talks);
  let active: MutableConnection[] = connections.filter((row) => row.txRate > 0 || row.rxRate > 0);
  const build = (): Snapshot => {
    const totals = sampleTotals(connections);
    return {
      time: epochMillis(sampleStart + tick * 1000),
      start: sampleStart,
      tick,
      level: { level: "full", missing: [] },
      losses: noLosses,
      interfaces: sampleInterfaces(totals),
      totals,
      rateHistory: history,
      connections,
    };
  };
  let snapshot = build();
  return {
    get snapshot() {
      return snapshot;
    },
    advance(count) {
      tick += 1;
      for (const row of active) setRates(row, 0, 0);
      active = [];
      const moving = talking.length === 0 ? 0 : count;
      for (let index = 0; index < moving; index += 1) active.push(random.pick(talking as [MutableConnection]));
      for (const row of active) move(random, row, tick);
      snapshot = build();
      history.tx.push(snapshot.totals.txRate);
      history.rx.push(snapshot.totals.rxRate);
      if (history.tx.length > 120) history.tx.shift();
      if (history.rx.length > 120) history.rx.shift();
      return snapshot;
    },
  };
}

/** Something may still come or go. */
const talks = ({ liveliness, state }: MutableConnection): boolean =>
  liveliness !== "closed" &&
  state !== "LISTEN" &&
  state !== "SYN_SENT" &&
  state !== "SYN_RECV" &&
  state !== "TIME_WAIT";

function move(random: Random, row: MutableConnection, tick: number): void {
  const largest = isQuestion(row) ? 8 : 20;
  const tx = 60 + random.integer(2 ** random.integer(largest));
  const rx = 60 + random.integer(2 ** random.integer(largest + 4));
  setRates(row, tx, rx);
  row.txBytes += tx;
  row.rxBytes += rx;
  row.txPackets += Math.ceil(tx / 1400);
  row.rxPackets += Math.ceil(rx / 1400);
  row.lastActivity = epochMillis(sampleStart + tick * 1000);
  if (row.protocolNumber === 17) row.state = "ACTIVE";
}

function sampleProcesses(random: Random, rows: number): [[ProcessInfo, SampleProgram]] {
  const count = Math.max(samplePrograms.length, Math.min(400, Math.floor(rows / 8)));
  const processes: [ProcessInfo, SampleProgram][] = [];
  for (let index = 0; index < count; index += 1) {
    const program = samplePrograms[index % samplePrograms.length] ?? samplePrograms[0];
    processes.push([sampleProcess(random, program, index), program]);
  }
  return processes as [[ProcessInfo, SampleProgram]];
}

function sampleTotals(connections: readonly MutableConnection[]): Totals {
  const totals = { txBytes: 0, rxBytes: 0, txPackets: 0, rxPackets: 0, txRate: 0, rxRate: 0, closed: 0 };
  for (const row of connections) {
    totals.txBytes += row.txBytes;
    totals.rxBytes += row.rxBytes;
    totals.txPackets += row.txPackets;
    totals.rxPackets += row.rxPackets;
    totals.txRate += row.txRate;
    totals.rxRate += row.rxRate;
    if (row.liveliness === "closed") totals.closed += 1;
  }
  return { ...totals, live: connections.length - totals.closed, opened: connections.length, ended: totals.closed };
}

function sampleInterfaces({ rxRate, txRate }: Totals): InterfaceInfo[] {
  const quiet = { up: true, rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 };
  return [
    {
      ...quiet,
      index: 1,
      name: "lo",
      loopback: true,
      addresses: ["127.0.0.1", "::1"],
      rxBytes: 48_211,
      txBytes: 48_211,
      rxRate: 0,
      txRate: 0,
    },
    {
      ...quiet,
      rxRate,
      txRate,
      index: 2,
      name: "eth0",
      loopback: false,
      addresses: ["192.0.2.10", "2001:db8::10"],
      mac: "02:00:00:00:00:10",
      rxBytes: 9_812_004_112,
      txBytes: 811_220_993,
    },
  ];
}
