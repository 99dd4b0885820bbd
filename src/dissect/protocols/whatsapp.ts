/**
 * WhatsApp's own transport: that it is spoken, and its version. All else is encrypted.
 *
 * WhatsApp publishes no document; open clients of it (and the Noise Protocol Framework, section 7.5, handshake XX) show:
 *
 *   client = ["ED" 0 1 length(3) routing] "WA" version(2) frame;  frame = length(3) content
 *   content = 0x12 length 0x0A 32 key(32) ... (a Noise ephemeral key in a protocol buffer) | 0xF8 list (before 2017)
 *
 * Evidence: the mark, a version that exists, and a first frame that begins as one of these two.
 */
import { hasAsciiAt, u24At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const mark = "WA";
const frameAt = 4;
const contentAt = 7;
const lastVersion = 9;
const list = 0xf8;
const keyLength = 32;

/** Where the server was told before which of its edges to ask. */
const edge = "ED\0\x01";
const longestRouting = 256;

export function isWhatsappFirst(byte: number): boolean {
  return byte === 0x57 || byte === 0x45;
}

/** Offset of the mark; -1: there can be none, -2: too few bytes to tell. */
function markAt(bytes: Uint8Array): number {
  if (bytes[0] !== 0x45) return 0;
  if (!hasAsciiAt(bytes, 0, edge.slice(0, Math.min(edge.length, bytes.length)))) return -1;
  const length = u24At(bytes, edge.length);
  if (length > longestRouting) return -1;
  return length < 0 || bytes.length < 7 + length ? -2 : 7 + length;
}

export function probeWhatsapp(bytes: Uint8Array, context: DissectContext): Likeness {
  const at = context.toServer ? markAt(bytes) : -1;
  if (at < 0) return at === -2 ? undecided(context.last) : "no";
  return at === 0 ? probeMark(bytes, context) : probeMark(bytes.subarray(at), context);
}

function probeMark(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!context.toServer || !hasAsciiAt(bytes, 0, mark.slice(0, Math.min(2, bytes.length)))) return "no";
  if (bytes.length > 2 && (bytes[2]! < 1 || bytes[2]! > lastVersion)) return "no";
  if (bytes.length < contentAt + 4) return undecided(context.last);
  const length = u24At(bytes, frameAt);
  const isKey = bytes[contentAt] === 0x12 && bytes[contentAt + 2] === 0x0a && bytes[contentAt + 3] === keyLength;
  if (isKey) return length >= keyLength + 4 && length <= 4096 ? "yes" : "no";
  // Before the Noise handshake: flags in the length's upper four bits are zero in clear, then a list of features.
  return bytes[contentAt] === list && length > 2 && length < 4096 && bytes[3]! <= 32 ? "yes" : "no";
}

export function parseWhatsapp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!context.toServer) return { kind: "match", name: "whatsapp", facts: { whatsapp: {} }, complete: true };
  const at = markAt(bytes);
  if (at < 0 || bytes.length < at + frameAt) return { kind: "needMore", bytes: frameAt };
  const version = `${bytes[at + 2]!}.${bytes[at + 3]!}`;
  return { kind: "match", name: "whatsapp", facts: { whatsapp: { version } }, complete: true };
}
