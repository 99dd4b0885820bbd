/**
 * Whether what stands at an offset can be an IP packet or an Ethernet frame. Tunnels over UDP ask before they say that a packet is
 * inside: anything may use their ports, and a packet that nobody sent is worse than one not seen. Only what the headers
 * themselves fix is asked (RFC 791 section 3.1, RFC 8200 section 3, IEEE 802.3 clause 3.2), all of it captured.
 */
import { internetChecksum } from "../bytes/index.ts";
import { etherTypeName } from "./names.ts";
import { etherType, ipProtocol } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { u16 } from "./read.ts";

const none = -1;
/** More would be hiding something. */
const maximumTags = 2;

/** Protocols that stand directly behind an IPv6 header on real networks: extension headers, transports, tunnels, routing. */
const ipv6Followers: ReadonlySet<number> = new Set<number>([...Object.values(ipProtocol), 88, 89, 103, 108, 112, 115]);

/**
 * EtherType of the IP packet that fills what is left of `packet` from `offset` on, or -1. `padded`: fewer bytes than
 * are left will do (Ethernet pads to 60 bytes, Teredo has trailers).
 */
export function plausibleIp(packet: Packet, offset: number, padded = false): number {
  if (packet.capturedEnd - offset < 20) return none;
  const version = packet.bytes[offset]! >> 4;
  if (version === 4) return isIpv4(packet, offset, padded) ? etherType.ipv4 : none;
  if (version === 6) return isIpv6(packet, offset, padded) ? etherType.ipv6 : none;
  return none;
}

function isIpv4(packet: Packet, offset: number, padded: boolean): boolean {
  const bytes = packet.bytes;
  const headerLength = (bytes[offset]! & 0x0f) * 4;
  const totalLength = u16(bytes, offset + 2);
  if (headerLength < 20 || totalLength < headerLength || !fits(packet, offset, totalLength, padded)) return false;
  if (packet.capturedEnd - offset < headerLength) return false;
  // The reserved flag is zero, and so is a time to live nowhere.
  if ((bytes[offset + 6]! & 0x80) !== 0 || bytes[offset + 8] === 0) return false;
  // A group is never the sender (RFC 1122 section 3.2.1.3); 0 stands in a checksum that hardware fills in later.
  if (bytes[offset + 12]! >= 224) return false;
  return u16(bytes, offset + 10) === 0 || internetChecksum(bytes, offset, offset + headerLength) === 0;
}

function isIpv6(packet: Packet, offset: number, padded: boolean): boolean {
  const bytes = packet.bytes;
  if (packet.capturedEnd - offset < 40) return false;
  if (!fits(packet, offset, u16(bytes, offset + 4) + 40, padded)) return false;
  return bytes[offset + 7] !== 0 && bytes[offset + 8] !== 0xff && ipv6Followers.has(bytes[offset + 6]!);
}

/** A first fragment of the outer packet holds less than the inner one says. */
function fits(packet: Packet, offset: number, length: number, padded: boolean): boolean {
  const room = packet.wireEnd - offset;
  return length === room || (length > room ? packet.moreFragments : padded);
}

/** `etherType.transparentEthernet` when an Ethernet frame with something known inside fills what is left, else -1. */
export function plausibleEthernet(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < 14) return none;
  const bytes = packet.bytes;
  // A group is never the sender, nor is nobody.
  if (
    (bytes[offset + 6]! & 1) !== 0 ||
    (u16(bytes, offset + 6) | u16(bytes, offset + 8) | u16(bytes, offset + 10)) === 0
  ) {
    return none;
  }
  let at = offset + 12;
  for (let count = 0; isTag(u16(bytes, at)); count++) {
    at += 4;
    if (count === maximumTags || packet.capturedEnd - at < 2) return none;
  }
  return isPayloadOf(packet, u16(bytes, at), at + 2) ? etherType.transparentEthernet : none;
}

function isTag(type: number): boolean {
  return type === etherType.vlan || type === etherType.serviceVlan;
}

function isPayloadOf(packet: Packet, type: number, offset: number): boolean {
  switch (type) {
    case etherType.ipv4:
    case etherType.ipv6:
      return plausibleIp(packet, offset, true) === type;
    case etherType.arp:
    case etherType.rarp:
      return isArp(packet, offset);
    default:
      if (type >= 0x0600) return !etherTypeName(type).startsWith("0x");
      return type <= packet.wireEnd - offset && isLlc(packet, offset);
  }
}

/** RFC 826: Ethernet and IPv4 addresses. */
function isArp(packet: Packet, offset: number): boolean {
  if (packet.capturedEnd - offset < 8) return false;
  const bytes = packet.bytes;
  return u16(bytes, offset) === 1 && u16(bytes, offset + 2) === 0x0800 && u16(bytes, offset + 4) === 0x0604;
}

/** Spanning tree, SNAP and IS-IS: what bridges pass on. */
function isLlc(packet: Packet, offset: number): boolean {
  if (packet.capturedEnd - offset < 3 || packet.bytes[offset + 2] !== 3) return false;
  const points = u16(packet.bytes, offset);
  return points === 0x4242 || points === 0xaaaa || points === 0xfefe;
}
