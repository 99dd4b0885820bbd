import { utf8Text } from "../bytes/index.ts";
import { formatAddress } from "../model/index.ts";
import type { InterfaceStatistics, SectionFacts } from "./observer.ts";
import { microseconds, resolution, type Resolution } from "./timestamp.ts";
import { u16, u32 } from "./window.ts";

/** Longest text of an option that is kept, in characters; and longest host name (RFC 1035 section 2.3.4, with a final dot). */
const longestText = 4096;
const longestName = 255;

/**
 * Walks over options (draft-ietf-opsawg-pcapng section 3.5): code (2), length (2), value, padding to 4. Returns what is wrong
 * with an option that does not fit; options before it were given.
 */
export function eachOption(
  bytes: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  take: (code: number, value: number, length: number) => void,
): string | undefined {
  for (let option = start; option + 4 <= end;) {
    const code = u16(bytes, option, little);
    const length = u16(bytes, option + 2, little);
    const value = option + 4;
    if (code === 0) return undefined;
    if (value + length > end) return `option ${code}: need ${length}, have ${end - value}`;
    take(code, value, length);
    option = value + ((length + 3) & ~3);
  }
  return undefined;
}

/** Options of a section header block. */
export function sectionFacts(bytes: Uint8Array, start: number, end: number, little: boolean): SectionFacts {
  const facts: { -readonly [Key in keyof SectionFacts]: SectionFacts[Key] } = { littleEndian: little };
  eachOption(bytes, start, end, little, (code, value, length) => {
    const text = (): string => utf8Text(bytes, value, value + length, longestText);
    if (code === 1) facts.comment ??= text();
    else if (code === 2) facts.hardware ??= text();
    else if (code === 3) facts.operatingSystem ??= text();
    else if (code === 4) facts.application ??= text();
  });
  return facts;
}

/** Options of an interface description block. */
export interface InterfaceFacts {
  addresses?: string[];
  name?: string;
  description?: string;
  filter?: string;
  resolution: Resolution;
  offsetSeconds: number;
  problem?: string;
}

export function interfaceFacts(bytes: Uint8Array, start: number, end: number, little: boolean): InterfaceFacts {
  const facts: InterfaceFacts = { resolution: microseconds, offsetSeconds: 0 };
  const problem = eachOption(bytes, start, end, little, (code, value, length) => {
    if (code === 2) facts.name = utf8Text(bytes, value, value + length, 256);
    else if (code === 3) facts.description = utf8Text(bytes, value, value + length, 256);
    else if (code === 9 && length === 1) facts.resolution = resolution(bytes[value]!);
    // An IPv4 address has a mask behind it, an IPv6 address the length of its prefix.
    else if (code === 4 && length === 8) addAddress(facts, formatAddress(bytes, value, 4));
    else if (code === 5 && length === 17) addAddress(facts, formatAddress(bytes, value, 16));
    // The first byte says how the filter is written: 0 is a text in libpcap's syntax.
    else if (code === 11 && length > 1 && bytes[value] === 0)
      facts.filter = utf8Text(bytes, value + 1, value + length, longestText);
    else if (code === 14 && length === 8) facts.offsetSeconds = i64(bytes, value, little);
  });
  if (problem !== undefined) facts.problem = problem;
  return facts;
}

const statisticsOptions = new Map<number, keyof InterfaceStatistics>([
  [4, "received"],
  [5, "dropped"],
  [6, "accepted"],
  [7, "systemDropped"],
  [8, "delivered"],
]);

const addressesAtMost = 64;

function addAddress(facts: InterfaceFacts, address: string): void {
  const addresses = (facts.addresses ??= []);
  if (addresses.length < addressesAtMost) addresses.push(address);
}

/** Options of an interface statistics block. */
export function interfaceStatistics(
  bytes: Uint8Array,
  start: number,
  end: number,
  little: boolean,
): InterfaceStatistics {
  const statistics: { -readonly [Key in keyof InterfaceStatistics]: InterfaceStatistics[Key] } = {};
  eachOption(bytes, start, end, little, (code, value, length) => {
    const key = statisticsOptions.get(code);
    if (key !== undefined && length === 8) statistics[key] = u64(bytes, value, little);
  });
  return statistics;
}

/**
 * Records of a name resolution block: type (2), length (2), address and names that each end with a zero byte, padding to 4.
 * Types 1 and 2 are IPv4 and IPv6; others (EUI-48 and EUI-64) name no host and are passed over.
 */
export function eachName(
  bytes: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  take: (address: string, name: string) => void,
): string | undefined {
  for (let record = start; record + 4 <= end;) {
    const type = u16(bytes, record, little);
    const length = u16(bytes, record + 2, little);
    if (type === 0) return undefined;
    const value = record + 4;
    if (value + length > end) return `name record ${type}: need ${length}, have ${end - value}`;
    if ((type === 1 && length > 4) || (type === 2 && length > 16)) {
      eachText(bytes, value, value + length, type === 1 ? 4 : 16, take);
    }
    record = value + ((length + 3) & ~3);
  }
  return undefined;
}

function eachText(
  bytes: Uint8Array,
  address: number,
  end: number,
  size: 4 | 16,
  take: (address: string, name: string) => void,
): void {
  const text = formatAddress(bytes, address, size);
  for (let from = address + size; from < end;) {
    let to = from;
    while (to < end && bytes[to] !== 0) to++;
    if (to > from && to - from <= longestName) take(text, utf8Text(bytes, from, to, longestName));
    from = to + 1;
  }
}

/** What a number cannot hold exactly is rounded: no counter is that large. */
function u64(bytes: Uint8Array, offset: number, little: boolean): number {
  const high = u32(bytes, offset + (little ? 4 : 0), little);
  return high * 0x1_0000_0000 + u32(bytes, offset + (little ? 0 : 4), little);
}

/** A signed 64-bit number; what a number cannot hold exactly is a nonsense offset anyhow. */
function i64(bytes: Uint8Array, offset: number, little: boolean): number {
  const high = u32(bytes, offset + (little ? 4 : 0), little) | 0;
  return high * 0x1_0000_0000 + u32(bytes, offset + (little ? 0 : 4), little);
}
