/**
 * Addresses in the bodies of control messages: ICMP redirects (RFC 792), neighbour discovery (RFC 4861, RFC 4191, RFC
 * 8106), IGMP (RFC 3376) and MLD (RFC 3810). Each function replaces them and returns where what it understands ends.
 */
import type { Packet } from "../wire/index.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

const u16 = (bytes: Uint8Array, offset: number): number => (bytes[offset]! << 8) | bytes[offset + 1]!;

/** ICMP from its type on; `end` is where the captured bytes end. What it quotes is the caller's. */
export function redactIcmp(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  switch (bytes[start]) {
    case 5: // redirect: the gateway
      if (end - start < 8) return Math.min(end, start + 4);
      pseudonyms.ipv4(bytes, start + 4);
      return start + 8;
    case 0: // echo reply
    case 3: // destination unreachable
    case 4: // source quench
    case 8: // echo
    case 11: // time exceeded
    case 12: // parameter problem
    case 13: // timestamp
    case 14: // timestamp reply
      return Math.min(end, start + 8);
    default:
      return Math.min(end, start + 4);
  }
}

/** ICMPv6 from its type on. */
export function redactIcmpv6(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  switch (bytes[start]) {
    case 1: // destination unreachable
    case 2: // packet too big
    case 3: // time exceeded
    case 4: // parameter problem
    case 128: // echo request
    case 129: // echo reply
      return Math.min(end, start + 8);
    case 130: // multicast listener query
      if (end - start < 28) return addresses(bytes, start + 8, end, 16, 1, pseudonyms);
      pseudonyms.ipv6(bytes, start + 8);
      return addresses(bytes, start + 28, end, 16, u16(bytes, start + 26), pseudonyms);
    case 131: // report
    case 132: // done
      return addresses(bytes, start + 8, end, 16, 1, pseudonyms);
    case 143: // report, version 2
      return groupRecords(bytes, start + 8, end, 16, pseudonyms);
    case 133: // router solicitation
      return neighbourOptions(bytes, start + 8, end, pseudonyms);
    case 134: // router advertisement
      return neighbourOptions(bytes, start + 16, end, pseudonyms);
    case 135: // neighbour solicitation
    case 136: // neighbour advertisement
      return behindAddresses(bytes, start + 8, end, 1, pseudonyms);
    case 137: // redirect: target and destination
      return behindAddresses(bytes, start + 8, end, 2, pseudonyms);
    default:
      return Math.min(end, start + 4);
  }
}

function behindAddresses(bytes: Uint8Array, start: number, end: number, count: number, pseudonyms: Pseudonyms): number {
  const at = addresses(bytes, start, end, 16, count, pseudonyms);
  return at === start + count * 16 ? neighbourOptions(bytes, at, end, pseudonyms) : at;
}

/** `count` addresses; where those that are wholly there end. */
function addresses(
  bytes: Uint8Array,
  start: number,
  end: number,
  length: 4 | 16,
  count: number,
  pseudonyms: Pseudonyms,
): number {
  if (start > end) return end;
  let at = start;
  for (let index = 0; index < count && at + length <= end; index++, at += length) pseudonyms.address(bytes, at, length);
  return at;
}

/** type (1) | length in units of 8 bytes (1) | value. Ends before what may hold more than is known. */
function neighbourOptions(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  if (start > end) return end;
  let at = start;
  while (at + 8 <= end) {
    const length = bytes[at + 1]! * 8;
    if (length === 0 || at + length > end || !neighbourOption(bytes, at, length, pseudonyms)) return at;
    at += length;
  }
  return at;
}

/** False: it is not known what the option holds. */
function neighbourOption(bytes: Uint8Array, at: number, length: number, pseudonyms: Pseudonyms): boolean {
  switch (bytes[at]) {
    case 1: // link-layer addresses
    case 2:
      if (length !== 8) return false;
      pseudonyms.mac(bytes, at + 2);
      return true;
    case 3: // prefix information
      if (length !== 32) return false;
      redactPrefix(bytes, at + 16, 16, bytes[at + 2]!, pseudonyms);
      return true;
    case 24: // route information
      if (length > 24) return false;
      redactPrefix(bytes, at + 8, length - 8, bytes[at + 2]!, pseudonyms);
      return true;
    case 25: // recursive DNS servers
      addresses(bytes, at + 8, at + length, 16, (length - 8) >> 4, pseudonyms);
      return (length - 8) % 16 === 0;
    case 5: // MTU
    case 14: // nonce
    case 26: // flags
      return true;
    default:
      return false;
  }
}

/** A prefix of `bits` bits in `length` bytes: its pseudonym's, with zeros behind. */
function redactPrefix(bytes: Uint8Array, offset: number, length: number, bits: number, pseudonyms: Pseudonyms): void {
  const whole = new Uint8Array(16);
  whole.set(bytes.subarray(offset, offset + length));
  pseudonyms.ipv6(whole, 0);
  for (let at = 0; at < length; at++) {
    const kept = Math.min(8, Math.max(0, bits - at * 8));
    bytes[offset + at] = whole[at]! & (0xff << (8 - kept));
  }
}

/** IGMP from its type on. */
export function redactIgmp(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  switch (bytes[start]) {
    case 0x11: // query
      if (end - start < 12) return addresses(bytes, start + 4, Math.min(end, start + 8), 4, 1, pseudonyms);
      pseudonyms.ipv4(bytes, start + 4);
      return addresses(bytes, start + 12, end, 4, u16(bytes, start + 10), pseudonyms);
    case 0x12: // report
    case 0x16: // report, version 2
    case 0x17: // leave
      return addresses(bytes, start + 4, end, 4, 1, pseudonyms);
    case 0x22: // report, version 3
      return groupRecords(bytes, start + 8, end, 4, pseudonyms);
    default:
      return Math.min(end, start + 4);
  }
}

/** type (1) | auxiliary length (1) | number of sources (2) | group | sources. No auxiliary data are known: they end it. */
function groupRecords(bytes: Uint8Array, start: number, end: number, length: 4 | 16, pseudonyms: Pseudonyms): number {
  if (start > end) return end;
  let at = start;
  while (at + 4 + length <= end) {
    const sources = u16(bytes, at + 2);
    const auxiliary = bytes[at + 1]!;
    const rest = at + 4 + length * (1 + sources);
    at = addresses(bytes, at + 4, end, length, 1 + sources, pseudonyms);
    if (at !== rest || auxiliary !== 0) return at;
  }
  return at;
}

/** A packet's own destination was the group that its hardware address names (RFC 1112 section 6.4, RFC 2464 section 7). */
export function namesGroup(packet: Packet): boolean {
  const { bytes, destinationMacOffset: mac, destinationAddressOffset: at } = packet;
  if (mac < 0 || at < 0) return false;
  if (packet.ipVersion === 4) {
    const isGroup = bytes[mac] === 1 && bytes[mac + 1] === 0 && bytes[mac + 2] === 0x5e && bytes[at]! >> 4 === 14;
    return (
      isGroup &&
      bytes[mac + 3] === (bytes[at + 1]! & 0x7f) &&
      bytes[mac + 4] === bytes[at + 2] &&
      bytes[mac + 5] === bytes[at + 3]
    );
  }
  if (bytes[mac] !== 0x33 || bytes[mac + 1] !== 0x33 || bytes[at] !== 0xff) return false;
  for (let index = 0; index < 4; index++) if (bytes[mac + 2 + index] !== bytes[at + 12 + index]) return false;
  return true;
}

/** Writes the end of the packet's destination into its hardware address. */
export function nameGroup(packet: Packet): void {
  const { bytes, destinationMacOffset: mac, destinationAddressOffset: at } = packet;
  const length = packet.ipVersion === 4 ? 3 : 4;
  const end = at + packet.addressLength - length;
  for (let index = 0; index < length; index++) bytes[mac + 6 - length + index] = bytes[end + index]!;
  if (packet.ipVersion === 4) bytes[mac + 3] = bytes[mac + 3]! & 0x7f;
}
