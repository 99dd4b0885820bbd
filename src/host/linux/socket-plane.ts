/**
 * The socket plane on Linux: joins the kernel's flow table, the rings of process events, actions and payload samples,
 * and the inventory of what was there before, into the interface that the engine drains.
 */
import {
  epochMillis,
  type PayloadSample,
  type Pid,
  type ProcessInfo,
  type SocketPlane,
  type SocketPlaneSink,
} from "../../model/index.ts";
import { flowLayout, sampleLayout } from "./bpf/built/layout.ts";
import { FlowCursor } from "./bpf/flow-cursor.ts";
import { flowFlags, flowSlots, type KernelFlowTable } from "./bpf/flow-table.ts";
import { senderSlots, type PacketSenders } from "./bpf/packet-senders.ts";
import type { SocketOwners } from "./bpf/owners.ts";
import { readProcessEvent, longAt } from "./bpf/process-records.ts";
import type { RingBuffer } from "./bpf/ring-buffer.ts";
import { clockMillis } from "./system-calls.ts";

/** What the plane is made of; the optional parts may be missing. */
export interface SocketPlaneParts {
  readonly table: KernelFlowTable;
  readonly samples: RingBuffer;
  readonly owners: SocketOwners;
  /** Slots that were filled from the inventory, by cookie. */
  readonly planted: Map<number, number>;
  readonly processes?: ReadonlyMap<Pid, ProcessInfo>;
  readonly events?: RingBuffer;
  readonly eventLosses?: BigUint64Array;
  readonly actions?: RingBuffer;
  readonly packetSenders?: PacketSenders;
}

/** A flow is split by owner at most this often: processes that take turns on a socket share the last row. */
const splitLimit = 3;
const tcp = 6;

/** Samples that wait for their flow; more are lost. */
const earlyAtMost = 1024;

type MutableSample = { -readonly [Key in keyof PayloadSample]: PayloadSample[Key] };

export class LinuxSocketPlane implements SocketPlane {
  readonly capacity: number;
  readonly #parts: SocketPlaneParts;
  readonly #cursor: FlowCursor;
  readonly #clocks: { monotonic: number; boottime: number };
  /** Flows whose socket went in this tick: told as released in the next, after the last answers came in. */
  #closing: number[] = [];
  /** Slots of the packet filter's flows that the last drain found changed. */
  readonly changedWire: number[] = [];
  readonly #sample: MutableSample;
  /** Samples of flows that were not told yet. */
  readonly #early: { readonly bytes: Uint8Array; readonly view: DataView }[] = [];
  /** Facts of processes that were there before, until the first drain. */
  #present: ReadonlyMap<Pid, ProcessInfo> | undefined;

  constructor(parts: SocketPlaneParts) {
    this.capacity = flowSlots + (parts.packetSenders === undefined ? 0 : senderSlots);
    this.#parts = parts;
    this.#clocks = { monotonic: 0, boottime: 0 };
    this.#cursor = new FlowCursor(parts.table, parts.owners, this.#clocks, flowSlots);
    this.#present = parts.processes;
    this.#sample = {
      slot: 0,
      generation: 0,
      time: epochMillis(0),
      transmit: false,
      sequence: 0,
      tcpFlags: 0,
      bytes: new Uint8Array(0),
      wireLength: 0,
    };
    setClocks(this.#clocks);
  }

  drain(sink: SocketPlaneSink): void {
    const { table, samples, events, actions, owners } = this.#parts;
    setClocks(this.#clocks);
    // A sample is written after its flow was announced: what is in the ring now has its flow among the changed ones.
    const until = samples.position();
    table.collect();
    this.#introducePresent(sink);
    events?.drain(events.position(), (offset, length) => {
      const event = readProcessEvent(events.bytes, events.view, offset, length, this.#clocks);
      if (event !== undefined) sink.process(event);
    });
    actions?.drain(actions.position(), (offset, length) => {
      owners.acted(actions.bytes, actions.view, offset, length, this.#clocks);
    });
    this.#drainClosing(sink);
    this.#drainChanged(sink);
    this.#parts.packetSenders?.drain(this.#clocks, clockMillis(0), (flow) => sink.flow(flow));
    for (const early of this.#early.splice(0)) this.#takeSample(sink, early.bytes, early.view, 0, early.bytes.length);
    samples.drain(until, (offset, length) => this.#takeSample(sink, samples.bytes, samples.view, offset, length));
  }

  /** Processes that were there before are told once, as if they had just been executed. */
  #introducePresent(sink: SocketPlaneSink): void {
    if (this.#present === undefined) return;
    for (const process of this.#present.values()) sink.process({ kind: "exec", time: process.start, process });
    this.#present = undefined;
  }

  #drainClosing(sink: SocketPlaneSink): void {
    const closing = this.#closing;
    this.#closing = [];
    for (const slot of closing) {
      if (!this.#cursor.moveTo(slot, true)) continue;
      sink.flow(this.#cursor);
      this.#parts.owners.forget(this.#cursor.cookie);
    }
  }

  #drainChanged(sink: SocketPlaneSink): void {
    const { table } = this.#parts;
    const cursor = this.#cursor;
    this.changedWire.length = 0;
    for (let at = 0; at < table.changedCount; at++) {
      const slot = table.changed[at] ?? 0;
      // The sink may have released it a moment ago.
      if (!table.holdsFlow(slot)) continue;
      const flags = table.byte(slot, flowLayout.flags);
      if ((flags & flowFlags.wire) !== 0) {
        this.changedWire.push(slot);
        continue;
      }
      const told = cursor.moveTo(slot, false);
      if (this.#parts.planted.size > 0) this.#retirePlanted(sink, slot);
      if ((flags & flowFlags.released) !== 0) {
        if (cursor.lostRace()) {
          table.release(slot);
          continue;
        }
        if (!cursor.closing(slot)) this.#closing.push(slot);
      }
      if (!told) continue;
      if (cursor.protocolNumber === tcp && cursor.changedHands() && cursor.splits(slot) < splitLimit) {
        cursor.endShare();
        sink.flow(cursor);
        cursor.beginShare();
      }
      sink.flow(cursor);
      cursor.remember();
    }
  }

  /**
   * A socket that was made while we started is in the inventory and has met the hooks: the kernel's flow stands, the
   * planted one goes.
   */
  #retirePlanted(sink: SocketPlaneSink, slot: number): void {
    const { planted, table } = this.#parts;
    const cursor = this.#cursor;
    const other = planted.get(cursor.cookie);
    if (other === undefined || other === slot) return;
    planted.delete(cursor.cookie);
    if (!cursor.wasMet(other)) {
      table.release(other);
      return;
    }
    if (cursor.moveTo(other, true)) sink.flow(cursor);
    cursor.moveTo(slot, false);
  }

  #takeSample(sink: SocketPlaneSink, bytes: Uint8Array, view: DataView, offset: number, length: number): void {
    if (length < sampleLayout.size) return;
    const { table } = this.#parts;
    const slot = view.getUint32(offset + sampleLayout.slot, true) & (flowSlots - 1);
    const generation = view.getUint32(offset + sampleLayout.generation, true);
    if (generation !== table.word(slot, flowLayout.generation)) return;
    // The flow's announcement is still waited for: nobody was told of it.
    if (table.isBehind && !this.#cursor.wasMet(slot)) {
      if (this.#early.length >= earlyAtMost) return;
      const copy = bytes.slice(offset, offset + length);
      this.#early.push({ bytes: copy, view: new DataView(copy.buffer) });
      return;
    }
    const captured = Math.min(view.getUint16(offset + sampleLayout.captured, true), length - sampleLayout.size);
    const start = offset + sampleLayout.bytes;
    const sample = this.#sample;
    sample.slot = slot;
    sample.generation = this.#cursor.reportedGeneration(slot);
    sample.time = epochMillis(longAt(view, offset + sampleLayout.time) / 1e6 + this.#clocks.monotonic);
    sample.transmit = view.getUint8(offset + sampleLayout.transmit) !== 0;
    sample.sequence = view.getUint32(offset + sampleLayout.sequence, true);
    sample.tcpFlags = view.getUint8(offset + sampleLayout.tcpFlags);
    sample.bytes = bytes.subarray(start, start + captured);
    sample.wireLength = view.getUint32(offset + sampleLayout.wireLength, true);
    sink.sample(sample);
  }

  /** False for slots above the table's too: those take no orders. */
  #isCurrent(slot: number, generation: number): boolean {
    return slot < flowSlots && this.#cursor.reportedGeneration(slot) === generation;
  }

  stopSampling(slot: number, generation: number): void {
    if (!this.#isCurrent(slot, generation)) return;
    this.#parts.table.sampleUntil(slot, true, 0);
    this.#parts.table.sampleUntil(slot, false, 0);
  }

  resumeSampling(slot: number, generation: number, packets: number): void {
    if (!this.#isCurrent(slot, generation)) return;
    const { table } = this.#parts;
    table.sampleUntil(slot, true, table.counter(slot, flowLayout.txPackets) + packets);
    table.sampleUntil(slot, false, table.counter(slot, flowLayout.rxPackets) + packets);
  }

  release(slot: number, generation: number): void {
    if (this.#isCurrent(slot, generation)) this.#parts.table.release(slot);
  }

  free(): number {
    return this.capacity - flowSlots + this.#parts.table.free();
  }

  losses(): { tableFullPackets: number; tableFullBytes: number; samplesLost: number; processEventsLost: number } {
    const processEventsLost = Number(this.#parts.eventLosses?.[0] ?? 0n);
    return { ...this.#parts.table.losses(), processEventsLost };
  }

  close(): void {
    this.#parts.table.close();
    this.#parts.samples.close();
    this.#parts.events?.close();
    this.#parts.actions?.close();
  }
}

/** The kernel stamps with CLOCK_MONOTONIC and CLOCK_BOOTTIME; the wall clock may be set while we run. */
function setClocks(clocks: { monotonic: number; boottime: number }): void {
  const wall = clockMillis(0);
  const monotonic = wall - clockMillis(1);
  // Small differences are the time between two readings: keeping the offset keeps times of one flow comparable.
  if (Math.abs(monotonic - clocks.monotonic) > 20) clocks.monotonic = monotonic;
  const boottime = wall - clockMillis(7);
  if (Math.abs(boottime - clocks.boottime) > 20) clocks.boottime = boottime;
}
