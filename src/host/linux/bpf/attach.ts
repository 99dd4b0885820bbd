/** The unprivileged half of the socket plane: maps what the broker opened and takes inventory. */
import { type Pid, type ProcessInfo } from "../../../model/index.ts";
import { LinuxSocketPlane, type SocketPlaneParts } from "../socket-plane.ts";
import { clockMillis, mapShared, pageSize } from "../system-calls.ts";
import { flowLayout, placeLayout } from "./built/layout.ts";
import { flowFlags, flowSlots, KernelFlowTable, samplePackets } from "./flow-table.ts";
import { readIterator, readSockets, type PresentSocket } from "./inventory.ts";
import type { SocketPlaneDescription } from "./open.ts";
import { SocketOwners } from "./owners.ts";
import { PacketSenders } from "./packet-senders.ts";
import { readProcesses } from "./process-records.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { updateElement } from "./skeleton.ts";
import { WireFlows } from "./wire-flows.ts";

/** Sizes as in bpf/*.bpf.c. */
const ringSizes = { samples: 1 << 22, events: 1 << 21, actions: 1 << 20 } as const;

const tcp = 6;
const listen = 10;
const opener = { local: 1, remote: 2 } as const;

/** What came of `attachSocketPlane`. */
export interface AttachedSocketPlane {
  readonly sockets: LinuxSocketPlane;
  readonly wireFlows: WireFlows;
  /** Milliseconds that it took to learn the owners of the sockets that were there before, and how many there were. */
  readonly inventoryMillis: number;
  readonly inventorySockets: number;
}

/**
 * Puts a TCP socket that was there before into the table, as if the kernel had met it already: it shows at once, and
 * its packets find it by its cookie. Returns its slot, or -1 when it got none.
 */
function plant(table: KernelFlowTable, oldSockets: number, socket: PresentSocket, accepted: boolean): number {
  const slot = table.take();
  if (slot < 0) return -1;
  const at = table.offsetOf(slot);
  const bytes = table.bytesOf(slot).subarray(at, at + flowLayout.size);
  const flow = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  bytes[flowLayout.protocol] = tcp;
  bytes[flowLayout.family] = socket.family;
  bytes[flowLayout.flags] = flowFlags.old;
  bytes[flowLayout.opener] = socket.state === listen ? 0 : accepted ? opener.remote : opener.local;
  bytes[flowLayout.tcpState] = socket.state;
  flow.setUint16(flowLayout.localPort, socket.localPort, true);
  flow.setUint16(flowLayout.remotePort, socket.remotePort, true);
  bytes.set(socket.localAddress, flowLayout.localAddress);
  bytes.set(socket.remoteAddress, flowLayout.remoteAddress);
  flow.setBigUint64(flowLayout.scope, BigInt(socket.scope), true);
  flow.setBigUint64(flowLayout.cookie, BigInt(socket.cookie), true);
  flow.setBigUint64(flowLayout.start, BigInt(Math.round(clockMillis(1) * 1e6)), true);
  // Its beginning is missed, but many protocols tell themselves in any message.
  table.sampleUntil(slot, true, samplePackets);
  table.sampleUntil(slot, false, samplePackets);
  const key = new BigUint64Array([BigInt(socket.cookie)]);
  const place = new Uint8Array(placeLayout.size);
  new DataView(place.buffer).setUint32(placeLayout.slot, slot, true);
  // Without the right to write maps (before Linux 5.19) the socket shows, and its packets make a row that replaces it.
  updateElement(oldSockets, new Uint8Array(key.buffer), place, true);
  table.announceByUser(slot);
  return slot;
}

/** TCP sockets become rows; other sockets only answer who owns a cookie. Returns the slots by cookie. */
function plantAll(
  table: KernelFlowTable,
  oldSockets: number,
  present: ReadonlyMap<number, PresentSocket>,
): Map<number, number> {
  const planted = new Map<number, number>();
  const listening = new Set<string>();
  const placeOf = (socket: PresentSocket): string => `${socket.scope} ${socket.localPort}`;
  for (const socket of present.values()) if (socket.state === listen) listening.add(placeOf(socket));
  const close = 7;
  for (const socket of present.values()) {
    if (socket.protocolNumber !== tcp || socket.state === close || socket.localPort === 0) continue;
    const slot = plant(table, oldSockets, socket, listening.has(placeOf(socket)));
    if (slot >= 0) planted.set(socket.cookie, slot);
  }
  return planted;
}

function mapRing(name: keyof typeof ringSizes, descriptor: number | undefined): RingBuffer | undefined {
  return descriptor === undefined ? undefined : RingBuffer.map(descriptor, ringSizes[name]);
}

/**
 * Maps the table and the rings and reads the iterators. `descriptors[i]` is what `description.names[i]` says.
 * A text says what could not be mapped.
 */
export function attachSocketPlane(
  description: SocketPlaneDescription,
  descriptors: readonly number[],
): AttachedSocketPlane | string {
  const named = new Map(description.names.map((name, at) => [name, descriptors[at] ?? -1]));
  const descriptor = (name: string): number => named.get(name) ?? -1;
  const table = KernelFlowTable.map({
    flows: descriptor("flows"),
    controls: descriptor("controls"),
    dirty: descriptor("dirty"),
    vacant: descriptor("vacant"),
  });
  const samples = mapRing("samples", descriptor("samples"));
  if (table === undefined || samples === undefined) return "the kernel's flow table cannot be mapped";
  const began = performance.now();
  const sockets = named.has("every_socket") ? readSockets(readIterator(descriptor("every_socket"))) : new Map();
  const planted = plantAll(table, descriptor("old_sockets"), sockets);
  const inventoryMillis = performance.now() - began;
  const parts: SocketPlaneParts = {
    table,
    samples,
    owners: new SocketOwners(sockets),
    planted,
    ...optionalParts(named),
  };
  return {
    sockets: new LinuxSocketPlane(parts),
    wireFlows: new WireFlows(table, descriptor("local_addresses")),
    inventoryMillis,
    inventorySockets: sockets.size,
  };
}

function optionalParts(named: ReadonlyMap<string, number>): Partial<SocketPlaneParts> {
  const events = mapRing("events", named.get("events"));
  const actions = mapRing("actions", named.get("actions"));
  const losses = named.has("event_losses") ? mapShared(named.get("event_losses") ?? -1, pageSize, false) : undefined;
  const senders = named.get("senders");
  const packetSenders =
    senders === undefined ? undefined : PacketSenders.attach(senders, named.get("sender_activity") ?? -1, flowSlots);
  const iterator = named.get("every_process");
  const boottime = clockMillis(0) - clockMillis(7);
  const clocks = { monotonic: clockMillis(0) - clockMillis(1), boottime };
  const processes: ReadonlyMap<Pid, ProcessInfo> | undefined =
    iterator === undefined ? undefined : readProcesses(readIterator(iterator), clocks);
  return {
    ...(packetSenders === undefined ? {} : { packetSenders }),
    ...(events === undefined ? {} : { events }),
    ...(actions === undefined ? {} : { actions }),
    ...(losses === undefined ? {} : { eventLosses: new BigUint64Array(losses, 0, 1) }),
    ...(processes === undefined ? {} : { processes }),
  };
}
