/**
 * Transport headers with ports: TCP (RFC 9293, options RFC 7323, RFC 2018), UDP (RFC 768), UDP-Lite (RFC 3828), SCTP
 * (RFC 9260), DCCP (RFC 4340).
 *
 *     TCP   source port | destination port | sequence | acknowledgement | offset, flags | window | checksum | urgent | options
 *     UDP   source port | destination port | length | checksum
 *     SCTP  source port | destination port | verification tag | checksum | chunks
 */
import type { Packet } from "./packet.ts";
import { i32, u16, u32 } from "./read.ts";
import { decodeUdpTunnel } from "./udp-tunnel.ts";

const none = -1;

/** Ports stand first in all of them: known even where the rest of the header is cut (an ICMP error quotes 8 bytes). */
function readPorts(packet: Packet, offset: number): void {
  if (packet.capturedEnd - offset < 4) return;
  packet.transportOffset = offset;
  packet.sourcePort = u16(packet.bytes, offset);
  packet.destinationPort = u16(packet.bytes, offset + 2);
}

export function decodeTcp(packet: Packet, offset: number): void {
  readPorts(packet, offset);
  const bytes = packet.bytes;
  if (packet.capturedEnd - offset >= 8) packet.tcpSequence = i32(bytes, offset + 4);
  if (!packet.has("tcp", offset, 20)) return;
  packet.tcpAcknowledgement = i32(bytes, offset + 8);
  const headerLength = (bytes[offset + 12]! >> 4) * 4;
  packet.tcpFlags = bytes[offset + 13]!;
  packet.tcpWindow = u16(bytes, offset + 14);
  packet.tcpHeaderLength = headerLength;
  if (headerLength < 20) {
    packet.malformed("tcp", offset, "header length % below 20", headerLength);
    return;
  }
  if (!packet.has("tcp options", offset, headerLength)) return;
  packet.setPayload(offset + headerLength);
}

/** Returns the EtherType of a packet inside (see `udp-tunnel.ts`), or -1. */
export function decodeUdp(packet: Packet, offset: number): number {
  readPorts(packet, offset);
  if (!packet.has("udp", offset, 8)) return none;
  const length = u16(packet.bytes, offset + 4);
  // 0: a jumbogram (RFC 2675 section 4) or segmentation offload; the IP length rules.
  if (length !== 0 && length < 8) {
    packet.malformed("udp", offset, "length % below 8", length);
    return none;
  }
  // A first fragment holds less than the length says: then `endAt` draws nothing in.
  if (length !== 0) packet.endAt(offset + length);
  packet.setPayload(offset + 8);
  return decodeUdpTunnel(packet);
}

/** The length field is checksum coverage here: the payload ends where the IP packet does. */
export function decodeUdpLite(packet: Packet, offset: number): void {
  readPorts(packet, offset);
  if (packet.has("udp-lite", offset, 8)) packet.setPayload(offset + 8);
}

export function decodeSctp(packet: Packet, offset: number): void {
  readPorts(packet, offset);
  if (packet.capturedEnd - offset >= 8) packet.sctpVerificationTag = u32(packet.bytes, offset + 4);
  if (!packet.has("sctp", offset, 12)) return;
  if (packet.capturedEnd > offset + 12) packet.sctpChunkType = packet.bytes[offset + 12]!;
  packet.setPayload(offset + 12);
}

export function decodeDccp(packet: Packet, offset: number): void {
  readPorts(packet, offset);
  if (!packet.has("dccp", offset, 12)) return;
  const headerLength = packet.bytes[offset + 4]! * 4;
  if (headerLength < 12) packet.malformed("dccp", offset, "header length % below 12", headerLength);
  else if (packet.has("dccp options", offset, headerLength)) packet.setPayload(offset + headerLength);
}
