import type { InterfaceInfo } from "./snapshot.ts";

/** More of an interface than the tick needs. */
export interface InterfaceDetails extends InterfaceInfo {
  /** Kind of a virtual one ("veth", "bridge", "wireguard"), else of its hardware ("ether", "loopback", "none"). */
  readonly kind: string;
  /** RFC 2863's word: "up", "down", "dormant", "lowerlayerdown", "unknown". */
  readonly state: string;
  readonly mtu: number;
  /** Mbit/s, where the driver tells. */
  readonly speed?: number;
  readonly rxPackets: number;
  readonly txPackets: number;
}

/** A route of the kernel's tables. */
export interface Route {
  /** "192.0.2.0/24", "default". */
  readonly destination: string;
  readonly version: 4 | 6;
  /** The next hop; absent where what is meant is on the link. */
  readonly gateway?: string;
  readonly interfaceName?: string;
  readonly source?: string;
  readonly metric?: number;
  /** "main", "local", "default", or the table's number. */
  readonly table: string;
  /** Who put it there: "kernel", "static", "dhcp", "ra", ... */
  readonly protocol: string;
  /** "link", "global", "host". */
  readonly scope: string;
  /** "unicast", "local", "broadcast", "blackhole", ... */
  readonly type: string;
}

/** A neighbour on the link (RFC 826, RFC 4861). */
export interface Neighbour {
  readonly address: string;
  readonly mac?: string;
  readonly interfaceName?: string;
  /** RFC 4861's states: "reachable", "stale", "delay", "probe", "failed", "incomplete", "permanent", "noarp". */
  readonly state: string;
  readonly isRouter: boolean;
}

export interface NetworkState {
  readonly interfaces: readonly InterfaceDetails[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
}

/** What the network of the process's namespace looks like now. Read when somebody looks. */
export interface NetworkSource {
  /** `interfaces` as the last tick found them, with their rates. */
  read(interfaces: readonly InterfaceInfo[]): NetworkState;
  close(): void;
}
