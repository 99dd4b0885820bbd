/**
 * Interfaces in full, routes and neighbours of the process's network namespace, from rtnetlink (RFC 3549,
 * include/uapi/linux/rtnetlink.h, if_link.h, neighbour.h). Needs no privilege.
 */
import { readFileSync } from "node:fs";
import { latin1Text } from "../../bytes/index.ts";
import { formatAddress, formatMac } from "../../model/index.ts";
import type {
  InterfaceDetails,
  InterfaceInfo,
  Neighbour,
  NetworkSource,
  NetworkState,
  Route,
} from "../../model/index.ts";
import { NLM_F_DUMP, netlinkRequest, walkAttributes } from "./netlink.ts";
import { NetlinkDump } from "./netlink-dump.ts";

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const IFLA_MTU = 4;
const IFLA_OPERSTATE = 16;
const IFLA_LINKINFO = 18;
const IFLA_STATS64 = 23;
const IFLA_INFO_KIND = 1;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_TABLE = 15;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const AF_INET = 2;
const AF_INET6 = 10;
const NTF_ROUTER = 0x80;
/** What is kept of either list; a router's table may have a million routes. */
const most = 10_000;

/** RFC 2863, as IF_OPER_*. */
const operationalStates = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];
const hardwareKinds: ReadonlyMap<number, string> = new Map([
  [1, "ether"],
  [512, "ppp"],
  [768, "ipip"],
  [769, "ip6tnl"],
  [772, "loopback"],
  [776, "sit"],
  [778, "gre"],
  [801, "ieee802.11"],
  [65_534, "none"],
]);
const tables: ReadonlyMap<number, string> = new Map([
  [253, "default"],
  [254, "main"],
  [255, "local"],
]);
const protocols: ReadonlyMap<number, string> = new Map([
  [1, "redirect"],
  [2, "kernel"],
  [3, "boot"],
  [4, "static"],
  [9, "ra"],
  [11, "zebra"],
  [12, "bird"],
  [16, "dhcp"],
  [18, "keepalived"],
  [186, "bgp"],
  [188, "ospf"],
  [189, "rip"],
]);
const scopes: ReadonlyMap<number, string> = new Map([
  [0, "global"],
  [200, "site"],
  [253, "link"],
  [254, "host"],
  [255, "nowhere"],
]);
const types = [
  "unspec",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
];
/** NUD_* bits. */
const neighbourStates: readonly (readonly [bit: number, name: string])[] = [
  [0x80, "permanent"],
  [0x40, "noarp"],
  [0x20, "failed"],
  [0x02, "reachable"],
  [0x04, "stale"],
  [0x08, "delay"],
  [0x10, "probe"],
  [0x01, "incomplete"],
];

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type LinkFacts = Pick<Writable<InterfaceDetails>, "kind" | "state" | "mtu" | "rxPackets" | "txPackets">;

/** Parses the body of RTM_NEWLINK at `[start, end)`; undefined when it is cut. */
export function parseLinkFacts(
  view: DataView,
  start: number,
  end: number,
): [index: number, facts: LinkFacts] | undefined {
  if (end > view.byteLength || start + 16 > end) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const hardware = view.getUint16(start + 2, true);
  const facts: LinkFacts = {
    kind: hardwareKinds.get(hardware) ?? String(hardware),
    state: "unknown",
    mtu: 0,
    rxPackets: 0,
    txPackets: 0,
  };
  walkAttributes(view, start + 16, end, (type, at, stop) => {
    if (type === IFLA_MTU && stop - at >= 4) facts.mtu = view.getUint32(at, true);
    else if (type === IFLA_OPERSTATE && stop > at) facts.state = operationalStates[bytes[at]!] ?? "unknown";
    else if (type === IFLA_STATS64 && stop - at >= 16) {
      facts.rxPackets = Number(view.getBigUint64(at, true));
      facts.txPackets = Number(view.getBigUint64(at + 8, true));
    } else if (type === IFLA_LINKINFO) {
      walkAttributes(view, at, stop, (inner, from, to) => {
        if (inner === IFLA_INFO_KIND) facts.kind = latin1Text(bytes, from, Math.max(from, to - 1), 15);
      });
    }
  });
  return [view.getInt32(start + 4, true), facts];
}

/** Parses the body of RTM_NEWROUTE; `names` are of interfaces. Undefined: cut, or of another family. */
export function parseRoute(
  view: DataView,
  start: number,
  end: number,
  names: ReadonlyMap<number, string>,
): Route | undefined {
  if (end > view.byteLength || start + 12 > end) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const [family, prefix, , , table, protocol, scope, type] = bytes.subarray(start, start + 8);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const length = family === AF_INET ? 4 : 16;
  let destination = family === AF_INET ? "0.0.0.0" : "::";
  let number = table!;
  const found: { gateway?: string; interfaceName?: string; source?: string; metric?: number } = {};
  walkAttributes(view, start + 12, end, (attribute, at, stop) => {
    const isAddress = stop - at === length;
    if (attribute === RTA_DST && isAddress) destination = formatAddress(bytes, at, length);
    else if (attribute === RTA_GATEWAY && isAddress) found.gateway = formatAddress(bytes, at, length);
    else if (attribute === RTA_PREFSRC && isAddress) found.source = formatAddress(bytes, at, length);
    else if (stop - at < 4) return;
    else if (attribute === RTA_PRIORITY) found.metric = view.getUint32(at, true);
    else if (attribute === RTA_TABLE) number = view.getUint32(at, true);
    else if (attribute === RTA_OIF) {
      const index = view.getUint32(at, true);
      found.interfaceName = names.get(index) ?? String(index);
    }
  });
  return {
    destination: prefix === 0 ? "default" : `${destination}/${prefix}`,
    version: family === AF_INET ? 4 : 6,
    table: tables.get(number) ?? String(number),
    protocol: protocols.get(protocol!) ?? String(protocol),
    scope: scopes.get(scope!) ?? String(scope),
    type: types[type!] ?? String(type),
    ...found,
  };
}

/** Parses the body of RTM_NEWNEIGH; undefined: cut, of another family, or without an address. */
export function parseNeighbour(
  view: DataView,
  start: number,
  end: number,
  names: ReadonlyMap<number, string>,
): Neighbour | undefined {
  if (end > view.byteLength || start + 12 > end) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const family = bytes[start];
  const length = family === AF_INET ? 4 : family === AF_INET6 ? 16 : 0;
  const index = view.getInt32(start + 4, true);
  const bits = view.getUint16(start + 8, true);
  let address: string | undefined;
  let mac: string | undefined;
  walkAttributes(view, start + 12, end, (type, at, stop) => {
    if (type === NDA_DST && length > 0 && stop - at === length) address = formatAddress(bytes, at, length);
    else if (type === NDA_LLADDR && stop - at === 6) mac = formatMac(bytes, at);
  });
  if (address === undefined) return undefined;
  return {
    address,
    state: neighbourStates.find(([bit]) => (bits & bit) !== 0)?.[1] ?? "none",
    isRouter: (bytes[start + 10]! & NTF_ROUTER) !== 0,
    interfaceName: names.get(index) ?? String(index),
    ...(mac !== undefined && { mac }),
  };
}

/** Mbit/s as the driver says; undefined where it does not. */
function speedOf(name: string): number | undefined {
  if (name.includes("/") || name.startsWith(".")) return undefined;
  try {
    const speed = Number(readFileSync(`/sys/class/net/${name}/speed`, "latin1").trim());
    return Number.isFinite(speed) && speed > 0 ? speed : undefined;
  } catch {
    return undefined;
  }
}

export class LinuxNetwork implements NetworkSource {
  readonly #netlink = new NetlinkDump();
  readonly #links = netlinkRequest(RTM_GETLINK, NLM_F_DUMP, new Uint8Array(16));
  readonly #routes = netlinkRequest(RTM_GETROUTE, NLM_F_DUMP, new Uint8Array(12));
  readonly #neighbours = netlinkRequest(RTM_GETNEIGH, NLM_F_DUMP, new Uint8Array(12));

  read(list: readonly InterfaceInfo[]): NetworkState {
    const netlink = this.#netlink;
    const facts = new Map<number, LinkFacts>();
    netlink.dump(this.#links, RTM_NEWLINK, (start, end) => {
      const found = parseLinkFacts(netlink.view, start, end);
      if (found !== undefined && facts.size < most) facts.set(...found);
    });
    const names = new Map(list.map(({ index, name }) => [index, name]));
    const interfaces = list.map((one): InterfaceDetails => {
      const speed = speedOf(one.name);
      const known = facts.get(one.index) ?? { kind: "", state: "unknown", mtu: 0, rxPackets: 0, txPackets: 0 };
      return { ...one, ...known, ...(speed !== undefined && { speed }) };
    });
    const routes: Route[] = [];
    netlink.dump(this.#routes, RTM_NEWROUTE, (start, end) => {
      const route = routes.length < most ? parseRoute(netlink.view, start, end, names) : undefined;
      // What the kernel keeps for its own addresses says nothing that the addresses do not.
      if (route !== undefined && route.table !== "local") routes.push(route);
    });
    const neighbours: Neighbour[] = [];
    netlink.dump(this.#neighbours, RTM_NEWNEIGH, (start, end) => {
      const neighbour = neighbours.length < most ? parseNeighbour(netlink.view, start, end, names) : undefined;
      // Multicast and loopback need no resolution.
      if (neighbour !== undefined && neighbour.state !== "noarp") neighbours.push(neighbour);
    });
    return { interfaces, routes, neighbours };
  }

  close(): void {
    this.#netlink.close();
  }
}
