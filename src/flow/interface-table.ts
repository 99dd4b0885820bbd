import type { InterfaceInfo, InterfaceSource } from "../model/index.ts";

/** Milliseconds between two readings of the interfaces at least. */
const readingInterval = 1000;

/** The machine's interfaces, their rates, and which addresses are ours. */
export class InterfaceTable {
  readonly #source: InterfaceSource;
  readonly #grows: boolean;
  #interfaces: readonly InterfaceInfo[] = [];
  #byIndex = new Map<number, InterfaceInfo>();
  #addresses = new Set<string>();
  #readAt = -Infinity;
  /** Indexes without a name that were looked for since the last reading. */
  readonly #unknown = new Set<number>();

  /** `grows`: in a capture file there are ever more of them, each from its first frame on. */
  constructor(source: InterfaceSource, grows = false) {
    this.#source = source;
    this.#grows = grows;
  }

  /** With the rates of the last reading; a new array with each. */
  get list(): readonly InterfaceInfo[] {
    return this.#interfaces;
  }

  /** Reads the interfaces unless that was done within a second. */
  refresh(now: number): void {
    const elapsed = now - this.#readAt;
    // Timers are not exact: a tick of a second must not read every other time.
    if (elapsed < readingInterval * 0.95) return;
    this.#read(elapsed / 1000);
    this.#readAt = now;
    this.#unknown.clear();
  }

  #read(seconds: number): void {
    const before = this.#byIndex;
    this.#interfaces = this.#source.read().map((entry) => withRates(entry, before.get(entry.index), seconds));
    this.#byIndex = new Map(this.#interfaces.map((entry) => [entry.index, entry]));
    this.#addresses = new Set(this.#interfaces.flatMap((entry) => entry.addresses));
  }

  isLocal(address: string): boolean {
    return this.#addresses.has(address) || address.startsWith("127.");
  }

  name(index: number): string | undefined {
    const known = this.#byIndex.get(index);
    if (known !== undefined || !this.#grows || this.#unknown.has(index)) return known?.name;
    this.#unknown.add(index);
    this.#read(0);
    return this.#byIndex.get(index)?.name;
  }

  /** Name of the interface that has this address. */
  nameOf(address: string): string | undefined {
    for (const entry of this.#interfaces) if (entry.addresses.includes(address)) return entry.name;
    return undefined;
  }

  /**
   * Name of the interface of a socket with this local address. Indexes are only unique within a network namespace: one that
   * is not the interface's own address belongs to another.
   */
  nameFor(index: number, address: string): string | undefined {
    const entry = this.#byIndex.get(index);
    if (entry === undefined) return undefined;
    return entry.loopback || entry.addresses.includes(address) ? entry.name : undefined;
  }
}

function withRates(entry: InterfaceInfo, before: InterfaceInfo | undefined, seconds: number): InterfaceInfo {
  const rate = (now: number, then: number | undefined): number =>
    then === undefined || now < then || seconds <= 0 || !Number.isFinite(seconds) ? 0 : (now - then) / seconds;
  return { ...entry, txRate: rate(entry.txBytes, before?.txBytes), rxRate: rate(entry.rxBytes, before?.rxBytes) };
}
