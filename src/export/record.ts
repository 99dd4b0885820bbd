/**
 * The records of the JSON contract (DESIGN section 6, docs/flow.schema.json). Names are Suricata EVE's and ECS's. A
 * field that is not known is absent, never null.
 */
export interface ProcessRecord {
  readonly pid: number;
  readonly start?: string;
  readonly name: string;
  readonly executable?: string;
  readonly command_line?: string;
  /** In recordings: the words of the command line. */
  readonly args?: readonly string[];
  /** In recordings. */
  readonly working_directory?: string;
  readonly parent?: { readonly pid: number; readonly name: string };
  /** In recordings: parent, its parent and so on. */
  readonly ancestors?: readonly { readonly pid: number; readonly name: string }[];
  readonly user?: { readonly id: number; readonly name?: string };
  /** In recordings. */
  readonly group?: { readonly id: number };
  readonly container?: { readonly id: string; readonly runtime: string; readonly name?: string };
  readonly service?: string;
}

/** Counters are totals since the flow began; source is the side that opened it. */
export interface FlowCounters {
  readonly pkts_toserver: number;
  readonly pkts_toclient: number;
  readonly bytes_toserver: number;
  readonly bytes_toclient: number;
  /** Bytes a second over the last tick; only while the flow lives. */
  readonly rate_toserver?: number;
  readonly rate_toclient?: number;
  readonly start: string;
  /** Time of the last packet. */
  readonly end: string;
  /** Whole seconds from `start` to `end`. */
  readonly age: number;
  readonly state: "new" | "established" | "closed";
  /** Why it ended; absent in the records that `--interval` writes of flows that go on. */
  readonly reason?: string;
}

/** Segments of one side of a TCP connection that tell of trouble; from packets, so only in replay. */
export interface SegmentRecord {
  readonly retransmits: number;
  readonly out_of_order: number;
  readonly duplicate_acks: number;
  readonly zero_windows: number;
}

/** State and quality of TCP; times in milliseconds. */
export interface TcpRecord {
  readonly state: string;
  readonly rtt?: number;
  readonly min_rtt?: number;
  readonly retransmits?: number;
  readonly lost?: number;
  readonly cwnd?: number;
  readonly handshake_rtt?: number;
  readonly toserver?: SegmentRecord;
  readonly toclient?: SegmentRecord;
}

export interface FlowRecord {
  readonly timestamp: string;
  readonly event_type: "flow";
  readonly flow_id: number;
  readonly in_iface?: string;
  readonly vlan?: readonly number[];
  readonly src_ip?: string;
  readonly src_port?: number;
  readonly dest_ip?: string;
  readonly dest_port?: number;
  readonly proto: string;
  readonly app_proto?: string;
  readonly app_proto_by?: string;
  /** What the port alone suggests, where the payload has told nothing. */
  readonly app_proto_hint?: string;
  /** What the flow spoke before it changed over (STARTTLS, Upgrade, CONNECT). */
  readonly app_proto_orig?: string;
  /** Other true names of the flow. */
  readonly app_proto_alt?: readonly string[];
  /** Host name that the payload itself claims or asks for. */
  readonly app_hostname?: string;
  /** Whose service it is, by host name, what kind of service, and where the name comes from. */
  readonly app_family?: { readonly name: string; readonly category: string; readonly by: string };
  readonly flow: FlowCounters;
  readonly tcp?: TcpRecord;
  readonly ether?: { readonly src_mac?: string; readonly dest_mac?: string };
  readonly process?: ProcessRecord;
  readonly attribution: string;
  readonly direction?: "inbound" | "outbound";
  readonly hostname?: string;
  readonly hostname_source?: string;
  readonly geo?: { readonly country_iso_code?: string; readonly asn?: number; readonly organization?: string };
  readonly network_namespace?: number;
  readonly translated?: readonly string[];
  /** The tunnel that the flow is inside of. */
  readonly tunnel?: string;
  /** Facts of the application protocol under its name: `tls`, `http`, `dns`, ... */
  readonly [protocol: string]: unknown;
}

/** What rows can be summed by. */
export type AggregateBy = "process" | "host" | "app";

/** Sums over the flows of one process, host or application; transmit and receive are this machine's. */
export interface AggregateRecord {
  readonly timestamp: string;
  readonly event_type: "aggregate";
  readonly by: AggregateBy;
  /** The process's name, the host's name or address, the application's name. */
  readonly name: string;
  readonly process?: ProcessRecord;
  /** Flows that were ever seen, and those that live. */
  readonly flows: number;
  readonly live: number;
  readonly tx_bytes: number;
  readonly rx_bytes: number;
  readonly tx_packets: number;
  readonly rx_packets: number;
  readonly tx_rate: number;
  readonly rx_rate: number;
}

/** What was lost; each only grows. */
export interface LossRecord {
  readonly table_full_packets: number;
  readonly table_full_bytes: number;
  readonly samples_lost: number;
  readonly process_events_lost: number;
  readonly frames_dropped: number;
  readonly unattributed_bytes: number;
  readonly evicted: number;
  /** Records not written because the reader was too slow. */
  readonly records_dropped: number;
}

/** Totals over all connections, whatever the filter; the level; and what was lost. */
export interface StatsRecord {
  readonly timestamp: string;
  readonly event_type: "stats";
  readonly stats: {
    readonly uptime: number;
    /** Milliseconds that the engine took for its last tick. */
    readonly tick_ms?: number;
    readonly level: string;
    readonly reason?: string;
    readonly missing?: readonly string[];
    readonly totals: {
      readonly live: number;
      readonly closed: number;
      readonly opened: number;
      readonly ended: number;
      readonly tx_bytes: number;
      readonly rx_bytes: number;
      readonly tx_packets: number;
      readonly rx_packets: number;
      readonly tx_rate: number;
      readonly rx_rate: number;
    };
    readonly losses: LossRecord;
    readonly interfaces?: readonly { readonly name: string; readonly tx_bytes: number; readonly rx_bytes: number }[];
  };
}

export type ExportRecord = FlowRecord | AggregateRecord | StatsRecord;
