/**
 * The Internet checksum, RFC 1071: the ones' complement of the ones' complement sum of 16-bit words.
 * A sum is kept unfolded (a plain number) so that parts can be added in any order; every part but the last must have
 * an even length.
 */

/** Adds the 16-bit words of `bytes[start, end)` to `sum`; an odd last byte counts as its word's high half. */
export function addToChecksum(sum: number, bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const from = Math.max(start, 0);
  const to = Math.min(end, bytes.length);
  let total = sum;
  let at = from;
  for (; at + 1 < to; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < to) total += bytes[at]! << 8;
  return total;
}

/** Folds a sum to 16 bits and complements it: the value that goes into a header's checksum field. */
export function finishChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

/** Checksum of `bytes[start, end)`. Over data that contains a right checksum field it is 0. */
export function internetChecksum(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return finishChecksum(addToChecksum(0, bytes, start, end));
}

/**
 * Sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1): both addresses
 * (`addressLength` 4 or 16), the protocol number and the length of the transport header with its data.
 */
export function pseudoHeaderSum(
  bytes: Uint8Array,
  sourceAddressOffset: number,
  destinationAddressOffset: number,
  addressLength: number,
  protocolNumber: number,
  transportLength: number,
): number {
  let sum = addToChecksum(0, bytes, sourceAddressOffset, sourceAddressOffset + addressLength);
  sum = addToChecksum(sum, bytes, destinationAddressOffset, destinationAddressOffset + addressLength);
  return sum + protocolNumber + (transportLength >>> 16) + (transportLength & 0xffff);
}
