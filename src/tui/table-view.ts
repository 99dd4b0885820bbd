import type { Connection, Snapshot } from "../model/index.ts";
import type { Column, GroupSums } from "./columns.ts";
import { groupIdentity, groupTitle, unknownGroup, type Grouping } from "./grouping.ts";
import { mergeSort } from "./merge-sort.ts";

/** What the table shows and in which order. */
export interface ViewSettings {
  readonly sort: Column;
  readonly descending: boolean;
  readonly grouping: Grouping;
  readonly showClosed: boolean;
  readonly names: boolean;
  /** The filter's verdict; undefined: everything. */
  readonly predicate: ((row: Connection) => boolean) | undefined;
  /** Closed rows that ended before are hidden: the user cleared them and the engine will drop them. */
  readonly clearedAt: number;
}

/**
 * A closed row stays on the screen this many seconds even when closed ones are hidden, so that nothing just vanishes. Where
 * so many close that they would bury what is open, fewer, at least one: no more rows than `mostLingering` then.
 */
export const lingerSeconds = 10;
export const mostLingering = 128;

/** Milliseconds of silence over this are less than any rate: a thousand years make 0.03 bytes a second. */
const silence = 1e15;

/** Where a connection hangs in the tree of groups. */
export type Branch = "none" | "middle" | "last";

/** One line of the table: a connection, or the head of a group. */
export type ViewItem =
  | { readonly kind: "connection"; readonly row: Connection; readonly branch: Branch }
  | { readonly kind: "group"; readonly group: GroupSums; readonly open: boolean };

/**
 * The rows of a snapshot, filtered, sorted and grouped, as a list of numbers: 0 and above is a position in
 * `snapshot.connections`, below is group `~item`. Costs what changed in the order, not n log n, because the order of
 * the last tick is the seed of the next; allocates nothing per row while the number of rows stays.
 */
export class TableView {
  readonly openGroups = new Set<string>();
  /** Rows that pass the filter, of all that could. */
  matched = 0;
  candidates = 0;
  /** Of those that pass, the ones that have ended. */
  ended = 0;
  count = 0;
  #connections: readonly Connection[] = [];
  #items = new Int32Array(0);
  #order = new Uint32Array(0);
  #ordered = 0;
  #scratch = new Uint32Array(0);
  #included = new Uint8Array(0);
  #numbers = new Float64Array(0);
  #ids = new Float64Array(0);
  readonly #texts: string[] = [];
  /** Closed rows by the seconds since they closed. */
  readonly #ended = new Uint32Array(lingerSeconds);
  #next = new Int32Array(0);
  #tail = new Int32Array(0);
  readonly #groups: GroupSums[] = [];
  readonly #heads: number[] = [];
  readonly #groupOf = new Map<string, number>();
  #groupCount = 0;
  #grouped = false;

  /** Brings the list up to date with a snapshot and settings. */
  rebuild(snapshot: Snapshot, settings: ViewSettings): void {
    const rows = snapshot.connections;
    this.#connections = rows;
    this.#reserve(rows.length);
    this.#include(snapshot, settings);
    this.#seed(rows.length);
    this.#sort(settings, snapshot.time);
    this.#grouped = settings.grouping !== "none";
    if (this.#grouped) this.#group(settings);
    else {
      this.#items.set(this.#order.subarray(0, this.#ordered));
      this.count = this.#ordered;
    }
  }

  item(index: number): ViewItem | undefined {
    if (index < 0 || index >= this.count) return undefined;
    const value = this.#items[index] ?? 0;
    if (value >= 0) {
      const row = this.#connections[value];
      return row === undefined ? undefined : { kind: "connection", row, branch: this.#branch(index) };
    }
    const group = this.#groups[~value];
    return group === undefined ? undefined : { kind: "group", group, open: this.openGroups.has(group.key) };
  }

  /** Everything that passes the filter, in order; groups open or not. */
  ordered(): Connection[] {
    return Array.from(this.#order.subarray(0, this.#ordered), (index) => this.#connections[index]).filter(
      (row) => row !== undefined,
    );
  }

  #branch(index: number): Branch {
    if (!this.#grouped) return "none";
    return index + 1 < this.count && (this.#items[index + 1] ?? -1) >= 0 ? "middle" : "last";
  }

  /** Where the connection stands, or -1. */
  indexOfConnection(id: number): number {
    for (let i = 0; i < this.count; i++) {
      const value = this.#items[i] ?? -1;
      if (value >= 0 && this.#ids[value] === id) return i;
    }
    return -1;
  }

  /** Where the head of the group stands, or -1. */
  indexOfGroup(key: string): number {
    for (let i = 0; i < this.count; i++) {
      const value = this.#items[i] ?? 0;
      if (value < 0 && this.#groups[~value]?.key === key) return i;
    }
    return -1;
  }

  #reserve(rows: number): void {
    if (this.#included.length >= rows) return;
    const size = Math.max(1024, rows + (rows >> 1));
    const order = new Uint32Array(size);
    order.set(this.#order.subarray(0, this.#ordered));
    this.#order = order;
    this.#scratch = new Uint32Array(size);
    this.#included = new Uint8Array(size);
    this.#numbers = new Float64Array(size);
    this.#ids = new Float64Array(size);
    this.#next = new Int32Array(size);
    this.#tail = new Int32Array(size);
    this.#items = new Int32Array(size * 2);
  }

  /** Seconds that closed rows are shown for. */
  #linger({ time, connections }: Snapshot): number {
    const ended = this.#ended.fill(0);
    for (const row of connections) {
      if (row.liveliness !== "closed") continue;
      const age = Math.max(0, Math.floor((time - (row.end ?? row.lastActivity)) / 1000));
      if (age < lingerSeconds) ended[age] = (ended[age] ?? 0) + 1;
    }
    let shown = ended[0] ?? 0;
    let seconds = 1;
    while (seconds < lingerSeconds && (shown += ended[seconds] ?? 0) <= mostLingering) seconds++;
    return seconds;
  }

  #include(snapshot: Snapshot, settings: ViewSettings): void {
    const { predicate, showClosed, clearedAt } = settings;
    const rows = this.#connections;
    const oldest = showClosed ? 0 : snapshot.time - this.#linger(snapshot) * 1000;
    let matched = 0;
    let candidates = 0;
    let closed = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      let included = row !== undefined;
      if (row !== undefined) {
        this.#ids[i] = row.id;
        if (row.liveliness === "closed") {
          const end = row.end ?? row.lastActivity;
          included = end > clearedAt && (showClosed || end >= oldest);
        }
        if (included) {
          candidates++;
          if (predicate !== undefined && !predicate(row)) included = false;
        }
      }
      if (included) {
        matched++;
        if (row?.liveliness === "closed") closed++;
      }
      this.#included[i] = included ? 1 : 0;
    }
    this.matched = matched;
    this.candidates = candidates;
    this.ended = closed;
  }

  /** Last order first, as far as it still holds, then what is new. */
  #seed(rows: number): void {
    const order = this.#order;
    const included = this.#included;
    let kept = 0;
    for (let i = 0; i < this.#ordered; i++) {
      const index = order[i] ?? 0;
      if (index < rows && included[index] === 1) {
        included[index] = 2;
        order[kept++] = index;
      }
    }
    for (let i = 0; i < rows; i++) if (included[i] === 1) order[kept++] = i;
    this.#ordered = kept;
  }

  /**
   * Rows that are equal in the column stand newest first, so that the order never flickers; those without a rate stand by
   * when they had one last, so that what pauses for a moment does not fall among what has long been silent.
   */
  #sort({ sort, descending, names }: ViewSettings, now: number): void {
    const rows = this.#connections;
    const count = this.#ordered;
    const ids = this.#ids;
    const sign = descending ? -1 : 1;
    if (sort.number !== undefined) {
      const numbers = this.#numbers;
      const isRate = sort.id === "rxRate" || sort.id === "txRate";
      for (let i = 0; i < count; i++) {
        const index = this.#order[i] ?? 0;
        const row = rows[index];
        const value = row === undefined ? undefined : sort.number(row);
        if (value === undefined || Number.isNaN(value)) numbers[index] = Infinity;
        else if (value === 0 && isRate) numbers[index] = Math.max(0, now - (row?.lastActivity ?? 0)) / silence;
        else numbers[index] = value * sign;
      }
      mergeSort(this.#order, this.#scratch, count, (a, b) => {
        const difference = (numbers[a] ?? 0) - (numbers[b] ?? 0);
        return difference < 0 || (!(difference > 0) && (ids[a] ?? 0) >= (ids[b] ?? 0));
      });
      return;
    }
    const texts = this.#texts;
    const context = { names };
    for (let i = 0; i < count; i++) {
      const index = this.#order[i] ?? 0;
      const row = rows[index];
      texts[index] = row === undefined ? "" : (sort.key?.(row, context) ?? "");
    }
    mergeSort(this.#order, this.#scratch, count, (a, b) => {
      const left = texts[a] ?? "";
      const right = texts[b] ?? "";
      if (left === right) return (ids[a] ?? 0) >= (ids[b] ?? 0);
      if (left === "" || right === "") return right === "";
      return left < right !== descending;
    });
  }

  #group(settings: ViewSettings): void {
    this.#groupOf.clear();
    this.#groupCount = 0;
    for (let i = 0; i < this.#ordered; i++) {
      const index = this.#order[i] ?? 0;
      const row = this.#connections[index];
      if (row !== undefined) this.#addToGroup(row, index, settings.grouping);
    }
    const groups = Array.from({ length: this.#groupCount }, (_, i) => i);
    const { sort, descending } = settings;
    const value = sort.groupNumber;
    if (value !== undefined) {
      const sign = descending ? -1 : 1;
      const of = (i: number): number => {
        const group = this.#groups[i];
        return group === undefined ? Infinity : value(group) * sign;
      };
      groups.sort((a, b) => of(a) - of(b) || a - b);
    }
    let count = 0;
    for (const group of groups) {
      this.#items[count++] = ~group;
      if (!this.openGroups.has(this.#groups[group]?.key ?? "")) continue;
      for (let index = this.#heads[group] ?? -1; index >= 0; index = this.#next[index] ?? -1)
        this.#items[count++] = index;
    }
    this.count = count;
    for (const key of this.openGroups) if (!this.#groupOf.has(key)) this.openGroups.delete(key);
  }

  #addToGroup(row: Connection, index: number, grouping: Grouping): void {
    const identity = groupIdentity(row, grouping);
    const key = identity === "" ? unknownGroup : identity;
    let at = this.#groupOf.get(key);
    if (at === undefined) {
      at = this.#groupCount++;
      this.#groupOf.set(key, at);
      const pid = grouping === "process" ? (row.process?.pid ?? -1) : -1;
      this.#groups[at] = resetGroup(this.#groups[at], key, groupTitle(row, grouping), pid);
      this.#heads[at] = index;
    } else {
      this.#next[this.#tail[at] ?? 0] = index;
    }
    this.#tail[at] = index;
    this.#next[index] = -1;
    const group = this.#groups[at];
    if (group === undefined) return;
    group.rows++;
    if (row.liveliness === "closed") group.closedRows++;
    group.txRate += row.txRate;
    group.rxRate += row.rxRate;
    group.txBytes += row.txBytes;
    group.rxBytes += row.rxBytes;
    group.rtt = Math.max(group.rtt, row.quality.rtt ?? -1);
    group.start = Math.min(group.start, row.start);
    group.retransmits += row.quality.retransmits ?? 0;
  }
}

function resetGroup(reused: GroupSums | undefined, key: string, title: string, pid: number): GroupSums {
  const group = reused ?? ({} as GroupSums);
  group.key = key;
  group.title = title;
  group.pid = pid;
  group.rows = 0;
  group.closedRows = 0;
  group.txRate = 0;
  group.rxRate = 0;
  group.txBytes = 0;
  group.rxBytes = 0;
  group.rtt = -1;
  group.start = Infinity;
  group.retransmits = 0;
  return group;
}
