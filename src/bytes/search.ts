/** Looks for constants in bytes; windows are `[start, end)`, cut to the bytes that are there. */

/** True when the ASCII `constant` stands at `offset` wholly inside `bytes`. */
export function hasAsciiAt(bytes: Uint8Array, offset: number, constant: string): boolean {
  if (offset < 0 || offset + constant.length > bytes.length) return false;
  for (let index = 0; index < constant.length; index++) {
    if (bytes[offset + index] !== constant.charCodeAt(index)) return false;
  }
  return true;
}

/** As `hasAsciiAt`, letters in either case. */
export function hasAsciiAtIgnoringCase(bytes: Uint8Array, offset: number, constant: string): boolean {
  if (offset < 0 || offset + constant.length > bytes.length) return false;
  for (let index = 0; index < constant.length; index++) {
    if (lower(bytes[offset + index]!) !== lower(constant.charCodeAt(index))) return false;
  }
  return true;
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

/** True when `constant` stands at `offset` wholly inside `bytes`. */
export function hasBytesAt(bytes: Uint8Array, offset: number, constant: Uint8Array): boolean {
  return equalBytes(bytes, offset, constant, 0, constant.length);
}

/** True when `length` bytes are the same on both sides and lie wholly inside both. */
export function equalBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  if (aOffset < 0 || bOffset < 0 || length < 0) return false;
  if (aOffset + length > a.length || bOffset + length > b.length) return false;
  for (let index = 0; index < length; index++) if (a[aOffset + index] !== b[bOffset + index]) return false;
  return true;
}

/** Offset of the first `value` in the window, or -1. */
export function indexOfByte(bytes: Uint8Array, value: number, start = 0, end: number = bytes.length): number {
  const from = Math.max(start, 0);
  const found = bytes.indexOf(value, from);
  return found >= 0 && found < end ? found : -1;
}

/** Offset of the first `constant` (ASCII) that lies wholly in the window, or -1. An empty constant is nowhere. */
export function indexOfAscii(bytes: Uint8Array, constant: string, start = 0, end: number = bytes.length): number {
  if (constant.length === 0) return -1;
  const last = Math.min(end, bytes.length) - constant.length;
  const first = constant.charCodeAt(0);
  for (let at = Math.max(start, 0); at <= last; at++) {
    at = bytes.indexOf(first, at);
    if (at < 0 || at > last) return -1;
    if (hasAsciiAt(bytes, at, constant)) return at;
  }
  return -1;
}
