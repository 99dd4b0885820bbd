import type { Connection, NetworkState, ProcessInfo, Snapshot } from "../model/index.ts";
import { Privacy } from "../privacy/index.ts";
import { copySnapshot } from "./freeze.ts";

/** What of the engine's state is shown: the last one or a frozen copy, as it is or with aliases. */
export class ShownState {
  readonly #privacy: Privacy;
  #private: boolean;
  #latest: Snapshot | undefined;
  #frozen: Snapshot | undefined;
  #visible: Snapshot | undefined;
  #shown: Snapshot | undefined;

  constructor(isPrivate: boolean, privacy = new Privacy()) {
    this.#private = isPrivate;
    this.#privacy = privacy;
  }

  /** A tick; false: the tabs stand still. */
  update(snapshot: Snapshot): boolean {
    this.#latest = snapshot;
    this.#visible = this.#viewed(snapshot);
    if (this.#frozen !== undefined) return false;
    this.#shown = this.#visible;
    return true;
  }

  /** The last state, as it may be shown. */
  get latest(): Snapshot | undefined {
    return this.#visible;
  }

  /** What the tabs show. */
  get shown(): Snapshot | undefined {
    return this.#shown;
  }

  get frozenAt(): number | undefined {
    return this.#frozen?.time;
  }

  get private(): boolean {
    return this.#private;
  }

  /** Keeps a copy of what is shown until it is called again. */
  toggleFrozen(): void {
    if (this.#latest === undefined) return;
    this.#frozen = this.#frozen === undefined ? copySnapshot(this.#latest) : undefined;
    this.#refresh();
  }

  togglePrivate(): void {
    this.#private = !this.#private;
    this.#refresh();
  }

  view(row: Connection): Connection {
    return this.#private ? this.#privacy.connection(row) : row;
  }

  viewHost(name: string): string {
    return this.#private ? this.#privacy.aliases.host(name) : name;
  }

  viewProcess(process: ProcessInfo): ProcessInfo {
    return this.#private ? this.#privacy.process(process) : process;
  }

  viewNetwork(state: NetworkState): NetworkState {
    return this.#private ? this.#privacy.network(state) : state;
  }

  real(row: Connection): Connection {
    return this.#privacy.real(row);
  }

  /** What `shown` is made of. */
  get unhidden(): Snapshot | undefined {
    return this.#frozen ?? this.#latest;
  }

  viewName(name: string): string {
    return this.#private ? this.#privacy.name(name) : name;
  }

  meaning(filter: string): string {
    return this.#private ? this.#privacy.filter(filter) : filter;
  }

  #refresh(): void {
    this.#visible = this.#latest && this.#viewed(this.#latest);
    this.#shown = this.#frozen === undefined ? this.#visible : this.#viewed(this.#frozen);
  }

  #viewed(snapshot: Snapshot): Snapshot {
    return this.#private ? this.#privacy.snapshot(snapshot) : snapshot;
  }
}
