import { decodeQuoted, ipProtocol, type Packet } from "../wire/index.ts";

/** What is kept of a header that makes no sense. */
const unknownHeader = 64;

/**
 * Where the headers of a packet end and its payload begins, as an offset into its bytes: behind the transport header of the
 * innermost packet, or of the one that an ICMP error quotes (decoded into `quoted`). Messages of neighbour discovery,
 * IGMP and MLD are headers as a whole.
 */
export function headersEnd(outermost: Packet, quoted: Packet): number {
  let packet = outermost;
  while (packet.hasInner && packet.inner !== undefined) packet = packet.inner;
  const { payloadOffset, protocolNumber, icmpType, capturedEnd } = packet;
  if (protocolNumber === ipProtocol.igmp) return capturedEnd;
  if (protocolNumber === ipProtocol.icmpv6 && icmpType >= 130) return capturedEnd;
  if (packet.quotedOffset >= 0 && decodeQuoted(packet, quoted)) return endOf(quoted, capturedEnd);
  return payloadOffset >= 0 ? payloadOffset : endOf(packet, capturedEnd);
}

function endOf(packet: Packet, capturedEnd: number): number {
  if (packet.payloadOffset >= 0) return packet.payloadOffset;
  return Math.min(capturedEnd, packet.stopOffset + unknownHeader);
}
