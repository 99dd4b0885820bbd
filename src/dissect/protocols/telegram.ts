/**
 * Telegram's MTProto over TCP, where its transport is not obfuscated (else all bytes look random): that it is spoken.
 *
 * core.telegram.org/mtproto/mtproto-transports ("Abridged", "Intermediate", "Padded intermediate"), core.telegram.org/mtproto/
 * description ("Encrypted message", "Unencrypted message"); ports 443, 80 and 5222.
 *
 *   abridged     = 0xEF (words(1: below 0x7F) | 0x7F words(3, little-endian)) message
 *   intermediate = 0xEEEEEEEE | 0xDDDDDDDD (padded), length(4, little-endian) message
 *   message      = key id(8) message key(16) enciphered(16n) | 0(8) message id(8) length(4) content
 *
 * Evidence: the transport's mark, and a first message that has the length stated and one of the two forms.
 */
import { u32LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ports: readonly number[] = [443, 80, 5222];
const abridged = 0xef;
const intermediate = 0xeeee_eeee;
const padded = 0xdddd_dddd;
const longWords = 0x7f;
const keyed = 24;
const cipherBlock = 16;
const plainHead = 20;
const longest = 1 << 20;

export function isTelegramFirst(byte: number): boolean {
  return byte === abridged || byte === 0xee || byte === 0xdd;
}

/** Where the first message begins and ends; `start` -1: nowhere, -2: too few bytes to tell. */
function firstMessage(bytes: Uint8Array): { start: number; end: number } {
  if (bytes[0] === abridged) {
    if (bytes.length < 5) return { start: -2, end: 0 };
    const isLong = bytes[1] === longWords;
    if (bytes[1]! > longWords) return { start: -1, end: 0 };
    const words = isLong ? bytes[2]! | (bytes[3]! << 8) | (bytes[4]! << 16) : bytes[1]!;
    const start = isLong ? 5 : 2;
    return { start, end: start + words * 4 };
  }
  if (bytes.length < 8) return { start: -2, end: 0 };
  const mark = u32LittleAt(bytes, 0);
  if (mark !== intermediate && mark !== padded) return { start: -1, end: 0 };
  return { start: 8, end: 8 + u32LittleAt(bytes, 4) };
}

/** Whether the message in `[start, end)` is in clear with a length that fits, or may be enciphered. */
function fits(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const isPlain = u32LittleAt(bytes, start) === 0 && u32LittleAt(bytes, start + 4) === 0;
  const isPadded = bytes[0] === 0xdd;
  if (isPlain) {
    const content = u32LittleAt(bytes, start + 16);
    return content > 0 && (isPadded ? content + plainHead <= length : content + plainHead === length);
  }
  return length >= keyed + cipherBlock && (isPadded || (length - keyed) % cipherBlock === 0);
}

export function probeTelegram(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!context.toServer || !ports.includes(context.serverPort)) return "no";
  const { start, end } = firstMessage(bytes);
  if (start === -1 || end > longest) return "no";
  if (start === -2 || bytes.length < start + plainHead) return undecided(context.last);
  if (!fits(bytes, start, end)) return "no";
  // Nothing but the message, or a second one behind it, comes at first.
  return bytes.length < end ? undecided(context.last) : "yes";
}

export function parseTelegram(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!context.toServer) return { kind: "match", name: "telegram", facts: { telegram: {} }, complete: true };
  const transport = bytes[0] === abridged ? "abridged" : bytes[0] === 0xdd ? "padded_intermediate" : "intermediate";
  return { kind: "match", name: "telegram", facts: { telegram: { transport } }, complete: true };
}
