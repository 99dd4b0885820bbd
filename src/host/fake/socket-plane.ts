import {
  cgroupId,
  epochMillis,
  networkNamespace,
  pid,
  port,
  type PayloadSample,
  type ProcessEvent,
  type SocketFlow,
  type SocketPlane,
  type SocketPlaneSink,
} from "../../model/index.ts";

/** What a script may say of a flow; what it leaves out has the value a quiet IPv4 TCP connection would have. */
export type FlowFields = { -readonly [Field in Exclude<keyof SocketFlow, "slot" | "generation">]: SocketFlow[Field] };

type MutableFlow = { -readonly [Field in keyof SocketFlow]: SocketFlow[Field] };

/** A flow as the script holds it. */
export interface FakeFlow {
  readonly slot: number;
  readonly generation: number;
  readonly fields: Readonly<FlowFields>;
  /** Sets fields (counters are totals) and marks the flow as changed. */
  update(fields: Partial<FlowFields>): void;
  /** Adds to the counters and marks the flow as changed at `time`. */
  count(time: number, traffic: Traffic): void;
  /** Hands payload to the sampler, unless sampling was stopped; tells whether it was taken. */
  sample(
    sample: Omit<PayloadSample, "slot" | "generation" | "sequence" | "tcpFlags" | "wireLength" | "time"> &
      Partial<PayloadSample>,
  ): boolean;
  /** The kernel lets go of the socket: the next drain hands the flow over a last time. */
  release(fields?: Partial<FlowFields>): void;
}

/** Increments of a flow's counters. Packets are one for each direction with bytes when absent. */
export interface Traffic {
  readonly tx?: number;
  readonly rx?: number;
  readonly txPackets?: number;
  readonly rxPackets?: number;
}

export const defaultFlowFields = (): FlowFields => ({
  protocolNumber: 6,
  localAddress: "192.0.2.10",
  localPort: port(40000),
  remoteAddress: "198.51.100.1",
  remotePort: port(443),
  networkNamespace: networkNamespace(1),
  interfaceIndex: 2,
  start: epochMillis(0),
  lastActivity: epochMillis(0),
  txBytes: 0,
  txPackets: 0,
  rxBytes: 0,
  rxPackets: 0,
  tcpState: 1,
  opener: 1,
  srtt: 0,
  minRtt: 0,
  retransmits: 0,
  congestionWindow: 0,
  lost: 0,
  released: false,
  reset: false,
  ownerPid: pid(0),
  ownerName: "",
  ownerUserId: 0,
  ownerGroupId: 0,
  ownerCgroup: cgroupId(0),
  ownerStamped: epochMillis(0),
  attribution: "none",
});

interface Place {
  generation: number;
  used: boolean;
  changed: boolean;
  /** The last hand-over was made: nothing more comes until `release`. */
  finished: boolean;
  /** Samples still wanted in each direction; -1: no limit. */
  transmitSamples: number;
  receiveSamples: number;
  fields: FlowFields | undefined;
}

/** A socket plane that a script drives. Deterministic; slots are given out lowest first. */
export class FakeSocketPlane implements SocketPlane {
  readonly capacity: number;
  /** What the engine asked for, in order, for assertions. */
  readonly calls: string[] = [];
  /** Set false by benches: recording every call costs memory. */
  recordCalls = true;
  closed = false;
  readonly lost = { tableFullPackets: 0, tableFullBytes: 0, samplesLost: 0, processEventsLost: 0 };

  readonly #places: Place[] = [];
  readonly #freeSlots: number[] = [];
  #changed: number[] = [];
  #changedSpare: number[] = [];
  #events: ProcessEvent[] = [];
  #samples: PayloadSample[] = [];
  readonly #handed: MutableFlow = { slot: 0, generation: 0, ...defaultFlowFields() };

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Opens a flow; undefined (and a counted loss) when the table is full, as in the kernel. */
  open(fields: Partial<FlowFields> = {}): FakeFlow | undefined {
    const slot = this.#freeSlots.pop() ?? this.#places.length;
    if (slot >= this.capacity) {
      this.lost.tableFullPackets += (fields.txPackets ?? 0) + (fields.rxPackets ?? 0);
      this.lost.tableFullBytes += (fields.txBytes ?? 0) + (fields.rxBytes ?? 0);
      return undefined;
    }
    const place = this.#places[slot];
    const generation = (place?.generation ?? 0) + 1;
    const complete = { ...defaultFlowFields(), ...fields };
    this.#places[slot] = {
      generation,
      used: true,
      changed: false,
      finished: false,
      transmitSamples: -1,
      receiveSamples: -1,
      fields: complete,
    };
    this.#mark(slot);
    return new ScriptedFlow(this, slot, generation, complete);
  }

  /** Queues a process event for the next drain. */
  event(event: ProcessEvent): void {
    this.#events.push(event);
  }

  update(slot: number, generation: number, fields: Partial<FlowFields>): void {
    const place = this.#place(slot, generation);
    if (place?.fields === undefined || place.finished) return;
    Object.assign(place.fields, fields);
    this.#mark(slot);
  }

  count(slot: number, generation: number, time: number, traffic: Traffic): void {
    const place = this.#place(slot, generation);
    const fields = place?.fields;
    if (place === undefined || fields === undefined || place.finished) return;
    const { tx = 0, rx = 0 } = traffic;
    fields.txBytes += tx;
    fields.rxBytes += rx;
    fields.txPackets += traffic.txPackets ?? (tx > 0 ? 1 : 0);
    fields.rxPackets += traffic.rxPackets ?? (rx > 0 ? 1 : 0);
    fields.lastActivity = epochMillis(time);
    this.#mark(slot);
  }

  pushSample(sample: PayloadSample): boolean {
    const place = this.#place(sample.slot, sample.generation);
    if (place === undefined || place.finished) return false;
    const left = sample.transmit ? place.transmitSamples : place.receiveSamples;
    if (left === 0) return false;
    if (sample.transmit) place.transmitSamples = Math.max(left - 1, -1);
    else place.receiveSamples = Math.max(left - 1, -1);
    this.#samples.push(sample);
    return true;
  }

  drain(sink: SocketPlaneSink): void {
    const events = this.#events;
    this.#events = [];
    for (const event of events) sink.process(event);
    const changed = this.#changed;
    this.#changed = this.#changedSpare;
    for (const slot of changed) {
      const place = this.#places[slot];
      if (place?.fields === undefined || !place.changed) continue;
      place.changed = false;
      place.finished = place.fields.released;
      Object.assign(this.#handed, place.fields);
      this.#handed.slot = slot;
      this.#handed.generation = place.generation;
      sink.flow(this.#handed);
    }
    changed.length = 0;
    this.#changedSpare = changed;
    const samples = this.#samples;
    this.#samples = [];
    for (const sample of samples) {
      sink.sample(sample);
      // Samples are views into a ring: whoever kept one reads garbage, here as in the kernel.
      sample.bytes.fill(0xee);
    }
  }

  stopSampling(slot: number, generation: number): void {
    this.#record(`stopSampling ${slot} ${generation}`);
    const place = this.#place(slot, generation);
    if (place === undefined) return;
    place.transmitSamples = 0;
    place.receiveSamples = 0;
  }

  resumeSampling(slot: number, generation: number, packets: number): void {
    this.#record(`resumeSampling ${slot} ${generation} ${packets}`);
    const place = this.#place(slot, generation);
    if (place === undefined) return;
    place.transmitSamples = packets;
    place.receiveSamples = packets;
  }

  release(slot: number, generation: number): void {
    this.#record(`release ${slot} ${generation}`);
    const place = this.#place(slot, generation);
    if (place === undefined) return;
    place.used = false;
    place.changed = false;
    place.fields = undefined;
    this.#freeSlots.push(slot);
  }

  free(): number {
    return this.capacity - this.#places.length + this.#freeSlots.length;
  }

  losses(): { tableFullPackets: number; tableFullBytes: number; samplesLost: number; processEventsLost: number } {
    return { ...this.lost };
  }

  close(): void {
    this.closed = true;
  }

  #place(slot: number, generation: number): Place | undefined {
    const place = this.#places[slot];
    return place !== undefined && place.used && place.generation === generation ? place : undefined;
  }

  #mark(slot: number): void {
    const place = this.#places[slot];
    if (place === undefined || place.changed) return;
    place.changed = true;
    this.#changed.push(slot);
  }

  #record(call: string): void {
    if (this.recordCalls) this.calls.push(call);
  }
}

class ScriptedFlow implements FakeFlow {
  readonly slot: number;
  readonly generation: number;
  readonly fields: Readonly<FlowFields>;
  readonly #plane: FakeSocketPlane;

  constructor(plane: FakeSocketPlane, slot: number, generation: number, fields: FlowFields) {
    this.#plane = plane;
    this.slot = slot;
    this.generation = generation;
    this.fields = fields;
  }

  update(fields: Partial<FlowFields>): void {
    this.#plane.update(this.slot, this.generation, fields);
  }

  count(time: number, traffic: Traffic): void {
    this.#plane.count(this.slot, this.generation, time, traffic);
  }

  sample(sample: Pick<PayloadSample, "transmit" | "bytes"> & Partial<PayloadSample>): boolean {
    return this.#plane.pushSample({
      time: this.fields.lastActivity,
      sequence: 0,
      tcpFlags: 0,
      wireLength: sample.bytes.length,
      ...sample,
      slot: this.slot,
      generation: this.generation,
      bytes: sample.bytes.slice(),
    });
  }

  release(fields: Partial<FlowFields> = {}): void {
    this.#plane.update(this.slot, this.generation, { tcpState: 7, ...fields, released: true });
  }
}
