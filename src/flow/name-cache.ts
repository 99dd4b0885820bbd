import type { HostnameSource } from "../model/index.ts";
import { dropOldest } from "./bounded.ts";

/** Names an address has at most. */
const namesAtMost = 4;
/** Milliseconds for which a name is held at least, whatever its time to live says. */
const freshness = 10_000;
/** A time to live beyond a day is cut. */
const longest = 86_400_000;

interface Name {
  readonly name: string;
  until: number;
}

/**
 * What DNS answers called an address. Within its freshness (its time to live, 10 s at least) the first name wins;
 * a later one only takes over after that. Bounded: the addresses named least recently are forgotten.
 */
export class NameCache {
  readonly #addresses = new Map<string, Name[]>();
  readonly #capacity: number;

  constructor(capacity = 16_384) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#addresses.size;
  }

  /** Takes note of a name; `timeToLive` in seconds. */
  add(address: string, name: string, timeToLive: number, now: number): void {
    if (address === "" || name === "") return;
    const until = now + Math.min(Math.max(timeToLive * 1000, freshness), longest);
    const names = this.#addresses.get(address) ?? [];
    this.#addresses.delete(address);
    this.#addresses.set(address, names);
    const known = names.findIndex((entry) => entry.name === name);
    if (known >= 0) names[known]!.until = Math.max(names[known]!.until, until);
    else if (names.length < namesAtMost) names.push({ name, until });
    else replaceOldest(names, { name, until }, now);
    // The front is who wins: it stays until it is no longer fresh, then the freshest comes.
    if (names[0]!.until < now) names.sort((left, right) => right.until - left.until);
    dropOldest(this.#addresses, this.#capacity, (oldest) => this.#addresses.delete(oldest));
  }

  /** The name of an address; one that is no longer fresh is better than none. */
  get(address: string): string | undefined {
    return this.#addresses.get(address)?.[0]?.name;
  }

  /** All that are held of an address, the one that `get` gives first. */
  all(address: string): string[] {
    return this.#addresses.get(address)?.map(({ name }) => name) ?? [];
  }
}

function replaceOldest(names: Name[], name: Name, now: number): void {
  const stale = names.findIndex((entry) => entry.until < now);
  if (stale >= 0) names[stale] = name;
}

const ranks: Readonly<Record<HostnameSource, number>> = { sni: 6, http: 5, dns: 4, hosts: 3, nrb: 2, ptr: 1 };

/** True: a name from `source` is better than one from `than`. */
export function isBetterSource(source: HostnameSource, than: HostnameSource | undefined): boolean {
  return than === undefined || ranks[source] > ranks[than];
}
