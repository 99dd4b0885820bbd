/**
 * Cassandra between its nodes: that it is spoken.
 *
 * Apache Cassandra's net.HandshakeProtocol (Initiate) and, before 4.0, net.IncomingTcpConnection.
 *
 *   initiate = 0xCA552DFA flags(4) ...
 *
 * Evidence: the magic number, first on the connection.
 */
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const magic = [0xca, 0x55, 0x2d, 0xfa];
const headLength = 8;

export function isCassandraNodeFirst(byte: number): boolean {
  return byte === magic[0];
}

export function probeCassandraNode(bytes: Uint8Array, context: DissectContext): Likeness {
  for (const [at, value] of magic.entries()) if (at < bytes.length && bytes[at] !== value) return "no";
  if (bytes.length < headLength) return undecided(context.last);
  return context.toServer ? "yes" : "no";
}

export function parseCassandraNode(_bytes: Uint8Array, context: DissectContext): Verdict {
  const cassandra = { role: "node" };
  return { kind: "match", name: "cassandra", facts: { cassandra }, complete: context.toServer, done: true };
}
