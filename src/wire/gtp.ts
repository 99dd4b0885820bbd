/**
 * GTP-U version 1 (3GPP TS 29.281 sections 5 and 7; UDP 2152).
 *
 *     version (3) = 1, PT = 1, spare = 0, E, S, PN | type (1) | length (2, behind the first 8 bytes) | TEID (4)
 *     with any of E, S, PN: sequence (2) | N-PDU (1) | next extension type (1)
 *     extension header      length (1, of 4 bytes) | content | next extension type (1)
 *
 * A G-PDU holds IP, or with a PDU session of that type (TS 23.501 section 5.6.10) an Ethernet frame; which one is not said.
 */
import type { Packet } from "./packet.ts";
import { plausibleEthernet, plausibleIp } from "./plausible.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
const headerLength = 8;
const userData = 255;
/** More than the standard defines. */
const maximumExtensions = 8;

/** EtherType of the packet inside the UDP payload at `offset`; -1: it is no GTP-U, or a message without one. */
export function decodeGtp(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < headerLength) return none;
  const bytes = packet.bytes;
  const flags = bytes[offset]!;
  if ((flags & 0xf8) !== 0x30) return none;
  const room = packet.wireEnd - offset - headerLength;
  const length = u16(bytes, offset + 2);
  if (length !== room && !(length > room && packet.moreFragments)) return none;
  const type = bytes[offset + 1]!;
  const endpoint = u32(bytes, offset + 4);
  if (type !== userData) {
    if (isSignalling(type, flags, endpoint)) packet.setTunnel("gtp", endpoint, none);
    return none;
  }
  const start =
    (flags & 7) === 0 ? offset + headerLength : skipOptions(packet, offset + headerLength, (flags & 4) !== 0);
  if (start === none) return none;
  let inner = plausibleIp(packet, start);
  if (inner === none) inner = plausibleEthernet(packet, start);
  // Without a packet that we know inside, a tunnel endpoint is what makes it user data.
  if (inner !== none) packet.setTunnel("gtp", endpoint, start);
  else if (endpoint !== 0) packet.setTunnel("gtp", endpoint, none);
  return inner;
}

/** Messages about the path have no tunnel and, the end of one aside, a sequence number (TS 29.281 section 5.1). */
function isSignalling(type: number, flags: number, endpoint: number): boolean {
  switch (type) {
    case 1: // echo request
    case 2: // echo response
    case 26: // error indication
    case 31: // supported extension headers notification
      return endpoint === 0 && (flags & 2) !== 0;
    case 253: // tunnel status
    case 254: // end marker
      return endpoint !== 0;
    default:
      return false;
  }
}

/** Where the packet inside begins, or -1. `at` is where the optional fields stand. */
function skipOptions(packet: Packet, at: number, hasExtensions: boolean): number {
  const bytes = packet.bytes;
  if (packet.capturedEnd - at < 4) return none;
  // Without E the type of the next extension is not evaluated.
  if (!hasExtensions) return at + 4;
  let next = bytes[at + 3]!;
  let start = at + 4;
  for (let count = 0; next !== 0; count++) {
    if (count === maximumExtensions || packet.capturedEnd - start < 4) return none;
    const length = bytes[start]! * 4;
    if (length === 0 || packet.capturedEnd - start < length) return none;
    next = bytes[start + length - 1]!;
    start += length;
  }
  return start;
}
