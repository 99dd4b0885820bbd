/**
 * H.225.0 RAS over UDP: that a terminal speaks to its gatekeeper. No numbers, no names.
 *
 * ITU-T H.225.0 section 7 and annex H (RasMessage), X.691 (aligned PER): a choice of 25 with an extension bit, then a sequence
 * whose first members are the request's number and, in requests and confirmations, the protocol's identifier.
 *
 *   choice(1 byte and more) ... number(2: 1 to 65535) 6 0 8 0x91 0x4A 0 version(1)
 *
 * Evidence: the identifier {itu-t recommendation h 2250 0 version} near the beginning. Messages without it are not known alone.
 */
import { hasBytesAt } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

/** Object identifier 0.0.8.2250.0, behind its length. */
const identifier = Uint8Array.of(0x06, 0x00, 0x08, 0x91, 0x4a, 0x00);
const lastVersion = 8;
const [first, last] = [2, 12];
/** Root alternatives of RasMessage: 25, in the five bits behind the extension bit. */
const lastMessage = 24;

export function isRasFirst(byte: number): boolean {
  return byte >= 0x80 || byte >> 2 <= lastMessage;
}

/** Offset of the version, or -1. */
function versionAt(bytes: Uint8Array): number {
  for (let at = first; at <= last; at++) {
    const end = at + identifier.length;
    if (hasBytesAt(bytes, at, identifier) && bytes[end]! >= 1 && bytes[end]! <= lastVersion) return end;
  }
  return -1;
}

export function probeRas(bytes: Uint8Array): Likeness {
  return versionAt(bytes) > 0 ? "yes" : "no";
}

export function parseRas(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = versionAt(bytes);
  if (at < 0) return { kind: "notMine" };
  return { kind: "match", name: "h323", facts: { h323: { ras_version: bytes[at]! } }, complete: !context.toServer };
}
