/**
 * Transport headers with ports: TCP (RFC 9293, options RFC 7323, RFC 2018), UDP (RFC 768), UDP-Lite (RFC 3828), SCTP
 * (RFC 9260), DCCP (RFC 4340).
 *
 *     TCP   source port | destination port | sequence | acknowledgement | offset, flags | window | checksum | urgent | options
 *     UDP   source port | destination port | length | checksum
 *     SCTP  source port | destination port | verification tag | checksum | chunks
 */
import type { Packet } from "./packet.ts";
import { u16, u32 } from "./read.ts";
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
  if (packet.capturedEnd - offset >= 8) packet.tcpSequence = u32(bytes, offset + 4);
  if (!packet.has("tcp", offset, 20)) return;
  packet.tcpAcknowledgement = u32(bytes, offset + 8);
  const headerLength = (bytes[offset + 12]! >> 4) * 4;
  packet.tcpFlags = bytes[offset + 13]!;
  packet.tcpWindow = u16(bytes, offset + 14);
  packet.tcpHeaderLength = headerLength;
  if (headerLength < 20) {
    packet.malformed("tcp", offset, "header length % below 20", headerLength);
    return;
  }
  if (headerLength > 20) {
    const end = offset + headerLength;
    decodeTcpOptions(packet, offset + 20, end < packet.capturedEnd ? end : packet.capturedEnd);
    if (!packet.has("tcp options", offset, headerLength)) return;
  }
  packet.setPayload(offset + headerLength);
}

/** At most 40 bytes. An option whose length is wrong ends the list: what stands behind it has no known place. */
function decodeTcpOptions(packet: Packet, start: number, end: number): void {
  const bytes = packet.bytes;
  // The form that RFC 7323 appendix A advises, and that nearly all senders use: two paddings, then times.
  if (end - start === 12 && bytes[start] === 1 && bytes[start + 1] === 1 && u16(bytes, start + 2) === 0x080a) {
    packet.tcpTimestampValue = u32(bytes, start + 4);
    packet.tcpTimestampEcho = u32(bytes, start + 8);
    return;
  }
  let at = start;
  while (at < end) {
    const kind = bytes[at]!;
    if (kind === 0) return;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) return;
    if (kind === 8 && length === 10) {
      packet.tcpTimestampValue = u32(bytes, at + 2);
      packet.tcpTimestampEcho = u32(bytes, at + 6);
    } else if (kind === 2 && length === 4) packet.tcpMaximumSegmentSize = u16(bytes, at + 2);
    else if (kind === 3 && length === 3) packet.tcpWindowScale = bytes[at + 2]!;
    else if (kind === 4 && length === 2) packet.tcpSackPermitted = true;
    at += length;
  }
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
