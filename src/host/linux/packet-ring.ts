/**
 * Frames from AF_PACKET sockets with TPACKET_V3 rings (include/uapi/linux/if_packet.h). The broker opens and binds; the
 * engine maps the ring and reads retired blocks in place. Nobody waits on the socket, so a frame never wakes anybody.
 */
import { escapeControls } from "../../bytes/index.ts";
import { epochMillis } from "../../model/index.ts";
import type { Frame, WirePlane, WirePlaneSink } from "../../model/index.ts";
import { ARPHRD_LOOPBACK, LINKTYPE_ETHERNET, linkTypeOf } from "./link-type.ts";
import {
  addressOf,
  bind,
  closeDescriptor,
  getsockopt,
  interfaceIndexOf,
  mapShared,
  setsockopt,
  socket,
  unmap,
} from "./system-calls.ts";

const AF_PACKET = 17;
const SOL_SOCKET = 1;
export const SOL_PACKET = 263;
const ETH_P_ALL = 3;
/** SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK. */
const RAW = 3 | 0o2000000 | 0o4000;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_IGNORE_OUTGOING = 23;
const SO_ATTACH_FILTER = 26;
const SO_ATTACH_BPF = 50;
/** A block is handed over when full or this old. In the kernel a timer fires this often, even without traffic. */
const RETIRE_MILLISECONDS = 100;

export type PacketFilter =
  | { readonly kind: "ebpf"; readonly fd: number }
  | { readonly kind: "classic"; readonly program: Uint8Array };

export interface PacketRingOptions {
  /** Empty: all interfaces, those that appear later too. */
  readonly interfaceName: string;
  readonly filter?: PacketFilter;
  /** Also what is addressed to others. */
  readonly promiscuous?: boolean;
  readonly ignoreOutgoing?: boolean;
  /** Bytes left free before the link layer, beside what the kernel leaves. */
  readonly reserve?: number;
  /** Bytes left free in each block behind its header; a multiple of 8. */
  readonly privateSize?: number;
  /** Bytes; a multiple of the page size. */
  readonly blockSize: number;
  readonly blockCount: number;
}

/** A ring that is open, as the engine is told of it. */
export interface OpenPacketRing {
  readonly fd: number;
  readonly interfaceIndex: number;
  readonly interfaceName: string;
  readonly blockSize: number;
  readonly blockCount: number;
}

const words = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer);

function bindTo(fd: number, interfaceIndex: number): number {
  const address = new DataView(new ArrayBuffer(20));
  address.setUint16(0, AF_PACKET, true);
  address.setUint16(2, ETH_P_ALL, false);
  address.setInt32(4, interfaceIndex, true);
  return bind(fd, new Uint8Array(address.buffer));
}

function attachFilter(fd: number, filter: PacketFilter): number {
  if (filter.kind === "ebpf") return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, words(filter.fd));
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, filter.program.length / 8, true);
  program.setBigUint64(8, addressOf(filter.program), true);
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array(program.buffer));
}

function joinPromiscuous(fd: number, interfaceIndex: number): number {
  const request = new DataView(new ArrayBuffer(16));
  request.setInt32(0, interfaceIndex, true);
  request.setUint16(4, 1, true);
  return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, new Uint8Array(request.buffer));
}

/**
 * Opens, filters, and last binds, so that no frame passes that the filter did not see. Needs CAP_NET_RAW. The text
 * says what failed.
 */
export function openPacketRing(options: PacketRingOptions): OpenPacketRing | string {
  const { interfaceName, blockSize, blockCount } = options;
  const interfaceIndex = interfaceName === "" ? 0 : interfaceIndexOf(interfaceName);
  if (interfaceIndex < 0 || (interfaceIndex === 0 && interfaceName !== ""))
    return `no interface named ${escapeControls(interfaceName)}`;
  const fd = socket(AF_PACKET, RAW, 0);
  if (fd < 0) return `AF_PACKET socket: errno ${-fd}`;
  const frameSize = 2048;
  const frames = (blockSize / frameSize) * blockCount;
  const ring = words(blockSize, blockCount, frameSize, frames, RETIRE_MILLISECONDS, options.privateSize ?? 0, 0);
  const steps: [name: string, step: () => number][] = [
    ["PACKET_VERSION", () => setsockopt(fd, SOL_PACKET, PACKET_VERSION, words(2))],
    ["filter", () => (options.filter === undefined ? 0 : attachFilter(fd, options.filter))],
    [
      "PACKET_RESERVE",
      () => (options.reserve ? setsockopt(fd, SOL_PACKET, PACKET_RESERVE, words(options.reserve)) : 0),
    ],
    ["PACKET_RX_RING", () => setsockopt(fd, SOL_PACKET, PACKET_RX_RING, ring)],
    [
      "PACKET_IGNORE_OUTGOING",
      () => (options.ignoreOutgoing ? setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, words(1)) : 0),
    ],
    ["promiscuous mode", () => (options.promiscuous && interfaceIndex > 0 ? joinPromiscuous(fd, interfaceIndex) : 0)],
    ["bind", () => bindTo(fd, interfaceIndex)],
  ];
  for (const [name, step] of steps) {
    const result = step();
    if (result >= 0) continue;
    closeDescriptor(fd);
    return `AF_PACKET ${name}: errno ${-result}`;
  }
  return { fd, interfaceIndex, interfaceName, blockSize, blockCount };
}

/** Offsets in struct tpacket_block_desc. */
export const blockField = { status: 8, packets: 12, first: 16, headerEnd: 48 } as const;
/** struct tpacket3_hdr is 48 bytes; struct sockaddr_ll follows. */
const HEADER = 48;
const ADDRESS = 20;
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;
const VLAN_VALID = 1 << 4;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Fills `frame` from the packet header at `at`; false when it is to be skipped. */
function readFrame(view: DataView, memory: Uint8Array, at: number, blockEnd: number, frame: Writable<Frame>): boolean {
  const captured = view.getUint32(at + 12, true);
  const hardwareType = view.getUint16(at + HEADER + 8, true);
  const packetType = view.getUint8(at + HEADER + 10);
  // Loopback shows every packet twice, once leaving and once arriving.
  if (hardwareType === ARPHRD_LOOPBACK && packetType === PACKET_OUTGOING) return false;
  const linkOffset = view.getUint16(at + 24, true);
  const networkOffset = view.getUint16(at + 26, true);
  const linkType = linkTypeOf(hardwareType);
  const isEthernet = linkType === LINKTYPE_ETHERNET;
  // Link layers without a decoder: start at the network header.
  const skipped = isEthernet ? 0 : Math.max(0, networkOffset - linkOffset);
  const start = at + linkOffset + skipped;
  const end = at + linkOffset + captured;
  if (end > blockEnd || start > end) return false;
  frame.time = epochMillis(view.getUint32(at + 4, true) * 1000 + view.getUint32(at + 8, true) / 1e6);
  frame.linkType = linkType;
  frame.interfaceIndex = view.getInt32(at + HEADER + 4, true);
  frame.direction = packetType === PACKET_OUTGOING ? "out" : packetType === PACKET_OTHERHOST ? "other" : "in";
  frame.bytes = memory.subarray(start, end);
  frame.wireLength = Math.max(0, view.getUint32(at + 16, true) - skipped);
  const tagged = (view.getUint32(at + 20, true) & VLAN_VALID) !== 0;
  frame.vlan = tagged ? 0x1_0000 | (view.getUint32(at + 32, true) & 0xffff) : 0;
  return true;
}

/** One mapped ring. */
class PacketRing {
  readonly #open: OpenPacketRing;
  readonly #buffer: ArrayBuffer;
  readonly #memory: Uint8Array;
  readonly #view: DataView;
  readonly #status: Int32Array;
  #block = 0;
  #boundTo: number;

  constructor(open: OpenPacketRing, buffer: ArrayBuffer) {
    this.#open = open;
    this.#buffer = buffer;
    this.#memory = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.#status = new Int32Array(buffer);
    this.#boundTo = open.interfaceIndex;
  }

  /** Hands over at most one round of the ring, so that a flood cannot hold the caller. */
  drain(sink: WirePlaneSink, frame: Writable<Frame>): void {
    const { blockSize, blockCount } = this.#open;
    for (let round = 0; round < blockCount; round++) {
      const base = this.#block * blockSize;
      const status = (base + blockField.status) / 4;
      // Acquire: the block's contents were written before its status.
      if ((Atomics.load(this.#status, status) & 1) === 0) return;
      this.#readBlock(base, base + blockSize, sink, frame);
      Atomics.store(this.#status, status, 0);
      this.#block = (this.#block + 1) % blockCount;
    }
  }

  #readBlock(base: number, end: number, sink: WirePlaneSink, frame: Writable<Frame>): void {
    const packets = this.#view.getUint32(base + blockField.packets, true);
    let at = base + this.#view.getUint32(base + blockField.first, true);
    for (let index = 0; index < packets; index++) {
      if (at < base || at + HEADER + ADDRESS > end) return;
      if (readFrame(this.#view, this.#memory, at, end, frame)) sink.frame(frame);
      const next = this.#view.getUint32(at, true);
      if (next === 0) return;
      at += next;
    }
  }

  /** Follows an interface that went and came back under the same name with another index. */
  rebind(): void {
    const { interfaceName, fd } = this.#open;
    if (interfaceName === "") return;
    const index = interfaceIndexOf(interfaceName);
    if (index > 0 && index !== this.#boundTo && bindTo(fd, index) >= 0) this.#boundTo = index;
  }

  /** Frames dropped since the last call: reading clears the kernel's counter. */
  takeDropped(counters: Uint8Array, length: Uint8Array): number {
    length[0] = counters.length;
    if (getsockopt(this.#open.fd, SOL_PACKET, PACKET_STATISTICS, counters, length) < 0) return 0;
    return new DataView(counters.buffer).getUint32(4, true);
  }

  close(): void {
    unmap(this.#buffer);
    closeDescriptor(this.#open.fd);
  }
}

/** Milliseconds between looks for interfaces that came back. */
const REBIND_INTERVAL = 1000;

/** The frames of all rings; counts of flows made by an in-kernel filter are another source's. */
export class PacketRings implements WirePlane {
  readonly #rings: PacketRing[] = [];
  readonly #frame: Writable<Frame> = {
    time: epochMillis(0),
    linkType: LINKTYPE_ETHERNET,
    interfaceIndex: 0,
    direction: "unknown",
    bytes: new Uint8Array(0),
    wireLength: 0,
    vlan: 0,
  };
  readonly #counters = new Uint8Array(12);
  readonly #length = new Uint8Array(4);
  #dropped = 0;
  #lastRebind = 0;

  /** Maps the rings; a text says which could not be. */
  static attach(descriptions: readonly OpenPacketRing[]): PacketRings | string {
    const rings = new PacketRings();
    for (const description of descriptions) {
      const memory = mapShared(description.fd, description.blockSize * description.blockCount, true);
      if (memory === undefined) {
        rings.close();
        return `cannot map the packet ring of ${description.interfaceName || "all interfaces"}`;
      }
      rings.#rings.push(new PacketRing(description, memory));
    }
    return rings;
  }

  drain(sink: WirePlaneSink): void {
    for (const ring of this.#rings) {
      ring.drain(sink, this.#frame);
      this.#dropped += ring.takeDropped(this.#counters, this.#length);
    }
    const now = performance.now();
    if (now - this.#lastRebind < REBIND_INTERVAL) return;
    this.#lastRebind = now;
    for (const ring of this.#rings) ring.rebind();
  }

  losses(): { framesDropped: number } {
    return { framesDropped: this.#dropped };
  }

  close(): void {
    for (const ring of this.#rings.splice(0)) ring.close();
  }
}
