/**
 * CoAP over TCP: method, path and answer.
 *
 * RFC 8323 sections 3.2 (messages) and 5.3 (capabilities and settings, which each side sends first).
 *
 *   length(4 bits) token length(4 bits) [length(1, 2 or 4)] code(1) token options [0xff payload]
 *
 * Evidence: a first message 7.01 without a token, whose options are those it may have, and nothing but messages behind it. On a
 * port that is not CoAP's it must have options, and another message must end with what was sent.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { coapMethods, readPath } from "./coap.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 5683;
const settings = 0xe1;
const extensions = [1, 2, 4];
const offsets = [13, 269, 65_805];
const longToken = 8;
const maxMessages = 16;
const largest = 1 << 20;
/** The settings' options: 2 (largest message), 4 (block-wise). */
const settingOptions: ReadonlySet<number> = new Set([2, 4]);
/** Bytes that are enough on a port that is not CoAP's. */
const enough = 8;

interface Message {
  readonly code: number;
  /** Where the token begins, and where the message ends. */
  readonly token: number;
  readonly tokenLength: number;
  readonly end: number;
}

export function isCoapStreamFirst(byte: number): boolean {
  return (byte & 0x0f) <= longToken;
}

/** The message at `at`; its end may lie behind what is there. -1: it can be none, -2: cut off. */
function messageAt(bytes: Uint8Array, at: number): Message | -1 | -2 {
  const first = bytes[at];
  if (first === undefined) return -2;
  const tokenLength = first & 0x0f;
  const nibble = first >> 4;
  const width = nibble < 13 ? 0 : extensions[nibble - 13]!;
  if (tokenLength > longToken) return -1;
  if (bytes.length < at + 2 + width) return -2;
  const more = width === 1 ? bytes[at + 1]! : width === 2 ? u16At(bytes, at + 1) : u32At(bytes, at + 1);
  const length = width === 0 ? nibble : more + offsets[nibble - 13]!;
  const token = at + 2 + width;
  const code = bytes[at + 1 + width]!;
  const kind = code >> 5;
  const isKnown = kind === 0 || kind === 2 || kind === 4 || kind === 5 || (code >= settings && code <= settings + 4);
  if (!isKnown || length > largest) return -1;
  return { code, token, tokenLength, end: token + tokenLength + length };
}

/** Whether the options in `[at, end)` are those of the settings: an option is a delta and a length of less than 13 each. */
function areSettings(bytes: Uint8Array, start: number, end: number): boolean {
  let option = 0;
  let at = start;
  while (at < end) {
    const head = bytes[at]!;
    option += head >> 4;
    const length = head & 0x0f;
    if (!settingOptions.has(option) || length > 4) return false;
    at += 1 + length;
  }
  return at === end;
}

export function probeCoapStream(bytes: Uint8Array, context: DissectContext): Likeness {
  const first = messageAt(bytes, 0);
  if (first === -1) return "no";
  if (first === -2) return undecided(context.last);
  if (first.code !== settings || first.tokenLength !== 0 || first.end > 32) return "no";
  if (bytes.length < first.end) return undecided(context.last);
  if (!areSettings(bytes, first.token, first.end)) return "no";
  let at = first.end;
  for (let count = 0; count < maxMessages && at < bytes.length; count++) {
    const next = messageAt(bytes, at);
    if (next === -1) return "no";
    if (next === -2) break;
    at = next.end;
  }
  if (context.serverPort === port || context.clientPort === port) return "yes";
  if (first.end === first.token || at > bytes.length || at < enough) return undecided(context.last);
  return at === bytes.length ? "yes" : "no";
}

export function parseCoapStream(bytes: Uint8Array, context: DissectContext): Verdict {
  const coap: Record<string, unknown> = { transport: "tcp" };
  let at = 0;
  let isTold = false;
  for (let count = 0; count < maxMessages && !isTold; count++) {
    const message = messageAt(bytes, at);
    if (message === -1 || message === -2 || bytes.length < message.end) break;
    const { code, token, tokenLength, end } = message;
    const path = code >> 5 === 0 && code > 0 ? readPath(bytes.subarray(0, end), token + tokenLength) : undefined;
    if (code >> 5 === 0 && code > 0) coap["method"] = coapMethods[code];
    else if (code >> 5 < 7 && code > 0) coap["code"] = `${code >> 5}.${String(code & 0x1f).padStart(2, "0")}`;
    if (path !== undefined && path !== "") coap["path"] = path;
    isTold = code > 0 && code >> 5 < 7;
    at = end;
  }
  return { kind: "match", name: "coap", facts: { coap }, complete: isTold && !context.toServer, done: isTold };
}
