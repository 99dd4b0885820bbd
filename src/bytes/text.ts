/**
 * Text from and to bytes without Node or Web APIs. All decoders take a window `[start, end)`, cut it to the bytes that
 * are there, and produce at most `maximum` characters (UTF-16 code units) of text: input never decides how much memory is used.
 */

const chunk = 4096;
const replacement = 0xfffd;

/** One character a byte (ISO 8859-1): loses nothing, for text whose encoding is not known. */
export function latin1Text(bytes: Uint8Array, start = 0, end: number = bytes.length, maximum = 65_536): string {
  const from = Math.max(start, 0);
  return characters(bytes, from, Math.min(end, bytes.length, from + maximum));
}

/** The bytes `[from, to)`, which are there, as characters: sixteen at a time, since each addition makes a new string. */
function characters(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  let at = from;
  for (; at + chunk < to; at += chunk) text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  for (; at + 16 <= to; at += 16) {
    text += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
      bytes[at + 8]!,
      bytes[at + 9]!,
      bytes[at + 10]!,
      bytes[at + 11]!,
      bytes[at + 12]!,
      bytes[at + 13]!,
      bytes[at + 14]!,
      bytes[at + 15]!,
    );
  }
  for (; at + 4 <= to; at += 4) {
    text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
  }
  for (; at < to; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** Offset of the first byte from 0x80 on in `[from, to)`, or `to`. */
function asciiEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! < 0x80) at++;
  return at;
}

/** ASCII; each byte from 0x80 on becomes U+FFFD. Control characters stay: escape before printing. */
export function asciiText(bytes: Uint8Array, start = 0, end: number = bytes.length, maximum = 65_536): string {
  const from = Math.max(start, 0);
  const to = Math.min(end, bytes.length, from + maximum);
  const first = asciiEnd(bytes, from, to);
  let text = characters(bytes, from, first);
  for (let at = first; at < to; at++) {
    const byte = bytes[at]!;
    text += String.fromCharCode(byte < 0x80 ? byte : replacement);
  }
  return text;
}

/** Length of the UTF-8 sequence that `lead` begins, or 0 when no sequence begins so (Unicode 16, table 3-7). */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

/** Whether `second` may follow `lead`: shuts out overlong forms, surrogates and what lies above U+10FFFF. */
function secondFits(lead: number, second: number): boolean {
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

/** UTF-8; each maximal part of an ill-formed sequence becomes one U+FFFD, as the WHATWG encoding standard does it. */
export function utf8Text(bytes: Uint8Array, start = 0, end: number = bytes.length, maximum = 65_536): string {
  const to = Math.min(end, bytes.length);
  const from = Math.max(start, 0);
  let at = asciiEnd(bytes, from, Math.min(to, from + maximum));
  let text = characters(bytes, from, at);
  while (at < to && text.length < maximum) {
    const lead = bytes[at]!;
    const length = sequenceLength(lead);
    if (length === 1) {
      text += String.fromCharCode(lead);
      at++;
      continue;
    }
    let code = lead & (0x7f >> length);
    let taken = 1;
    while (taken < length && at + taken < to) {
      const next = bytes[at + taken]!;
      if (taken === 1 ? !secondFits(lead, next) : (next & 0xc0) !== 0x80) break;
      code = (code << 6) | (next & 0x3f);
      taken++;
    }
    const whole = length > 0 && taken === length;
    if (whole && code > 0xffff && text.length + 2 > maximum) break;
    text += String.fromCodePoint(whole ? code : replacement);
    at += taken;
  }
  return text;
}

/** True when the window is well-formed UTF-8 throughout. */
export function isUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  const to = Math.min(end, bytes.length);
  let at = Math.max(start, 0);
  while (at < to) {
    const lead = bytes[at]!;
    const length = sequenceLength(lead);
    if (length === 0 || at + length > to) return false;
    if (length > 1 && !secondFits(lead, bytes[at + 1]!)) return false;
    for (let taken = 2; taken < length; taken++) if ((bytes[at + taken]! & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}

/** UTF-8 bytes of `text`; a surrogate without its partner becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    let code = text.codePointAt(index)!;
    if (code > 0xffff) index++;
    else if (code >= 0xd800 && code <= 0xdfff) code = replacement;
    if (code < 0x80) {
      out[length++] = code;
      continue;
    }
    if (code < 0x800) out[length++] = 0xc0 | (code >> 6);
    else {
      if (code > 0xffff) {
        out[length++] = 0xf0 | (code >> 18);
        out[length++] = 0x80 | ((code >> 12) & 0x3f);
      } else out[length++] = 0xe0 | (code >> 12);
      out[length++] = 0x80 | ((code >> 6) & 0x3f);
    }
    out[length++] = 0x80 | (code & 0x3f);
  }
  return out.slice(0, length);
}

const hexPair: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal of a window, `separator` between the bytes ("00:1b:44" with ":"). */
export function toHex(bytes: Uint8Array, start = 0, end: number = bytes.length, separator = ""): string {
  const from = Math.max(start, 0);
  const to = Math.min(end, bytes.length);
  let text = "";
  for (let at = from; at < to; at++) text += at === from ? hexPair[bytes[at]!]! : separator + hexPair[bytes[at]!]!;
  return text;
}

/** Value of a hexadecimal digit's character code, or -1. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** Bytes of hexadecimal text; white space and ":" between pairs are passed over. Undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  const out = new Uint8Array(text.length >> 1);
  let length = 0;
  for (let index = 0; index < text.length;) {
    const code = text.charCodeAt(index);
    if (code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0x3a) {
      index++;
      continue;
    }
    const high = hexDigit(code);
    const low = index + 1 < text.length ? hexDigit(text.charCodeAt(index + 1)) : -1;
    if (high < 0 || low < 0) return undefined;
    out[length++] = (high << 4) | low;
    index += 2;
  }
  return out.slice(0, length);
}

/**
 * Makes hostile text printable on one line: C0 and C1 controls, DEL, line and paragraph separators and the characters that
 * turn the direction of text become `\xNN` or `\u{NNNN}`, a backslash becomes `\\`.
 */
export function escapeControls(text: string): string {
  let out = "";
  let clean = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (!mustEscape(code)) continue;
    out += text.slice(clean, index);
    if (code === 0x5c) out += "\\\\";
    else out += code < 0x100 ? `\\x${hexPair[code]!}` : `\\u{${code.toString(16)}}`;
    clean = index + 1;
  }
  return clean === 0 ? text : out + text.slice(clean);
}

function mustEscape(code: number): boolean {
  if (code < 0x20 || code === 0x5c) return true;
  if (code < 0x7f) return false;
  if (code <= 0x9f) return true;
  if (code === 0x061c || code === 0xfeff) return true;
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f);
}
