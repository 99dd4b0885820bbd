import { problem, type QueryProblem } from "./problem.ts";

/**
 * Addresses as four 32-bit words, most significant first; IPv4 as its IPv4-mapped IPv6 address (RFC 4291 section
 * 2.5.5.2), so that `10.0.0.1` and `::ffff:10.0.0.1` are one.
 */
export type AddressWords = Uint32Array;

const COLON = 0x3a;
const DOT = 0x2e;

/** An inclusive range of addresses; a prefix is one too. */
export interface AddressRange {
  readonly first: AddressWords;
  readonly last: AddressWords;
}

/** Value of `text[start, end)` as dotted quad, or -1. Strict: four decimal parts, none above 255. */
function parseQuad(text: string, start: number, end: number): number {
  let value = 0;
  let part = -1;
  let parts = 0;
  for (let index = start; index <= end; index++) {
    const code = index < end ? text.charCodeAt(index) : DOT;
    if (code === DOT) {
      if (part < 0 || part > 255) return -1;
      value = value * 256 + part;
      part = -1;
      parts++;
    } else if (code >= 0x30 && code <= 0x39) {
      part = (part < 0 ? 0 : part * 10) + code - 0x30;
      if (part > 255) return -1;
    } else return -1;
  }
  return parts === 4 ? value : -1;
}

const hexDigit = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

/** Writes the 16-bit group number `index` of `words`. */
function setGroup(words: AddressWords, index: number, value: number): void {
  const word = index >> 1;
  const old = words[word] ?? 0;
  words[word] = index % 2 === 0 ? ((value << 16) | (old & 0xffff)) >>> 0 : ((old & 0xffff0000) | value) >>> 0;
}

const group = (words: AddressWords, index: number): number => {
  const word = words[index >> 1] ?? 0;
  return index % 2 === 0 ? word >>> 16 : word & 0xffff;
};

/** Moves the groups read after `::` to the end and fills the gap with zeros. */
function spread(words: AddressWords, gap: number, count: number): void {
  const moved = count - gap;
  for (let index = 0; index < moved; index++) setGroup(words, 7 - index, group(words, count - 1 - index));
  for (let index = gap; index < 8 - moved; index++) setGroup(words, index, 0);
}

function parseSix(text: string, end: number, into: AddressWords): boolean {
  let count = 0;
  let gap = -1;
  let index = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    index = 2;
  }
  while (index < end) {
    if (count === 8) return false;
    const start = index;
    let value = 0;
    while (index < end && hexDigit(text.charCodeAt(index)) >= 0)
      value = value * 16 + hexDigit(text.charCodeAt(index++));
    if (index < end && text.charCodeAt(index) === DOT) {
      const quad = count <= 6 ? parseQuad(text, start, end) : -1;
      if (quad < 0) return false;
      setGroup(into, count++, Math.floor(quad / 65536));
      setGroup(into, count++, quad % 65536);
      break;
    }
    if (index === start || index - start > 4) return false;
    setGroup(into, count++, value);
    if (index === end) break;
    if (text.charCodeAt(index++) !== COLON) return false;
    if (index < end && text.charCodeAt(index) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      index++;
    } else if (index === end) return false;
  }
  if (gap < 0) return count === 8;
  if (count > 7) return false;
  spread(into, gap, count);
  return true;
}

/**
 * Reads an IPv4 or IPv6 address (RFC 4291 section 2.2; a zone `%eth0` is passed over) into `into`.
 * False when `text` is not an address; `into` is then undefined garbage. Allocates nothing.
 */
export function parseAddress(text: string, into: AddressWords): boolean {
  if (text.length < 2 || text.length > 64) return false;
  const zone = text.indexOf("%");
  const end = zone < 0 ? text.length : zone;
  if (text.indexOf(":") >= 0) return parseSix(text, end, into);
  const quad = parseQuad(text, 0, end);
  if (quad < 0) return false;
  into[0] = 0;
  into[1] = 0;
  into[2] = 0xffff;
  into[3] = quad;
  return true;
}

/** Negative, zero or positive as `a` is below, at or above `b`. */
export function compareAddresses(a: AddressWords, b: AddressWords): number {
  for (let index = 0; index < 4; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `10.0.0.0/8`, `2001:db8::/32`, `10.0.0.1-10.0.0.9` or one address; what is wrong with it otherwise. */
export function parseAddressRange(text: string): AddressRange | { readonly problem: QueryProblem } | undefined {
  const slash = text.indexOf("/");
  if (slash >= 0) return parsePrefix(text.slice(0, slash), text.slice(slash + 1));
  const first = new Uint32Array(4);
  const dash = text.indexOf("-");
  if (dash < 0) return parseAddress(text, first) ? { first, last: first } : undefined;
  const last = new Uint32Array(4);
  if (!parseAddress(text.slice(0, dash), first) || !parseAddress(text.slice(dash + 1), last)) return undefined;
  if (compareAddresses(first, last) > 0) return { problem: problem("rangeBackwards", { text }) };
  return { first, last };
}

function parsePrefix(address: string, bits: string): AddressRange | { readonly problem: QueryProblem } | undefined {
  const first = new Uint32Array(4);
  if (!parseAddress(address, first)) return undefined;
  const width = address.includes(":") ? 128 : 32;
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (length < 0 || length > width) return { problem: problem("prefixLength", { most: width }) };
  const last = new Uint32Array(first);
  const fixed = length + 128 - width;
  for (let word = 0; word < 4; word++) {
    const keep = Math.min(32, Math.max(0, fixed - word * 32));
    const mask = keep === 0 ? 0 : (0xffffffff << (32 - keep)) >>> 0;
    first[word] = ((first[word] ?? 0) & mask) >>> 0;
    last[word] = ((last[word] ?? 0) | ~mask) >>> 0;
  }
  return { first, last };
}
