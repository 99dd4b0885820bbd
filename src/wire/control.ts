/**
 * Control messages: ICMP (RFC 792, RFC 950), ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861) and MLD (RFC 2710),
 * IGMP (RFC 2236, RFC 3376).
 *
 *     ICMP    type | code | checksum | rest of header (4) | data, or the quoted packet of an error
 *     ICMPv6  type | code | checksum | body
 *     IGMP    type | time | checksum | group
 */
import type { Packet } from "./packet.ts";
import { u16 } from "./read.ts";

function readEcho(packet: Packet, offset: number): void {
  packet.icmpIdentifier = u16(packet.bytes, offset + 4);
  packet.icmpSequence = u16(packet.bytes, offset + 6);
}

function readTypeAndCode(packet: Packet, offset: number): void {
  if (packet.capturedEnd - offset < 2) return;
  packet.transportOffset = offset;
  packet.icmpType = packet.bytes[offset]!;
  packet.icmpCode = packet.bytes[offset + 1]!;
}

export function decodeIcmp(packet: Packet, offset: number): void {
  readTypeAndCode(packet, offset);
  if (!packet.has("icmp", offset, 8)) return;
  switch (packet.icmpType) {
    case 0: // echo reply
    case 8: // echo
    case 13: // timestamp
    case 14: // timestamp reply
    case 15: // information request
    case 16: // information reply
    case 17: // address mask request
    case 18: // address mask reply
      readEcho(packet, offset);
      break;
    case 3: // destination unreachable
    case 4: // source quench
    case 5: // redirect
    case 11: // time exceeded
    case 12: // parameter problem
      packet.quotedOffset = offset + 8;
      break;
  }
  packet.setPayload(offset + 8);
}

export function decodeIcmpv6(packet: Packet, offset: number): void {
  readTypeAndCode(packet, offset);
  if (!packet.has("icmpv6", offset, 8)) return;
  switch (packet.icmpType) {
    case 1: // destination unreachable
    case 2: // packet too big
    case 3: // time exceeded
    case 4: // parameter problem
      packet.quotedOffset = offset + 8;
      break;
    case 128: // echo request
    case 129: // echo reply
      readEcho(packet, offset);
      break;
    case 130: // multicast listener query
    case 131: // report
    case 132: // done
      if (packet.has("icmpv6 multicast listener", offset, 24)) setGroup(packet, offset + 8, 16);
      break;
    case 133: // router solicitation
      decodeNeighbourOptions(packet, offset + 8);
      break;
    case 134: // router advertisement
      if (packet.has("icmpv6 router advertisement", offset, 16)) decodeNeighbourOptions(packet, offset + 16);
      break;
    case 135: // neighbour solicitation
    case 136: // neighbour advertisement
      if (packet.has("icmpv6 neighbour discovery", offset, 24)) {
        packet.ndpTargetOffset = offset + 8;
        decodeNeighbourOptions(packet, offset + 24);
      }
      break;
    case 137: // redirect
      if (packet.has("icmpv6 redirect", offset, 40)) {
        packet.ndpTargetOffset = offset + 8;
        decodeNeighbourOptions(packet, offset + 40);
      }
      break;
  }
  packet.setPayload(offset + 8);
}

/** RFC 4861 section 4.6: type, length in units of 8 bytes. A length of 0 makes the packet invalid. */
function decodeNeighbourOptions(packet: Packet, start: number): void {
  const bytes = packet.bytes;
  let at = start;
  while (at < packet.capturedEnd) {
    if (!packet.has("icmpv6 option", at, 8)) return;
    const length = bytes[at + 1]! * 8;
    if (length === 0) {
      packet.malformed("icmpv6 option", at, "length %", 0);
      return;
    }
    if (!packet.has("icmpv6 option", at, length)) return;
    if (bytes[at] === 1) packet.ndpSourceMacOffset = at + 2;
    else if (bytes[at] === 2) packet.ndpTargetMacOffset = at + 2;
    at += length;
  }
}

export function decodeIgmp(packet: Packet, offset: number): void {
  if (packet.capturedEnd > offset) {
    packet.transportOffset = offset;
    packet.igmpType = packet.bytes[offset]!;
  }
  if (!packet.has("igmp", offset, 8)) return;
  // An IGMPv3 report has a number of records there.
  if (packet.igmpType !== 0x22) setGroup(packet, offset + 4, 4);
  packet.setPayload(offset + 8);
}

/** The length is the protocol's: IGMP inside IPv6, which nobody should send, still has 4 bytes there. */
function setGroup(packet: Packet, offset: number, length: number): void {
  packet.multicastGroupOffset = offset;
  packet.multicastGroupLength = length;
}
