/**
 * BGP: autonomous systems and identifiers of both sides. No routes.
 *
 * RFC 4271 sections 4.1 (header) and 4.2 (OPEN), RFC 5492 (capabilities), RFC 6793 section 3 (AS numbers of four octets).
 *
 *   header = 16 × 0xFF length(2: 19-4096) type(1: 1-5);  OPEN = 4 AS(2) hold(2) identifier(4) length(1) parameter*
 *
 * Evidence: the marker, a type, and a length that this type may have.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const markerLength = 16;
const headerLength = 19;
const maxLength = 4096;
/** Section 4: least lengths by type; a KEEPALIVE has no other. */
const leastLengths = [0, 29, 23, 21, 19, 23];
const types = ["", "open", "update", "notification", "keepalive", "route_refresh"];
const open = 1;
const notification = 3;
const keepalive = 4;
const capabilities = 2;
const fourOctetAs = 65;
const maxCapabilities = 64;

export function isBgpFirst(byte: number): boolean {
  return byte === 0xff;
}

export function probeBgp(bytes: Uint8Array, context: DissectContext): Likeness {
  for (let at = 0; at < Math.min(markerLength, bytes.length); at++) if (bytes[at] !== 0xff) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u16At(bytes, 16);
  const type = bytes[18]!;
  const least = leastLengths[type] ?? 0;
  if (least === 0 || length < least || length > maxLength || (type === keepalive && length !== least)) return "no";
  if (type === open && bytes.length >= 29) {
    const hold = u16At(bytes, 22);
    if (bytes[19] !== 4 || hold === 1 || hold === 2 || u32At(bytes, 24) === 0) return "no";
  }
  return "yes";
}

/** Number of the capability for AS numbers of four octets in the optional parameters, or -1. */
function longAs(bytes: Uint8Array, end: number): number {
  let at = 29;
  for (let count = 0; count < maxCapabilities && at + 2 <= end; count++) {
    const stop = Math.min(at + 2 + bytes[at + 1]!, end);
    for (let next = at + 2; bytes[at] === capabilities && next + 2 <= stop; next += 2 + bytes[next + 1]!) {
      if (bytes[next] === fourOctetAs && bytes[next + 1] === 4 && next + 6 <= stop) return u32At(bytes, next + 2);
    }
    at = stop;
  }
  return -1;
}

export function parseBgp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  const length = u16At(bytes, 16);
  const type = bytes[18]!;
  if (bytes.length < length && type === open && !context.last) return { kind: "needMore", bytes: length };
  const side: Record<string, unknown> = {};
  const bgp: Record<string, unknown> = {};
  if (type === open && bytes.length >= 29) {
    const long = longAs(bytes, Math.min(length, bytes.length));
    side["as"] = long >= 0 ? long : u16At(bytes, 20);
    side["hold_time"] = u16At(bytes, 22);
    side["router_id"] = Array.from(bytes.subarray(24, 28)).join(".");
    bgp[context.toServer ? "client" : "server"] = side;
  } else {
    bgp["message"] = types[type] ?? type;
    if (type === notification) bgp["error"] = bytes[19] ?? 0;
  }
  return { kind: "match", name: "bgp", facts: { bgp }, complete: false, done: true };
}
