/**
 * IEEE 802.11 data frames in clear as far as LLC, bare or behind what the receiver noted: radiotap (radiotap.org), AVS or
 * Prism. Management, control and protected frames stop with the addresses known, and so do A-MSDUs of several subframes: they
 * are several packets, which one frame of the table cannot be.
 *
 *     frame control | duration | address 1 | address 2 | address 3 | sequence | [address 4] | [QoS] | [HT control]
 *     A-MSDU subframe: destination (6) | source (6) | length (2) | LLC ... | padding to 4
 */
import { decodeLlc } from "./link.ts";
import type { Packet } from "./packet.ts";
import { u16, u16Little, u32, u32Little } from "./read.ts";

const none = -1;
/** Radiotap's flags field: the frame ends with its check sequence; there is padding between header and payload. */
const hasCheckSequence = 0x10;
const isPadded = 0x20;

export function decodeRadiotap(packet: Packet, offset: number): number {
  if (!packet.has("radiotap", offset, 8)) return none;
  const length = u16Little(packet.bytes, offset + 2);
  if (length < 8) {
    packet.malformed("radiotap", offset, "length % below 8", length);
    return none;
  }
  if (!packet.has("radiotap", offset, length)) return none;
  const flags = radiotapFlags(packet.bytes, offset, offset + length);
  if ((flags & hasCheckSequence) !== 0) packet.endAt(packet.wireEnd - 4);
  return decodeWireless(packet, offset + length, (flags & isPadded) !== 0);
}

/** The flags field, which stands behind all presence words and the time, if there is one; 0 when absent. */
function radiotapFlags(bytes: Uint8Array, start: number, end: number): number {
  const present = u32Little(bytes, start + 4);
  if ((present & 2) === 0) return 0;
  let at = start + 8;
  for (let word = present; word >>> 31 === 1; at += 4) {
    if (at + 4 > end) return 0;
    word = u32Little(bytes, at);
  }
  // The time of 8 bytes is aligned to 8 from the header's beginning.
  if ((present & 1) === 1) at = start + ((at - start + 7) & ~7) + 8;
  return at < end ? bytes[at]! : 0;
}

/** Absolute Value Systems: magic and version (4) | length (4), in network order. */
export function decodeAvs(packet: Packet, offset: number): number {
  if (!packet.has("avs", offset, 8)) return none;
  const length = u32(packet.bytes, offset + 4);
  if (length < 8 || length > 4096) {
    packet.malformed("avs", offset, "length % is not one", length);
    return none;
  }
  return packet.has("avs", offset, length) ? decodeWireless(packet, offset + length) : none;
}

/** Prism: message code (4) | length (4), in the order of whoever captured. Some drivers wrote AVS under this type. */
export function decodePrism(packet: Packet, offset: number): number {
  if (!packet.has("prism", offset, 8)) return none;
  const { bytes } = packet;
  if (u32(bytes, offset) >>> 12 === 0x80211) return decodeAvs(packet, offset);
  const little = u32Little(bytes, offset + 4);
  const length = little <= 0xffff ? little : u32(bytes, offset + 4);
  if (length < 8 || length > 4096) {
    packet.malformed("prism", offset, "length % is not one", length);
    return none;
  }
  return packet.has("prism", offset, length) ? decodeWireless(packet, offset + length) : none;
}

/** `padded`: the payload begins at a multiple of 4 from the header's beginning. */
export function decodeWireless(packet: Packet, offset: number, padded = false): number {
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
  const unpadded = 24 + (four ? 6 : 0) + (quality ? 2 : 0) + (quality && (flags & 0x80) !== 0 ? 4 : 0);
  const length = padded ? (unpadded + 3) & ~3 : unpadded;
  if (!packet.has("802.11", offset, length)) return none;
  packet.destinationMacOffset = toDistribution ? offset + 16 : offset + 4;
  packet.sourceMacOffset = four ? offset + 24 : fromDistribution ? offset + 16 : offset + 10;
  const carriesNothing = (control & 0x40) !== 0;
  const isProtected = (flags & 0x40) !== 0;
  const isAggregate = quality && (bytes[offset + (four ? 30 : 24)]! & 0x80) !== 0;
  // Only the first fragment of an 802.11 fragmented frame begins with LLC.
  const isLaterFragment = (bytes[offset + 22]! & 0x0f) !== 0;
  if (carriesNothing || isProtected || isLaterFragment) {
    packet.setPayload(offset + length);
    return none;
  }
  if (isAggregate) return decodeAggregate(packet, offset + length);
  return decodeLlc(packet, offset + length);
}

/** An A-MSDU is followed when it holds one subframe. */
function decodeAggregate(packet: Packet, offset: number): number {
  if (!packet.has("802.11 A-MSDU", offset, 14)) return none;
  const length = u16(packet.bytes, offset + 12);
  // What is behind the first, beyond its padding and a check sequence, is a second one.
  if (packet.wireEnd - (offset + 14 + length) > 3 + 4) {
    packet.setPayload(offset);
    packet.malformed("802.11 A-MSDU", offset, "several subframes, the first of % bytes", length);
    return none;
  }
  packet.destinationMacOffset = offset;
  packet.sourceMacOffset = offset + 6;
  packet.endAt(offset + 14 + length);
  return decodeLlc(packet, offset + 14);
}
