import type { FlowInspector } from "../dissect/inspector.ts";
import type {
  Application,
  Attribution,
  Connection,
  ConnectionId,
  ConnectionState,
  Direction,
  EndReason,
  Endpoint,
  EpochMillis,
  HostnameSource,
  Liveliness,
  NetworkNamespace,
  ProcessInfo,
  Quality,
} from "../model/index.ts";
import type { ProcessRecord } from "./process-table.ts";
import type { RateWindows } from "./rate-windows.ts";
import type { TcpTracker } from "./tcp-tracker.ts";
import type { Timed } from "./timer-wheel.ts";

/**
 * Stands for an optional field that has no value. Rows have all their fields from the start, so that every row has the
 * same shape; under `exactOptionalPropertyTypes` that takes a value of type `never`.
 */
export const absent = undefined as never;

/** What a wire-only row remembers of the packet filter's totals. */
export interface WireTotals {
  /** Totals last seen, `transmit` as of the row. */
  txBytes: number;
  txPackets: number;
  rxBytes: number;
  rxPackets: number;
  /** Totals of filter entries that began anew. */
  baseTxBytes: number;
  baseTxPackets: number;
  baseRxBytes: number;
  baseRxPackets: number;
  /** Counted from frames that were handed up. */
  frameTxBytes: number;
  frameTxPackets: number;
  frameRxBytes: number;
  frameRxPackets: number;
}

const noQuality: Quality = {};

/** What makes a row: its identity. */
export interface RowIdentity {
  readonly id: ConnectionId;
  readonly protocolNumber: number;
  readonly protocol: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly networkNamespace: NetworkNamespace;
  readonly start: EpochMillis;
}

/** One row of the table with what only the engine needs to know. */
export class ConnectionRow implements Connection, Timed {
  readonly id: ConnectionId;
  readonly protocolNumber: number;
  readonly protocol: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  networkNamespace: NetworkNamespace;
  start: EpochMillis;
  interfaceName?: string = absent;
  direction: Direction = "unknown";
  state: ConnectionState = "UNKNOWN";
  liveliness: Liveliness = "live";
  endReason?: EndReason = absent;
  lastActivity: EpochMillis;
  end?: EpochMillis = absent;
  txBytes = 0;
  rxBytes = 0;
  txPackets = 0;
  rxPackets = 0;
  txRate = 0;
  rxRate = 0;
  quality: Quality = noQuality;
  /** `quality` is this row's own object, not the empty one that all share. */
  ownQuality = false;
  attribution: Attribution = "none";
  application?: Application = absent;
  service?: string = absent;
  hostname?: string = absent;
  hostnameSource?: HostnameSource = absent;
  localMac?: string = absent;
  remoteMac?: string = absent;
  vlan?: number = absent;
  translated?: readonly string[] = absent;

  owner: ProcessRecord | undefined = undefined;
  /** Owner as the socket plane stamped it last. */
  ownerPid = 0;
  ownerStamped = 0;
  /** The socket plane knew it once; late packets of it are not to be counted again. */
  hadSocket = false;
  /** The socket plane counts its bytes: the wire plane's are not wanted. */
  socketCounts = false;
  /** Place of the socket plane; -1: no socket. */
  slot = -1;
  generation = 0;
  /** The socket plane's counters as they were at the last drain. */
  socketTxBytes = 0;
  socketRxBytes = 0;
  /** What the row has added to the table's totals: with two planes that may be ahead of its counters. */
  totalledTxBytes = 0;
  totalledRxBytes = 0;
  totalledTxPackets = 0;
  totalledRxPackets = 0;
  /** True: `local` is the side that opened the flow, as far as can be told; decides who is client and who server. */
  localIsClient = true;
  /** True: `local` is the first endpoint of the row's tuple key. */
  localIsFirst = true;
  /** Entries of the tuple index; the row's own tuple first. `localIsFirstOf` goes with them. */
  readonly tuples: number[] = [];
  readonly localIsFirstOf: boolean[] = [];
  /** MAC addresses and VLAN were looked at. */
  linkSeen = false;
  /** When the table first heard of it. */
  createdAt = 0;
  /** Place in the table's array; -1: not in it. */
  position = -1;
  /** Tick in which the row was last counted, and bytes counted in it. */
  touchedTick = -1;
  tickTxBytes = 0;
  tickRxBytes = 0;
  checkAt = -1;
  /** Milliseconds without a packet until the row ends, or would if its socket did. */
  timeout = Infinity;
  /** The interface whose packets are counted, where there is no socket; -1: none yet. */
  interfaceIndex = -1;
  wire: WireTotals | undefined = undefined;
  tcp: TcpTracker | undefined = undefined;
  inspector: FlowInspector | undefined = undefined;
  /** Nothing more is to be learned from payload. */
  inspected = false;
  /** Ring of one-second buckets, or -1; and when bytes were last put into it. */
  window = -1;
  countedAt = 0;
  readonly #windows: RateWindows;

  constructor(identity: RowIdentity, windows: RateWindows) {
    this.id = identity.id;
    this.protocolNumber = identity.protocolNumber;
    this.protocol = identity.protocol;
    this.local = identity.local;
    this.remote = identity.remote;
    this.networkNamespace = identity.networkNamespace;
    this.start = identity.start;
    this.lastActivity = identity.start;
    this.#windows = windows;
  }

  get process(): ProcessInfo {
    return this.owner === undefined ? absent : this.owner.info;
  }

  get txRate10(): number {
    return this.window < 0 ? 0 : this.#windows.mean(this.window, 10, 0);
  }

  get rxRate10(): number {
    return this.window < 0 ? 0 : this.#windows.mean(this.window, 10, 1);
  }

  get txRate60(): number {
    return this.window < 0 ? 0 : this.#windows.mean(this.window, 60, 0);
  }

  get rxRate60(): number {
    return this.window < 0 ? 0 : this.#windows.mean(this.window, 60, 1);
  }

  /** True: in the tuple of `entry` the local side stands first. */
  localFirstIn(entry: number): boolean {
    if (this.tuples.length === 1) return this.localIsFirst;
    return this.localIsFirstOf[this.tuples.indexOf(entry)] ?? this.localIsFirst;
  }

  get closed(): boolean {
    return this.liveliness === "closed";
  }

  get hasSocket(): boolean {
    return this.slot >= 0;
  }
}

/** True: TCP. */
export const isTcp = (row: { readonly protocolNumber: number }): boolean => row.protocolNumber === 6;

/** True: UDP or UDP-Lite. */
export const isUdp = (row: { readonly protocolNumber: number }): boolean =>
  row.protocolNumber === 17 || row.protocolNumber === 136;
