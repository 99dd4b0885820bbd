import type { HostnameSource, KnownName } from "../model/index.ts";
import type { ConnectionRow } from "./connection-row.ts";
import { isBetterSource, NameCache } from "./name-cache.ts";

/** A name that arrives within this many milliseconds after the row began still applies to it. */
const lateNames = 30_000;
const waitingAddresses = 4096;
const waitingPerAddress = 32;
const givenAddresses = 65_536;

/** Rows of one address that wait for its name; most often one. Of many the newest: a name is asked for shortly before it is used. */
class Waiting {
  readonly since: number;
  readonly first: ConnectionRow;
  others: ConnectionRow[] | undefined = undefined;
  #next = 0;

  constructor(since: number, first: ConnectionRow) {
    this.since = since;
    this.first = first;
  }

  add(row: ConnectionRow): void {
    this.others ??= [];
    this.others[this.#next] = row;
    this.#next = (this.#next + 1) % (waitingPerAddress - 1);
  }

  name(name: string, source: HostnameSource): void {
    if (this.first.position >= 0) setName(this.first, name, source);
    for (const row of this.others ?? []) if (row.position >= 0) setName(row, name, source);
  }
}

/** Gives rows their host names, from their own payload and from what DNS called their remote address. */
export class RowNames {
  readonly #cache = new NameCache();
  /** Rows that began without a name, by remote address, in the order of their first. Bounded. */
  readonly #waiting = new Map<string, Waiting>();
  /** What a capture file itself calls an address; the first name wins. Bounded: what comes later is left out. */
  readonly #given = new Map<string, string>();
  #now = 0;

  /** Forgets who has waited too long. */
  setClock(now: number): void {
    this.#now = now;
    for (const [address, waiting] of this.#waiting) {
      if (now - waiting.since <= lateNames && this.#waiting.size <= waitingAddresses) break;
      this.#waiting.delete(address);
    }
  }

  /** A row is there: names it, or remembers that it has none. */
  begin(row: ConnectionRow): void {
    const address = row.remote.address;
    if (address === "" || row.hostname !== undefined) return;
    const name = this.#cache.get(address);
    if (name !== undefined) {
      setName(row, name, "dns");
      return;
    }
    this.nameAsGiven(row);
    const waiting = this.#waiting.get(address);
    if (waiting === undefined) this.#waiting.set(address, new Waiting(this.#now, row));
    else waiting.add(row);
  }

  /** A name that a capture file holds for an address, whatever the time. */
  give(address: string, name: string): void {
    if (this.#given.has(address) || this.#given.size >= givenAddresses) return;
    this.#given.set(address, name);
    this.#waiting.get(address)?.name(name, "nrb");
  }

  /** Names a row as the file does, if it does: the name may have come after the row began. */
  nameAsGiven(row: ConnectionRow): void {
    if (this.#given.size === 0) return;
    const name = this.#given.get(row.remote.address);
    if (name !== undefined) setName(row, name, "nrb");
  }

  /** What DNS called an address, then what the capture file does. */
  of(address: string): KnownName[] {
    const names: KnownName[] = this.#cache.all(address).map((name) => ({ name, source: "dns" }));
    const given = this.#given.get(address);
    return given === undefined ? names : [...names, { name: given, source: "nrb" }];
  }

  /** A name for an address, `timeToLive` in seconds. */
  observe(address: string, name: string, timeToLive: number): void {
    this.#cache.add(address, name, timeToLive, this.#now);
    const waiting = this.#waiting.get(address);
    if (waiting === undefined) return;
    this.#waiting.delete(address);
    waiting.name(name, "dns");
  }
}

/** Only addresses have colons, and only they end in a number (RFC 3696, section 2). */
const isAddress = (name: string): boolean => name.includes(":") || /(?:^|\.)\d+$/.test(name);

/** Gives the row a name unless it has one from a better source; an address, as a Host header may hold, is none. */
export function setName(row: ConnectionRow, name: string, source: HostnameSource): void {
  if (!isBetterSource(source, row.hostnameSource) || isAddress(name)) return;
  row.hostname = name;
  row.hostnameSource = source;
}
