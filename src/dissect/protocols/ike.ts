/**
 * IKE (ISAKMP) versions 1 and 2, on its own port and beside ESP in UDP.
 *
 * RFC 7296 section 3.1 (header), RFC 2408 section 3.1 (version 1), RFC 3948 section 2 (non-ESP marker).
 *
 *   over TCP (RFC 9329 section 4): "IKETCP", then each message behind length(2) and 4 zero bytes
 *   initiator(8) responder(8) next(1) version(1) exchange(1) flags(1) id(4) length(4); on port 4500 behind 4 zero bytes
 */
import { hasAsciiAt, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 28;
const encapsulationPort = 4500;
const exchanges: ReadonlyMap<number, string> = new Map([
  [1, "base"],
  [3, "authentication_only"],
  [33, "new_group"],
  [2, "identity_protection"],
  [4, "aggressive"],
  [5, "informational"],
  [6, "transaction"],
  [32, "quick_mode"],
  [34, "ike_sa_init"],
  [35, "ike_auth"],
  [36, "create_child_sa"],
  [37, "informational"],
  [38, "ike_session_resume"],
  [39, "gsa_auth"],
  [40, "gsa_registration"],
  [41, "gsa_rekey"],
  [43, "ike_intermediate"],
  [44, "ike_followup_ke"],
]);

/** Where the header begins, or -1 when it does not fit. */
function headerAt(bytes: Uint8Array, context: DissectContext): number {
  const isMarked =
    (context.serverPort === encapsulationPort || context.clientPort === encapsulationPort) && u32At(bytes, 0) === 0;
  const at = isMarked ? 4 : 0;
  if (bytes.length < at + headerLength) return -1;
  const version = bytes[at + 17]! >> 4;
  const exchange = bytes[at + 18]!;
  const isOf = version === 1 ? exchange <= 33 : version === 2 && exchange >= 34;
  const flags = bytes[at + 19]!;
  const hasFlags = version === 1 ? flags <= 7 : (flags & 0xc7) === 0;
  const length = u32At(bytes, at + 24);
  const fits = length === bytes.length - at || (context.last && length > bytes.length - at);
  const hasSpi = u32At(bytes, at) !== 0 || u32At(bytes, at + 4) !== 0;
  return isOf && exchanges.has(exchange) && (bytes[at + 17]! & 15) === 0 && hasFlags && fits && hasSpi ? at : -1;
}

export function probeIke(bytes: Uint8Array, context: DissectContext): Likeness {
  return headerAt(bytes, context) < 0 ? "no" : "yes";
}

export function parseIke(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = headerAt(bytes, context);
  if (at < 0) return { kind: "notMine" };
  const ike = { version_major: bytes[at + 17]! >> 4, version_minor: 0, exchange_type: exchanges.get(bytes[at + 18]!) };
  return { kind: "match", name: "ike", facts: { ike }, complete: true };
}

const streamPrefix = "IKETCP";

export function isIkeStreamFirst(byte: number): boolean {
  return byte === 0x49;
}

export function probeIkeStream(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!hasAsciiAt(bytes, 0, streamPrefix.slice(0, Math.min(streamPrefix.length, bytes.length)))) return "no";
  return bytes.length >= streamPrefix.length ? "yes" : undecided(context.last);
}

export function parseIkeStream(bytes: Uint8Array): Verdict {
  if (!hasAsciiAt(bytes, 0, streamPrefix)) return { kind: "notMine" };
  return { kind: "match", name: "ike", facts: { ike: { transport: "tcp" } }, complete: true };
}
