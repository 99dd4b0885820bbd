/**
 * Ranges of addresses whose pseudonyms stay in the range, because software treats them in a way of their own: a packet to
 * a group, to itself or to the link means something else than one to a host.
 */

/** Addresses whose first `length` bits are those of `prefix`; the first `keep` bits of one of them stay as they are. */
export interface AddressClass {
  /** As a number of `bits` bits. */
  readonly prefix: bigint;
  readonly length: number;
  readonly keep: number;
}

/** The classes of one kind of address, in `bits` bits. */
export interface AddressSpace {
  readonly bits: number;
  readonly classes: readonly AddressClass[];
}

const ipv4 = (address: string, length: number, keep: number): AddressClass => ({
  prefix: address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n),
  length,
  keep,
});

/** `groups`: the leading groups of four hexadecimal digits; zeros follow. */
const ipv6 = (groups: string, length: number, keep: number): AddressClass => {
  const given = groups === "" ? [] : groups.split(":");
  const prefix = [...given, ...Array.from({ length: 8 - given.length }, () => "0")].reduce(
    (sum, group) => (sum << 16n) | BigInt(`0x${group}`),
    0n,
  );
  return { prefix, length, keep };
};

const ipv4Kept: readonly AddressClass[] = [
  // This host (RFC 1122 section 3.2.1.3), loopback, link-local (RFC 3927), groups (RFC 5771), reserved, broadcast.
  ipv4("0.0.0.0", 8, 8),
  ipv4("0.0.0.0", 32, 32),
  ipv4("127.0.0.0", 8, 32),
  ipv4("169.254.0.0", 16, 16),
  ipv4("224.0.0.0", 4, 4),
  // Local and internetwork control: every network has the same ones. SSDP's group.
  ipv4("224.0.0.0", 23, 32),
  ipv4("239.255.255.250", 32, 32),
  ipv4("240.0.0.0", 4, 4),
  ipv4("255.255.255.255", 32, 32),
];

/** Private addresses (RFC 1918) and those shared behind carriers (RFC 6598). */
const ipv4Private: readonly AddressClass[] = [
  ipv4("10.0.0.0", 8, 8),
  ipv4("100.64.0.0", 10, 10),
  ipv4("172.16.0.0", 12, 12),
  ipv4("192.168.0.0", 16, 16),
];

const ipv6Kept: readonly AddressClass[] = [
  // Unspecified, loopback, IPv4-mapped, NAT64 (RFC 6052).
  ipv6("", 128, 128),
  ipv6("0:0:0:0:0:0:0:1", 128, 128),
  ipv6("0:0:0:0:0:ffff", 96, 96),
  ipv6("64:ff9b", 96, 96),
  // Global unicast (RFC 4291 section 2.4), unique local (RFC 4193), link-local.
  ipv6("2000", 3, 3),
  ipv6("fc00", 7, 8),
  ipv6("fe80", 10, 10),
  ipv6("fe80", 64, 64),
  // Groups keep flags and scope; solicited-node groups (section 2.7.1) end like the address that is asked for.
  ipv6("ff00", 8, 16),
  ipv6("ff02:0:0:0:0:1:ff00", 104, 104),
  // Well-known groups of every scope, up to ffxx::1:ffff.
  ...Array.from({ length: 16 }, (_, scope) => ipv6((0xff00 + scope).toString(16), 111, 128)),
];

/** IPv4 where private addresses stay private. */
export const ipv4Space: AddressSpace = { bits: 32, classes: [...ipv4Kept, ...ipv4Private] };

/** IPv4 for pseudonyms that keep common prefixes: each range that is kept shows something of the addresses next to it. */
export const ipv4PrefixSpace: AddressSpace = { bits: 32, classes: ipv4Kept };

export const ipv6Space: AddressSpace = { bits: 128, classes: ipv6Kept };

/** The index of the narrowest class of `address`; -1: none. */
export function classOf(space: AddressSpace, address: bigint): number {
  let best = -1;
  let longest = -1;
  for (const [index, { prefix, length }] of space.classes.entries()) {
    const shift = BigInt(space.bits - length);
    if (length > longest && address >> shift === prefix >> shift) {
      best = index;
      longest = length;
    }
  }
  return best;
}
