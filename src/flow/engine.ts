import { standardShares, type Shares } from "./timeouts.ts";
import type { Cryptography } from "../dissect/verdict.ts";
import type { CreateInspectorFactory } from "../dissect/inspector.ts";
import { epochMillis } from "../model/index.ts";
import type {
  Connection,
  ConnectionId,
  EpochMillis,
  FamilyLookup,
  GeoLookup,
  Frame,
  Host,
  KnownName,
  Losses,
  ProcessInfo,
  RecordedFlow,
  Snapshot,
  SocketPlane,
} from "../model/index.ts";
import type { Packet } from "../wire/index.ts";
import { ConnectionTable } from "./connection-table.ts";
import { Services, type Admission, type EngineParts, type ServiceLookup } from "./engine-parts.ts";
import { chooseEvictions } from "./eviction.ts";
import { Inspection, type PortHint } from "./inspection.ts";
import { InterfaceTable } from "./interface-table.ts";
import { ProcessTable } from "./process-table.ts";
import { RecordedFlows } from "./recorded-flows.ts";
import { RowNames } from "./row-names.ts";
import { SocketIngest } from "./socket-ingest.ts";
import { Translations } from "./translations.ts";
import { WireIngest } from "./wire-ingest.ts";

/** The engine as its clients see it: one tick drains the host and brings the table up to date. */
export interface FlowEngine {
  /** Drains all planes of the host and returns the new state. Called by the one timer of the program. */
  tick(now: EpochMillis): Snapshot;
  /**
   * Takes a frame of a capture file. The table then runs by the file's clock: rows age by the times of the frames, and
   * `tick` is called with file times, as often as rates are wanted. Bytes are those of the frame on the wire.
   */
  ingestFrame(frame: Frame): void;
  /** The rows that the last frame was counted to, the outermost packet's first. */
  rowsOfFrame(): readonly Connection[];
  /**
   * The state between two ticks: rows as they stand at `now`, rates as the last tick left them. Only in replay, where ticks
   * stand at fixed times of the file and somebody may stop between them.
   */
  look(now: EpochMillis): Snapshot;
  /** Drains all planes without ending the tick: for who must know now whose a packet is. */
  drain(now: EpochMillis): void;
  /**
   * The row that the packet belongs to, as it stands now; a tunnel's, not what is inside. What crosses loopback belongs to
   * two: `other` gives the second.
   */
  connectionOf(packet: Packet, other?: boolean): Connection | undefined;
  /** Takes a name that a capture file holds for an address (a pcapng name resolution block). */
  ingestName(address: string, name: string): void;
  /** What a recording says of one of its flows, before its frames or after them. Only in replay. */
  ingestRecordedFlow(flow: RecordedFlow): void;
  /** An address of the machine that a capture file was made on. Only in replay. */
  ingestLocalAddress(address: string): void;
  connection(id: ConnectionId): Connection | undefined;
  /** The owner of a row and its parents, the nearest first, asked of the host where it is not known yet. */
  lineage(id: ConnectionId): readonly ProcessInfo[];
  /** Names of a row's remote address beside the row's own, as DNS and the capture file told them; at most five. */
  namesOf(id: ConnectionId): readonly KnownName[];
  /**
   * Rows that ended since the last call, each once, in the order they ended; for writers of flow records. Whoever has
   * called it once goes on calling it: rows are held until then. Before the first call only the last few thousand are.
   */
  takeEnded(): readonly Connection[];
  /** Rows whose counters changed in the last tick. */
  changed(): readonly Connection[];
  /** Forgets the closed rows that are kept (the screen's `x`). */
  clearClosed(): void;
  /** Ends all live rows, for a last `takeEnded`. The host stays open: it belongs to who made it. */
  close(): void;
}

export interface FlowEngineOptions {
  readonly host: Host;
  /** Closed rows kept; 5,000 when absent. */
  readonly keepClosed?: number;
  /** Without both of these payload is not looked at. */
  readonly createInspectors?: CreateInspectorFactory;
  readonly crypto?: Cryptography;
  /** Bytes of undecided flows that are held at most; 64 MiB when absent. */
  readonly inspectedBytes?: number;
  /** What ports alone suggest, for flows whose payload nobody has seen. */
  readonly portHint?: PortHint;
  /** Names of services; `protocol` in lower case ("tcp"). */
  readonly services?: ServiceLookup;
  /** Families of services by host name. */
  readonly families?: FamilyLookup;
  /** Where addresses are registered. */
  readonly geo?: GeoLookup;
  /** In replay: addresses of the machine to look from. Without them it is the side that opened a flow. */
  readonly localAddresses?: Iterable<string>;
  /** Which flows there are to be; all when absent. */
  readonly admits?: Admission;
  /** When silent rows are stale, and critical. */
  readonly shares?: Shares;
  /** False: nobody asks for rates over 10 and 60 s, and they are 0. */
  readonly means?: boolean;
  /** Rows without a socket at most; 131,072 when absent. */
  readonly wireRows?: number;
}

const keepClosedByDefault = 5000;
const wireRowsByDefault = 131_072;
const historyTicks = 120;
/** A frame that is older than the one before by this much (milliseconds) is not late: the file's clock was set back. */
export const clockJump = 60_000;
/** A first tick has none before it: what it finds came within this time. */
const firstTick = 1000;

/** Makes an engine over the planes that the host has. */
export function createFlowEngine(options: FlowEngineOptions): FlowEngine {
  return new Engine(options);
}

class Engine implements FlowEngine {
  readonly #host: Host;
  readonly #table: ConnectionTable;
  readonly #parts: EngineParts;
  readonly #sockets: SocketIngest | undefined;
  readonly #wire: WireIngest;
  readonly #replays: boolean;
  readonly #history: { tx: number[]; rx: number[] } = { tx: [], rx: [] };
  #start = 0;
  #previous = 0;
  #rates = { txRate: 0, rxRate: 0 };
  #ageSecond = 0;
  #evicted = 0;
  #closing = false;

  constructor(options: FlowEngineOptions) {
    const { host } = options;
    this.#host = host;
    this.#replays = host.level.level === "replay";
    this.#table = new ConnectionTable(
      options.keepClosed ?? keepClosedByDefault,
      options.shares ?? standardShares,
      {
        ended: (row) => {
          this.#parts.inspection.drop(row);
          this.#wire.forget(row);
          if (!this.#closing) this.#sockets?.ended(row);
        },
        dropped: (row) => {
          this.#parts.inspection.drop(row);
          this.#wire.forget(row);
          if (row.owner !== undefined) this.#parts.processes.letGo(row.owner);
        },
      },
      { ...(options.families && { families: options.families }), ...(options.geo && { geo: options.geo }) },
      options.means,
    );
    const names = new RowNames();
    this.#parts = {
      table: this.#table,
      names,
      processes: new ProcessTable(host.processes),
      inspection: new Inspection(this.#table, names, host.sockets, options),
      translations: new Translations(this.#table),
      interfaces: new InterfaceTable(host.interfaces, this.#replays),
      services: new Services(options.services),
      recorded: this.#replays ? new RecordedFlows(options.localAddresses ?? []) : undefined,
      admits: options.admits,
    };
    const full = host.level.level === "full";
    this.#sockets = host.sockets === undefined ? undefined : new SocketIngest(host.sockets, this.#parts, full);
    this.#wire = new WireIngest(this.#parts, {
      live: !this.#replays,
      countForSockets: !full,
      localHints: this.#parts.recorded?.localAddresses ?? new Set(options.localAddresses),
      rows: options.wireRows ?? wireRowsByDefault,
    });
  }

  tick(now: EpochMillis): Snapshot {
    if (this.#start === 0) {
      this.#start = now;
      this.#previous = now - firstTick;
    }
    this.#table.setClock(now);
    this.#drain();
    this.#table.age(this.#replays);
    if (this.#host.sockets !== undefined) this.#makeRoom(this.#host.sockets);
    const rates = this.#table.finishTick(this.#previous);
    this.#previous = this.#table.now;
    this.#rates = rates;
    push(this.#history.tx, rates.txRate);
    push(this.#history.rx, rates.rxRate);
    return this.#snapshot(rates);
  }

  look(now: EpochMillis): Snapshot {
    this.#table.setClock(now);
    this.#table.age(this.#replays);
    return this.#snapshot(this.#rates);
  }

  drain(now: EpochMillis): void {
    if (this.#start === 0) this.tick(now);
    this.#table.setClock(now);
    this.#drain();
  }

  connectionOf(packet: Packet, other = false): Connection | undefined {
    return this.#wire.connectionOf(packet, other);
  }

  ingestFrame(frame: Frame): void {
    const { time } = frame;
    if (this.#start === 0) {
      this.#start = time;
      this.#previous = time;
    }
    if (time < this.#table.now - clockJump) {
      this.#table.rewind(time);
      // Else the tick that this one is in would have begun after its end.
      this.#previous = time;
    } else this.#table.setClock(time);
    const second = Math.floor(this.#table.now / 1000);
    if (second !== this.#ageSecond) {
      this.#ageSecond = second;
      this.#parts.names.setClock(this.#table.now);
      this.#table.age(true);
    }
    this.#wire.frame(frame);
  }

  rowsOfFrame(): readonly Connection[] {
    return this.#wire.counted;
  }

  ingestRecordedFlow(flow: RecordedFlow): void {
    const { recorded } = this.#parts;
    if (recorded === undefined) return;
    recorded.add(flow);
    for (const row of this.#wire.rowsBetween(flow.protocol, flow.source, flow.destination)) {
      recorded.apply(row, this.#parts.processes);
      this.#wire.otherEnds?.join(row);
    }
  }

  ingestLocalAddress(address: string): void {
    this.#parts.recorded?.addLocalAddress(address);
  }

  ingestName(address: string, name: string): void {
    this.#parts.names.give(address, name);
  }

  connection(id: ConnectionId): Connection | undefined {
    return this.#table.byId(id);
  }

  lineage(id: ConnectionId): readonly ProcessInfo[] {
    const owner = this.#table.byId(id)?.owner;
    return owner === undefined ? [] : this.#parts.processes.lineage(owner);
  }

  namesOf(id: ConnectionId): readonly KnownName[] {
    const row = this.#table.byId(id);
    return row === undefined ? [] : this.#parts.names.of(row.remote.address);
  }

  takeEnded(): readonly Connection[] {
    return this.#table.takeEnded();
  }

  changed(): readonly Connection[] {
    return this.#table.changed;
  }

  clearClosed(): void {
    this.#table.clearClosed();
  }

  close(): void {
    this.#closing = true;
    for (const row of this.#table.rows) {
      this.#parts.names.nameAsGiven(row);
      const end = row.hasSocket ? this.#table.now : row.lastActivity;
      this.#table.close(row, row.tcp?.endReason ?? "shutdown", end);
    }
  }

  /** Translations first, then the sockets: so that the wire finds whose packets it sees. */
  #drain(): void {
    const { interfaces, names, translations, inspection } = this.#parts;
    interfaces.refresh(this.#table.now);
    names.setClock(this.#table.now);
    this.#host.translations?.drain((translation) => translations.apply(translation));
    if (this.#sockets !== undefined) {
      this.#sockets.previous = this.#previous;
      this.#host.sockets?.drain(this.#sockets);
    }
    this.#host.wire?.drain(this.#wire);
    inspection.resume();
  }

  /** Keeps an eighth of the kernel's table free; makes half as much room again, so that it is not done at every tick. */
  #makeRoom(sockets: SocketPlane): void {
    const low = sockets.capacity >> 3;
    const free = sockets.free();
    if (free >= low) return;
    const evictions = chooseEvictions(this.#table.rows, this.#table.now, low + (low >> 1) - free);
    for (const row of evictions) this.#table.close(row, "evicted", this.#table.now);
    this.#evicted += evictions.length;
  }

  #snapshot(rates: { txRate: number; rxRate: number }): Snapshot {
    const table = this.#table;
    return {
      time: epochMillis(table.now),
      start: epochMillis(this.#start),
      tick: table.tick,
      level: this.#host.level,
      losses: this.#losses(),
      interfaces: this.#parts.interfaces.list,
      totals: { ...table.totals, ...rates, live: table.rows.length - table.closedCount, closed: table.closedCount },
      rateHistory: { tx: this.#history.tx.slice(), rx: this.#history.rx.slice() },
      connections: table.rows,
    };
  }

  #losses(): Losses {
    const sockets = this.#host.sockets?.losses();
    return {
      tableFullPackets: sockets?.tableFullPackets ?? 0,
      tableFullBytes: sockets?.tableFullBytes ?? 0,
      samplesLost: sockets?.samplesLost ?? 0,
      processEventsLost: sockets?.processEventsLost ?? 0,
      framesDropped: this.#host.wire?.losses().framesDropped ?? 0,
      unattributedBytes: this.#sockets?.unattributedBytes ?? 0,
      evicted: this.#evicted + this.#wire.evicted,
    };
  }
}

function push(history: number[], value: number): void {
  history.push(value);
  if (history.length > historyTicks) history.shift();
}
