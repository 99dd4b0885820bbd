import {
  connectionId,
  epochMillis,
  type Connection,
  type ConnectionId,
  type EndReason,
  type EpochMillis,
  type Endpoint,
  type NetworkNamespace,
} from "../model/index.ts";
import { protocolName } from "../wire/index.ts";
import { ConnectionRow, isTcp, isUdp, type Counts, type RowLookups } from "./connection-row.ts";
import { RateWindows, windowSeconds } from "./rate-windows.ts";
import { TimerWheel } from "./timer-wheel.ts";
import {
  datagramState,
  endsByTimeout,
  livelinessAfter,
  nextThreshold,
  timeoutOf,
  timeouts,
  type Shares,
} from "./timeouts.ts";
import { TupleIndex } from "./tuple-index.ts";
import type { TupleKey } from "./tuple-key.ts";

/** Checks of ageing rows in one tick: many rows made in one second must not come due in one tick. */
const checksPerTick = 8192;
/** Ended rows held for a client that has not asked for any yet. */
const endedBeforeFirstAsked = 5000;
/** Tuples that lead to one row: its own, before and after translations, in place of an unspecified address. */
const tuplesPerRow = 8;

/** What happens to a row outside the table. */
export interface TableObserver {
  /** The row ended; it may stay in the table as a closed one. */
  ended(row: ConnectionRow): void;
  /** The row is out of the table for good. */
  dropped(row: ConnectionRow): void;
}

export interface RowFields {
  readonly protocolNumber: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly networkNamespace: NetworkNamespace;
  readonly start: EpochMillis;
}

/** Sums over everything that was ever counted, in the form of the snapshot. */
export interface RunningTotals {
  txBytes: number;
  rxBytes: number;
  txPackets: number;
  rxPackets: number;
  opened: number;
  ended: number;
}

/**
 * The rows: where they are found, how they age and end. Knows nothing of where their facts come from. Nothing here
 * walks over all rows in a tick.
 */
export class ConnectionTable {
  /** Live and closed rows, in no order. */
  readonly rows: ConnectionRow[] = [];
  readonly index = new TupleIndex<ConnectionRow>();
  readonly windows = new RateWindows();
  readonly totals: RunningTotals = { txBytes: 0, rxBytes: 0, txPackets: 0, rxPackets: 0, opened: 0, ended: 0 };
  /** Rows counted in this tick. */
  touched: ConnectionRow[] = [];
  tick = 0;
  /** The clock in milliseconds. */
  now = 0;
  closedCount = 0;
  /** Made when somebody first asks for a row by its number: a replay never does. */
  #byId: Map<number, ConnectionRow> | undefined;
  readonly #wheel = new TimerWheel<ConnectionRow>();
  readonly #windowsToReturn = new TimerWheel<WindowHolder>();
  readonly #observer: TableObserver;
  readonly #keepClosed: number;
  /** Closed rows in the order they closed; those before `#closedHead` are gone. */
  #closed: (ConnectionRow | undefined)[] = [];
  #closedHead = 0;
  #ended: ConnectionRow[] = [];
  #endedAsked = false;
  #lastTouched: ConnectionRow[] = [];
  #nextId = 1;
  /** Bytes of this tick, by place in `touched`. */
  readonly #shares: Shares;
  #tickTx = new Float64Array(256);
  #tickRx = new Float64Array(256);

  readonly #lookups: RowLookups;
  /** Rates over 10 and 60 s are kept: a window of half a kilobyte a row that spoke in the last minute. */
  readonly #means: boolean;

  constructor(keepClosed: number, shares: Shares, observer: TableObserver, lookups: RowLookups = {}, means = true) {
    this.#lookups = lookups;
    this.#means = means;
    this.#keepClosed = keepClosed;
    this.#shares = shares;
    this.#observer = observer;
  }

  byId(id: ConnectionId): ConnectionRow | undefined {
    this.#byId ??= new Map(this.rows.map((row) => [row.id, row]));
    return this.#byId.get(id);
  }

  /** Makes a live row for a tuple; `localIsFirst` as the key says it. */
  create(key: TupleKey, fields: RowFields, localIsFirst: boolean): ConnectionRow {
    const id = connectionId(this.#nextId++);
    const identity = { ...fields, id, protocol: protocolName(fields.protocolNumber) };
    const row = new ConnectionRow(identity, this.windows, this.#lookups);
    row.localIsFirst = localIsFirst;
    row.createdAt = this.now;
    row.state = isTcp(row) ? "UNKNOWN" : "ACTIVE";
    row.position = this.rows.length;
    this.rows.push(row);
    this.#byId?.set(id, row);
    row.tuple = this.index.add(key, row);
    this.totals.opened++;
    this.settle(row);
    return row;
  }

  /** One more tuple under which the row is found; false when it has too many. `localIsFirst` as `key` has it. */
  alias(row: ConnectionRow, key: TupleKey, localIsFirst: boolean): boolean {
    const aliases = (row.aliases ??= []);
    if (aliases.length + 1 >= tuplesPerRow) return false;
    aliases.push({ entry: this.index.add(key, row), localIsFirst });
    return true;
  }

  /** Counts what passed since the row was counted last: in the row, in the totals and in the rates of this tick. */
  count(row: ConnectionRow, txBytes: number, rxBytes: number, txPackets: number, rxPackets: number): void {
    const place = this.touch(row);
    this.#tickTx[place]! += txBytes;
    this.#tickRx[place]! += rxBytes;
    row.txBytes += txBytes;
    row.rxBytes += rxBytes;
    row.txPackets += txPackets;
    row.rxPackets += rxPackets;
    // What is inside a tunnel passed as bytes of the flow around it.
    if (row.tunnel !== undefined) return;
    if (row.ahead === undefined) {
      const { totals } = this;
      totals.txBytes += txBytes;
      totals.rxBytes += rxBytes;
      totals.txPackets += txPackets;
      totals.rxPackets += rxPackets;
    } else this.#countBehind(row.ahead, { txBytes, rxBytes, txPackets, rxPackets });
  }

  /** Takes bytes out of the rates of this tick: they passed before it. */
  unrate(row: ConnectionRow, txBytes: number, rxBytes: number): void {
    const place = this.touch(row);
    this.#tickTx[place] = Math.max(this.#tickTx[place]! - txBytes, 0);
    this.#tickRx[place] = Math.max(this.#tickRx[place]! - rxBytes, 0);
  }

  /** Notes that the row has news in this tick; returns its place among those that have. */
  touch(row: ConnectionRow): number {
    if (row.touchedTick === this.tick) return row.touchIndex;
    row.touchedTick = this.tick;
    const place = this.touched.length;
    row.touchIndex = place;
    if (place === this.#tickTx.length) {
      this.#tickTx = doubled(this.#tickTx);
      this.#tickRx = doubled(this.#tickRx);
    }
    this.#tickTx[place] = 0;
    this.#tickRx[place] = 0;
    this.touched.push(row);
    return place;
  }

  /** The row's counters begin anew, from another source: what the totals hold of it is not added again. */
  recount(row: ConnectionRow): void {
    addTo(row, row);
    row.txBytes = 0;
    row.rxBytes = 0;
    row.txPackets = 0;
    row.rxPackets = 0;
  }

  #countBehind(ahead: Counts, counted: Counts): void {
    for (const name of countNames) {
      const known = Math.min(ahead[name], counted[name]);
      ahead[name] -= known;
      this.totals[name] += counted[name] - known;
    }
  }

  /** Reckons timeout and liveliness anew after activity or a change of state or protocol. */
  settle(row: ConnectionRow): void {
    if (row.liveliness === "closed") return;
    row.timeout = timeoutOf(row);
    this.#age(row);
  }

  /** Ends a live row. It is kept as a closed one as long as there is room. */
  close(row: ConnectionRow, reason: EndReason, end: number): void {
    if (row.liveliness === "closed") return;
    row.liveliness = "closed";
    row.endReason = reason;
    row.end = epochMillis(Math.max(end, row.start));
    if (isTcp(row)) row.state = "CLOSE";
    else if (isUdp(row)) row.state = "STALE";
    this.totals.ended++;
    this.closedCount++;
    this.#wheel.cancel(row);
    // Late packets of this flow (the last ACK, a reset) are to find it, and make no row of their own.
    this.#wheel.schedule(row, (this.now + timeouts.timeWait) / 1000);
    this.#closed.push(row);
    this.#ended.push(row);
    if (!this.#endedAsked && this.#ended.length > endedBeforeFirstAsked * 2)
      this.#ended.splice(0, endedBeforeFirstAsked);
    this.#observer.ended(row);
  }

  /** Takes a row out of the table without a record of its end: another row stands for the same flow. */
  absorb(row: ConnectionRow, into: ConnectionRow): void {
    addTo(into, row);
    if (row.ahead !== undefined) addTo(into, row.ahead);
    this.totals.opened--;
    this.#drop(row);
  }

  takeEnded(): readonly Connection[] {
    const ended = this.#ended;
    this.#ended = [];
    this.#endedAsked = true;
    return ended;
  }

  clearClosed(): void {
    while (this.#dropOldestClosed());
  }

  /** Sets the clock forward. Nothing ages yet: what the planes are about to tell may keep it alive. */
  setClock(now: number): void {
    const first = this.now === 0;
    if (now > this.now) this.now = now;
    this.windows.now = this.now;
    if (first) this.age(false);
  }

  /** Sets the clock back: a capture file goes on at an earlier time, as one does that was put together from several. */
  rewind(now: number): void {
    this.now = now;
    this.windows.now = now;
    this.#wheel.rewind(Math.floor(now / 1000));
    this.#windowsToReturn.rewind(Math.floor(now / 1000));
  }

  /** Ages what is due; all of it when `whole`. */
  age(whole: boolean): void {
    const second = Math.floor(this.now / 1000);
    this.#wheel.advance(second, whole ? Infinity : checksPerTick, this.#check);
    this.#windowsToReturn.advance(second, whole ? Infinity : checksPerTick, this.#returnWindow);
  }

  /** Ends a tick that began at `previous`: rates of what was counted in it, and of what was in the one before. */
  finishTick(previous: number): { txRate: number; rxRate: number } {
    const seconds = Math.max(this.now - previous, 1) / 1000;
    let tx = 0;
    let rx = 0;
    for (const row of this.#lastTouched) {
      row.txRate = 0;
      row.rxRate = 0;
    }
    const tickTx = this.#tickTx;
    const tickRx = this.#tickRx;
    for (const row of this.touched) {
      const rowTx = tickTx[row.touchIndex]!;
      const rowRx = tickRx[row.touchIndex]!;
      if (row.tunnel === undefined) {
        tx += rowTx;
        rx += rowRx;
      }
      row.txRate = rowTx / seconds;
      row.rxRate = rowRx / seconds;
      if (this.#means && (rowTx > 0 || rowRx > 0) && row.position >= 0) this.#remember(row, previous, rowTx, rowRx);
    }
    const spare = this.#lastTouched;
    spare.length = 0;
    this.#lastTouched = this.touched;
    this.touched = spare;
    while (this.closedCount > this.#keepClosed && this.#dropOldestClosed());
    this.tick++;
    return { txRate: tx / seconds, rxRate: rx / seconds };
  }

  /** Rows counted in the tick that ended last. */
  get changed(): readonly ConnectionRow[] {
    return this.#lastTouched;
  }

  #remember(row: ConnectionRow, previous: number, tx: number, rx: number): void {
    if (row.window < 0) {
      row.window = this.windows.take();
      this.#windowsToReturn.schedule(new WindowHolder(row), this.now / 1000 + windowSeconds + 1);
    }
    this.windows.add(row.window, previous, this.now, tx, rx);
  }

  readonly #returnWindow = (holder: WindowHolder): void => {
    const row = holder.row;
    if (row.window < 0) return;
    const counted = this.windows.newest(row.window);
    if (this.now / 1000 - counted <= windowSeconds + 1 && row.position >= 0) {
      this.#windowsToReturn.schedule(holder, counted + windowSeconds + 2);
      return;
    }
    this.windows.give(row.window);
    row.window = -1;
  };

  readonly #check = (row: ConnectionRow): void => {
    if (row.position < 0) return;
    if (row.liveliness === "closed") {
      this.#unindex(row);
      return;
    }
    row.timeout = timeoutOf(row);
    this.#age(row);
  };

  #age(row: ConnectionRow): void {
    const idle = Math.max(this.now - row.lastActivity, 0);
    // A socket that was silent before it was first seen gets its time as well.
    const watched = row.hasSocket ? Math.min(idle, this.now - row.createdAt) : idle;
    if (watched >= row.timeout && endsByTimeout(row)) {
      this.close(row, row.tcp?.endReason ?? "timeout", row.lastActivity);
      return;
    }
    row.liveliness = livelinessAfter(row, idle, this.#shares);
    if (isUdp(row)) row.state = datagramState(row, idle, this.#shares);
    const threshold = nextThreshold(row, idle, this.#shares);
    if (threshold === Infinity) return;
    const since = threshold < row.timeout ? row.lastActivity : this.now - watched;
    this.#wheel.schedule(row, (since + threshold) / 1000);
  }

  #dropOldestClosed(): boolean {
    while (this.#closedHead < this.#closed.length) {
      const row = this.#closed[this.#closedHead];
      this.#closed[this.#closedHead++] = undefined;
      if (this.#closedHead > 1024 && this.#closedHead * 2 > this.#closed.length) {
        this.#closed = this.#closed.slice(this.#closedHead);
        this.#closedHead = 0;
      }
      if (row === undefined || row.position < 0) continue;
      this.#drop(row);
      return true;
    }
    return false;
  }

  #drop(row: ConnectionRow): void {
    if (row.liveliness === "closed") this.closedCount--;
    this.#wheel.cancel(row);
    this.#unindex(row);
    const last = this.rows.pop()!;
    if (last !== row) {
      this.rows[row.position] = last;
      last.position = row.position;
    }
    row.position = -1;
    this.#byId?.delete(row.id);
    this.#observer.dropped(row);
  }

  #unindex(row: ConnectionRow): void {
    if (row.tuple >= 0) this.index.remove(row.tuple);
    row.tuple = -1;
    for (const { entry } of row.aliases ?? noAliases) this.index.remove(entry);
    row.aliases = undefined;
  }
}

const noAliases: readonly { readonly entry: number }[] = [];
const countNames = ["txBytes", "rxBytes", "txPackets", "rxPackets"] as const;

/** Adds counts to what the totals know ahead of the row. */
function addTo(row: ConnectionRow, counts: Counts): void {
  row.ahead ??= { txBytes: 0, rxBytes: 0, txPackets: 0, rxPackets: 0 };
  for (const name of countNames) row.ahead[name] += counts[name];
}

function doubled(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** A row whose window is to be given back once it is empty. */
class WindowHolder {
  checkAt = -1;
  readonly row: ConnectionRow;

  constructor(row: ConnectionRow) {
    this.row = row;
  }
}
