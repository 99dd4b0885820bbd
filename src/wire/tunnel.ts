/**
 * Tunnels directly over IP: GRE (RFC 2784, RFC 2890; version 1: RFC 2637), EtherIP (RFC 3378), IP in IP. Each function sets the
 * payload and returns the EtherType of the packet inside, or -1 when what is inside is not decoded.
 *
 *     GRE  C,R,K,S,A bits, version | protocol | [checksum, reserved] | [key] | [sequence] | [acknowledgement, version 1]
 */
import { etherType } from "./numbers.ts";
import type { Packet, TunnelName } from "./packet.ts";
import { u16, u32 } from "./read.ts";

const none = -1;

export function decodeGre(packet: Packet, offset: number): number {
  packet.transportOffset = offset;
  packet.tunnel = "gre";
  if (!packet.has("gre", offset, 4)) return none;
  const bytes = packet.bytes;
  const flags = u16(bytes, offset);
  const protocol = u16(bytes, offset + 2);
  const version = flags & 7;
  packet.greProtocol = protocol;
  if (version > 1) {
    packet.malformed("gre", offset, "version % above 1", version);
    return none;
  }
  // Source routes (RFC 1701) have no length of their own and nobody sends them.
  if ((flags & 0x4000) !== 0) {
    packet.malformed("gre", offset, "routing bit in flags %", flags);
    return none;
  }
  let length = 4;
  if ((flags & 0x8000) !== 0) length += 4;
  const keyOffset = length;
  if ((flags & 0x2000) !== 0) length += 4;
  if ((flags & 0x1000) !== 0) length += 4;
  if (version === 1 && (flags & 0x0080) !== 0) length += 4;
  if (!packet.has("gre options", offset, length)) return none;
  if ((flags & 0x2000) !== 0) packet.greKey = u32(bytes, offset + keyOffset);
  packet.tunnelId = packet.greKey;
  if (protocol !== etherType.erspan) return setInner(packet, offset + length, protocol);
  // ERSPAN type II has a header of its own exactly when GRE has a sequence number; type I has none.
  const erspanLength = (flags & 0x1000) !== 0 ? 8 : 0;
  if (!packet.has("erspan", offset + length, erspanLength)) return none;
  return setInner(packet, offset + length + erspanLength, etherType.transparentEthernet);
}

/** IP in IP (RFC 2003), IPv6 in IPv4 (RFC 4213), MPLS in IP (RFC 4023): no header of their own. */
export function decodeIpTunnel(packet: Packet, name: TunnelName, offset: number, inner: number): number {
  packet.transportOffset = offset;
  packet.tunnel = name;
  return setInner(packet, offset, inner);
}

/** What is inside is the payload too; nothing is inside a tunnel's keep-alive. */
function setInner(packet: Packet, offset: number, inner: number): number {
  packet.setPayload(offset);
  if (packet.payloadWireLength === 0) return none;
  packet.innerOffset = offset;
  return inner;
}

export function decodeEtherIp(packet: Packet, offset: number): number {
  packet.transportOffset = offset;
  packet.tunnel = "etherip";
  if (!packet.has("etherip", offset, 2)) return none;
  const version = packet.bytes[offset]! >> 4;
  if (version !== 3) {
    packet.malformed("etherip", offset, "version % is not 3", version);
    return none;
  }
  return setInner(packet, offset + 2, etherType.transparentEthernet);
}
