import { decodeIp, decodeIpv4, decodeIpv6 } from "./internet.ts";
import {
  decodeCooked,
  decodeCooked2,
  decodeEtherType,
  decodeEthernet,
  decodeMpls,
  decodeNull,
  decodePppoeSession,
  decodePpp,
} from "./link.ts";
import { etherType, linkType } from "./numbers.ts";
import { Packet } from "./packet.ts";
import { decodeCiscoHdlc, decodeNflog, decodePppd, readPktap, readPpi } from "./pseudo-link.ts";
import { u32Little } from "./read.ts";
import { decodeAvs, decodePrism, decodeRadiotap, decodeWireless } from "./wireless.ts";

/** Packets inside packets that are followed; one more stops the innermost. */
export const maximumNesting = 4;

const none = -1;

/**
 * Decodes the frame of `capturedLength` bytes that begins at `start` in `bytes` into `into`, which is reset first.
 * `link` is a LINKTYPE_ number of the pcap registry; `wireLength` what the frame had on the wire. Lengths are cut to
 * what `bytes` holds. Never throws and never reads outside the frame, whatever the input; what was decoded before a cut
 * or a nonsense value stays, and `into.stoppedAt` says where it ended. Allocates nothing, inner packets of the first
 * tunnel seen aside.
 */
export function decode(
  link: number,
  bytes: Uint8Array,
  capturedLength: number,
  wireLength: number,
  into: Packet,
  start = 0,
): void {
  const from = start >= 0 && start <= bytes.length ? start : 0;
  const room = bytes.length - from;
  const captured = capturedLength >= 0 && capturedLength <= room ? capturedLength : room;
  const wire = wireLength >= captured ? wireLength : captured;
  into.begin(bytes, from, from, from + captured, from + wire);
  const inner = decodeLink(link, into, from);
  if (inner !== none) decodeInner(into, inner, from);
}

function decodeLink(link: number, packet: Packet, offset: number): number {
  switch (link) {
    case linkType.ethernet:
      return decodeEthernet(packet, offset);
    case linkType.linuxSll:
      return decodeCooked(packet, offset);
    case linkType.linuxSll2:
      return decodeCooked2(packet, offset);
    case linkType.raw:
    case linkType.rawOpenBsd:
    case linkType.rawOther:
      return decodeIp(packet, offset);
    case linkType.ipv4:
      packet.etherType = etherType.ipv4;
      return decodeIpv4(packet, offset);
    case linkType.ipv6:
      packet.etherType = etherType.ipv6;
      return decodeIpv6(packet, offset);
    case linkType.null:
    case linkType.loop:
      return decodeNull(packet, offset);
    case linkType.ppp:
    case linkType.pppHdlc:
      return decodePpp(packet, offset);
    case linkType.pppEther:
      packet.etherType = etherType.pppoeSession;
      return decodePppoeSession(packet, offset);
    case linkType.ieee80211:
      return decodeWireless(packet, offset);
    case linkType.ieee80211Radiotap:
      return decodeRadiotap(packet, offset);
    default:
      return decodeRareLink(link, packet, offset);
  }
}

function decodeRareLink(link: number, packet: Packet, offset: number): number {
  switch (link) {
    case linkType.ieee80211Avs:
      return decodeAvs(packet, offset);
    case linkType.ieee80211Prism:
      return decodePrism(packet, offset);
    case linkType.ppi: {
      const length = readPpi(packet, offset);
      return length < 0 ? none : decodeBehind(u32Little(packet.bytes, offset + 4), packet, offset + length);
    }
    case linkType.pktap: {
      const length = readPktap(packet, offset);
      return length < 0 ? none : decodeBehind(u32Little(packet.bytes, offset + 8), packet, offset + length);
    }
    case linkType.nflog:
      return decodeNflog(packet, offset);
    case linkType.ciscoHdlc:
      return decodeCiscoHdlc(packet, offset);
    case linkType.ciscoHdlcWithDirection:
      return decodeCiscoHdlc(packet, offset + 1);
    case linkType.pppPppd:
      return decodePppd(packet, offset);
    case linkType.pppWithDirection:
      return decodePpp(packet, offset + 1);
    case linkType.mpls:
      packet.etherType = etherType.mpls;
      return decodeMpls(packet, offset);
    default:
      packet.malformed("link", offset, "type % is not known", link);
      return none;
  }
}

/** The packet behind a header that names its link type; such headers do not nest. */
function decodeBehind(link: number, packet: Packet, offset: number): number {
  if (link !== linkType.ppi && link !== linkType.pktap) return decodeLink(link, packet, offset);
  packet.malformed("link", offset, "type % inside of another", link);
  return none;
}

const known: ReadonlySet<number> = new Set(Object.values(linkType));

/** False: frames of this LINKTYPE_ number hold nothing that `decode` knows. */
export function isKnownLinkType(link: number): boolean {
  return known.has(link);
}

/** Goes down the tunnels, each packet into the `inner` of the one around it. */
function decodeInner(outermost: Packet, firstType: number, frameStart: number): void {
  let outer = outermost;
  let type = firstType;
  for (let depth = 0; type !== none; depth++) {
    if (!isDecodable(type)) return;
    const start = outer.innerOffset;
    if (depth === maximumNesting) {
      outer.malformed("tunnel", start, "nesting above %", maximumNesting);
      return;
    }
    const inner = (outer.inner ??= new Packet());
    outer.hasInner = true;
    inner.begin(outer.bytes, frameStart, start, outer.capturedEnd, outer.wireEnd);
    type = decodeEtherType(inner, type, start);
    outer = inner;
  }
}

function isDecodable(type: number): boolean {
  switch (type) {
    case etherType.ipv4:
    case etherType.ipv6:
    case etherType.transparentEthernet:
    case etherType.mpls:
    case etherType.mplsMulticast:
    case etherType.ppp:
    case etherType.vlan:
    case etherType.arp:
      return true;
    default:
      return false;
  }
}

/**
 * Decodes the packet that an ICMP error quotes (`packet.quotedOffset`) into `into`: usually an IP header and 8 bytes of the
 * transport, enough for addresses and ports. The quoted packet was sent by the side the error goes to. False when `packet`
 * quotes none. Tunnels inside the quotation are not followed.
 */
export function decodeQuoted(packet: Packet, into: Packet): boolean {
  const at = packet.quotedOffset;
  if (at < 0 || at >= packet.capturedEnd) return false;
  into.begin(packet.bytes, packet.start, at, packet.capturedEnd, Math.max(packet.wireEnd, packet.capturedEnd));
  decodeIp(into, at);
  return into.ipVersion !== 0;
}

/**
 * The next packet inside `packet` that has addresses of its own, or undefined: walks from the outermost packet to the innermost
 * without allocating. What `packet.tunnel` names is the role of the packet that is asked.
 *
 *     for (let at: Packet | undefined = outermost; at !== undefined; at = innerPacket(at)) { ... }
 */
export function innerPacket(packet: Packet): Packet | undefined {
  let at: Packet = packet;
  while (at.hasInner && at.inner !== undefined) {
    at = at.inner;
    if (at.ipVersion !== 0 || at.arpSenderAddressOffset >= 0) return at;
  }
  return undefined;
}
