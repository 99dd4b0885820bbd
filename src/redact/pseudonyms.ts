/** Pseudonyms of addresses and names: the same for the same value and key, and none for two values. */
import { formatAddress, parseAddress } from "../model/index.ts";
import { type AddressSpace, ipv4PrefixSpace, ipv4Space, ipv6Space } from "./address-classes.ts";
import {
  type BlockCipher,
  ClassPermutation,
  permute,
  permutePrefixes,
  readNumber,
  writeNumber,
} from "./permutation.ts";

/** What pseudonyms are made with: everything follows from one secret. */
export interface PseudonymKey {
  /** A cipher with a key of its own for each purpose. */
  cipher(purpose: string): BlockCipher;
  /** A keyed digest of a text, in hexadecimal: 20 digits at least. */
  digest(purpose: string, text: string): string;
}

/** "plain": a pseudonym says nothing but the class of its address. "prefix": common prefixes stay common. */
export type PseudonymMode = "plain" | "prefix";

/** Pseudonyms that are remembered, by a part of the address; another address with that part takes the place. A power of two. */
const remembered = 16_384;

/** Remembers pseudonyms of addresses of one length, so that a packet costs a look and no cipher. */
class AddressCache {
  readonly #length: number;
  readonly #keys: Uint8Array;
  readonly #values: Uint8Array;
  readonly #used = new Uint8Array(remembered);
  readonly #make: (bytes: Uint8Array, offset: number, into: Uint8Array, at: number) => void;

  constructor(length: number, make: (bytes: Uint8Array, offset: number, into: Uint8Array, at: number) => void) {
    this.#length = length;
    this.#keys = new Uint8Array(remembered * length);
    this.#values = new Uint8Array(remembered * length);
    this.#make = make;
  }

  /** Replaces the address at `offset` by its pseudonym. */
  replace(bytes: Uint8Array, offset: number): void {
    const length = this.#length;
    let hash = 0;
    for (let at = 0; at < length; at++) hash = (Math.imul(hash, 0x0100_0193) ^ bytes[offset + at]!) | 0;
    const place = (hash ^ (hash >>> 15)) & (remembered - 1);
    const from = place * length;
    if (this.#used[place] === 0 || !this.#isAt(bytes, offset, from)) {
      this.#used[place] = 1;
      for (let at = 0; at < length; at++) this.#keys[from + at] = bytes[offset + at]!;
      this.#make(bytes, offset, this.#values, from);
    }
    for (let at = 0; at < length; at++) bytes[offset + at] = this.#values[from + at]!;
  }

  #isAt(bytes: Uint8Array, offset: number, from: number): boolean {
    for (let at = 0; at < this.#length; at++) if (this.#keys[from + at] !== bytes[offset + at]) return false;
    return true;
  }
}

export class Pseudonyms {
  readonly #key: PseudonymKey;
  readonly #ipv4: AddressCache;
  readonly #ipv6: AddressCache;
  readonly #macs: AddressCache;

  constructor(key: PseudonymKey, mode: PseudonymMode) {
    this.#key = key;
    const prefix = mode === "prefix";
    const make = (purpose: string, space: AddressSpace, length: number): AddressCache => {
      const cipher = key.cipher(`${purpose} ${mode}`);
      const inClass = new ClassPermutation(cipher, space);
      return new AddressCache(length, (bytes, offset, into, at) => {
        const address = readNumber(bytes, length, offset);
        writeNumber(into, at, length, prefix ? permutePrefixes(cipher, space, address) : inClass.of(address));
      });
    };
    this.#ipv4 = make("ipv4", prefix ? ipv4PrefixSpace : ipv4Space, 4);
    this.#ipv6 = make("ipv6", ipv6Space, 16);
    const cipher = key.cipher(`mac ${mode}`);
    this.#macs = new AddressCache(6, (bytes, offset, into, at) =>
      writeNumber(into, at, 6, macPseudonym(cipher, readNumber(bytes, 6, offset), prefix)),
    );
  }

  /** Replaces the 4 bytes at `offset`. */
  ipv4(bytes: Uint8Array, offset: number): void {
    this.#ipv4.replace(bytes, offset);
  }

  /** Replaces the 16 bytes at `offset`. */
  ipv6(bytes: Uint8Array, offset: number): void {
    this.#ipv6.replace(bytes, offset);
  }

  /** Replaces an address of 4 or 16 bytes. */
  address(bytes: Uint8Array, offset: number, length: number): void {
    if (length === 4) this.#ipv4.replace(bytes, offset);
    else this.#ipv6.replace(bytes, offset);
  }

  /** Replaces the 6 bytes at `offset`. */
  mac(bytes: Uint8Array, offset: number): void {
    this.#macs.replace(bytes, offset);
  }

  /** The pseudonym of an address as text; undefined when it is none. */
  addressText(text: string): string | undefined {
    const bytes = parseAddress(text)?.slice();
    if (bytes === undefined) return undefined;
    this.address(bytes, 0, bytes.length);
    return formatAddress(bytes, 0, bytes.length);
  }

  /** The pseudonym of "02:42:ac:11:00:02"; undefined when it is no such text. */
  macText(text: string): string | undefined {
    if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) return undefined;
    const bytes = Uint8Array.from(text.split(":"), (part) => Number.parseInt(part, 16));
    this.mac(bytes, 0);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
  }

  /** "host-3f0a94d2c1": the same for a name in any case, with or without its final dot. */
  host(name: string): string {
    const canonical = name.toLowerCase().replace(/\.$/, "");
    return canonical === "" || canonical === "localhost" ? canonical : this.name("host", canonical);
  }

  /** "user-9b1c07ae55": `kind` and what follows from `text`. */
  name(kind: string, text: string): string {
    return `${kind}-${this.#key.digest(kind, text).slice(0, 10)}`;
  }
}

const broadcast = 0xffff_ffff_ffffn;
/** 01:80:c2:00:00:xx (IEEE 802.1), 01:00:0c:cc:cc:xx (Cisco) and 01:1b:19:00:00:00 (PTP): the same in every network. */
const isWellKnownGroup = (mac: bigint): boolean =>
  mac >> 8n === 0x0180_c200_00n || mac >> 8n === 0x0100_0ccc_ccn || mac === 0x011b_1900_0000n;

/** Bits 0 and 1 of the first byte (group, locally administered) stay. */
function macPseudonym(cipher: BlockCipher, mac: bigint, keepVendor: boolean): bigint {
  if (mac === 0n || mac === broadcast || isWellKnownGroup(mac)) return mac;
  const group = groupPseudonym(cipher, mac);
  if (group !== undefined) return group;
  const flags = Number((mac >> 40n) & 3n);
  const value = ((mac >> 42n) << 40n) | (mac & 0xff_ffff_ffffn);
  const mapped = keepVendor
    ? (permute(cipher, value >> 24n, 22, flags) << 24n) |
      permute(cipher, value & 0xff_ffffn, 24, Number(value >> 24n) * 4 + flags)
    : permute(cipher, value, 46, flags);
  return ((mapped >> 40n) << 42n) | (BigInt(flags) << 40n) | (mapped & 0xff_ffff_ffffn);
}

/**
 * Groups of IPv4 (01:00:5e, RFC 1112 section 6.4) and IPv6 (33:33, RFC 2464 section 7) hold the end of the group's address;
 * those of every network stay.
 */
function groupPseudonym(cipher: BlockCipher, mac: bigint): bigint | undefined {
  if (mac >> 23n === 0x0100_5e00_0000n >> 23n) {
    const end = mac & 0x7f_ffffn;
    const isCommon = (value: bigint): boolean => value < 0x200n || value === 0x7f_fffan;
    return isCommon(end) ? mac : (mac - end) | permuteOutside(cipher, end, 23, isCommon);
  }
  if (mac >> 32n !== 0x3333n) return undefined;
  const end = mac & 0xffff_ffffn;
  const isSolicited = end >> 24n === 0xffn;
  if (isSolicited) return (mac & ~0xff_ffffn) | permute(cipher, end & 0xff_ffffn, 24, groupTweak);
  if (end < 0x2_0000n) return mac;
  return (mac - end) | permuteOutside(cipher, end, 32, (value) => value < 0x2_0000n || value >> 24n === 0xffn);
}

const groupTweak = 4;

/** A permutation of what is not `excluded`. */
function permuteOutside(
  cipher: BlockCipher,
  value: bigint,
  bits: number,
  excluded: (value: bigint) => boolean,
): bigint {
  let mapped = value;
  do mapped = permute(cipher, mapped, bits, groupTweak);
  while (excluded(mapped));
  return mapped;
}
