/**
 * IP and MAC addresses as text and bytes, and CIDR ranges. One form of each address exists in the program: IPv4 in
 * dotted decimal, IPv6 by RFC 5952, and an IPv4-mapped IPv6 address (::ffff:0:0/96) is the IPv4 address it holds.
 */

const decimal: readonly string[] = Array.from({ length: 256 }, (_, byte) => String(byte));

/** Dotted decimal of 4 bytes at `offset`; "" when they are not all there. */
export function formatIPv4(bytes: Uint8Array, offset = 0): string {
  if (offset < 0 || offset + 4 > bytes.length) return "";
  const d = decimal;
  // Joined it is one piece: JSON.stringify takes twice as long for an object that holds a text put together of others.
  return [d[bytes[offset]!], d[bytes[offset + 1]!], d[bytes[offset + 2]!], d[bytes[offset + 3]!]].join(".");
}

/** True when the 16 bytes at `offset` are an IPv4-mapped address (RFC 4291 section 2.5.5.2). */
export function isMappedIPv4(bytes: Uint8Array, offset = 0): boolean {
  if (offset < 0 || offset + 16 > bytes.length) return false;
  for (let index = 0; index < 10; index++) if (bytes[offset + index] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
}

/** RFC 5952 text of 16 bytes at `offset`, an IPv4-mapped address as IPv4; "" when they are not all there. */
export function formatIPv6(bytes: Uint8Array, offset = 0): string {
  if (offset < 0 || offset + 16 > bytes.length) return "";
  if (isMappedIPv4(bytes, offset)) return formatIPv4(bytes, offset + 12);
  let gapStart = -1;
  // Section 4.2.2: "::" does not stand for one group alone.
  let gapLength = 1;
  for (let group = 0; group < 8;) {
    let length = 0;
    while (group + length < 8 && groupAt(bytes, offset, group + length) === 0) length++;
    if (length > gapLength) {
      gapStart = group;
      gapLength = length;
    }
    group += length + 1;
  }
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === gapStart) {
      text += "::";
      group += gapLength - 1;
      continue;
    }
    if (text.length > 0 && group !== gapStart + gapLength) text += ":";
    text += groupAt(bytes, offset, group).toString(16);
  }
  return text;
}

function groupAt(bytes: Uint8Array, offset: number, group: number): number {
  return (bytes[offset + group * 2]! << 8) | bytes[offset + group * 2 + 1]!;
}

/** Text of an address of `length` 4 or 16 bytes; "" for any other length or when bytes are missing. */
export function formatAddress(bytes: Uint8Array, offset: number, length: number): string {
  if (length === 4) return formatIPv4(bytes, offset);
  return length === 16 ? formatIPv6(bytes, offset) : "";
}

/** "02:42:ac:11:00:02"; "" when the 6 bytes are not all there. */
export function formatMac(bytes: Uint8Array, offset = 0): string {
  if (offset < 0 || offset + 6 > bytes.length) return "";
  const b = bytes;
  const colon = 0x3a;
  // prettier-ignore
  return String.fromCharCode(
    high(b[offset]!), low(b[offset]!), colon, high(b[offset + 1]!), low(b[offset + 1]!), colon,
    high(b[offset + 2]!), low(b[offset + 2]!), colon, high(b[offset + 3]!), low(b[offset + 3]!), colon,
    high(b[offset + 4]!), low(b[offset + 4]!), colon, high(b[offset + 5]!), low(b[offset + 5]!),
  );
}

const hexadecimal = (value: number): number => (value < 10 ? 0x30 : 0x57) + value;
const high = (byte: number): number => hexadecimal(byte >> 4);
const low = (byte: number): number => hexadecimal(byte & 15);

/** Writes 4 octets of dotted decimal at `at`; false when `text` is none. Leading zeros are refused: some read them as octal. */
function parseIPv4Into(text: string, out: Uint8Array, at: number): boolean {
  let octet = -1;
  let digits = 0;
  let count = 0;
  for (let index = 0; index <= text.length; index++) {
    const code = index < text.length ? text.charCodeAt(index) : 0x2e;
    if (code === 0x2e) {
      if (digits === 0 || count === 4) return false;
      out[at + count++] = octet;
      octet = -1;
      digits = 0;
    } else if (code >= 0x30 && code <= 0x39) {
      if (octet === 0) return false;
      octet = (digits === 0 ? 0 : octet * 10) + code - 0x30;
      digits++;
      if (octet > 255) return false;
    } else return false;
  }
  return count === 4;
}

/** Value of one to four hexadecimal digits, or -1. */
function parseGroup(text: string): number {
  if (text.length === 0 || text.length > 4) return -1;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const digit =
      code >= 48 && code <= 57 ? code - 48 : (code | 0x20) >= 97 && (code | 0x20) <= 102 ? (code | 0x20) - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Writes the groups of `text` (one side of "::") from byte `at`; how many bytes, or -1. */
function parseGroupsInto(text: string, out: Uint8Array, at: number): number {
  if (text.length === 0) return 0;
  const parts = text.split(":");
  let length = 0;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    const last = index === parts.length - 1;
    if (last && part.includes(".")) {
      if (at + length + 4 > 16 || !parseIPv4Into(part, out, at + length)) return -1;
      return length + 4;
    }
    const value = parseGroup(part);
    if (value < 0 || at + length + 2 > 16) return -1;
    out[at + length] = value >> 8;
    out[at + length + 1] = value & 0xff;
    length += 2;
  }
  return length;
}

function parseIPv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const out = new Uint8Array(16);
  const gap = text.indexOf("::");
  if (gap < 0) return parseGroupsInto(text, out, 0) === 16 ? out : undefined;
  const before = text.slice(0, gap);
  if (before.includes(".")) return undefined;
  const headLength = parseGroupsInto(before, out, 0);
  const tail = new Uint8Array(16);
  const tailLength = parseGroupsInto(text.slice(gap + 2), tail, 0);
  if (headLength < 0 || tailLength < 0 || headLength + tailLength > 14) return undefined;
  out.set(tail.subarray(0, tailLength), 16 - tailLength);
  return out;
}

/**
 * Bytes of an IPv4 or IPv6 address in any form of RFC 4291 section 2.2, without brackets or zone; an IPv4-mapped
 * address gives 4 bytes. Undefined when `text` is no address.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  if (text.includes(":")) {
    const bytes = parseIPv6(text);
    return bytes !== undefined && isMappedIPv4(bytes) ? bytes.slice(12) : bytes;
  }
  const bytes = new Uint8Array(4);
  return parseIPv4Into(text, bytes, 0) ? bytes : undefined;
}

/** The one text form of an address, or undefined when `text` is none. */
export function normalizeAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes === undefined ? undefined : formatAddress(bytes, 0, bytes.length);
}
