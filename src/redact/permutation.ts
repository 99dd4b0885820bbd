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
  for (let at = 0, rest = tweak; at < tweakBytes; at++, rest = Math.floor(rest / 256)) block[at] = rest % 256;
  block[tweakBytes] = bits;
  for (let round = 0; round < rounds; round++) {
    const width = round % 2 === 0 ? upperBits : lowerBits;
    block[tweakBytes + 1] = round;
    writeNumber(block, 8, 8, right);
    const output = readNumber(cipher.encrypt(block), 8) & maskOf(width);
    [left, right] = [right, left ^ output];
  }
  return (left << BigInt(lowerBits)) | right;
}

/** A permutation in which an address stays in its class: what leaves it is permuted again until it is back. */
export function permuteInClass(cipher: BlockCipher, space: AddressSpace, address: bigint): bigint {
  const index = classOf(space, address);
  const keep = space.classes[index]?.keep ?? 0;
  const free = space.bits - keep;
  if (free === 0) return address;
  const kept = address & ~maskOf(free);
  let rest = address & maskOf(free);
  for (;;) {
    rest = permute(cipher, rest, free, index + 1);
    if (classOf(space, kept | rest) === index) return kept | rest;
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
  for (let index = 0; index < bits; index++) {
    // The prefix, a one and zeros: no two prefixes have the same block.
    const tail = BigInt(bits - index);
    const prefix = ((address >> tail) << tail) | (1n << (tail - 1n));
    writeNumber(blocks, index * blockBytes, blockBytes, prefix << BigInt(128 - bits));
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
