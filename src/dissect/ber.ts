/** Elements of BER and DER, X.690 section 8.1: tag(1) length(1 or 1 + n) content. Tags of one byte, definite lengths. */

export interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

export const berTag = { integer: 0x02, octetString: 0x04, oid: 0x06, enumerated: 0x0a, sequence: 0x30 } as const;

const maxLengthBytes = 4;

/** Offset of the content of the element at `at`, whose end may lie behind what is there; -1 when its head does not fit. */
export function contentStart(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 2 > bytes.length) return -1;
  const first = bytes[at + 1]!;
  if (first < 0x80) return at + 2;
  const count = first & 0x7f;
  return count >= 1 && count <= maxLengthBytes && at + 2 + count <= bytes.length ? at + 2 + count : -1;
}

/** Length of the content of the element at `at`, or -1. */
export function contentLength(bytes: Uint8Array, at: number): number {
  const start = contentStart(bytes, at);
  if (start < 0) return -1;
  if (bytes[at + 1]! < 0x80) return bytes[at + 1]!;
  let length = 0;
  for (let index = at + 2; index < start; index++) length = length * 256 + bytes[index]!;
  return length;
}

/** The element at `at`, wholly inside `[at, end)` and the bytes; undefined when it does not fit. */
export function element(bytes: Uint8Array, at: number, end: number): Element | undefined {
  const start = contentStart(bytes, at);
  if (start < 0) return undefined;
  const stop = start + contentLength(bytes, at);
  return stop <= end && stop <= bytes.length ? { tag: bytes[at]!, start, end: stop } : undefined;
}

/** A small non-negative INTEGER or ENUMERATED (up to 4 bytes), or -1. */
export function integerValue(bytes: Uint8Array, value: Element): number {
  const length = value.end - value.start;
  if (length < 1 || length > 4 || bytes[value.start]! >= 0x80) return -1;
  let number = 0;
  for (let at = value.start; at < value.end; at++) number = number * 256 + bytes[at]!;
  return number;
}
