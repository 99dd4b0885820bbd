/** The wire plane where the kernel counts: flows that the packet filter counted, and the few frames it handed up. */
import { readFileSync } from "node:fs";
import type { InterfaceSource, WirePlane, WirePlaneSink } from "../../model/index.ts";
import type { WireFlows } from "./bpf/wire-flows.ts";
import type { LinuxSocketPlane } from "./socket-plane.ts";

/** Milliseconds between looks at this machine's addresses and at whether it forwards. */
const CONFIGURE_INTERVAL = 5000;

function isOn(path: string): boolean {
  try {
    return readFileSync(path, "latin1").trim() !== "0";
  } catch {
    return false;
  }
}

export interface CountedWirePlaneParts {
  readonly frames: WirePlane;
  readonly flows: WireFlows;
  /** Its drain, which comes first in a tick, tells which flows of the filter changed. */
  readonly sockets: LinuxSocketPlane;
  readonly interfaces: InterfaceSource;
}

export class CountedWirePlane implements WirePlane {
  readonly #parts: CountedWirePlaneParts;
  #nextConfigure = 0;

  constructor(parts: CountedWirePlaneParts) {
    this.#parts = parts;
    this.#configure();
  }

  drain(sink: WirePlaneSink): void {
    if (performance.now() >= this.#nextConfigure) this.#configure();
    this.#parts.frames.drain(sink);
    this.#parts.flows.drain(this.#parts.sockets.changedWire, (flow) => sink.flow(flow));
  }

  losses(): { framesDropped: number } {
    return this.#parts.frames.losses();
  }

  close(): void {
    this.#parts.frames.close();
  }

  #configure(): void {
    this.#nextConfigure = performance.now() + CONFIGURE_INTERVAL;
    const forwarding = isOn("/proc/sys/net/ipv4/ip_forward") || isOn("/proc/sys/net/ipv6/conf/all/forwarding");
    const interfaces = this.#parts.interfaces.read();
    // What crosses loopback has both its sockets on this machine.
    const loopback = interfaces.find((each) => each.loopback)?.index ?? 0;
    this.#parts.flows.configure(
      forwarding,
      loopback,
      interfaces.flatMap((each) => each.addresses),
    );
  }
}
