/**
 * What capture programs put in front of a packet: NFLOG (Linux netfilter's log), PPI, Apple's PKTAP, Cisco HDLC and the
 * directions of PPP.
 *
 *     NFLOG      family (1) | version (1) | resource (2) | { length (2) | type (2) | value | padding to 4 }*
 *     PPI        version (1) | flags (1) | length (2) | link type (4) | fields | packet
 *     PKTAP      length (4) | record type (4) | link type (4) | ... | packet
 *     Cisco HDLC address (1) | control (1) | EtherType (2)
 */
import { decodeIp } from "./internet.ts";
import { decodeEtherType, decodePpp } from "./link.ts";
import type { Packet } from "./packet.ts";
import { u16, u16Little, u32Little } from "./read.ts";

const none = -1;
const maximumAttributes = 64;
/** NFULA_HWADDR and NFULA_PAYLOAD of linux/netfilter/nfnetlink_log.h. */
const hardwareAddress = 8;
const payload = 9;

export function decodeNflog(packet: Packet, offset: number): number {
  if (!packet.has("nflog", offset, 4)) return none;
  const { bytes } = packet;
  let at = offset + 4;
  for (let count = 0; count < maximumAttributes; count++) {
    if (!packet.has("nflog attribute", at, 4)) return none;
    // In the order of the machine that captured: a length that does not fit is in the other.
    const little = u16Little(bytes, at);
    const fits = little >= 4 && little <= packet.capturedEnd - at;
    const length = fits ? little : u16(bytes, at);
    const type = (fits ? u16Little(bytes, at + 2) : u16(bytes, at + 2)) & 0x7fff;
    if (length < 4) {
      packet.malformed("nflog attribute", at, "length % below 4", length);
      return none;
    }
    if (!packet.has("nflog attribute", at, length)) return none;
    if (type === payload) {
      packet.endAt(at + length);
      return decodeIp(packet, at + 4);
    }
    if (type === hardwareAddress && length >= 14 && u16(bytes, at + 4) === 6) packet.sourceMacOffset = at + 8;
    at += (length + 3) & ~3;
  }
  packet.malformed("nflog attribute", at, "none of the first % is the packet", maximumAttributes);
  return none;
}

/** Length of a PPI header and the link type behind it, or -1. */
export function readPpi(packet: Packet, offset: number): number {
  if (!packet.has("ppi", offset, 8)) return none;
  const length = u16Little(packet.bytes, offset + 2);
  if (length < 8) {
    packet.malformed("ppi", offset, "length % below 8", length);
    return none;
  }
  return packet.has("ppi", offset, length) ? length : none;
}

/** Length of a PKTAP header, or -1. */
export function readPktap(packet: Packet, offset: number): number {
  if (!packet.has("pktap", offset, 12)) return none;
  const length = u32Little(packet.bytes, offset);
  if (length < 12 || length > 4096) {
    packet.malformed("pktap", offset, "length % is not one", length);
    return none;
  }
  return packet.has("pktap", offset, length) ? length : none;
}

export function decodeCiscoHdlc(packet: Packet, offset: number): number {
  if (!packet.has("hdlc", offset, 4)) return none;
  return decodeEtherType(packet, u16(packet.bytes, offset + 2), offset + 4);
}

/** LINKTYPE_PPP_PPPD: the direction stands in place of the HDLC address. */
export function decodePppd(packet: Packet, offset: number): number {
  if (!packet.has("ppp", offset, 2)) return none;
  return decodePpp(packet, packet.bytes[offset + 1] === 0x03 ? offset + 2 : offset + 1);
}
