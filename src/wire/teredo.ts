/**
 * Teredo (RFC 4380 sections 2.6, 5.1.1; trailers RFC 6081 section 4): IPv6 in UDP, with servers at port 3544 and between
 * clients at any port.
 *
 *     [0x0001 | id length (1) | authentication length (1) | id | authentication | nonce (8) | confirmation (1)]
 *     [0x0000 | port (2) | IPv4 address (4)] | IPv6 packet | [type (1) | length (1) | value]*
 */
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { plausibleIp } from "./plausible.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
/** 2001::/32, RFC 4380 section 2.6. */
const prefix = 0x2001_0000;

/**
 * `etherType.ipv6` when the UDP payload at `offset` is Teredo, else -1. Authentication, origin and packets of link-local
 * addresses (solicitations) stand only `withServer`; elsewhere one address has Teredo's prefix.
 */
export function decodeTeredo(packet: Packet, offset: number, withServer: boolean): number {
  const bytes = packet.bytes;
  let at = offset;
  if (withServer) {
    if (packet.capturedEnd - at >= 4 && u16(bytes, at) === 1) at += 13 + bytes[at + 2]! + bytes[at + 3]!;
    if (packet.capturedEnd - at >= 8 && u16(bytes, at) === 0) at += 8;
  }
  if (packet.capturedEnd - at < 40 || plausibleIp(packet, at, true) !== etherType.ipv6) return none;
  const isTeredo = u32(bytes, at + 8) === prefix || u32(bytes, at + 24) === prefix;
  if (!isTeredo && !(withServer && u16(bytes, at + 8) === 0xfe80)) return none;
  const end = at + 40 + u16(bytes, at + 4);
  // A cut trailer cannot be checked; neither can one in a later fragment.
  if (end < packet.wireEnd && !trailersFollow(packet, end)) return none;
  packet.setTunnel("teredo", none, at);
  return etherType.ipv6;
}

/** True when trailers fill the rest exactly. */
function trailersFollow(packet: Packet, start: number): boolean {
  let at = start;
  while (packet.capturedEnd - at >= 2) at += 2 + packet.bytes[at + 1]!;
  return at === packet.wireEnd;
}
