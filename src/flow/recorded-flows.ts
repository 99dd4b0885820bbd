import type { ProcessInfo, RecordedFlow } from "../model/index.ts";
import { dropOldest } from "./bounded.ts";
import type { ConnectionRow } from "./connection-row.ts";
import { ProcessRecord, type ProcessTable } from "./process-table.ts";
import { setName } from "./row-names.ts";

/** Tuples that are remembered, and records of one of them: both ends of a loopback connection, ports used again. */
const tuplesAtMost = 131_072;
const recordsOfTuple = 8;
/** Processes that are recognized when they are told again. */
const processesAtMost = 4096;
/** Characters of texts that all records together may have: a line of a hostile sidecar is full of them. */
const charactersAtMost = 96 << 20;
/** Milliseconds between the beginning of a flow as its recorder saw it and its first frame. */
const clocksDiffer = 2000;

/** Characters of what a record holds, with something for the record itself. */
function weightOf({ process, hostname = "", interfaceName = "" }: RecordedFlow): number {
  let weight = 200 + hostname.length + interfaceName.length;
  if (process === undefined) return weight;
  const { executable = "", workingDirectory = "", commandLine = [], ancestors = [] } = process;
  weight += executable.length + workingDirectory.length;
  for (const word of commandLine) weight += 16 + word.length;
  for (const { name } of ancestors) weight += 32 + name.length;
  return weight;
}

const endpoint = ({ address, port }: RecordedFlow["source"]): string => `${address} ${port}`;

/** The same for both directions. */
function keyOf(protocol: string, one: RecordedFlow["source"], other: RecordedFlow["source"]): string {
  const [first, second] = [endpoint(one), endpoint(other)].sort();
  return `${protocol} ${first} ${second}`;
}

/** What a recording says of its flows: gives rows of a replay their owners and names back. Bounded. */
export class RecordedFlows {
  readonly #records = new Map<string, RecordedFlow[]>();
  /** Owners as the record of each process was first read: rows of one process share it. */
  readonly #owners = new Map<string, ProcessRecord>();
  /** Addresses of the machine that recorded. */
  readonly localAddresses: Set<string>;

  readonly #processes = new Map<string, ProcessInfo>();
  #weight = 0;
  readonly #charactersAtMost: number;

  constructor(localAddresses: Iterable<string>, most = charactersAtMost) {
    this.localAddresses = new Set(localAddresses);
    this.#charactersAtMost = most;
  }

  add(told: RecordedFlow): void {
    const flow = told.process === undefined ? told : { ...told, process: this.#shared(told.process) };
    const key = keyOf(flow.protocol, flow.source, flow.destination);
    const records = this.#records.get(key) ?? [];
    const known = records.findIndex(
      ({ start, localIsSource }) => start === flow.start && localIsSource === flow.localIsSource,
    );
    if (known >= 0) this.#weight -= weightOf(records[known]!);
    if (known >= 0) records[known] = flow;
    else if (records.length < recordsOfTuple) records.push(flow);
    if (known >= 0 || records.at(-1) === flow) this.#weight += weightOf(flow);
    this.#records.delete(key);
    this.#records.set(key, records);
    this.#bound();
    if (flow.localIsSource !== undefined) {
      this.addLocalAddress((flow.localIsSource ? flow.source : flow.destination).address);
    }
  }

  /** Most flows have the same few processes: each is kept once. */
  #shared(process: ProcessInfo): ProcessInfo {
    const text = JSON.stringify(process);
    const known = this.#processes.get(text);
    if (known !== undefined) return known;
    this.#processes.set(text, process);
    dropOldest(this.#processes, processesAtMost, (oldest) => this.#processes.delete(oldest));
    return process;
  }

  /** The tuples that were told of longest ago make way, some in one go: see `dropOldest`. */
  #bound(): void {
    const tuples = this.#records.size > tuplesAtMost;
    const characters = this.#weight > this.#charactersAtMost;
    if (!tuples && !characters) return;
    const tuplesGoal = tuplesAtMost - (tuplesAtMost >> 6);
    const charactersGoal = this.#charactersAtMost - (this.#charactersAtMost >> 6);
    for (const [oldest, records] of this.#records) {
      if (!(tuples && this.#records.size > tuplesGoal) && !(characters && this.#weight > charactersGoal)) break;
      for (const record of records) this.#weight -= weightOf(record);
      this.#records.delete(oldest);
    }
  }

  addLocalAddress(address: string): void {
    if (this.localAddresses.size < tuplesAtMost) this.localAddresses.add(address);
  }

  /**
   * Whether the row's flow has a record of each end: both are of the machine that recorded, which counted each of them.
   * Only recorders that know who opened a flow tell the ends apart.
   */
  hasBothEnds(row: ConnectionRow): boolean {
    if (this.#records.size === 0) return false;
    const records = this.#records.get(keyOf(row.protocol, row.local, row.remote)) ?? [];
    if (records.length < 2) return false;
    const own = newestBefore(records, row, (flow) => flow.direction !== undefined && isOwnEnd(flow, row.local));
    const other = newestBefore(records, row, (flow) => flow.direction !== undefined && isOwnEnd(flow, row.remote));
    if (own === undefined || other === undefined || own === other) return false;
    // Of two connections that had the same ports one after the other the records of different ends do not belong together.
    return own.start <= other.end + clocksDiffer && other.start <= own.end + clocksDiffer;
  }

  /** Gives the row what its record says, if there is one. */
  apply(row: ConnectionRow, processes: ProcessTable): void {
    if (this.#records.size === 0) return;
    const records = this.#records.get(keyOf(row.protocol, row.local, row.remote));
    const flow = records === undefined ? undefined : best(records, row);
    if (flow === undefined) return;
    if (flow.direction !== undefined && row.direction === "unknown" && isOwnEnd(flow, row.local)) {
      row.direction = flow.direction;
      // An inspector that is at work goes on with the sides it began with.
      if (row.inspector === undefined) row.localIsClient = flow.direction === "outbound";
    }
    if (flow.process !== undefined) {
      const owner = this.#owner(flow.process);
      if (owner !== row.owner) {
        if (row.owner !== undefined) processes.letGo(row.owner);
        processes.hold(owner);
        row.owner = owner;
      }
      row.attribution = flow.attribution;
    }
    if (flow.geo !== undefined) row.recordedGeo = flow.geo;
    if (row.interfaceName === undefined && flow.interfaceName !== undefined) row.interfaceName = flow.interfaceName;
    if (flow.hostname !== undefined && flow.hostnameSource !== undefined) {
      setName(row, flow.hostname, flow.hostnameSource);
    }
  }

  #owner(process: NonNullable<RecordedFlow["process"]>): ProcessRecord {
    const key = `${process.pid} ${process.start} ${process.name} ${process.executable ?? ""}`;
    let owner = this.#owners.get(key);
    if (owner === undefined) {
      owner = new ProcessRecord(process, process.start, false);
      this.#owners.set(key, owner);
      dropOldest(this.#owners, tuplesAtMost, (oldest) => this.#owners.delete(oldest));
    } else if (owner.info !== process) owner.info = { ...owner.info, ...process };
    return owner;
  }
}

/** The record tells of this end of its flow. */
function isOwnEnd(flow: RecordedFlow, { address, port }: RecordedFlow["source"]): boolean {
  const own = flow.localIsSource === true ? flow.source : flow.destination;
  return own.address === address && own.port === port;
}

/** The latest record that began before the row did, or a moment after. */
function newestBefore(
  records: readonly RecordedFlow[],
  row: ConnectionRow,
  matches: (flow: RecordedFlow) => boolean,
): RecordedFlow | undefined {
  let newest: RecordedFlow | undefined;
  for (const flow of records) {
    if (flow.start > row.start + clocksDiffer || !matches(flow)) continue;
    if (newest === undefined || flow.start > newest.start) newest = flow;
  }
  return newest;
}

/** Of the records of a tuple the one of the row's time and side. */
function best(records: readonly RecordedFlow[], row: ConnectionRow): RecordedFlow | undefined {
  const ofTime = records.filter(({ start }) => start <= row.lastActivity + clocksDiffer);
  const ofSide = ofTime.filter((flow) => flow.localIsSource === undefined || isOwnEnd(flow, row.local));
  const ofBoth = ofSide.length > 0 ? ofSide : ofTime;
  // Where no port tells the ends apart, a process says more than the kernel that answers it.
  const ofProcess = ofBoth.filter(({ process }) => process !== undefined && process.pid > 0);
  const candidates = ofProcess.length > 0 ? ofProcess : ofBoth;
  return newestBefore(candidates, row, () => true);
}
