/**
 * IEEE 802.11 data frames in clear, with or without a radiotap header: as far as LLC. Management, control, protected and
 * aggregated (A-MSDU) frames stop with the addresses known.
 *
 *     frame control | duration | address 1 | address 2 | address 3 | sequence | [address 4] | [QoS] | [HT control]
 */
import { decodeLlc } from "./link.ts";
import type { Packet } from "./packet.ts";
import { u16Little } from "./read.ts";

const none = -1;

export function decodeRadiotap(packet: Packet, offset: number): number {
  if (!packet.has("radiotap", offset, 8)) return none;
  const length = u16Little(packet.bytes, offset + 2);
  if (length < 8) {
    packet.malformed("radiotap", offset, "length % below 8", length);
    return none;
  }
  return packet.has("radiotap", offset, length) ? decodeWireless(packet, offset + length) : none;
}

export function decodeWireless(packet: Packet, offset: number): number {
  if (!packet.has("802.11", offset, 2)) return none;
  const bytes = packet.bytes;
  const control = bytes[offset]!;
  const flags = bytes[offset + 1]!;
  const isData = (control & 0x0c) === 0x08;
  if (!isData) {
    packet.setPayload(offset);
    return none;
  }
  const toDistribution = (flags & 0x01) !== 0;
  const fromDistribution = (flags & 0x02) !== 0;
  const four = toDistribution && fromDistribution;
  const quality = (control & 0x80) !== 0;
  const length = 24 + (four ? 6 : 0) + (quality ? 2 : 0) + (quality && (flags & 0x80) !== 0 ? 4 : 0);
  if (!packet.has("802.11", offset, length)) return none;
  packet.destinationMacOffset = toDistribution ? offset + 16 : offset + 4;
  packet.sourceMacOffset = four ? offset + 24 : fromDistribution ? offset + 16 : offset + 10;
  const carriesNothing = (control & 0x40) !== 0;
  const isProtected = (flags & 0x40) !== 0;
  const isAggregate = quality && (bytes[offset + (four ? 30 : 24)]! & 0x80) !== 0;
  // Only the first fragment of an 802.11 fragmented frame begins with LLC.
  const isLaterFragment = (bytes[offset + 22]! & 0x0f) !== 0;
  if (carriesNothing || isProtected || isAggregate || isLaterFragment) {
    packet.setPayload(offset + length);
    return none;
  }
  return decodeLlc(packet, offset + length);
}
