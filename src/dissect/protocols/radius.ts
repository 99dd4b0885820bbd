/**
 * RADIUS: kind of message. Attributes hold names and secrets: none is shown.
 *
 * RFC 2865 section 3, RFC 2866 section 3, RFC 5176 section 2.3.
 *
 *   code(1) identifier(1) length(2) authenticator(16) attributes = type(1) length(1: with these two) value
 *
 * Evidence: a length that is the datagram's, attributes that end with it; on foreign ports at least two of them.
 */
import { u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const kinds = new Map([
  [1, "access-request"],
  [2, "access-accept"],
  [3, "access-reject"],
  [4, "accounting-request"],
  [5, "accounting-response"],
  [11, "access-challenge"],
  [12, "status-server"],
  [40, "disconnect-request"],
  [41, "disconnect-ack"],
  [42, "disconnect-nak"],
  [43, "coa-request"],
  [44, "coa-ack"],
  [45, "coa-nak"],
]);
export const radiusPorts: readonly number[] = [1812, 1813, 1645, 1646, 3799, 1700];
const headerLength = 20;
const largest = 4096;

export function isRadiusFirst(byte: number): boolean {
  return kinds.has(byte);
}

/** How many attributes there are; -1 when they do not end at `end`. */
function countAttributes(bytes: Uint8Array, end: number): number {
  let count = 0;
  let at = headerLength;
  while (at < end) {
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || bytes[at] === 0) return -1;
    at += length;
    count++;
  }
  return at === end ? count : -1;
}

export function probeRadius(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u16At(bytes, 2);
  if (bytes.length < headerLength || length < headerLength || length > largest) return "no";
  const known = radiusPorts.includes(context.serverPort) || radiusPorts.includes(context.clientPort);
  if (length > bytes.length) return known && context.last ? "yes" : "no";
  // RFC 2865 section 3: what is behind the length is padding.
  if (length < bytes.length && !known) return "no";
  return countAttributes(bytes, length) >= (known ? 0 : 2) ? "yes" : "no";
}

export function parseRadius(bytes: Uint8Array, context: DissectContext): Verdict {
  const message = kinds.get(bytes[0] ?? 0);
  if (message === undefined) return { kind: "notMine" };
  return { kind: "match", name: "radius", facts: { radius: { message } }, complete: !context.toServer };
}
