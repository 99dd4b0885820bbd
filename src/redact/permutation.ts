/**
 * Two kinds of keyed one-to-one mappings of addresses, over a block cipher that the caller brings. Both work on numbers of up
 * to 128 bits; they run once an address, behind a cache.
 */
import { type AddressSpace, classOf } from "./address-classes.ts";

/** AES or the like with one key: encrypts each block of 16 bytes of `blocks` by itself (ECB). */
export interface BlockCipher {
  encrypt(blocks: Uint8Array): Uint8Array;
}

const blockBytes = 16;
/** As many as FF1 has (NIST SP 800-38G section 5.1): the halves may be a few bits only. */
const rounds = 10;
/** Bytes of a tweak at most. */
const tweakBytes = 5;

const maskOf = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** Fills `block` with what the round function encrypts, but for the half that it is about. */
function prepareBlock(block: Uint8Array, bits: number, tweak: number, round: number, at = 0): void {
  for (let index = 0, rest = tweak; index < tweakBytes; index++, rest = Math.floor(rest / 256)) {
    block[at + index] = rest % 256;
  }
  block[at + tweakBytes] = bits;
  block[at + tweakBytes + 1] = round;
}

/**
 * A permutation of the numbers of `bits` bits (2 to 128): a Feistel network whose halves take turns, with the cipher as its
 * round function. Each `tweak` (a number below 2^40) gives another one.
 */
export function permute(cipher: BlockCipher, value: bigint, bits: number, tweak: number): bigint {
  const upperBits = bits >> 1;
  const lowerBits = bits - upperBits;
  let left = value >> BigInt(lowerBits);
  let right = value & maskOf(lowerBits);
  const block = new Uint8Array(blockBytes);
  for (let round = 0; round < rounds; round++) {
    const width = round % 2 === 0 ? upperBits : lowerBits;
    prepareBlock(block, bits, tweak, round);
    writeNumber(block, 8, 8, right);
    const output = readNumber(cipher.encrypt(block), 8) & maskOf(width);
    [left, right] = [right, left ^ output];
  }
  return (left << BigInt(lowerBits)) | right;
}

/** `permute` for up to 32 bits with all values of its round functions in tables: worth their making for many numbers. */
class TabledPermutation {
  readonly #lowerBits: number;
  readonly #tables: readonly Uint16Array[];

  constructor(cipher: BlockCipher, bits: number, tweak: number) {
    const upperBits = bits >> 1;
    this.#lowerBits = bits - upperBits;
    this.#tables = Array.from({ length: rounds }, (_, round) => {
      const even = round % 2 === 0;
      return roundTable(
        cipher,
        bits,
        tweak,
        round,
        even ? this.#lowerBits : upperBits,
        even ? upperBits : this.#lowerBits,
      );
    });
  }

  permute(value: bigint): bigint {
    const number = Number(value);
    let left = Math.floor(number / 2 ** this.#lowerBits);
    let right = number % 2 ** this.#lowerBits;
    for (const table of this.#tables) [left, right] = [right, left ^ table[right]!];
    return BigInt(left * 2 ** this.#lowerBits + right);
  }
}

function roundTable(
  cipher: BlockCipher,
  bits: number,
  tweak: number,
  round: number,
  inputBits: number,
  outputBits: number,
): Uint16Array {
  const count = 2 ** inputBits;
  const blocks = new Uint8Array(count * blockBytes);
  for (let value = 0; value < count; value++) {
    const at = value * blockBytes;
    prepareBlock(blocks, bits, tweak, round, at);
    blocks[at + 14] = value >>> 8;
    blocks[at + 15] = value;
  }
  const output = cipher.encrypt(blocks);
  // The last of the first 8 bytes, as in `permute`.
  return Uint16Array.from(
    { length: count },
    (_, value) => ((output[value * blockBytes + 6]! << 8) | output[value * blockBytes + 7]!) & (2 ** outputBits - 1),
  );
}

/** Numbers of one class after which tables are made. */
const manyNumbers = 1000;

/** A permutation in which an address stays in its class: what leaves it is permuted again until it is back. */
export class ClassPermutation {
  readonly #cipher: BlockCipher;
  readonly #space: AddressSpace;
  readonly #counts = new Map<number, number>();
  readonly #tabled = new Map<number, TabledPermutation>();

  constructor(cipher: BlockCipher, space: AddressSpace) {
    this.#cipher = cipher;
    this.#space = space;
  }

  of(address: bigint): bigint {
    const space = this.#space;
    const index = classOf(space, address);
    const keep = space.classes[index]?.keep ?? 0;
    const free = space.bits - keep;
    if (free === 0) return address;
    const tabled = this.#tableOf(index, free);
    const kept = address & ~maskOf(free);
    let rest = address & maskOf(free);
    for (;;) {
      rest = tabled === undefined ? permute(this.#cipher, rest, free, index + 1) : tabled.permute(rest);
      if (classOf(space, kept | rest) === index) return kept | rest;
    }
  }

  #tableOf(index: number, free: number): TabledPermutation | undefined {
    const known = this.#tabled.get(index);
    if (known !== undefined || free > 32) return known;
    const count = (this.#counts.get(index) ?? 0) + 1;
    this.#counts.set(index, count);
    if (count < manyNumbers) return undefined;
    const made = new TabledPermutation(this.#cipher, free, index + 1);
    this.#tabled.set(index, made);
    return made;
  }
}

/**
 * A permutation that keeps common prefixes: two addresses agree in as many leading bits as their pseudonyms do. Whether bit i is
 * turned over depends on the key and on the bits before it alone (Xu, Fan, Ammar, Moon: Prefix-preserving IP address
 * anonymization, ICNP 2002). The bits that lead to a class, and those that it keeps, are never turned over: nothing comes
 * into a class or leaves it.
 */
export function permutePrefixes(cipher: BlockCipher, space: AddressSpace, address: bigint): bigint {
  const { bits } = space;
  const blocks = new Uint8Array(bits * blockBytes);
  const bytes = new Uint8Array(bits >> 3);
  writeNumber(bytes, 0, bytes.length, address);
  for (let index = 0; index < bits; index++) {
    // The prefix, a one and zeros: no two prefixes have the same block.
    const at = index * blockBytes;
    const whole = index >> 3;
    for (let place = 0; place < whole; place++) blocks[at + place] = bytes[place]!;
    blocks[at + whole] = (bytes[whole]! & (0xff00 >> (index & 7))) | (0x80 >> (index & 7));
  }
  const output = cipher.encrypt(blocks);
  let turned = 0n;
  for (let index = fixedBits(space, address); index < bits; index++) {
    if (output[index * blockBytes]! >> 7 === 1) turned |= 1n << BigInt(bits - 1 - index);
  }
  return address ^ turned;
}

/** How many leading bits lead to a class, or are kept by it: those in common with one, and the bit that differs. */
function fixedBits({ bits, classes }: AddressSpace, address: bigint): number {
  let most = 0;
  for (const { prefix, length, keep } of classes) {
    const difference = (address ^ prefix) >> BigInt(bits - length);
    const common = difference === 0n ? keep : length - difference.toString(2).length + 1;
    most = Math.max(most, common);
  }
  return most;
}

/** Writes a number in network order. */
export function writeNumber(bytes: Uint8Array, offset: number, length: number, value: bigint): void {
  let rest = value;
  for (let at = offset + length - 1; at >= offset; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** The first `length` bytes as a number, in network order. */
export function readNumber(bytes: Uint8Array, length: number, offset = 0): bigint {
  let value = 0n;
  for (let at = offset; at < offset + length; at++) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}
