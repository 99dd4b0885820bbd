/**
 * IPv4 (RFC 791), IPv6 with its extension headers (RFC 8200), AH (RFC 4302), and the choice of the transport.
 *
 *     IPv4  version, header length | tos | total length | id | flags, fragment offset | ttl | protocol | checksum | source | destination | options
 *     IPv6  version, class, label | payload length | next header | hop limit | source | destination | extension headers
 */
import { decodeIcmp, decodeIcmpv6, decodeIgmp } from "./control.ts";
import { decodeEsp } from "./esp.ts";
import { etherType, ipProtocol } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { i32, u16, u32 } from "./read.ts";
import { decodeDccp, decodeSctp, decodeTcp, decodeUdp, decodeUdpLite } from "./transport.ts";
import { decodeEtherIp, decodeGre, decodeIpTunnel } from "./tunnel.ts";

/** More headers than any real packet has; bounds the work of a hostile one. */
const maximumExtensionHeaders = 16;
const none = -1;

/** Decodes from an IPv4 header on. Returns the EtherType of a packet inside (see `tunnel.ts`), or -1. */
export function decodeIpv4(packet: Packet, offset: number): number {
  packet.networkOffset = offset;
  if (!packet.has("ipv4", offset, 20)) return none;
  const bytes = packet.bytes;
  const first = bytes[offset]!;
  if (first >> 4 !== 4) {
    packet.malformed("ipv4", offset, "version % is not 4", first >> 4);
    return none;
  }
  const headerLength = (first & 0x0f) * 4;
  if (headerLength < 20) {
    packet.malformed("ipv4", offset, "header length % below 20", headerLength);
    return none;
  }
  packet.ipVersion = 4;
  packet.addressLength = 4;
  packet.sourceAddressOffset = offset + 12;
  packet.destinationAddressOffset = offset + 16;
  packet.trafficClass = bytes[offset + 1]!;
  packet.timeToLive = bytes[offset + 8]!;
  const totalLength = u16(bytes, offset + 2);
  packet.ipLength = totalLength === 0 ? packet.wireEnd - offset : totalLength;
  const fragment = u16(bytes, offset + 6);
  packet.fragmentId = u16(bytes, offset + 4);
  packet.moreFragments = (fragment & 0x2000) !== 0;
  packet.fragmentOffset = (fragment & 0x1fff) * 8;
  packet.isFragment = (fragment & 0x3fff) !== 0;
  if (totalLength !== 0 && totalLength < headerLength) {
    packet.malformed("ipv4", offset, "total length % below header length", totalLength);
    return none;
  }
  packet.protocolNumber = bytes[offset + 9]!;
  packet.endAt(offset + packet.ipLength);
  if (!packet.has("ipv4 options", offset, headerLength)) return none;
  const next = offset + headerLength;
  if (packet.fragmentOffset !== 0) {
    packet.setPayload(next);
    return none;
  }
  if (packet.protocolNumber === ipProtocol.ah) return decodeHeaders(packet, ipProtocol.ah, next);
  return decodeTransport(packet, packet.protocolNumber, next);
}

/** Decodes from an IPv6 header on. Returns the EtherType of a packet inside, or -1. */
export function decodeIpv6(packet: Packet, offset: number): number {
  packet.networkOffset = offset;
  if (!packet.has("ipv6", offset, 40)) return none;
  const bytes = packet.bytes;
  const version = bytes[offset]! >> 4;
  if (version !== 6) {
    packet.malformed("ipv6", offset, "version % is not 6", version);
    return none;
  }
  packet.ipVersion = 6;
  packet.addressLength = 16;
  packet.sourceAddressOffset = offset + 8;
  packet.destinationAddressOffset = offset + 24;
  packet.trafficClass = (u16(bytes, offset) >> 4) & 0xff;
  packet.timeToLive = bytes[offset + 7]!;
  const payloadLength = u16(bytes, offset + 4);
  packet.ipLength = payloadLength === 0 ? packet.wireEnd - offset : payloadLength + 40;
  packet.endAt(offset + packet.ipLength);
  return decodeHeaders(packet, bytes[offset + 6]!, offset + 40);
}

/** Decodes from the IP header on by its version; an unknown version stops. */
export function decodeIp(packet: Packet, offset: number): number {
  packet.networkOffset = offset;
  if (!packet.has("ip", offset, 1)) return none;
  const version = packet.bytes[offset]! >> 4;
  if (version === 4) {
    packet.etherType = etherType.ipv4;
    return decodeIpv4(packet, offset);
  }
  if (version === 6) {
    packet.etherType = etherType.ipv6;
    return decodeIpv6(packet, offset);
  }
  packet.malformed("ip", offset, "version % is neither 4 nor 6", version);
  return none;
}

/** Walks extension headers and AH to the transport. `protocolNumber` is true at every step: a cut leaves the last one reached. */
function decodeHeaders(packet: Packet, firstHeader: number, start: number): number {
  const bytes = packet.bytes;
  let header = firstHeader;
  let at = start;
  for (let count = 0; count < maximumExtensionHeaders; count++) {
    packet.protocolNumber = header;
    const length = extensionLength(packet, header, at);
    if (length === 0) return decodeTransport(packet, header, at);
    if (length < 0) return none;
    if (header === ipProtocol.ah) {
      packet.hasAuthenticationHeader = true;
      packet.spi = u32(bytes, at + 4);
    }
    const isFragmentHeader = header === ipProtocol.fragment;
    if (isFragmentHeader) readFragmentHeader(packet, at);
    header = bytes[at]!;
    at += length;
    if (isFragmentHeader && packet.fragmentOffset !== 0) {
      packet.protocolNumber = header;
      packet.setPayload(at);
      return none;
    }
  }
  packet.malformed("ipv6 extension header", at, "more than %", maximumExtensionHeaders);
  return none;
}

/** Length of the extension header `header` at `at`; 0: it is none; -1: it was cut or malformed. */
function extensionLength(packet: Packet, header: number, at: number): number {
  switch (header) {
    case ipProtocol.hopByHop:
    case ipProtocol.routing:
    case ipProtocol.destinationOptions:
    case ipProtocol.mobility:
    case ipProtocol.hip:
    case ipProtocol.shim6: {
      if (!packet.has("ipv6 extension header", at, 8)) return -1;
      const length = (packet.bytes[at + 1]! + 1) * 8;
      return packet.has("ipv6 extension header", at, length) ? length : -1;
    }
    case ipProtocol.fragment:
      return packet.has("ipv6 fragment header", at, 8) ? 8 : -1;
    case ipProtocol.ah: {
      if (!packet.has("ah", at, 12)) return -1;
      const length = (packet.bytes[at + 1]! + 2) * 4;
      if (length >= 12) return packet.has("ah", at, length) ? length : -1;
      packet.malformed("ah", at, "length % below 12", length);
      return -1;
    }
    default:
      return 0;
  }
}

function readFragmentHeader(packet: Packet, at: number): void {
  const fragment = u16(packet.bytes, at + 2);
  packet.isFragment = (fragment & 0xfff9) !== 0;
  packet.fragmentOffset = fragment & 0xfff8;
  packet.moreFragments = (fragment & 1) !== 0;
  packet.fragmentId = i32(packet.bytes, at + 4);
}

function decodeTransport(packet: Packet, protocol: number, offset: number): number {
  switch (protocol) {
    case ipProtocol.tcp:
      decodeTcp(packet, offset);
      return none;
    case ipProtocol.udp:
      return decodeUdp(packet, offset);
    case ipProtocol.icmp:
      decodeIcmp(packet, offset);
      return none;
    case ipProtocol.icmpv6:
      decodeIcmpv6(packet, offset);
      return none;
    case ipProtocol.igmp:
      decodeIgmp(packet, offset);
      return none;
    case ipProtocol.sctp:
      decodeSctp(packet, offset);
      return none;
    case ipProtocol.udpLite:
      decodeUdpLite(packet, offset);
      return none;
    case ipProtocol.dccp:
      decodeDccp(packet, offset);
      return none;
    case ipProtocol.esp:
      decodeEsp(packet, offset);
      return none;
    case ipProtocol.gre:
      return decodeGre(packet, offset);
    case ipProtocol.ipv4:
    case ipProtocol.ipip:
      return decodeIpTunnel(packet, "ipip", offset, etherType.ipv4);
    case ipProtocol.ipv6:
      return decodeIpTunnel(packet, packet.ipVersion === 4 ? "6in4" : "6in6", offset, etherType.ipv6);
    case ipProtocol.mplsInIp:
      return decodeIpTunnel(packet, "mpls-in-ip", offset, etherType.mpls);
    case ipProtocol.etherip:
      return decodeEtherIp(packet, offset);
    default:
      packet.transportOffset = offset;
      packet.setPayload(offset);
      return none;
  }
}
