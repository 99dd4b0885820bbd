/**
 * What the engine needs of a host, in the engine's words. Every implementation (`src/host/linux`, `src/host/fake`)
 * passes the same contract suite. Nothing here throws for what the network or the kernel did; it counts it in `Losses`.
 */
import type { LevelReport } from "./level.ts";
import type { Attribution, ProcessInfo } from "./process.ts";
import type { NetworkSource } from "./network.ts";
import type { InterfaceInfo } from "./snapshot.ts";
import type { CgroupId, EpochMillis, NetworkNamespace, Pid, Port } from "./units.ts";

/**
 * One flow of the socket plane that changed since the last drain. A single object is reused for all flows of a drain:
 * copy what you keep. Counters are totals since the flow began, never deltas.
 * A flow is known by `slot` and `generation`; a slot whose generation changed is another flow.
 */
export interface SocketFlow {
  readonly slot: number;
  readonly generation: number;
  readonly protocolNumber: number;
  readonly localAddress: string;
  readonly localPort: Port;
  readonly remoteAddress: string;
  readonly remotePort: Port;
  readonly networkNamespace: NetworkNamespace;
  readonly interfaceIndex: number;
  readonly start: EpochMillis;
  readonly lastActivity: EpochMillis;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly rxPackets: number;
  /** TCP_ESTABLISHED = 1 ... as in include/net/tcp_states.h; 0 where not TCP. */
  readonly tcpState: number;
  /** 1: this side opened it; 2: the other did; 0: not known. */
  readonly opener: 0 | 1 | 2;
  /** Smoothed and minimal round trip time in microseconds; 0 when there is none. */
  readonly srtt: number;
  readonly minRtt: number;
  readonly retransmits: number;
  readonly congestionWindow: number;
  readonly lost: number;
  /** True once the kernel has let go of the socket: no more will come. `reset` tells how TCP ended. */
  readonly released: boolean;
  readonly reset: boolean;
  /** Owner as stamped; `ownerPid` 0: the kernel itself, or with attribution `none` nobody that could be named. */
  readonly ownerPid: Pid;
  readonly ownerName: string;
  readonly ownerUserId: number;
  readonly ownerGroupId: number;
  readonly ownerCgroup: CgroupId;
  /** When the owner was stamped: tells which process of a reused pid is meant. */
  readonly ownerStamped: EpochMillis;
  readonly attribution: Attribution;
}

/** First bytes of a flow in one direction. `bytes` is a view into a ring: valid only during the call. */
export interface PayloadSample {
  readonly slot: number;
  readonly generation: number;
  readonly time: EpochMillis;
  /** True: sent by this machine. */
  readonly transmit: boolean;
  /** TCP sequence number of the first byte of `bytes`; 0 for datagrams. */
  readonly sequence: number;
  /** The segment's TCP flags; 0 for datagrams. */
  readonly tcpFlags: number;
  readonly bytes: Uint8Array;
  /** Length of the payload on the wire; `bytes` may be shorter. */
  readonly wireLength: number;
}

/** Life of processes. `start` and `time` are of the same clock as `SocketFlow.start`. */
export type ProcessEvent =
  | { readonly kind: "fork"; readonly time: EpochMillis; readonly process: ProcessInfo; readonly parentPid: Pid }
  | { readonly kind: "exec"; readonly time: EpochMillis; readonly process: ProcessInfo }
  | { readonly kind: "rename"; readonly time: EpochMillis; readonly pid: Pid; readonly name: string }
  | { readonly kind: "exit"; readonly time: EpochMillis; readonly pid: Pid; readonly start: EpochMillis };

/** Receives a drain. Process events come before the flows they explain. */
export interface SocketPlaneSink {
  process(event: ProcessEvent): void;
  flow(flow: SocketFlow): void;
  sample(sample: PayloadSample): void;
}

/** Flows counted where the sockets are: DESIGN section 1, "socket plane". */
export interface SocketPlane {
  /** Hands over everything that changed since the last call. Costs what changed, not what exists. */
  drain(sink: SocketPlaneSink): void;
  /** No more payload samples of this flow are wanted: its protocol is known, or given up. */
  stopSampling(slot: number, generation: number): void;
  /** Samples are wanted again, at most `packets` in each direction (a DNS server's next answers). */
  resumeSampling(slot: number, generation: number, packets: number): void;
  /** The row is gone: the slot may be used for another flow. */
  release(slot: number, generation: number): void;
  /** Free places in the kernel's table: the engine evicts its least recently active rows when they run low. */
  free(): number;
  readonly capacity: number;
  losses(): { tableFullPackets: number; tableFullBytes: number; samplesLost: number; processEventsLost: number };
  close(): void;
}

/**
 * A flow the wire plane's in-kernel filter counted, or a frame it handed up. Frames are views into the packet ring:
 * valid only during the call.
 */
export interface Frame {
  readonly time: EpochMillis;
  /** LINKTYPE_ number of the pcap registry. */
  readonly linkType: number;
  readonly interfaceIndex: number;
  /** "out": this machine sent it; "in": it came; "other": neither from nor for this machine. */
  readonly direction: "in" | "out" | "other" | "unknown";
  readonly bytes: Uint8Array;
  /** Where in `bytes` the frame begins, and how many bytes of it were captured; absent: it is all of them. */
  readonly offset?: number;
  readonly capturedLength?: number;
  readonly wireLength: number;
  /** VLAN the driver took off the frame: 0x10000 | TCI, or 0. */
  readonly vlan: number;
}

/** Totals of a flow counted by the wire plane's filter, keyed as on the wire. One object is reused for a drain. */
export interface WireFlow {
  readonly protocolNumber: number;
  readonly sourceAddress: string;
  readonly sourcePort: Port;
  readonly destinationAddress: string;
  readonly destinationPort: Port;
  readonly interfaceIndex: number;
  readonly packets: number;
  readonly bytes: number;
  readonly tcpFlags: number;
  readonly lastActivity: EpochMillis;
  /** True: sent by this machine. */
  readonly transmit: boolean;
}

export interface WirePlaneSink {
  frame(frame: Frame): void;
  flow(flow: WireFlow): void;
}

/** Frames, and flows without a local socket: DESIGN section 1, "wire plane". */
export interface WirePlane {
  drain(sink: WirePlaneSink): void;
  losses(): { framesDropped: number };
  close(): void;
}

/** Facts of processes that were there before the events began, or where no events can be had. */
export interface ProcessSource {
  /**
   * What is known now of `pid`; undefined when there is no such process or it may not be read. `known`: what events told
   * already, and need not be asked of anybody who is dear to ask.
   */
  lookup(pid: Pid, known?: ProcessInfo): ProcessInfo | undefined;
  /** Name of a user; undefined when there is none. */
  userName?(id: number): string | undefined;
}

/** Interfaces with their counters. */
export interface InterfaceSource {
  read(): readonly InterfaceInfo[];
}

/** An address translation that the kernel made: the tuple before and the tuple after. */
export interface Translation {
  readonly protocolNumber: number;
  readonly original: { source: string; sourcePort: number; destination: string; destinationPort: number };
  readonly reply: { source: string; sourcePort: number; destination: string; destinationPort: number };
  readonly ended: boolean;
}

export interface TranslationSource {
  drain(sink: (translation: Translation) => void): void;
  close(): void;
}

/** Everything the engine stands on. Planes that this level does not have are absent. */
export interface Host {
  readonly level: LevelReport;
  readonly sockets?: SocketPlane;
  readonly wire?: WirePlane;
  readonly translations?: TranslationSource;
  readonly processes: ProcessSource;
  readonly interfaces: InterfaceSource;
  /** Absent in replay. */
  readonly network?: NetworkSource;
  close(): void;
}
