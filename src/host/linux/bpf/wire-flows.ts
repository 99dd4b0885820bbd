/** Flows that the packet filter counted: what has no socket on this machine. They share the table's slots. */
import {
  epochMillis,
  formatAddress,
  formatMac,
  parseAddress,
  port,
  type EpochMillis,
  type Port,
  type WireFlow,
} from "../../../model/index.ts";
import { clockMillis } from "../system-calls.ts";
import { flowLayout as layout } from "./built/layout.ts";
import type { KernelFlowTable } from "./flow-table.ts";
import { updateElement } from "./skeleton.ts";

/** A flow of the filter that was silent for this long gives its slot back; it becomes another when it speaks again. */
const idleMillis = 120_000;
const belowIp = 0x10000;

/** Stands for each changed flow in turn. */
class WireFlowCursor implements WireFlow {
  slot = 0;
  generation = 0;
  monotonic = 0;
  readonly #table: KernelFlowTable;

  constructor(table: KernelFlowTable) {
    this.#table = table;
  }

  get protocolNumber(): number {
    const etherType = this.#table.half(this.slot, layout.etherType);
    return etherType === 0 ? this.#table.byte(this.slot, layout.protocol) : belowIp | etherType;
  }

  #address(offset: number): string {
    const bytes = this.#table.bytesOf(this.slot);
    const at = this.#table.offsetOf(this.slot) + offset;
    const family = this.#table.byte(this.slot, layout.family);
    if (family === 4) return formatAddress(bytes, at + 12, 4);
    return family === 6 ? formatAddress(bytes, at, 16) : formatMac(bytes, at);
  }

  /** An echo's identifier is no port. */
  #port(offset: number): Port {
    const protocol = this.#table.byte(this.slot, layout.protocol);
    return port(protocol === 1 || protocol === 58 ? 0 : this.#table.half(this.slot, offset));
  }

  get sourceAddress(): string {
    return this.#address(layout.localAddress);
  }

  get sourcePort(): Port {
    return this.#port(layout.localPort);
  }

  get destinationAddress(): string {
    return this.#address(layout.remoteAddress);
  }

  get destinationPort(): Port {
    return this.#port(layout.remotePort);
  }

  get interfaceIndex(): number {
    return this.#table.word(this.slot, layout.interface);
  }

  get packets(): number {
    return this.#table.counter(this.slot, layout.txPackets);
  }

  get bytes(): number {
    return this.#table.counter(this.slot, layout.txBytes);
  }

  get tcpFlags(): number {
    return this.#table.byte(this.slot, layout.wireFlags);
  }

  get lastActivity(): EpochMillis {
    return epochMillis(this.#table.counter(this.slot, layout.txLast) / 1e6 + this.monotonic);
  }

  /** The filter leaves out what this machine sends: that has a socket. */
  get transmit(): boolean {
    return false;
  }
}

export class WireFlows {
  readonly #table: KernelFlowTable;
  readonly #cursor: WireFlowCursor;
  readonly #localAddresses: number;
  readonly #known = new Set<string>();
  /** Slots in use, with when they were last seen to change; oldest first. */
  readonly #seen = new Map<number, number>();

  constructor(table: KernelFlowTable, localAddresses: number) {
    this.#table = table;
    this.#cursor = new WireFlowCursor(table);
    this.#localAddresses = localAddresses;
  }

  /** Tells the filter this machine's addresses and whether it forwards: what it then has to look at twice. */
  configure(forwarding: boolean, skipInterface: number, addresses: Iterable<string>): void {
    for (const address of addresses) {
      if (this.#known.has(address) || this.#known.size >= 4096) continue;
      const bytes = parseAddress(address);
      if (bytes === undefined) continue;
      const key = new Uint8Array(16);
      if (bytes.length === 4) key.set([0xff, 0xff, ...bytes], 10);
      else key.set(bytes);
      this.#known.add(address);
      updateElement(this.#localAddresses, key, new Uint8Array(4), false);
    }
    this.#table.configureFilter(forwarding, skipInterface);
  }

  /** Tells the flows among `slots` and lets go of those that were silent for long. */
  drain(slots: readonly number[], tell: (flow: WireFlow) => void): void {
    const now = clockMillis(1);
    this.#cursor.monotonic = clockMillis(0) - now;
    for (const slot of slots) {
      this.#cursor.slot = slot;
      this.#cursor.generation = this.#table.word(slot, layout.generation);
      this.#seen.delete(slot);
      this.#seen.set(slot, now);
      tell(this.#cursor);
    }
    for (const [slot, seen] of this.#seen) {
      if (now - seen < idleMillis) break;
      this.#seen.delete(slot);
      this.#table.release(slot);
    }
  }
}
