import type { Application, ConnectionFamily, HostnameSource } from "./application.ts";
import type { Attribution, ProcessInfo } from "./process.ts";
import type { ConnectionId, EpochMillis, NetworkNamespace, Port } from "./units.ts";

/** Who opened the connection, seen from this machine. */
export type Direction = "outbound" | "inbound" | "unknown";

/** States of RFC 9293 under Linux's names, and what stands for them where a protocol has none. */
export type ConnectionState =
  | "SYN_SENT"
  | "SYN_RECV"
  | "ESTABLISHED"
  | "FIN_WAIT1"
  | "FIN_WAIT2"
  | "TIME_WAIT"
  | "CLOSE"
  | "CLOSE_WAIT"
  | "LAST_ACK"
  | "LISTEN"
  | "CLOSING"
  | "ACTIVE"
  | "IDLE"
  | "STALE"
  | "UNKNOWN";

/** Where a row stands in its life: share of its timeout used up, or closed. */
export type Liveliness = "live" | "stale" | "critical" | "closed";

/** Why a row ended. */
export type EndReason = "fin" | "rst" | "timeout" | "released" | "evicted" | "shutdown";

/** One side of a connection; `address` is text (RFC 5952 for IPv6), empty where the protocol has none. */
export interface Endpoint {
  readonly address: string;
  readonly port: Port;
}

/** Where the remote address is registered, as far as a GeoIP database tells. */
export interface Geo {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly asn?: number;
  readonly organization?: string;
}

/** Where an address is registered; undefined where nobody knows. */
export interface GeoLookup {
  (address: string): Geo | undefined;
}

/** Segments of one side that tell of trouble, by what was seen of them in a capture. */
export interface SegmentCounts {
  /** Sent again, whether they had to be or not. */
  readonly retransmits: number;
  /** Overtaken on the way. */
  readonly outOfOrder: number;
  readonly duplicateAcks: number;
  /** That said there was no room. */
  readonly zeroWindows: number;
}

/** TCP quality; times in milliseconds. From the kernel's own TCP state where there is a socket, else from packets. */
export interface Quality {
  readonly rtt?: number;
  readonly minRtt?: number;
  readonly retransmits?: number;
  readonly congestionWindow?: number;
  readonly lost?: number;
  /** From packets only: the round trip of the handshake, and segments of this side and of the other. */
  readonly handshakeRtt?: number;
  readonly sent?: SegmentCounts;
  readonly received?: SegmentCounts;
}

/**
 * One row of the connection table, as everybody outside `src/flow` sees it. The object is live: its numbers change
 * with the next tick, its identity (`id`, endpoints, `protocol`) never does.
 * Transmit and receive are this machine's; bytes are IP bytes (live) or frame bytes (replay).
 */
export interface Connection {
  readonly id: ConnectionId;
  /** IANA protocol number; for what is below IP, `0x10000 | EtherType`. */
  readonly protocolNumber: number;
  /** "TCP", "UDP", "ICMP", "IPv6-ICMP", "ARP", ... */
  readonly protocol: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly networkNamespace: NetworkNamespace;
  readonly interfaceName?: string;
  readonly direction: Direction;
  readonly state: ConnectionState;
  readonly liveliness: Liveliness;
  readonly endReason?: EndReason;
  readonly start: EpochMillis;
  /** Last time a packet was counted. */
  readonly lastActivity: EpochMillis;
  /** When the row closed, while it is kept. */
  readonly end?: EpochMillis;

  readonly txBytes: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly rxPackets: number;
  /** Bytes a second over the last tick, and means over 10 and 60 s. */
  readonly txRate: number;
  readonly rxRate: number;
  readonly txRate10: number;
  readonly rxRate10: number;
  readonly txRate60: number;
  readonly rxRate60: number;

  readonly quality: Quality;
  readonly process?: ProcessInfo;
  readonly attribution: Attribution;
  readonly application?: Application;
  /** Name of the well-known service of the port, a hint only. */
  readonly service?: string;
  /** Best known name of the remote side. */
  readonly hostname?: string;
  readonly hostnameSource?: HostnameSource;
  /** Whose service it is, by host name: stands beside the protocol, never in its place. */
  readonly family?: ConnectionFamily;
  readonly geo?: Geo;
  readonly localMac?: string;
  readonly remoteMac?: string;
  readonly vlan?: number;
  /** Other tuples of the same flow, before or after address translation: "10.0.0.2:5000 > 192.0.2.1:443". */
  readonly translated?: readonly string[];
  /** The tunnel whose packets this flow is inside of: "vxlan", "gre", ... Its bytes are those of the flow around it, counted once in sums. */
  readonly tunnel?: string;
}
