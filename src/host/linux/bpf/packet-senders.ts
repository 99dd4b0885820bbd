/**
 * Flows of frames that processes send through AF_PACKET sockets (bpf/packet-senders.bpf.c). They are told as socket
 * flows in slots above the flow table's: the owner is known, the counters are the kernel's.
 */
import {
  cgroupId,
  epochMillis,
  formatAddress,
  formatMac,
  networkNamespace,
  pid,
  port,
  type SocketFlow,
} from "../../../model/index.ts";
import { mapShared, pageSize } from "../system-calls.ts";
import { senderKeyLayout as keyLayout, senderLayout as layout } from "./built/layout.ts";
import { fixedText, longAt, type ClockOffsets } from "./process-records.ts";
import { lookupAll } from "./skeleton.ts";

/** As in bpf/packet-senders.bpf.c. */
export const senderSlots = 4096;
const idleMillis = 60_000;
const belowIp = 0x10000;
const openedHere = 1;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Known {
  readonly slot: number;
  readonly generation: number;
  frames: number;
  last: number;
}

function addressAt(bytes: Uint8Array, at: number, family: number): string {
  if (family === 4) return formatAddress(bytes, at + 12, 4);
  return family === 6 ? formatAddress(bytes, at, 16) : formatMac(bytes, at);
}

export class PacketSenders {
  readonly #map: number;
  readonly #firstSlot: number;
  readonly #activity: Uint32Array;
  readonly #keys = new Uint8Array(senderSlots * keyLayout.size);
  readonly #values = new Uint8Array(senderSlots * layout.size);
  readonly #keyView = new DataView(this.#keys.buffer);
  readonly #view = new DataView(this.#values.buffer);
  readonly #known = new Map<string, Known>();
  readonly #free: number[] = [];
  readonly #generations = new Uint32Array(senderSlots);
  #seenFrames = 0;
  #used = 0;

  private constructor(map: number, firstSlot: number, activity: ArrayBuffer) {
    this.#map = map;
    this.#firstSlot = firstSlot;
    this.#activity = new Uint32Array(activity, 0, 1);
  }

  static attach(map: number, activity: number, firstSlot: number): PacketSenders | undefined {
    const mapping = mapShared(activity, pageSize, false);
    return mapping === undefined ? undefined : new PacketSenders(map, firstSlot, mapping);
  }

  /** Tells the flows that sent since the last call, and ends those that were silent for long. */
  drain(clocks: ClockOffsets, now: number, tell: (flow: SocketFlow) => void): void {
    const frames = this.#activity[0] ?? 0;
    if (frames !== this.#seenFrames) {
      this.#seenFrames = frames;
      const count = Math.max(0, lookupAll(this.#map, this.#keys, this.#values, keyLayout.size));
      for (let at = 0; at < Math.min(count, senderSlots); at++) this.#tellChanged(at, clocks, tell);
    }
    for (const [key, known] of this.#known) {
      if (now - known.last < idleMillis) continue;
      this.#known.delete(key);
      this.#generations[known.slot] = known.generation + 1;
      this.#free.push(known.slot);
    }
  }

  #tellChanged(at: number, clocks: ClockOffsets, tell: (flow: SocketFlow) => void): void {
    const keyAt = at * keyLayout.size;
    const valueAt = at * layout.size;
    const key = Buffer.from(this.#keys.buffer, keyAt, keyLayout.size).toString("latin1");
    const frames = longAt(this.#view, valueAt + layout.packets);
    const last = longAt(this.#view, valueAt + layout.last) / 1e6 + clocks.monotonic;
    let known = this.#known.get(key);
    if (known === undefined) {
      const slot = this.#free.pop() ?? (this.#used < senderSlots ? this.#used++ : undefined);
      if (slot === undefined) return;
      known = { slot, generation: this.#generations[slot] ?? 0, frames: 0, last };
      this.#known.set(key, known);
    }
    if (known.frames === frames) return;
    known.frames = frames;
    known.last = last;
    tell(this.#describe(known, keyAt, valueAt, clocks));
  }

  #describe(known: Known, keyAt: number, valueAt: number, clocks: ClockOffsets): SocketFlow {
    const family = this.#keys[keyAt + keyLayout.family] ?? 0;
    const etherType = this.#keyView.getUint16(keyAt + keyLayout.etherType, true);
    const start = epochMillis(longAt(this.#view, valueAt + layout.start) / 1e6 + clocks.monotonic);
    const flow: Mutable<SocketFlow> = {
      slot: this.#firstSlot + known.slot,
      generation: known.generation,
      protocolNumber: family === 0 ? belowIp | etherType : (this.#keys[keyAt + keyLayout.protocol] ?? 0),
      localAddress: addressAt(this.#keys, keyAt + keyLayout.source, family),
      localPort: port(this.#keyView.getUint16(keyAt + keyLayout.sourcePort, true)),
      remoteAddress: addressAt(this.#keys, keyAt + keyLayout.destination, family),
      remotePort: port(this.#keyView.getUint16(keyAt + keyLayout.destinationPort, true)),
      networkNamespace: networkNamespace(0),
      interfaceIndex: this.#keyView.getUint32(keyAt + keyLayout.interface, true),
      start,
      lastActivity: epochMillis(known.last),
      txBytes: longAt(this.#view, valueAt + layout.bytes),
      txPackets: known.frames,
      rxBytes: 0,
      rxPackets: 0,
      tcpState: 0,
      opener: openedHere,
      srtt: 0,
      minRtt: 0,
      retransmits: 0,
      congestionWindow: 0,
      lost: 0,
      released: false,
      reset: false,
      ownerPid: pid(this.#keyView.getUint32(keyAt + keyLayout.tgid, true)),
      ownerName: fixedText(this.#values, valueAt + layout.comm, 16),
      ownerUserId: this.#view.getUint32(valueAt + layout.uid, true),
      ownerGroupId: this.#view.getUint32(valueAt + layout.gid, true),
      ownerCgroup: cgroupId(longAt(this.#view, valueAt + layout.cgroup)),
      ownerStamped: start,
      attribution: "socket",
    };
    return flow;
  }
}
