/**
 * ARP (RFC 826) and RARP (RFC 903) for Ethernet addresses and IPv4.
 *
 *     hardware type | protocol type | lengths (6, 4) | operation | sender MAC | sender IP | target MAC | target IP
 */
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { u16 } from "./read.ts";

export function decodeArp(packet: Packet, offset: number): void {
  packet.networkOffset = offset;
  if (!packet.has("arp", offset, 8)) return;
  const bytes = packet.bytes;
  packet.arpOperation = u16(bytes, offset + 6);
  const macLength = bytes[offset + 4]!;
  const addressLength = bytes[offset + 5]!;
  const length = 8 + 2 * (macLength + addressLength);
  if (!packet.has("arp addresses", offset, length)) return;
  if (macLength === 6) {
    packet.arpSenderMacOffset = offset + 8;
    packet.arpTargetMacOffset = offset + 14 + addressLength;
  }
  if (addressLength === 4 && u16(bytes, offset + 2) === etherType.ipv4) {
    packet.arpSenderAddressOffset = offset + 8 + macLength;
    packet.arpTargetAddressOffset = offset + 12 + 2 * macLength;
  }
  packet.setPayload(offset + length);
}
