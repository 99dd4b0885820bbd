/** Addresses in the headers that capture programs and radio links put before a packet. */
import { linkType } from "../wire/index.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** What of a link type is known: its header holds no address that `redactLink` and the packet's own offsets do not name. */
const known: ReadonlySet<number> = new Set<number>([
  linkType.null,
  linkType.ethernet,
  linkType.ppp,
  linkType.rawOpenBsd,
  linkType.rawOther,
  linkType.pppHdlc,
  linkType.pppEther,
  linkType.raw,
  linkType.ciscoHdlc,
  linkType.ieee80211,
  linkType.loop,
  linkType.linuxSll,
  linkType.ieee80211Radiotap,
  linkType.pppPppd,
  linkType.pppWithDirection,
  linkType.ciscoHdlcWithDirection,
  linkType.mpls,
  linkType.ipv4,
  linkType.ipv6,
  linkType.linuxSll2,
]);

/** True: frames of this LINKTYPE_ number can be redacted. */
export function isRedactable(link: number): boolean {
  return known.has(link);
}

/**
 * Replaces the addresses of the link's header where it has another form than Ethernet. Returns where that header ends, 0 when
 * the packet's own offsets say everything, -1 when the frame cannot be redacted.
 */
export function redactLink(
  link: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  pseudonyms: Pseudonyms,
): number {
  switch (link) {
    case linkType.linuxSll:
      if (end - start >= 16) redactCooked(bytes, start + 6, (bytes[start + 4]! << 8) | bytes[start + 5]!, pseudonyms);
      return start + 16;
    case linkType.linuxSll2:
      if (end - start >= 20) redactCooked(bytes, start + 12, bytes[start + 11]!, pseudonyms);
      return start + 20;
    case linkType.ieee80211:
      return redactWireless(bytes, start, end, pseudonyms);
    case linkType.ieee80211Radiotap: {
      const length = end - start < 4 ? end - start : bytes[start + 2]! | (bytes[start + 3]! << 8);
      return length > end - start ? -1 : redactWireless(bytes, start + length, end, pseudonyms);
    }
    default:
      return 0;
  }
}

/** 8 bytes, of which `length` are an address. What is no hardware address (tunnels have their own) is emptied. */
function redactCooked(bytes: Uint8Array, offset: number, length: number, pseudonyms: Pseudonyms): void {
  const kept = length === 6 ? 6 : 0;
  if (kept > 0) pseudonyms.mac(bytes, offset);
  bytes.fill(0, offset + kept, offset + 8);
}

/** Data frames have three or four addresses; what management and control frames hold is not known well enough. */
function redactWireless(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  if (end - start < 24 || (bytes[start]! & 0x0c) !== 0x08) return -1;
  const four = (bytes[start + 1]! & 3) === 3;
  if (four && end - start < 30) return -1;
  pseudonyms.mac(bytes, start + 4);
  pseudonyms.mac(bytes, start + 10);
  pseudonyms.mac(bytes, start + 16);
  if (four) pseudonyms.mac(bytes, start + 24);
  return start + (four ? 30 : 24);
}
