import { formatAddress, formatMac } from "../model/index.ts";

/** Powers of two: how many texts are kept of each kind. */
const macs = 1024;
const addresses = 8192;

/**
 * Texts of addresses. The same few come again and again: those that came last are kept, so that the rows share one text,
 * whose hash is known. One place for each hash, the newest wins.
 */
export class AddressTexts {
  readonly #macs: (string | undefined)[] = Array.from({ length: macs }, () => undefined);
  readonly #macWords = new Int32Array(macs * 2);
  readonly #ipv4: (string | undefined)[] = Array.from({ length: addresses }, () => undefined);
  readonly #ipv4Words = new Int32Array(addresses);

  /** Text of the 6 bytes at `offset`, as `formatMac` gives it; "" when they are not all there. */
  mac(bytes: Uint8Array, offset: number): string {
    if (offset < 0 || offset + 6 > bytes.length) return "";
    const high = (bytes[offset]! << 8) | bytes[offset + 1]!;
    const low = word(bytes, offset + 2);
    const place = mixed(low ^ Math.imul(high, 0x85ebca6b)) & (macs - 1);
    const known = this.#macs[place];
    if (known !== undefined && this.#macWords[place * 2] === high && this.#macWords[place * 2 + 1] === low)
      return known;
    const text = formatMac(bytes, offset);
    this.#macs[place] = text;
    this.#macWords[place * 2] = high;
    this.#macWords[place * 2 + 1] = low;
    return text;
  }

  /** Text of the address of `length` bytes at `offset`, as `formatAddress` gives it. */
  address(bytes: Uint8Array, offset: number, length: number): string {
    if (length !== 4 || offset < 0 || offset + 4 > bytes.length) return formatAddress(bytes, offset, length);
    const value = word(bytes, offset);
    const place = mixed(value) & (addresses - 1);
    const known = this.#ipv4[place];
    if (known !== undefined && this.#ipv4Words[place] === value) return known;
    const text = formatAddress(bytes, offset, 4);
    this.#ipv4[place] = text;
    this.#ipv4Words[place] = value;
    return text;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function mixed(value: number): number {
  const multiplied = Math.imul(value, 0x9e3779b1);
  return multiplied ^ (multiplied >>> 15);
}
