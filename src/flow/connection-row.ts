import type { FlowInspector } from "../dissect/inspector.ts";
import type {
  Application,
  Attribution,
  Connection,
  ConnectionFamily,
  ConnectionId,
  ConnectionState,
  Direction,
  DnsFacts,
  EndReason,
  Endpoint,
  EpochMillis,
  FamilyLookup,
  Geo,
  GeoLookup,
  HostnameSource,
  Liveliness,
  NetworkNamespace,
  ProcessInfo,
  Quality,
} from "../model/index.ts";
import type { ProcessRecord } from "./process-table.ts";
import type { RateWindows } from "./rate-windows.ts";
import type { TcpAnalysis } from "./tcp-analysis.ts";
import type { TcpTracker } from "./tcp-tracker.ts";
import type { Timed } from "./timer-wheel.ts";
import { hasPorts } from "./tuple-key.ts";
import type { WireTotals } from "./wire-totals.ts";

/**
 * Stands for an optional field that has no value. Rows have all their fields from the start, so that every row has the
 * same shape; under `exactOptionalPropertyTypes` that takes a value of type `never`.
 */
export const absent = undefined as never;

/** A timeout that is none. A small integer, which the engine of JavaScript keeps within the row. */
export const never = 0x3fff_ffff;

/**
 * First value of fields that will hold more than small integers. Were it 0, the first larger number in any row would
 * change the shape of all of them, and a tick over many new rows would take several times as long.
 */
const fraction: number = 0.5;

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

/** Bytes and packets in both directions. */
export interface Counts {
  txBytes: number;
  rxBytes: number;
  txPackets: number;
  rxPackets: number;
}

/**
 * One row of the table with what only the engine needs to know. What every count touches stands first, so that it shares
 * cache lines: in a large table memory is what a tick waits for.
 */
export class ConnectionRow implements Connection, Timed {
  /** Tick in which the row was last counted, and its place among the rows of that tick. */
  touchedTick = -1;
  touchIndex = 0;
  txBytes = fraction;
  rxBytes = fraction;
  txPackets = 0;
  rxPackets = 0;
  lastActivity: EpochMillis = fraction as EpochMillis;
  state: ConnectionState = "UNKNOWN";
  liveliness: Liveliness = "live";
  /** Milliseconds without a packet until the row ends, or would if its socket did; `never` for what does not age. */
  timeout = never;
  /** Place in the table's array; -1: not in it. */
  position = -1;
  /** The socket plane knew it once; late packets of it are not to be counted again. */
  hadSocket = false;
  /** The socket plane counts its bytes: the wire plane's are not wanted. */
  socketCounts = false;
  /** True: `local` is the first endpoint of the row's tuple key. */
  localIsFirst = true;
  /** MAC addresses and VLAN were looked at. */
  linkSeen = false;
  /** Nothing more is to be learned from payload. */
  inspected = false;
  /** The interface whose packets are counted, where there is no socket; -1: none yet. */
  interfaceIndex = -1;
  /** Entry of its own tuple in the tuple index; -1: it has none. */
  tuple = -1;
  /** Entries of other tuples that it is found under too, and whether `local` is their first endpoint. */
  aliases: { readonly entry: number; readonly localIsFirst: boolean }[] | undefined = undefined;
  tunnel?: string = absent;
  /** What the table's totals hold already of bytes that are still to be counted here: another row counted them first. */
  ahead: Counts | undefined = undefined;
  tcp: TcpTracker | undefined = undefined;
  /** Only in replay. */
  tcpAnalysis: TcpAnalysis | undefined = undefined;
  /** Only in replay: the row of the other end, where a recording has the owners of both. */
  otherEnd: ConnectionRow | undefined = undefined;
  /** The other end was there first: what payload tells is learned there. */
  mirrors = false;

  generation = 0;
  /** Place of the socket plane; -1: no socket. */
  slot = -1;
  /** False: a listener, or a socket that is bound and not connected. */
  hasPeer = true;
  txRate = fraction;
  rxRate = fraction;
  direction: Direction = "unknown";
  attribution: Attribution = "none";
  owner: ProcessRecord | undefined = undefined;
  /** Owner as the socket plane stamped it last. */
  ownerPid = 0;
  ownerStamped = 0;
  /** Ring of one-second buckets, or -1. */
  window = -1;
  readonly id: ConnectionId;
  readonly protocolNumber: number;
  readonly protocol: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  networkNamespace: NetworkNamespace;
  start: EpochMillis = fraction as EpochMillis;
  interfaceName?: string = absent;
  endReason?: EndReason = absent;
  end?: EpochMillis = absent;
  quality: Quality = noQuality;
  /** `quality` is this row's own object, not the empty one that all share. */
  ownQuality = false;
  application?: Application = absent;
  service?: string = absent;
  hostname?: string = absent;
  hostnameSource?: HostnameSource = absent;
  localMac?: string = absent;
  remoteMac?: string = absent;
  vlan?: number = absent;
  translated?: readonly string[] = absent;

  /** True: `local` is the side that opened the flow, as far as can be told; decides who is client and who server. */
  localIsClient = true;
  /** When the table first heard of it. */
  createdAt = 0;
  checkAt = -1;
  wire: WireTotals | undefined = undefined;
  inspector: FlowInspector | undefined = undefined;
  /** Bytes that the inspector was found to hold, and its ticket in the queue of those that are followed. */
  inspectorBytes = 0;
  inspectorTicket = -1;
  /** Ticket in the queue of rows without a socket; -1: not in it. */
  wireTicket = -1;
  readonly #windows: RateWindows;
  readonly #lookups: RowLookups;
  /** The name that was looked up last, and what it gave. */
  #familyName: string | undefined = undefined;
  #familySource: ConnectionFamily["source"] | undefined = undefined;
  #family: ConnectionFamily | undefined = undefined;

  /** The address that was looked up last, and what it gave. */
  #geoAddress = "";
  #geo: Geo | undefined = undefined;
  /** What a recording tells of it, for an address that no database knows. */
  recordedGeo: Geo | undefined = undefined;

  constructor(identity: RowIdentity, windows: RateWindows, lookups: RowLookups) {
    this.#lookups = lookups;
    this.id = identity.id;
    this.protocolNumber = identity.protocolNumber;
    this.protocol = identity.protocol;
    this.local = identity.local;
    this.remote = identity.remote;
    this.hasPeer = identity.remote.address !== "" || !hasPorts(identity.protocolNumber);
    this.networkNamespace = identity.networkNamespace;
    this.start = identity.start;
    this.lastActivity = identity.start;
    this.#windows = windows;
    this.txBytes = 0;
    this.rxBytes = 0;
    this.txRate = 0;
    this.rxRate = 0;
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

  /** Looked up when it is asked for, once for each name and where that is from: who asks early must change nothing. */
  get family(): ConnectionFamily {
    const asked = this.application === undefined ? undefined : askedName(this.application);
    const claimed = asked ?? this.application?.hostname;
    const name = claimed ?? this.hostname;
    const source =
      asked !== undefined ? "query" : claimed === undefined ? this.hostnameSource : this.application?.hostnameSource;
    const { families } = this.#lookups;
    if ((name !== this.#familyName || source !== this.#familySource) && families !== undefined) {
      this.#familyName = name;
      this.#familySource = source;
      const found = name === undefined ? undefined : families(name);
      this.#family = found === undefined || source === undefined ? undefined : { ...found, source };
    }
    return this.#family ?? absent;
  }

  /** Looked up when it is asked for, once for each address. */
  get geo(): Geo {
    const { geo } = this.#lookups;
    const { address } = this.remote;
    if (geo !== undefined && address !== this.#geoAddress) {
      this.#geoAddress = address;
      this.#geo = geo(address);
    }
    return this.#geo ?? this.recordedGeo ?? absent;
  }

  /** True: in the tuple of `entry` the local side stands first. */
  localFirstIn(entry: number): boolean {
    if (this.aliases === undefined || entry === this.tuple) return this.localIsFirst;
    for (const alias of this.aliases) if (alias.entry === entry) return alias.localIsFirst;
    return this.localIsFirst;
  }

  get closed(): boolean {
    return this.liveliness === "closed";
  }

  get hasSocket(): boolean {
    return this.slot >= 0;
  }
}

/** What rows ask others about themselves. */
export interface RowLookups {
  readonly families?: FamilyLookup;
  readonly geo?: GeoLookup;
}

/** The name that a question of DNS is about: its answer's addresses are the ones that belong to a family, not the server. */
function askedName(application: Application): string | undefined {
  const { dns, mdns, llmnr } = application.facts as Readonly<Record<string, DnsFacts | undefined>>;
  return (dns ?? mdns ?? llmnr)?.queries?.[0]?.rrname;
}

/** True: TCP. */
export const isTcp = (row: { readonly protocolNumber: number }): boolean => row.protocolNumber === 6;

/** True: UDP or UDP-Lite. */
export const isUdp = (row: { readonly protocolNumber: number }): boolean =>
  row.protocolNumber === 17 || row.protocolNumber === 136;
