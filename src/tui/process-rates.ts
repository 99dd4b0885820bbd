import type { Connection, ConnectionId, ProcessInfo, Snapshot } from "../model/index.ts";
import { containerText } from "./cell-text.ts";
import { processKey } from "./grouping.ts";

/** Seconds of history kept for each entry. */
export const historySeconds = 120;
const sampleMillis = 1000;
/** Entries of one kind at most. Those without connections go first; what then has no place is counted. */
export const mostEntries = 4096;
/** An entry without a connection is shown this long after its last one, and its totals are kept while there is room. */
export const lingerMillis = 60_000;

/** What sums are made over. */
export const activityKinds = ["process", "service", "container"] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** What one process, service or container does over all its connections. Bytes and bytes a second. */
export interface Activity {
  readonly key: string;
  /** "" for what belongs to none. */
  readonly name: string;
  process: ProcessInfo | undefined;
  /** Of a process: one of its connections. */
  connection: ConnectionId | undefined;
  /** Connections that are open; where files are played, those that have ended too, as the table shows them. */
  rows: number;
  rxRate: number;
  txRate: number;
  /** Means since the state before: those rates, unless several ticks came at once, as they do where a file is played fast. */
  rxMean: number;
  txMean: number;
  /** The highest sum of both directions in any one tick since it was first seen. */
  peak: number;
  /** Over all connections since it was first seen, those that are gone too. */
  rxBytes: number;
  txBytes: number;
  /** When it was first seen, or its oldest connection began; when it last had one. Milliseconds since the epoch. */
  since: number;
  seen: number;
  /** When something was last counted; when it was first seen until then. */
  active: number;
  /** Means of one second each of both directions, oldest first, at most `historySeconds`. */
  readonly history: number[];
  /** Bytes since the last sample of the history. */
  pending: number;
  /** Of a process: where it belongs to. */
  service: Activity | undefined;
  container: Activity | undefined;
}

/** What was counted of a connection, and for whom. */
interface Counted {
  readonly id: number;
  process: ProcessInfo | undefined;
  of: Activity;
  rx: number;
  tx: number;
  tick: number;
}

class Kind {
  readonly entries = new Map<string, Activity>();
  /** Keys that had no place in this tick. */
  readonly leftOut = new Set<string>();

  find(key: string, name: string, since: number): Activity | undefined {
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    if (this.entries.size >= mostEntries) {
      if (this.leftOut.size < mostEntries) this.leftOut.add(key);
      return undefined;
    }
    const made: Activity = {
      key,
      name,
      process: undefined,
      connection: undefined,
      rows: 0,
      rxRate: 0,
      txRate: 0,
      rxMean: 0,
      txMean: 0,
      peak: 0,
      rxBytes: 0,
      txBytes: 0,
      since,
      seen: since,
      active: since,
      history: [],
      pending: 0,
      service: undefined,
      container: undefined,
    };
    this.entries.set(key, made);
    return made;
  }

  /** For the next tick: forgets the half of those without a connection that had one longest ago. */
  makeRoom(): void {
    if (this.entries.size < mostEntries) return;
    const quiet = [...this.entries.values()].filter(({ rows }) => rows === 0).sort((a, b) => a.seen - b.seen);
    for (const { key } of quiet.slice(0, Math.ceil(quiet.length / 2))) this.entries.delete(key);
  }
}

/**
 * Sums the connections of every process, service and container, tick after tick. Totals grow by what each connection
 * grew, so that they never shrink when the engine drops a row.
 */
export class ActivityTable {
  readonly #kinds: Readonly<Record<ActivityKind, Kind>> = {
    process: new Kind(),
    service: new Kind(),
    container: new Kind(),
  };
  readonly #counted = new Map<number, Counted>();
  /** The same by place among the connections. */
  readonly #places: Counted[] = [];
  #tick = 0;
  #time = -1;
  #sampled = -1;
  #from = 0;
  /** The engine's tick of the state before, and whether others lie between. */
  #engineTick = -1;
  #severalTicks = false;
  /** What has ended counts as well. */
  #keepsEnded = false;
  /** Samples taken since the start: where the history's grid stands. */
  samples = 0;

  /** Entries with a connection now or a moment ago. */
  shown(kind: ActivityKind): Activity[] {
    const oldest = this.#time - lingerMillis;
    return [...this.#kinds[kind].entries.values()].filter(({ rows, seen }) => rows > 0 || seen >= oldest);
  }

  find(kind: ActivityKind, key: string): Activity | undefined {
    return this.#kinds[kind].entries.get(key);
  }

  /** How many had no place in the last tick. */
  leftOut(kind: ActivityKind): number {
    return this.#kinds[kind].leftOut.size;
  }

  update(snapshot: Snapshot): void {
    const { time, connections } = snapshot;
    if (time === this.#time) return;
    const elapsed = this.#time < 0 ? 0 : time - this.#time;
    // What a tick finds came since the one before.
    this.#from = this.#time < 0 ? snapshot.start : this.#time;
    this.#severalTicks = elapsed > 0 && snapshot.tick > this.#engineTick + 1;
    this.#engineTick = snapshot.tick;
    this.#keepsEnded = snapshot.level.level === "replay";
    this.#time = time;
    this.#tick++;
    for (const { entries, leftOut } of Object.values(this.#kinds)) {
      leftOut.clear();
      for (const one of entries.values()) {
        one.rows = 0;
        one.rxRate = 0;
        one.txRate = 0;
        one.rxMean = 0;
        one.txMean = 0;
      }
    }
    connections.forEach(this.#count);
    for (const one of this.#kinds.process.entries.values()) {
      if (one.rows === 0 && one.seen < this.#from) continue;
      one.rxMean = this.#severalTicks ? (one.rxMean * 1000) / elapsed : one.rxRate;
      one.txMean = this.#severalTicks ? (one.txMean * 1000) / elapsed : one.txRate;
      addProcess(one.service, one);
      addProcess(one.container, one);
    }
    // Ids do not come again: what is left over costs room alone, and is looked for when there is much of it.
    if (this.#counted.size > connections.length * 1.25 + 64) {
      for (const [id, { tick }] of this.#counted) if (tick !== this.#tick) this.#counted.delete(id);
    }
    this.#sample(elapsed);
    for (const kind of Object.values(this.#kinds)) kind.makeRoom();
  }

  readonly #count = (row: Connection, place: number): void => {
    // A row mostly stands where it stood in the state before.
    const there = this.#places[place];
    let counted = there?.id === row.id ? there : this.#counted.get(row.id);
    // Facts of a process that changed come as another object.
    const of = counted !== undefined && counted.process === row.process ? counted.of : this.#ownerOf(row);
    if (of === undefined) return;
    // What is inside a tunnel is counted by the flow around it.
    const inner = row.tunnel !== undefined;
    const rx = inner ? 0 : row.rxBytes;
    const tx = inner ? 0 : row.txBytes;
    if (this.#severalTicks && (counted !== undefined || row.start >= this.#from)) {
      of.rxMean += Math.max(0, rx - (counted?.rx ?? 0));
      of.txMean += Math.max(0, tx - (counted?.tx ?? 0));
    }
    if (counted === undefined) {
      counted = { id: row.id, process: row.process, of, rx: 0, tx: 0, tick: 0 };
      this.#counted.set(row.id, counted);
    } else if (counted.of !== of) {
      // The owner became known: the bytes were its own all along.
      addToAll(counted.of, -counted.rx, -counted.tx);
      counted.of = of;
      counted.rx = 0;
      counted.tx = 0;
    }
    this.#places[place] = counted;
    counted.tick = this.#tick;
    counted.process = row.process;
    if (rx !== counted.rx || tx !== counted.tx) {
      addToAll(of, rx - counted.rx, tx - counted.tx);
      counted.rx = rx;
      counted.tx = tx;
    }
    of.connection = row.id;
    if (this.#keepsEnded || row.liveliness !== "closed") {
      of.rows++;
      of.seen = this.#time;
    } else of.seen = Math.max(of.seen, row.end ?? row.lastActivity);
    if (row.start > 0 && row.start < of.since) of.since = row.start;
    if (inner) return;
    of.rxRate += row.rxRate;
    of.txRate += row.txRate;
  };

  #ownerOf(row: Connection): Activity | undefined {
    const { process } = row;
    const key = process === undefined ? "" : processKey(process);
    const known = this.#kinds.process.entries.get(key);
    if (known !== undefined && known.process === process) return known;
    const one = known ?? this.#kinds.process.find(key, process?.name ?? "", this.#from);
    if (one === undefined) return undefined;
    one.process = process;
    // It may become known late where a process belongs to: what it did moves with it.
    const unit = process?.service ?? "";
    one.service = moved(one, one.service, this.#kinds.service.find(unit, unit, this.#from));
    const container = this.#kinds.container.find(process?.container?.id ?? "", containerText(row), this.#from);
    one.container = moved(one, one.container, container);
    return one;
  }

  #sample(elapsed: number): void {
    const since = this.#sampled < 0 ? elapsed : this.#time - this.#sampled;
    const due = this.#sampled < 0 || since >= sampleMillis;
    for (const { entries } of Object.values(this.#kinds)) {
      for (const one of entries.values()) {
        const mean = one.rxMean + one.txMean;
        one.peak = Math.max(one.peak, one.rxRate + one.txRate, mean);
        if (mean > 0) one.active = this.#time;
        one.pending += mean * elapsed;
        if (!due) continue;
        one.history.push(since > 0 ? one.pending / since : mean);
        one.pending = 0;
        if (one.history.length > historySeconds) one.history.shift();
      }
    }
    if (!due) return;
    this.#sampled = this.#time;
    this.samples++;
  }
}

/** To the entry of the process, and to those that it belongs to. */
function addToAll(one: Activity, rx: number, tx: number): void {
  addBytes(one, rx, tx);
  if (one.service !== undefined) addBytes(one.service, rx, tx);
  if (one.container !== undefined) addBytes(one.container, rx, tx);
}

function addBytes(one: Activity, rx: number, tx: number): void {
  one.rxBytes += rx;
  one.txBytes += tx;
}

/** Takes the bytes of `one` from where it belonged to where it belongs; returns the latter. */
function moved(one: Activity, from: Activity | undefined, to: Activity | undefined): Activity | undefined {
  if (from === to) return to;
  if (from !== undefined) addBytes(from, -one.rxBytes, -one.txBytes);
  if (to !== undefined) addBytes(to, one.rxBytes, one.txBytes);
  return to;
}

/** What a process does now is what the service or container does that it belongs to. */
function addProcess(to: Activity | undefined, one: Activity): void {
  if (to === undefined) return;
  to.rows += one.rows;
  to.rxRate += one.rxRate;
  to.txRate += one.txRate;
  to.rxMean += one.rxMean;
  to.txMean += one.txMean;
  to.seen = Math.max(to.seen, one.seen);
  to.since = Math.min(to.since, one.since);
}

/** Mean of both directions since it was first seen, bytes a second. */
export const averageRate = (one: Activity): number =>
  (one.rxBytes + one.txBytes) / Math.max(1, (one.seen - one.since) / 1000);

/** The filter that selects exactly the connections of an entry. */
export function activityFilter(kind: ActivityKind, one: Activity, name = one.name): string {
  const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  if (kind === "service") return one.name === "" ? "not unit:*" : `unit=${quoted(name)}`;
  if (kind === "container") return one.key === "" ? "not container:*" : `container=${quoted(one.key)}`;
  if (one.process === undefined) return "not process:*";
  const { pid, start } = one.process;
  return start > 0 ? `pid:${pid} started:${Math.floor(start)}` : `pid:${pid}`;
}
