/**
 * L2TP version 2 over UDP (RFC 2661 sections 3.1, 4.1 and 5.1; UDP 1701), and the control messages of version 3 (RFC 3931
 * section 4.1.2), whose data says nothing of what is inside.
 *
 *     T L x x S x O P x x x x Ver (4) | [length (2)] | tunnel (2) | session (2) | [Ns (2), Nr (2)] | [offset size (2), pad]
 *     version 3, control: flags, version | length (2) | control connection (4) | Ns (2) | Nr (2)
 *     AVP: M H reserved (4) length (10) | vendor (2) | attribute type (2) | value
 */
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { plausibleIp } from "./plausible.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
const controlLength = 12;

/** `etherType.ppp` when the UDP payload at `offset` is L2TP data, else -1; control messages are recognised. */
export function decodeL2tp(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < 6) return none;
  const flags = u16(packet.bytes, offset);
  if ((flags & 0x8000) !== 0) {
    if (isControl(packet, flags, offset)) packet.setTunnel("l2tp", u32(packet.bytes, offset + 4), none);
    return none;
  }
  // Reserved bits are zero (mask 0x34f0).
  if ((flags & 0x34ff) !== 2) return none;
  return decodeData(packet, flags, offset);
}

/** Length and sequence numbers present, no offset, no priority; the first attribute is the message type. */
function isControl(packet: Packet, flags: number, offset: number): boolean {
  if (flags !== 0xc802 && flags !== 0xc803) return false;
  if (packet.capturedEnd - offset < controlLength) return false;
  const bytes = packet.bytes;
  const room = packet.wireEnd - offset;
  if (u16(bytes, offset + 2) !== room) return false;
  // A message without a body acknowledges.
  if (room === controlLength) return true;
  const attribute = offset + controlLength;
  if (packet.capturedEnd - attribute < 8) return false;
  // Mandatory or, in version 3, not; never hidden; 8 bytes; vendor IETF; type 0.
  return (u16(bytes, attribute) & 0x7fff) === 8 && u32(bytes, attribute + 2) === 0;
}

function decodeData(packet: Packet, flags: number, offset: number): number {
  const bytes = packet.bytes;
  const hasLength = (flags & 0x4000) !== 0;
  const identifiers = offset + (hasLength ? 4 : 2);
  let at = identifiers + ((flags & 0x0800) !== 0 ? 8 : 4);
  if ((flags & 0x0200) !== 0) {
    if (packet.capturedEnd - at < 2) return none;
    at += 2 + u16(bytes, at);
  }
  if (packet.capturedEnd < at) return none;
  if (hasLength && u16(bytes, offset + 2) !== packet.wireEnd - offset && !packet.moreFragments) return none;
  // Neither tunnel nor session is 0 in a data message.
  if (u16(bytes, identifiers) === 0 || u16(bytes, identifiers + 2) === 0) return none;
  if (!isPpp(packet, at)) return none;
  packet.setTunnel("l2tp", u32(bytes, identifiers), at);
  return etherType.ppp;
}

/** IP, or a control protocol whose code and length make sense (RFC 1661 sections 2 and 5). */
function isPpp(packet: Packet, offset: number): boolean {
  const bytes = packet.bytes;
  if (packet.capturedEnd - offset < 4) return false;
  let at = u16(bytes, offset) === 0xff03 ? offset + 2 : offset;
  const protocol = (bytes[at]! & 1) === 1 ? bytes[at]! : u16(bytes, at);
  at += (bytes[at]! & 1) === 1 ? 1 : 2;
  if (protocol === 0x21 || protocol === 0x57) {
    return plausibleIp(packet, at) === (protocol === 0x21 ? etherType.ipv4 : etherType.ipv6);
  }
  if (protocol < 0x8000 || packet.capturedEnd - at < 4) return false;
  const code = bytes[at]!;
  return code > 0 && code < 16 && u16(bytes, at + 2) >= 4 && u16(bytes, at + 2) <= packet.wireEnd - at;
}
