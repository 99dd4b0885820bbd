/**
 * SSH: the versions both sides announce, and how far the handshake got.
 *
 * RFC 4253 sections 4.2 (identification), 6 (binary packets), 7.1 and 7.3 (key exchange, NEWKEYS).
 *
 *   banner = "SSH-" protoversion "-" softwareversion [SP comments] CR LF; a server may send other lines before it
 *   packet = length(4) padding_length(1) payload padding; payload begins with the message number
 *
 * After NEWKEYS everything is encrypted.
 */
import { asciiText, escapeControls, hasAsciiAt, indexOfAscii, indexOfByte, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { SshFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const prefix = "SSH-";
const lineFeed = 0x0a;
/** Section 4.2: at most 255 bytes with CR LF. */
const maxBanner = 255;
/** Lines before a server's banner; OpenSSH reads as many bytes and no more. */
const maxPreamble = 2048;
const newKeys = 21;
/** Section 6.1. */
const maxPacket = 35_000;

interface SshMemory {
  clientDone: boolean;
  serverDone: boolean;
  keyExchange: boolean;
}

export function isSshFirst(byte: number): boolean {
  return byte === 0x53;
}

export function probeSsh(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = Math.min(prefix.length, bytes.length);
  if (!hasAsciiAt(bytes, 0, prefix.slice(0, length))) return "no";
  if (bytes.length < 8) return context.last ? "no" : "more";
  // "2.0-", "1.99-", "1.5-"
  const isDigit = bytes[4]! >= 0x31 && bytes[4]! <= 0x39;
  return isDigit && bytes[5] === 0x2e ? "yes" : "no";
}

function memoryOf(context: DissectContext): SshMemory {
  return recall(context, "ssh", () => ({ clientDone: false, serverDone: false, keyExchange: false }));
}

/** Where the banner starts: at once, or after a server's other lines; -1 when it is not there (yet). */
function bannerStart(bytes: Uint8Array): number {
  if (hasAsciiAt(bytes, 0, prefix)) return 0;
  const found = indexOfAscii(bytes, `\n${prefix}`, 0, maxPreamble);
  return found < 0 ? -1 : found + 1;
}

export function parseSsh(bytes: Uint8Array, context: DissectContext): Verdict {
  const start = bannerStart(bytes);
  if (start < 0)
    return bytes.length > maxPreamble ? { kind: "notMine" } : { kind: "needMore", bytes: bytes.length + 1 };
  const feed = indexOfByte(bytes, lineFeed, start, start + maxBanner);
  if (feed < 0 && bytes.length - start >= maxBanner) return { kind: "malformed", reason: "banner longer than 255" };
  if (feed < 0 && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const line = asciiText(bytes, start, feed < 0 ? bytes.length : feed).trimEnd();
  const parts = /^SSH-([^-]*)-([^ ]*)/.exec(line);
  if (parts === null) return { kind: "notMine" };
  const version = { proto_version: escapeControls(parts[1]!), software_version: escapeControls(parts[2]!) };
  const memory = memoryOf(context);
  const over = feed < 0 || sawNewKeys(bytes, feed + 1) || context.last;
  const ssh: SshFacts = context.toServer ? { client: version } : { server: version };
  memory.keyExchange ||= feed >= 0 && feed + 6 <= bytes.length;
  if (context.toServer) memory.clientDone ||= over;
  else memory.serverDone ||= over;
  const complete = memory.clientDone && memory.serverDone;
  ssh.state = complete ? "encrypted" : memory.keyExchange ? "key exchange" : "banner";
  return { kind: "match", name: "ssh", facts: { ssh }, complete, done: over };
}

/** Walks the packets in clear from `start`; an impossible length counts as the end of clear text. */
function sawNewKeys(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at + 6 <= bytes.length;) {
    const length = u32At(bytes, at);
    if (length < 2 || length > maxPacket) return true;
    if (bytes[at + 5] === newKeys) return true;
    at += 4 + length;
  }
  return false;
}
