import type { Packet } from "./packet.ts";

/**
 * Names the datagram that a fragment belongs to, so that later fragments, which carry no ports, can be counted to the flow
 * of the first. Equal for all fragments of one datagram: source, destination and identification, and for IPv4 the
 * protocol (RFC 791 section 3.2, RFC 8200 section 4.5; an IPv6 fragment may name another next header). Allocates; call it
 * for fragments only. "" when the packet is none.
 */
export function fragmentKey(packet: Packet): string {
  if (!packet.isFragment || packet.ipVersion === 0) return "";
  const { bytes, addressLength } = packet;
  let key = packet.ipVersion === 4 ? String.fromCharCode(4, packet.protocolNumber) : "\u0006";
  key += String.fromCharCode(packet.fragmentId >>> 16, packet.fragmentId & 0xffff);
  key += addressKey(bytes, packet.sourceAddressOffset, addressLength);
  return key + addressKey(bytes, packet.destinationAddressOffset, addressLength);
}

function addressKey(bytes: Uint8Array, offset: number, length: number): string {
  let key = "";
  for (let index = 0; index < length; index += 2) {
    key += String.fromCharCode((bytes[offset + index]! << 8) | bytes[offset + index + 1]!);
  }
  return key;
}
