import type { DissectContext, Likeness, Verdict } from "./verdict.ts";

/**
 * One row of the registry. `probe` and `parse` are functions of the bytes and the context alone (and of what `parse` itself
 * left in `context.memory`): of a stream they get everything from its start, again each time it grew; of a UDP flow,
 * one datagram. Neither throws, whatever the bytes are.
 */
export interface Protocol {
  /** Name of the row: Suricata's where it has one. A match may carry another (a dialect: "mdns" from the DNS row). */
  readonly name: string;
  readonly transport: "tcp" | "udp";
  /** Ports where it usually listens: asked first there, and named as a hint when nothing better is known. */
  readonly ports: readonly number[];
  /** Whether a stream or datagram of this protocol can begin with this byte: shuts it out at the cost of a table look-up. */
  readonly firstByte: (byte: number) => boolean;
  /** Whether these bytes have this protocol's structure. */
  readonly probe: (bytes: Uint8Array, context: DissectContext) => Likeness;
  /** What they say. Called once `probe` said "yes", then for all that follows in both directions. */
  readonly parse: (bytes: Uint8Array, context: DissectContext) => Verdict;
  /** Every message may bring something new (names): followed as long as the flow lives, not until the first answer. */
  readonly endless?: boolean;
}
