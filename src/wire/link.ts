/**
 * What stands between the link's own header and IP: EtherType, 802.1Q and 802.1ad tags, 802.2 LLC and SNAP, MPLS (RFC
 * 3032), PPP (RFC 1661) and PPPoE (RFC 2516). Every function returns the EtherType of a tunnelled packet, or -1.
 *
 *     Ethernet  destination (6) | source (6) | [0x8100 | tag]* | EtherType, or length up to 1500 and then LLC
 *     LLC       destination SAP | source SAP | control | with aa aa 03: organization (3) | protocol (2)
 */
import { decodeArp } from "./arp.ts";
import { decodeIpv4, decodeIpv6 } from "./internet.ts";
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
const maximumTags = 8;
const maximumLabels = 16;

export function decodeEthernet(packet: Packet, offset: number): number {
  if (!packet.has("ethernet", offset, 14)) return none;
  packet.destinationMacOffset = offset;
  packet.sourceMacOffset = offset + 6;
  return decodeTypeOrLength(packet, u16(packet.bytes, offset + 12), offset + 14);
}

/** EtherType from 0x0600 on; up to 1500 a length with LLC behind it (IEEE 802.3 clause 3.2.6). */
export function decodeTypeOrLength(packet: Packet, typeOrLength: number, offset: number): number {
  if (typeOrLength >= 0x0600) return decodeEtherType(packet, typeOrLength, offset);
  if (typeOrLength > 1500) {
    packet.malformed("ethernet", offset - 2, "type or length % is neither", typeOrLength);
    return none;
  }
  packet.endAt(offset + typeOrLength);
  return decodeLlc(packet, offset);
}

function isVlanTag(type: number): boolean {
  return (
    type === etherType.vlan ||
    type === etherType.serviceVlan ||
    type === etherType.oldServiceVlan ||
    type === etherType.olderServiceVlan
  );
}

/** `type` describes what begins at `offset`. */
export function decodeEtherType(packet: Packet, type: number, offset: number): number {
  packet.etherType = type;
  switch (type) {
    case etherType.ipv4:
      return decodeIpv4(packet, offset);
    case etherType.ipv6:
      return decodeIpv6(packet, offset);
    case etherType.arp:
    case etherType.rarp:
      decodeArp(packet, offset);
      return none;
    case etherType.vlan:
    case etherType.serviceVlan:
    case etherType.oldServiceVlan:
    case etherType.olderServiceVlan:
      return decodeTags(packet, offset);
    case etherType.mpls:
    case etherType.mplsMulticast:
      return decodeMpls(packet, offset);
    case etherType.pppoeSession:
      return decodePppoeSession(packet, offset);
    case etherType.ppp:
      return decodePpp(packet, offset);
    case etherType.transparentEthernet:
      packet.etherType = none;
      return decodeEthernet(packet, offset);
    default:
      packet.setPayload(offset);
      return none;
  }
}

/** `start` is at the first tag's control information. Deeper tags than two are walked over. */
function decodeTags(packet: Packet, start: number): number {
  let at = start;
  packet.etherType = none;
  for (let count = 0; count < maximumTags; count++) {
    if (!packet.has("vlan", at, 4)) return none;
    const identifier = u16(packet.bytes, at) & 0x0fff;
    const type = u16(packet.bytes, at + 2);
    if (count === 0) packet.outerVlan = identifier;
    else if (count === 1) packet.innerVlan = identifier;
    at += 4;
    if (isVlanTag(type)) continue;
    return decodeTypeOrLength(packet, type, at);
  }
  packet.malformed("vlan", at, "more than % tags", maximumTags);
  return none;
}

export function decodeLlc(packet: Packet, offset: number): number {
  if (!packet.has("llc", offset, 3)) return none;
  const bytes = packet.bytes;
  packet.llcDestination = bytes[offset]!;
  // SNAP: both service access points 0xaa, unnumbered information.
  if (bytes[offset] !== 0xaa || bytes[offset + 1] !== 0xaa || bytes[offset + 2] !== 0x03) {
    packet.setPayload(offset + 3);
    return none;
  }
  if (!packet.has("snap", offset + 3, 5)) return none;
  const organization = (bytes[offset + 3]! << 16) | u16(bytes, offset + 4);
  const protocol = u16(bytes, offset + 6);
  // RFC 1042, and IEEE 802.1H's bridge tunnel, carry an EtherType.
  if ((organization === 0 || organization === 0x0000f8) && protocol >= 0x0600) {
    return decodeEtherType(packet, protocol, offset + 8);
  }
  packet.snapOrganization = organization;
  packet.snapProtocol = protocol;
  packet.setPayload(offset + 8);
  return none;
}

/** Label stack; what is below it has no type: IP is told by its version nibble, anything else is payload. */
export function decodeMpls(packet: Packet, start: number): number {
  let at = start;
  for (let count = 0; count < maximumLabels; count++) {
    if (!packet.has("mpls", at, 4)) return none;
    const entry = u32(packet.bytes, at);
    if (count === 0) packet.mplsLabel = entry >>> 12;
    at += 4;
    if ((entry & 0x100) === 0) continue;
    if (!packet.has("mpls payload", at, 1)) return none;
    const version = packet.bytes[at]! >> 4;
    if (version === 4) return decodeIpv4(packet, at);
    if (version === 6) return decodeIpv6(packet, at);
    packet.setPayload(at);
    return none;
  }
  packet.malformed("mpls", at, "more than % labels", maximumLabels);
  return none;
}

export function decodePppoeSession(packet: Packet, offset: number): number {
  if (!packet.has("pppoe", offset, 6)) return none;
  const versionAndType = packet.bytes[offset]!;
  if (versionAndType !== 0x11) {
    packet.malformed("pppoe", offset, "version and type % are not 17", versionAndType);
    return none;
  }
  packet.endAt(offset + 6 + u16(packet.bytes, offset + 4));
  return decodePpp(packet, offset + 6);
}

/** With or without the HDLC address and control bytes, protocol field of one or two bytes (RFC 1661 section 6.5). */
export function decodePpp(packet: Packet, offset: number): number {
  if (!packet.has("ppp", offset, 2)) return none;
  const bytes = packet.bytes;
  let at = offset;
  if (bytes[at] === 0xff && bytes[at + 1] === 0x03) {
    at += 2;
    if (!packet.has("ppp", at, 2)) return none;
  }
  const short = (bytes[at]! & 1) === 1;
  const protocol = short ? bytes[at]! : u16(bytes, at);
  packet.pppProtocol = protocol;
  at += short ? 1 : 2;
  if (protocol === 0x0021) return decodeIpv4(packet, at);
  if (protocol === 0x0057) return decodeIpv6(packet, at);
  packet.setPayload(at);
  return none;
}

/** LINKTYPE_LINUX_SLL: packet type | ARPHRD | address length | address (8) | protocol. */
export function decodeCooked(packet: Packet, offset: number): number {
  if (!packet.has("linux cooked", offset, 16)) return none;
  const bytes = packet.bytes;
  packet.cookedPacketType = u16(bytes, offset);
  if (u16(bytes, offset + 4) === 6) packet.sourceMacOffset = offset + 6;
  return decodeCookedProtocol(packet, u16(bytes, offset + 14), offset + 16);
}

/** LINKTYPE_LINUX_SLL2: protocol | reserved | interface index | ARPHRD | packet type | address length | address (8). */
export function decodeCooked2(packet: Packet, offset: number): number {
  if (!packet.has("linux cooked 2", offset, 20)) return none;
  const bytes = packet.bytes;
  packet.cookedInterfaceIndex = u32(bytes, offset + 4);
  packet.cookedPacketType = bytes[offset + 10]!;
  if (bytes[offset + 11] === 6) packet.sourceMacOffset = offset + 12;
  return decodeCookedProtocol(packet, u16(bytes, offset), offset + 20);
}

/** Below 0x0600 the kernel's own ETH_P_ values stand here; 4 is 802.2. */
function decodeCookedProtocol(packet: Packet, protocol: number, offset: number): number {
  if (protocol >= 0x0600) return decodeEtherType(packet, protocol, offset);
  if (protocol === 4) return decodeLlc(packet, offset);
  packet.setPayload(offset);
  return none;
}

/**
 * LINKTYPE_NULL and LINKTYPE_LOOP: an address family of 4 bytes, in the byte order of whoever captured or in network
 * order. 2 is IPv4 everywhere; IPv6 is 10 (Linux), 24 (NetBSD, OpenBSD), 28 (FreeBSD), 30 (macOS).
 */
export function decodeNull(packet: Packet, offset: number): number {
  if (!packet.has("loopback", offset, 4)) return none;
  const raw = u32(packet.bytes, offset);
  const family = raw > 0xffff ? ((raw >>> 24) | ((raw >>> 8) & 0xff00)) >>> 0 : raw;
  switch (family) {
    case 2:
      packet.etherType = etherType.ipv4;
      return decodeIpv4(packet, offset + 4);
    case 10:
    case 24:
    case 28:
    case 30:
      packet.etherType = etherType.ipv6;
      return decodeIpv6(packet, offset + 4);
    default:
      if (family >= 0x0600) return decodeEtherType(packet, family, offset + 4);
      packet.setPayload(offset + 4);
      return none;
  }
}
