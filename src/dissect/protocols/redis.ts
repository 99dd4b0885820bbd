/**
 * Redis (RESP): the first command's name. No keys, no values, no passwords.
 *
 * Redis serialization protocol specification, "RESP protocol description" and "Sending commands to a Redis server".
 *
 *   command = "*" count CRLF ("$" length CRLF bytes CRLF)*
 *
 *   inline  = command *(SP argument) CRLF
 *
 * Evidence: a whole array head with its first bulk string, whose lengths fit. Answers are believed on Redis's port only ("+OK" is
 * said by many), and so are inline commands that exist.
 */
import { asciiText, escapeControls, indexOfByte } from "../../bytes/index.ts";
import { isPrintable, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const star = 0x2a;
const dollar = 0x24;
const redisPort = 6379;
const maxDigits = 7;
const maxCommand = 32;
/** What an answer may begin with; the second line those that RESP 3 added. */
const answers = new Set([0x2b, 0x2d, 0x3a, dollar, star]);
const answers3 = new Set(Array.from("_#,(!=%~>|", (character) => character.charCodeAt(0)));
const maxHead = 512;

/** "Inline commands": those that people and health checks type. */
const inline = (
  "PING|INFO|AUTH|SELECT|ECHO|QUIT|GET|SET|DEL|KEYS|EXISTS|DBSIZE|CONFIG|CLIENT|COMMAND|MONITOR|SLAVEOF|REPLICAOF|SYNC|PSYNC|REPLCONF|" +
  "FLUSHALL|FLUSHDB|SAVE|BGSAVE|ROLE|HELLO|EVAL|SCAN|TYPE|TTL|INCR|LPUSH|RPUSH|SADD|HGETALL|SUBSCRIBE|PUBLISH"
).split("|");
const inlineLetters = new Set(inline.map((word) => word.charCodeAt(0)));

export function isRedisFirst(byte: number): boolean {
  return answers.has(byte) || answers3.has(byte) || inlineLetters.has(byte & 0xdf);
}

/** The inline command that the bytes are, in capitals; undefined when they are none (yet). */
function inlineCommand(bytes: Uint8Array): string | undefined {
  const end = indexOfByte(bytes, 0x0a, 0, maxHead);
  if (end < 0 || !isPrintable(bytes, 0, end)) return undefined;
  const line = asciiText(bytes, 0, end, maxHead);
  const word = /^([A-Za-z]{3,9})(?: .*)?\r?$/.exec(line)?.[1]?.toUpperCase();
  return word !== undefined && inline.includes(word) ? word : undefined;
}

/** The number in `[start, CR LF)`: -1 when it is none, -2 when it is not all there. */
function numberAt(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 0x0d) {
      if (at === start) return -1;
      return at + 1 < bytes.length ? (bytes[at + 1] === 0x0a ? value : -1) : -2;
    }
    if (byte < 0x30 || byte > 0x39 || at - start >= maxDigits) return -1;
    value = value * 10 + byte - 0x30;
  }
  return -2;
}

/** Offset behind the next CR LF. */
function behindLine(bytes: Uint8Array, start: number): number {
  return indexOfByte(bytes, 0x0a, start) + 1;
}

/** A text, or a number (signed, or "?" of what is streamed) for all that has a length. */
function isAnswer(bytes: Uint8Array, last: boolean): Likeness {
  const end = indexOfByte(bytes, 0x0a, 1, maxHead);
  if (end < 0) return bytes.length > maxHead || !isPrintable(bytes, 0, bytes.length) ? "no" : undecided(last);
  if (bytes[end - 1] !== 0x0d || !isPrintable(bytes, 0, end)) return "no";
  const first = bytes[0]!;
  // "+OK" stands alone; an error begins with a word in capitals.
  if (first === 0x2b) return /^OK ./.test(asciiText(bytes, 1, end - 1, 8)) ? "no" : "yes";
  if (first === 0x2d) return /^[A-Z]{2,}\b/.test(asciiText(bytes, 1, end - 1, 32)) ? "yes" : "no";
  const text = asciiText(bytes, 1, end - 1, 64);
  if (first === 0x23) return /^[tf]$/.test(text) ? "yes" : "no";
  if (first === 0x5f) return text === "" ? "yes" : "no";
  if (first === 0x2c) return /^[-+]?(?:\d|inf|nan)/.test(text) ? "yes" : "no";
  return /^(?:[-+]?\d{1,40}|\?)$/.test(text) ? "yes" : "no";
}

export function probeRedis(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] !== star) {
    if (context.serverPort !== redisPort) return "no";
    if (!context.toServer) return isAnswer(bytes, context.last);
    if (inlineCommand(bytes) !== undefined) return "yes";
    const isBegun =
      inlineLetters.has(bytes[0]! & 0xdf) && indexOfByte(bytes, 0x0a, 0, maxHead) < 0 && bytes.length < maxHead;
    return isBegun && isPrintable(bytes, 0, bytes.length) ? undecided(context.last) : "no";
  }
  // An answer's elements may be of any kind.
  if (context.serverPort === redisPort && !context.toServer) return isAnswer(bytes, context.last);
  const count = numberAt(bytes, 1);
  if (count === -2) return undecided(context.last);
  if (count < 1) return "no";
  const bulk = behindLine(bytes, 1);
  if (bulk >= bytes.length) return undecided(context.last);
  if (bytes[bulk] !== dollar) return "no";
  const length = numberAt(bytes, bulk + 1);
  if (length === -2) return undecided(context.last);
  if (length < 1 || length > maxCommand) return "no";
  const start = behindLine(bytes, bulk + 1);
  for (let at = start; at < Math.min(start + length, bytes.length); at++) {
    const letter = bytes[at]! & 0xdf;
    if ((letter < 0x41 || letter > 0x5a) && bytes[at] !== 0x2e && bytes[at] !== 0x5f) return "no";
  }
  if (bytes.length < start + length + 2) return undecided(context.last);
  return bytes[start + length] === 0x0d && bytes[start + length + 1] === 0x0a ? "yes" : "no";
}

export function parseRedis(bytes: Uint8Array, context: DissectContext): Verdict {
  const typed = context.toServer && bytes[0] !== star ? inlineCommand(bytes) : undefined;
  if (typed !== undefined)
    return { kind: "match", name: "redis", facts: { redis: { command: typed } }, complete: true };
  if (bytes[0] !== star || !context.toServer)
    return { kind: "match", name: "redis", facts: { redis: {} }, complete: false };
  const bulk = behindLine(bytes, 1);
  const length = numberAt(bytes, bulk + 1);
  const start = behindLine(bytes, bulk + 1);
  if (bulk === 0 || start === 0 || length < 1) return { kind: "needMore", bytes: bytes.length + 1 };
  const command = escapeControls(asciiText(bytes, start, start + length, maxCommand)).toUpperCase();
  return { kind: "match", name: "redis", facts: { redis: { command } }, complete: true };
}
