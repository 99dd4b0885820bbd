import type { Connection, ConnectionId, KnownName, NetworkState, ProcessInfo, Snapshot } from "../model/index.ts";
import type { ScreenEngine } from "./screen-engine.ts";
import type { ShownState } from "./screen-state.ts";
import type { TabHost } from "./tab-screen.ts";

/** What tabs may know of the state: as it may be shown, and as it is. */
type Facts = Pick<
  TabHost,
  | "snapshot"
  | "view"
  | "real"
  | "lineage"
  | "namesOf"
  | "viewHost"
  | "viewProcess"
  | "viewNetwork"
  | "unhidden"
  | "viewName"
  | "meaning"
  | "frozenAt"
>;

/** The part of a screen that answers the tabs' questions. */
export abstract class ShownFacts implements Facts {
  protected readonly state: ShownState;
  readonly #engine: ScreenEngine;

  constructor(state: ShownState, engine: ScreenEngine) {
    this.state = state;
    this.#engine = engine;
  }

  get snapshot(): Snapshot | undefined {
    return this.state.shown;
  }

  view(row: Connection): Connection {
    return this.state.view(row);
  }

  real(row: Connection): Connection {
    return this.state.real(row);
  }

  lineage(id: ConnectionId): readonly ProcessInfo[] {
    return this.#engine.lineage?.(id) ?? [];
  }

  namesOf(id: ConnectionId): readonly KnownName[] {
    return this.#engine.namesOf?.(id) ?? [];
  }

  viewHost(name: string): string {
    return this.state.viewHost(name);
  }

  viewProcess(process: ProcessInfo): ProcessInfo {
    return this.state.viewProcess(process);
  }

  viewNetwork(state: NetworkState): NetworkState {
    return this.state.viewNetwork(state);
  }

  get unhidden(): Snapshot | undefined {
    return this.state.unhidden;
  }

  viewName(name: string): string {
    return this.state.viewName(name);
  }

  meaning(filter: string): string {
    return this.state.meaning(filter);
  }

  get frozenAt(): number | undefined {
    return this.state.frozenAt;
  }
}
