/** Interfaces with their counters and addresses, from rtnetlink (RFC 3549, include/uapi/linux/if_link.h). */
import { latin1Text } from "../../bytes/index.ts";
import { formatAddress, formatMac, noInterfaceCounters } from "../../model/index.ts";
import type { InterfaceInfo, InterfaceSource } from "../../model/index.ts";
import { linkTypeOf } from "./link-type.ts";
import { NLM_F_DUMP, netlinkRequest, walkAttributes } from "./netlink.ts";
import { NetlinkDump } from "./netlink-dump.ts";

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_STATS64 = 23;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFF_UP = 1;
const IFF_LOOPBACK = 8;
/** Interfaces kept; more than any machine that a person looks at. */
const MOST_INTERFACES = 4096;
/** Addresses change rarely: they are read again after this many milliseconds, or when an interface appeared. */
const ADDRESS_INTERVAL = 5000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Row extends Writable<InterfaceInfo> {
  addresses: string[];
  seen: number;
}

/** What one link message says, the counters as totals. */
export interface LinkRecord {
  index: number;
  name: string;
  flags: number;
  mac: string | undefined;
  /** ARPHRD_ of include/uapi/linux/if_arp.h. */
  hardwareType: number;
  /** rx and tx bytes, rx and tx errors, rx and tx dropped. */
  counters: [
    rxBytes: number,
    txBytes: number,
    rxErrors: number,
    txErrors: number,
    rxDropped: number,
    txDropped: number,
  ];
}

/** Parses the body of RTM_NEWLINK at `[start, end)`; undefined when it is cut. */
export function parseLink(view: DataView, start: number, end: number): LinkRecord | undefined {
  if (end > view.byteLength || start + 16 > end) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const record: LinkRecord = {
    index: view.getInt32(start + 4, true),
    name: "",
    flags: view.getUint32(start + 8, true),
    mac: undefined,
    hardwareType: view.getUint16(start + 2, true),
    counters: [0, 0, 0, 0, 0, 0],
  };
  walkAttributes(view, start + 16, end, (type, at, stop) => {
    if (type === IFLA_IFNAME) record.name = latin1Text(bytes, at, Math.max(at, stop - 1), 15);
    else if (type === IFLA_ADDRESS && stop - at === 6) record.mac = formatMac(bytes, at);
    else if (type === IFLA_STATS64 && stop - at >= 64) {
      for (let index = 0; index < 6; index++) {
        record.counters[index] = Number(view.getBigUint64(at + 16 + index * 8, true));
      }
    }
  });
  return record;
}

/** Parses the body of RTM_NEWADDR: interface index and address text; undefined when it is cut or has none. */
export function parseInterfaceAddress(
  view: DataView,
  start: number,
  end: number,
): [index: number, address: string] | undefined {
  if (end > view.byteLength || start + 8 > end) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let address: string | undefined;
  walkAttributes(view, start + 8, end, (type, at, stop) => {
    const length = stop - at;
    if (length !== 4 && length !== 16) return;
    // On a point-to-point link IFA_ADDRESS is the other side; IFA_LOCAL, where present, is ours.
    if (type === IFA_LOCAL || (type === IFA_ADDRESS && address === undefined))
      address = formatAddress(bytes, at, length);
  });
  return address === undefined ? undefined : [view.getUint32(start + 4, true), address];
}

/** Reads all interfaces of the process's network namespace: two system calls for each 32 KiB of answer. */
export class LinuxInterfaces implements InterfaceSource {
  readonly #netlink = new NetlinkDump();
  readonly #links = netlinkRequest(RTM_GETLINK, NLM_F_DUMP, new Uint8Array(16));
  readonly #addresses = netlinkRequest(RTM_GETADDR, NLM_F_DUMP, new Uint8Array(8));
  readonly #rows = new Map<number, Row>();
  #list: readonly InterfaceInfo[] = [];
  #generation = 0;
  #lastRead = 0;
  #lastAddresses = Number.NEGATIVE_INFINITY;

  read(): readonly InterfaceInfo[] {
    const now = performance.now();
    const seconds = this.#lastRead === 0 ? 0 : (now - this.#lastRead) / 1000;
    this.#lastRead = now;
    this.#generation++;
    let changed = false;
    const complete = this.#netlink.dump(this.#links, RTM_NEWLINK, (start, end) => {
      const record = parseLink(this.#netlink.view, start, end);
      if (record !== undefined && this.#update(record, seconds)) changed = true;
    });
    // A dump that failed tells nothing about interfaces that are gone.
    if (complete) {
      for (const [index, row] of this.#rows) {
        if (row.seen === this.#generation) continue;
        this.#rows.delete(index);
        changed = true;
      }
    }
    if (changed) this.#list = [...this.#rows.values()];
    if (changed || now - this.#lastAddresses >= ADDRESS_INTERVAL) this.#readAddresses(now);
    return this.#list;
  }

  close(): void {
    this.#netlink.close();
  }

  /** Brings one row up to date; true when it is new. */
  #update(record: LinkRecord, seconds: number): boolean {
    let row = this.#rows.get(record.index);
    const isNew = row === undefined || row.name !== record.name;
    if (row === undefined || isNew) {
      if (this.#rows.size >= MOST_INTERFACES) return false;
      row = newRow(record);
      this.#rows.set(record.index, row);
    }
    const [rxBytes, txBytes, rxErrors, txErrors, rxDropped, txDropped] = record.counters;
    row.rxRate = seconds > 0 && !isNew ? Math.max(0, rxBytes - row.rxBytes) / seconds : 0;
    row.txRate = seconds > 0 && !isNew ? Math.max(0, txBytes - row.txBytes) / seconds : 0;
    row.rxBytes = rxBytes;
    row.txBytes = txBytes;
    row.rxErrors = rxErrors;
    row.txErrors = txErrors;
    row.rxDropped = rxDropped;
    row.txDropped = txDropped;
    row.up = (record.flags & IFF_UP) !== 0;
    row.seen = this.#generation;
    return isNew;
  }

  #readAddresses(now: number): void {
    this.#lastAddresses = now;
    for (const row of this.#rows.values()) row.addresses.length = 0;
    this.#netlink.dump(this.#addresses, RTM_NEWADDR, (start, end) => {
      const found = parseInterfaceAddress(this.#netlink.view, start, end);
      if (found !== undefined) this.#rows.get(found[0])?.addresses.push(found[1]);
    });
  }
}

function newRow(record: LinkRecord): Row {
  return {
    index: record.index,
    name: record.name,
    up: false,
    loopback: (record.flags & IFF_LOOPBACK) !== 0,
    addresses: [],
    ...(record.mac === undefined ? {} : { mac: record.mac }),
    linkType: linkTypeOf(record.hardwareType),
    ...noInterfaceCounters,
    seen: 0,
  };
}
