/**
 * VXLAN (RFC 7348 section 5; UDP 4789, before the standard 8472) and its Generic Protocol Extension
 * (draft-ietf-nvo3-vxlan-gpe section 3; UDP 4790). The group policy bit of draft-smith-vxlan-group-policy is known.
 *
 *     VXLAN      G R R R I R R R | group policy flags | group policy (2) | VNI (3) | reserved (1)
 *     VXLAN-GPE  R R Ver Ver I P B O | reserved (2) | next protocol (1) | VNI (3) | reserved (1)
 */
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { plausibleEthernet, plausibleIp } from "./plausible.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
const headerLength = 8;

/** EtherType of the packet inside the UDP payload at `offset`, or -1: it is no VXLAN. */
export function decodeVxlan(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < headerLength) return none;
  const bytes = packet.bytes;
  const flags = bytes[offset]!;
  const hasGroupPolicy = flags === 0x88;
  if (flags !== 0x08 && !hasGroupPolicy) return none;
  if (bytes[offset + 7] !== 0) return none;
  // Without a group policy all three bytes are reserved; with it D (don't learn) and A (policy applied) may be set.
  if (hasGroupPolicy ? (bytes[offset + 1]! & ~0x48) !== 0 : bytes[offset + 1] !== 0 || u16(bytes, offset + 2) !== 0) {
    return none;
  }
  if (plausibleEthernet(packet, offset + headerLength) === none) return none;
  packet.setTunnel("vxlan", u32(bytes, offset + 4) >>> 8, offset + headerLength);
  return etherType.transparentEthernet;
}

/** As `decodeVxlan`, by the next protocol. Maintenance packets (O) have no packet inside. */
export function decodeVxlanGpe(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < headerLength) return none;
  const bytes = packet.bytes;
  // Instance and next protocol present, version 0; B, for copied broadcasts, may be set.
  if ((bytes[offset]! & ~0x02) !== 0x0c || u16(bytes, offset + 1) !== 0 || bytes[offset + 7] !== 0) return none;
  const inner = nextProtocol(packet, bytes[offset + 3]!, offset + headerLength);
  if (inner !== none) packet.setTunnel("vxlan-gpe", u32(bytes, offset + 4) >>> 8, offset + headerLength);
  return inner;
}

function nextProtocol(packet: Packet, protocol: number, offset: number): number {
  switch (protocol) {
    case 1:
      return plausibleIp(packet, offset) === etherType.ipv4 ? etherType.ipv4 : none;
    case 2:
      return plausibleIp(packet, offset) === etherType.ipv6 ? etherType.ipv6 : none;
    case 3:
      return plausibleEthernet(packet, offset);
    default:
      return none;
  }
}
