/**
 * STUN and TURN over TCP: the same messages as in datagrams (stun.ts), one behind the other.
 *
 * RFC 8489 section 6.2.2 (over TCP), RFC 8656 section 12.5 (channels over TCP, padded to 4), RFC 4571 section 2 with RFC 6544
 * section 3 (ICE candidates over TCP: a length of 2 bytes before each message).
 *
 *   [frame length(2)] type(2: two zero bits) length(2) 0x2112A442 transaction(12) attributes
 *
 * Evidence: the magic cookie where it belongs and a length that is a multiple of 4 (with a frame, the two lengths agree); when
 * the message is there as a whole, attributes that fill it. What channels carry is their own affair: the flow stays STUN.
 */
import { attributesFit, headerLength, isStunFirst, readMessage, stunCookie } from "./stun.ts";
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const frameLength = 2;

/** Where the first message begins: behind a frame's length, or at once; undefined when it is none. */
function beginningOf(bytes: Uint8Array): number | undefined {
  for (const at of [0, frameLength]) {
    if (bytes.length < at + 8 || bytes[at]! >= 0x40 || u32At(bytes, at + 4) !== stunCookie) continue;
    const length = u16At(bytes, at + 2);
    if (length % 4 === 0 && (at === 0 || u16At(bytes, 0) === headerLength + length)) return at;
  }
  return undefined;
}

/** A frame of RFC 4571 begins with a length: any message that fits into one segment has a small one. */
export const isStunStreamFirst = isStunFirst;

export function probeStunStream(bytes: Uint8Array, context: DissectContext): Likeness {
  const at = beginningOf(bytes);
  if (at === undefined) return bytes.length < frameLength + 8 && !context.last && mayBegin(bytes) ? "more" : "no";
  const end = at + headerLength + u16At(bytes, at + 2);
  if (bytes.length < end) return context.last ? "yes" : "more";
  return attributesFit(bytes.subarray(at, end), false) ? "yes" : "no";
}

/** Whether the few bytes that are there may be the beginning of one or the other form. */
function mayBegin(bytes: Uint8Array): boolean {
  const plain = bytes[0]! < 0x40 && (bytes.length < 4 || u16At(bytes, 2) % 4 === 0) && fitsCookie(bytes, 4);
  const framed = (bytes.length < 3 || bytes[2]! < 0x40) && fitsCookie(bytes, frameLength + 4);
  return plain || framed;
}

function fitsCookie(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length && at < from + 4; at++) {
    if (bytes[at] !== ((stunCookie >>> (24 - 8 * (at - from))) & 0xff)) return false;
  }
  return true;
}

/** Each side's first message says what there is to say. */
export function parseStunStream(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = beginningOf(bytes);
  if (at === undefined) return { kind: "notMine" };
  const end = at + headerLength + u16At(bytes, at + 2);
  if (bytes.length < end && !context.last) return { kind: "needMore", bytes: end };
  return {
    kind: "match",
    name: "stun",
    facts: { stun: readMessage(bytes.subarray(at, end)) },
    complete: false,
    done: true,
  };
}
