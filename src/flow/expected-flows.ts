import type { ExpectedFlow } from "../dissect/verdict.ts";
import { dropOldest } from "./bounded.ts";
import { isTcp, isUdp, type ConnectionRow } from "./connection-row.ts";

/** Milliseconds for which a flow is waited for: calls ring, and a first file of a session may be long in coming. */
const patience = 180_000;
/** A peer stays where he said he listens; trackers are asked again after half an hour (BEP 3: "interval"). */
const peersPatience = 1_800_000;
const peers: readonly string[] = ["bittorrent", "utp"];
const expectedAtMost = 4096;

interface Entry {
  readonly name: string;
  /** Both sides of the flow that announced it. */
  readonly sides: readonly string[];
  readonly until: number;
}

/**
 * Flows that others announced, by where they are to arrive. Bounded: what was announced longest ago is forgotten. An
 * announcement is no more than a reason to infer: payload that says something else wins.
 */
export class ExpectedFlows {
  readonly #entries = new Map<string, Entry>();
  /** How many entries have a port: most rows are told apart from what is expected by this alone. */
  readonly #ports = new Uint16Array(65_536);

  get size(): number {
    return this.#entries.size;
  }

  /** `by` is the row of the flow that announces. */
  add(expected: ExpectedFlow, by: ConnectionRow, now: number): void {
    const { transport, host, port, name } = expected;
    const client = by.localIsClient ? by.local.address : by.remote.address;
    const server = by.localIsClient ? by.remote.address : by.local.address;
    const address = typeof host === "object" ? host.address : host === "client" ? client : server;
    const key = `${transport} ${address} ${port}`;
    this.#forget(key);
    this.#ports[port & 0xffff]!++;
    this.#entries.set(key, {
      name,
      sides: [client, server],
      until: now + (peers.includes(name) ? peersPatience : patience),
    });
    dropOldest(this.#entries, expectedAtMost, (oldest) => this.#forget(oldest));
  }

  #forget(key: string): void {
    if (this.#entries.delete(key)) this.#ports[Number(key.slice(key.lastIndexOf(" ") + 1)) & 0xffff]!--;
  }

  /** What the row was announced as; undefined when it was not, or too long ago. */
  find(row: ConnectionRow, now: number): string | undefined {
    if (this.#ports[row.local.port] === 0 && this.#ports[row.remote.port] === 0) return undefined;
    const transport = isTcp(row) ? "tcp" : isUdp(row) ? "udp" : undefined;
    if (transport === undefined) return undefined;
    const { local, remote } = row;
    for (const [one, other] of [
      [local, remote],
      [remote, local],
    ] as const) {
      if (this.#ports[one.port] === 0) continue;
      const entry = this.#entries.get(`${transport} ${one.address} ${one.port}`);
      if (entry === undefined || entry.until < now) continue;
      // Media and peers may come from anywhere; files come from who was spoken to.
      const isFromAnywhere = entry.name.startsWith("rt") || peers.includes(entry.name);
      if (isFromAnywhere || entry.sides.includes(other.address)) return entry.name;
    }
    return undefined;
  }
}
