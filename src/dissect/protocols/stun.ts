/**
 * STUN and TURN: what is asked, and the software's name. No addresses, names or passwords.
 *
 * RFC 8489 sections 5 (header) and 14 (attributes), RFC 8656 section 17 (TURN methods).
 *
 *   type(2: two zero bits) length(2) 0x2112A442 transaction(12) (type(2) length(2) value, padded to 4)*
 *
 * Evidence: the magic cookie, a length that is the datagram's, and attributes that fill it.
 */
import { escapeControls, u16At, u32At, utf8Text } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 20;
const cookie = 0x2112a442;
const software = 0x8022;
const maxAttributes = 32;
const methods: ReadonlyMap<number, string> = new Map([
  [1, "binding"],
  [3, "allocate"],
  [4, "refresh"],
  [6, "send"],
  [7, "data"],
  [8, "create_permission"],
  [9, "channel_bind"],
]);

export function isStunFirst(byte: number): boolean {
  return byte < 0x40;
}

/** Method of RFC 8489 figure 3: the type without its two class bits. */
function methodOf(type: number): number {
  return (type & 0xf) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2);
}

export function probeStun(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u16At(bytes, 2);
  if (bytes.length < headerLength || u32At(bytes, 4) !== cookie || length % 4 !== 0 || bytes[0]! >= 0x40) return "no";
  if (length !== bytes.length - headerLength)
    return context.last && length > bytes.length - headerLength ? "yes" : "no";
  let at = headerLength;
  for (let count = 0; at + 4 <= bytes.length && count < maxAttributes; count++)
    at += 4 + ((u16At(bytes, at + 2) + 3) & ~3);
  return at === bytes.length ? "yes" : "no";
}

export function parseStun(bytes: Uint8Array): Verdict {
  if (bytes.length < headerLength || u32At(bytes, 4) !== cookie) return { kind: "notMine" };
  const stun: Record<string, unknown> = {};
  const method = methods.get(methodOf(u16At(bytes, 0)));
  if (method !== undefined) stun["method"] = method;
  let at = headerLength;
  for (let count = 0; at + 4 <= bytes.length && count < maxAttributes; count++) {
    const length = u16At(bytes, at + 2);
    if (u16At(bytes, at) === software && at + 4 + length <= bytes.length) {
      stun["software"] = escapeControls(utf8Text(bytes, at + 4, at + 4 + length, 128));
    }
    at += 4 + ((length + 3) & ~3);
  }
  return { kind: "match", name: "stun", facts: { stun }, complete: false };
}
