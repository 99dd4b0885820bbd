import {
  cgroupId,
  epochMillis,
  pid,
  type EpochMillis,
  type Pid,
  type ProcessEvent,
  type ProcessInfo,
  type ProcessSource,
  type SocketFlow,
} from "../model/index.ts";
import { dropOldest } from "./bounded.ts";

/** One process, for as long as a row refers to it. Its facts change when it executes or renames itself. */
export class ProcessRecord {
  info: ProcessInfo;
  /** The earliest time at which this process is known to have had its pid. */
  since: number;
  /** When it exited; Infinity: it has not, as far as is known. */
  exited = Infinity;
  /** Rows that refer to it. */
  rows = 0;
  /** Nobody knows more than what a flow said of its owner. */
  guessed: boolean;
  /** The host was asked for what events did not say. */
  askedHost = false;
  /** It was asked for all it can tell, which is dear. */
  askedAll = false;
  /** Names under which its pid was seen in flows and which were looked into. */
  readonly namesChecked = new Set<string>();

  constructor(info: ProcessInfo, since: number, guessed: boolean) {
    this.info = info;
    this.since = since;
    this.guessed = guessed;
  }
}

export interface ProcessTableLimits {
  /** Exited processes kept without a row. */
  readonly exited: number;
  /** Running processes kept without a row. */
  readonly running: number;
}

const defaultLimits: ProcessTableLimits = { exited: 4096, running: 65_536 };

/** Start times come from clocks of unlike grain (procfs: 10 ms); milliseconds within which they count as one. */
const tolerance = 50;
const namesCheckedAtMost = 8;
/** Members of a lineage at most. */
const lineageAtMost = 32;

type Owned = Pick<
  SocketFlow,
  "ownerPid" | "ownerName" | "ownerUserId" | "ownerGroupId" | "ownerCgroup" | "ownerStamped" | "attribution"
>;

/** Who owns what the kernel sends by itself. Not in the table: it neither begins nor ends. */
const kernel = new ProcessRecord({ pid: pid(0), start: epochMillis(0), name: "kernel" }, 0, false);

/**
 * Who had which pid when. A pid has several processes in the course of time; the one that was alive when a flow was
 * stamped is its owner. Bounded: processes without a row are forgotten, oldest first.
 */
export class ProcessTable {
  readonly #source: ProcessSource;
  readonly #limits: ProcessTableLimits;
  /** Processes of a pid, the newest last. */
  readonly #byPid = new Map<number, ProcessRecord[]>();
  /** Without a row, in the order in which they lost interest. */
  readonly #idleExited = new Set<ProcessRecord>();
  readonly #idleRunning = new Set<ProcessRecord>();
  /** Events come: who is not in the table was there before, or was lost. */
  #sawEvents = false;

  constructor(source: ProcessSource, limits: ProcessTableLimits = defaultLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Processes in the table. */
  get size(): number {
    let count = 0;
    for (const records of this.#byPid.values()) count += records.length;
    return count;
  }

  apply(event: ProcessEvent): void {
    this.#sawEvents = true;
    switch (event.kind) {
      case "fork":
        this.#fork(event.process, event.time);
        break;
      case "exec":
        this.#execute(event.process, event.time);
        break;
      case "rename": {
        const record = this.#at(event.pid, event.time);
        if (record !== undefined) record.info = { ...record.info, name: event.name };
        break;
      }
      case "exit":
        this.#exit(event.pid, event.start, event.time);
        break;
    }
  }

  /** The owner of a flow, as it was stamped; undefined when nobody was. Asks the host at most once for a process. */
  ownerOf(flow: Owned): ProcessRecord | undefined {
    if (flow.ownerPid === 0) return flow.attribution === "none" ? undefined : kernel;
    const known = this.#at(flow.ownerPid, flow.ownerStamped);
    if (known === undefined) return this.#lookUp(flow);
    if (!this.#sawEvents && this.#mayBeAnother(known, flow.ownerName)) return this.#lookUp(flow);
    if (!known.askedHost) this.#askHost(known);
    return known;
  }

  /**
   * A process and its parents, the nearest first, each with all that the host can tell of it: it is asked once for each.
   * Bounded, whatever the host says of who begot whom. A parent that is gone is known by what its child remembers.
   */
  lineage(process: ProcessRecord): ProcessInfo[] {
    const chain: ProcessInfo[] = [];
    for (let record: ProcessRecord | undefined = process; record !== undefined;) {
      this.#askAll(record);
      chain.push(record.info);
      if (chain.length === lineageAtMost) break;
      const next: ProcessRecord | ProcessInfo | undefined = this.#parentOf(record, chain);
      record = undefined;
      if (next instanceof ProcessRecord) record = next;
      else if (next !== undefined) chain.push(next);
    }
    // A recording tells the whole chain, of processes that nobody can be asked about.
    const { ancestors = [] } = process.info;
    for (const one of ancestors.slice(chain.length - 1, lineageAtMost - 1)) {
      chain.push({ ...one, start: epochMillis(0) });
    }
    return chain;
  }

  /** A row refers to the process from now on. */
  hold(record: ProcessRecord): void {
    record.rows++;
    this.#idleExited.delete(record);
    this.#idleRunning.delete(record);
  }

  /** A row no longer refers to the process. */
  letGo(record: ProcessRecord): void {
    record.rows--;
    if (record.rows === 0 && record !== kernel) this.#setIdle(record);
  }

  #fork(process: ProcessInfo, time: EpochMillis): void {
    const parent = process.parent === undefined ? undefined : this.#at(process.parent.pid, time);
    // A child is its parent's image until it executes another.
    const inherited: Partial<ProcessInfo> =
      parent === undefined || process.executable !== undefined
        ? {}
        : {
            ...(parent.info.executable === undefined ? {} : { executable: parent.info.executable }),
            ...(parent.info.commandLine === undefined ? {} : { commandLine: parent.info.commandLine }),
            ...(parent.info.container === undefined ? {} : { container: parent.info.container }),
          };
    this.#upsert({ ...inherited, ...process }, time);
  }

  #execute(process: ProcessInfo, time: EpochMillis): void {
    const record = this.#upsert(process, time);
    // What the event says replaces all that went with the old image.
    const { executable: _, commandLine: __, ...kept } = record.info;
    record.info = { ...kept, ...process };
    record.askedHost = false;
    record.askedAll = false;
  }

  /** The record of exactly this process, made when there is none. */
  #upsert(process: ProcessInfo, time: number): ProcessRecord {
    const records = this.#byPid.get(process.pid);
    const start = process.start > 0 ? process.start : time;
    const newest = records?.at(-1);
    if (newest !== undefined && this.#isSame(newest, process)) {
      newest.info = { ...newest.info, ...process };
      newest.guessed = false;
      newest.since = Math.min(newest.since, start);
      return newest;
    }
    if (newest !== undefined && newest.exited === Infinity) this.#markExited(newest, start);
    return this.#insert(new ProcessRecord(process, start, false));
  }

  #isSame(record: ProcessRecord, process: ProcessInfo): boolean {
    // Events come in order: who has exited does nothing more.
    if (record.exited !== Infinity) return false;
    if (record.info.start === 0 || process.start === 0) return true;
    return Math.abs(record.info.start - process.start) <= tolerance;
  }

  #exit(processId: number, start: number, time: number): void {
    const records = this.#byPid.get(processId);
    if (records === undefined) return;
    for (let index = records.length - 1; index >= 0; index--) {
      const record = records[index]!;
      const same = start === 0 || record.info.start === 0 || Math.abs(record.info.start - start) <= tolerance;
      if (!same || record.exited !== Infinity) continue;
      this.#markExited(record, time);
      return;
    }
  }

  #markExited(record: ProcessRecord, time: number): void {
    record.exited = time;
    record.info = { ...record.info, exit: epochMillis(time) };
    this.#idleRunning.delete(record);
    if (record.rows === 0) this.#setIdle(record);
  }

  /** Who had the pid at `time`: of those alive then the one that began last. */
  #at(processId: number, time: number): ProcessRecord | undefined {
    const records = this.#byPid.get(processId);
    if (records === undefined) return undefined;
    for (let slack = 0; slack <= tolerance; slack += tolerance) {
      for (let index = records.length - 1; index >= 0; index--) {
        const record = records[index]!;
        if (record.since <= time + slack && record.exited >= time - slack) return record;
      }
    }
    // A guess began when it was first seen, which says nothing of when it really did.
    const oldest = records[0]!;
    if (!oldest.guessed || time > oldest.since) return undefined;
    oldest.since = time;
    return oldest;
  }

  /** Without events a reused pid can only be noticed by its name. Threads have names of their own: ask once for each. */
  #mayBeAnother(record: ProcessRecord, name: string): boolean {
    if (name === "" || name === record.info.name || record.namesChecked.has(name)) return false;
    if (record.namesChecked.size >= namesCheckedAtMost) return false;
    record.namesChecked.add(name);
    return true;
  }

  #lookUp(flow: Owned): ProcessRecord {
    const found = this.#source.lookup(flow.ownerPid);
    // Who started after the stamp only has the same pid.
    if (found === undefined || found.start > flow.ownerStamped + tolerance) return this.#guess(flow, found);
    const records = this.#byPid.get(flow.ownerPid);
    const same = records?.find((record) => Math.abs(record.info.start - found.start) <= tolerance);
    if (same !== undefined) return same;
    const newest = records?.at(-1);
    if (newest !== undefined && newest.exited === Infinity && newest.since < found.start) {
      this.#markExited(newest, found.start);
    }
    const record = new ProcessRecord(found, found.start, false);
    record.askedHost = true;
    return this.#insert(record);
  }

  #guess(flow: Owned, later: ProcessInfo | undefined): ProcessRecord {
    const info: ProcessInfo = {
      pid: pid(flow.ownerPid),
      start: epochMillis(0),
      name: flow.ownerName,
      user: { id: flow.ownerUserId },
      groupId: flow.ownerGroupId,
      ...(flow.ownerCgroup === 0 ? {} : { cgroupId: cgroupId(flow.ownerCgroup) }),
    };
    const record = new ProcessRecord(info, flow.ownerStamped, true);
    record.askedHost = true;
    this.#nameUser(record);
    if (later !== undefined) record.exited = later.start;
    return this.#insert(record);
  }

  /** Asks the host, once a process, for what events leave out: container, service, names of users. */
  #askHost(record: ProcessRecord): void {
    record.askedHost = true;
    this.#nameUser(record);
    if (record.exited !== Infinity) return;
    const found = this.#source.lookup(record.info.pid, record.info);
    if (found === undefined || (record.info.start > 0 && Math.abs(found.start - record.info.start) > tolerance)) return;
    record.info = { ...found, ...record.info };
  }

  /** The parent, unless it is in the chain already; only its name and pid where it is gone. */
  #parentOf({ info, since }: ProcessRecord, chain: readonly ProcessInfo[]): ProcessRecord | ProcessInfo | undefined {
    const { parent, start } = info;
    if (parent === undefined || parent.pid === 0 || chain.some((one) => one.pid === parent.pid)) return undefined;
    const born = start > 0 ? start : since;
    const found = this.#at(parent.pid, born) ?? this.#lookUpParent(parent.pid, born);
    return found ?? { ...parent, start: epochMillis(0) };
  }

  #askAll(record: ProcessRecord): void {
    const { info } = record;
    if (record.askedAll || record === kernel) return;
    record.askedAll = true;
    this.#nameUser(record);
    if (record.exited !== Infinity) return;
    const found = this.#source.lookup(info.pid);
    if (found === undefined || (info.start > 0 && Math.abs(found.start - info.start) > tolerance)) return;
    record.info = { ...found, ...record.info };
  }

  /** Who has the pid of a parent now, unless it began after the child. */
  #lookUpParent(processId: Pid, born: number): ProcessRecord | undefined {
    const found = this.#source.lookup(processId);
    if (found === undefined || found.start > born + tolerance) return undefined;
    const record = new ProcessRecord(found, found.start, false);
    record.askedHost = true;
    record.askedAll = true;
    return this.#insert(record);
  }

  #nameUser(record: ProcessRecord): void {
    const { user } = record.info;
    if (user === undefined || user.name !== undefined) return;
    const name = this.#source.userName?.(user.id);
    if (name !== undefined) record.info = { ...record.info, user: { ...user, name } };
  }

  #insert(record: ProcessRecord): ProcessRecord {
    const records = this.#byPid.get(record.info.pid);
    if (records === undefined) this.#byPid.set(record.info.pid, [record]);
    else {
      let index = records.length;
      while (index > 0 && records[index - 1]!.since > record.since) index--;
      records.splice(index, 0, record);
    }
    this.#setIdle(record);
    return record;
  }

  #setIdle(record: ProcessRecord): void {
    const exited = record.exited !== Infinity;
    const idle = exited ? this.#idleExited : this.#idleRunning;
    idle.add(record);
    dropOldest(idle, exited ? this.#limits.exited : this.#limits.running, (oldest) => this.#forget(oldest));
  }

  #forget(record: ProcessRecord): void {
    this.#idleExited.delete(record);
    this.#idleRunning.delete(record);
    const records = this.#byPid.get(record.info.pid);
    if (records === undefined) return;
    const left = records.filter((other) => other !== record);
    if (left.length === 0) this.#byPid.delete(record.info.pid);
    else this.#byPid.set(record.info.pid, left);
  }
}
