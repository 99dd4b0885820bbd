import {
  cgroupId,
  epochMillis,
  formatAddress,
  networkNamespace,
  pid,
  port,
  type Attribution,
  type CgroupId,
  type EpochMillis,
  type NetworkNamespace,
  type Pid,
  type Port,
  type SocketFlow,
} from "../../../model/index.ts";
import { flowLayout as layout } from "./built/layout.ts";
import { flowFlags, type KernelFlowTable } from "./flow-table.ts";
import type { SocketOwner, SocketOwners } from "./owners.ts";
import { fixedText, type ClockOffsets } from "./process-records.ts";

/** A reported generation is the kernel's times this, plus how often the flow changed hands. */
const generationShare = 256;

const listen = 10;
const icmp = 1;
const icmpv6 = 58;

/**
 * The one object that stands for each changed flow in turn. Numbers are read when it moves, texts when they are asked
 * for: most flows of a drain are old acquaintances whose addresses nobody wants again.
 *
 * A flow that another process goes on with (a socket passed on) is told as two: the first ends with the counters it had,
 * the second counts from there. `share` is that number, base the counters where it began.
 */
export class FlowCursor implements SocketFlow {
  slot = 0;
  generation = 0;
  protocolNumber = 0;
  txBytes = 0;
  txPackets = 0;
  rxBytes = 0;
  rxPackets = 0;
  tcpState = 0;
  opener: 0 | 1 | 2 = 0;
  released = false;
  reset = false;
  attribution: Attribution = "none";
  ownerPid: Pid = pid(0);
  ownerUserId = 0;
  ownerGroupId = 0;
  ownerCgroup: CgroupId = cgroupId(0);
  ownerStamped: EpochMillis = epochMillis(0);
  cookie = 0;

  #ownerName: string | undefined;
  #actor: SocketOwner | undefined;
  readonly #table: KernelFlowTable;
  readonly #owners: SocketOwners;
  readonly #clocks: ClockOffsets;
  readonly #began: EpochMillis;
  /** The kernel's generation of the flow that the other arrays speak of, plus one. */
  readonly #known: Float64Array;
  readonly #shares: Uint8Array;
  readonly #closing: Uint8Array;
  readonly #last: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  readonly #actors = new Map<number, SocketOwner>();
  readonly #bases = new Map<number, readonly [number, number, number, number]>();

  constructor(table: KernelFlowTable, owners: SocketOwners, clocks: ClockOffsets, capacity: number) {
    this.#table = table;
    this.#owners = owners;
    this.#clocks = clocks;
    this.#began = epochMillis(Date.now());
    this.#known = new Float64Array(capacity);
    this.#shares = new Uint8Array(capacity);
    this.#closing = new Uint8Array(capacity);
    const counters = (): Float64Array => new Float64Array(capacity);
    this.#last = [counters(), counters(), counters(), counters()];
  }

  /**
   * Stands for the flow in `slot` from here on. `released`: its socket is gone and all its answers are in.
   * False when the slot's flow was never met and is gone already.
   */
  moveTo(slot: number, released: boolean): boolean {
    const table = this.#table;
    const kernelGeneration = table.word(slot, layout.generation);
    if (this.#known[slot] !== kernelGeneration + 1) {
      if (released) return false;
      this.#meet(slot, kernelGeneration);
    }
    this.slot = slot;
    this.generation = kernelGeneration * generationShare + (this.#shares[slot] ?? 0);
    this.released = released;
    this.reset = (table.byte(slot, layout.flags) & flowFlags.reset) !== 0;
    this.protocolNumber = table.byte(slot, layout.protocol);
    this.tcpState = table.byte(slot, layout.tcpState);
    this.opener = (table.byte(slot, layout.opener) % 3) as 0 | 1 | 2;
    this.cookie = table.counter(slot, layout.cookie);
    this.#readCounters();
    this.#resolveOwner();
    return true;
  }

  /** True when the flow that is in the slot now was told before. */
  wasMet(slot: number): boolean {
    return this.#known[slot] === this.#table.word(slot, layout.generation) + 1;
  }

  #meet(slot: number, kernelGeneration: number): void {
    this.#known[slot] = kernelGeneration + 1;
    this.#shares[slot] = 0;
    this.#closing[slot] = 0;
    for (const counters of this.#last) counters[slot] = 0;
    this.#actors.delete(slot);
    this.#bases.delete(slot);
  }

  #readCounters(): void {
    const base = this.#bases.get(this.slot);
    this.txBytes = this.#table.counter(this.slot, layout.txBytes) - (base?.[0] ?? 0);
    this.txPackets = this.#table.counter(this.slot, layout.txPackets) - (base?.[1] ?? 0);
    this.rxBytes = this.#table.counter(this.slot, layout.rxBytes) - (base?.[2] ?? 0);
    this.rxPackets = this.#table.counter(this.slot, layout.rxPackets) - (base?.[3] ?? 0);
  }

  /** Best first: who acted on the socket, who made it, the kernel itself, who held it before we began. */
  #resolveOwner(): void {
    this.#actor = this.#owners.actor(this.cookie);
    if (this.#actor !== undefined) {
      this.#adopt(this.#actor, "socket");
      return;
    }
    const table = this.#table;
    const stamped = table.word(this.slot, layout.tgid);
    if (stamped !== 0) {
      this.#ownerName = undefined;
      this.ownerPid = pid(stamped);
      this.ownerUserId = table.word(this.slot, layout.uid);
      this.ownerGroupId = table.word(this.slot, layout.gid);
      this.ownerCgroup = cgroupId(table.counter(this.slot, layout.cgroup));
      this.ownerStamped = this.#time(layout.stamped);
      this.attribution = "socket";
      return;
    }
    if ((table.byte(this.slot, layout.flags) & flowFlags.kernel) !== 0) {
      this.#adopt(kernel, "socket");
      return;
    }
    const remote = 2;
    const present =
      this.#owners.present(this.cookie) ??
      (this.opener === remote ? this.#owners.presentListener(table.half(this.slot, layout.localPort)) : undefined);
    const held = present && { ...present, cgroup: cgroupId(0), stamped: this.#began };
    this.#adopt(held ?? nobody, held === undefined ? "none" : "iterator");
  }

  #adopt(owner: SocketOwner, attribution: Attribution): void {
    this.#ownerName = owner.name;
    this.ownerPid = owner.pid;
    this.ownerUserId = owner.userId;
    this.ownerGroupId = owner.groupId;
    this.ownerCgroup = owner.cgroup;
    this.ownerStamped = owner.stamped;
    this.attribution = attribution;
  }

  /** Two processors made a flow of the same tuple, and this is the one that lost: it never counted anything. */
  lostRace(): boolean {
    return this.txPackets === 0 && this.rxPackets === 0 && this.tcpState === 0;
  }

  /** Marks the slot as about to be released; true when it was already. */
  closing(slot: number): boolean {
    const was = this.#closing[slot] === 1;
    this.#closing[slot] = 1;
    return was;
  }

  splits(slot: number): number {
    return this.#shares[slot] ?? 0;
  }

  /** True when a process that acted on this flow before has handed it to another. */
  changedHands(): boolean {
    const before = this.#actors.get(this.slot);
    return before !== undefined && this.#actor !== undefined && before.pid !== this.#actor.pid;
  }

  /** Stands for the share of the process that had the flow until now: as it was last told, and over. */
  endShare(): void {
    const base = this.#bases.get(this.slot);
    const [txBytes, txPackets, rxBytes, rxPackets] = this.#last;
    this.txBytes = (txBytes[this.slot] ?? 0) - (base?.[0] ?? 0);
    this.txPackets = (txPackets[this.slot] ?? 0) - (base?.[1] ?? 0);
    this.rxBytes = (rxBytes[this.slot] ?? 0) - (base?.[2] ?? 0);
    this.rxPackets = (rxPackets[this.slot] ?? 0) - (base?.[3] ?? 0);
    this.released = true;
    // From here on, not from `beginShare`: whoever hears of the end releases the share, and that must not be the flow.
    this.#shares[this.slot] = (this.#shares[this.slot] ?? 0) + 1;
    const before = this.#actors.get(this.slot);
    if (before !== undefined) this.#adopt(before, "socket");
  }

  /** Stands for the new owner's share. */
  beginShare(): void {
    const [txBytes, txPackets, rxBytes, rxPackets] = this.#last;
    this.#bases.set(this.slot, [
      txBytes[this.slot] ?? 0,
      txPackets[this.slot] ?? 0,
      rxBytes[this.slot] ?? 0,
      rxPackets[this.slot] ?? 0,
    ]);
    this.moveTo(this.slot, false);
  }

  /** Keeps what was told, for when the flow changes hands. */
  remember(): void {
    if (this.#actor === undefined) return;
    this.#actors.set(this.slot, this.#actor);
    const [txBytes, txPackets, rxBytes, rxPackets] = this.#last;
    const base = this.#bases.get(this.slot);
    txBytes[this.slot] = this.txBytes + (base?.[0] ?? 0);
    txPackets[this.slot] = this.txPackets + (base?.[1] ?? 0);
    rxBytes[this.slot] = this.rxBytes + (base?.[2] ?? 0);
    rxPackets[this.slot] = this.rxPackets + (base?.[3] ?? 0);
  }

  /** The generation under which the slot's flow is told now. */
  reportedGeneration(slot: number): number {
    return this.#table.word(slot, layout.generation) * generationShare + this.splits(slot);
  }

  #time(offset: number): EpochMillis {
    return epochMillis(this.#table.counter(this.slot, offset) / 1e6 + this.#clocks.monotonic);
  }

  #address(offset: number): string {
    const bytes = this.#table.bytesOf(this.slot);
    const at = this.#table.offsetOf(this.slot) + offset;
    const four = this.#table.byte(this.slot, layout.family) === 4;
    return four ? formatAddress(bytes, at + 12, 4) : formatAddress(bytes, at, 16);
  }

  /** The identifier of an echo request stands in the port fields; it is no port. */
  #port(offset: number): Port {
    const portless = this.protocolNumber === icmp || this.protocolNumber === icmpv6;
    return port(portless ? 0 : this.#table.half(this.slot, offset));
  }

  get localAddress(): string {
    return this.#address(layout.localAddress);
  }

  get remoteAddress(): string {
    return this.tcpState === listen ? "" : this.#address(layout.remoteAddress);
  }

  get localPort(): Port {
    return this.#port(layout.localPort);
  }

  get remotePort(): Port {
    return this.#port(layout.remotePort);
  }

  get networkNamespace(): NetworkNamespace {
    // The scope of a raw socket is its cookie with the top bit set; its namespace is not known.
    const raw = (this.#table.word(this.slot, layout.scope + 4) & 0x8000_0000) !== 0;
    return networkNamespace(raw ? 0 : this.#table.counter(this.slot, layout.scope));
  }

  get interfaceIndex(): number {
    return this.#table.word(this.slot, layout.interface);
  }

  get start(): EpochMillis {
    return this.#time(layout.start);
  }

  get lastActivity(): EpochMillis {
    const transmitted = this.#table.counter(this.slot, layout.txLast);
    const received = this.#table.counter(this.slot, layout.rxLast);
    // The kernel's coarse clock may lag behind the exact one that stamped the start.
    const last = Math.max(transmitted, received, this.#table.counter(this.slot, layout.start));
    return epochMillis(last / 1e6 + this.#clocks.monotonic);
  }

  get srtt(): number {
    return this.#table.word(this.slot, layout.srttUs);
  }

  get minRtt(): number {
    return this.#table.word(this.slot, layout.minRttUs);
  }

  get retransmits(): number {
    return this.#table.word(this.slot, layout.retransmits);
  }

  get congestionWindow(): number {
    return this.#table.word(this.slot, layout.congestionWindow);
  }

  get lost(): number {
    return this.#table.word(this.slot, layout.lost);
  }

  get ownerName(): string {
    return (
      this.#ownerName ?? fixedText(this.#table.bytesOf(this.slot), this.#table.offsetOf(this.slot) + layout.comm, 16)
    );
  }
}

const nobody: SocketOwner = {
  pid: pid(0),
  name: "",
  userId: 0,
  groupId: 0,
  cgroup: cgroupId(0),
  stamped: epochMillis(0),
};

/** The kernel answers by itself, to pings for one: pid 0, as where it lists its own tasks. */
const kernel: SocketOwner = { ...nobody, name: "kernel" };
