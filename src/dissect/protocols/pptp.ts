/**
 * PPTP control connections: the software of both sides. No numbers, no names of users.
 *
 * RFC 2637 sections 1.4 and 2 (control messages).
 *
 *   message = length(2) 1(2) 0x1A2B3C4D type(2: 1-15) 0(2) ...;  start = version(2) ... host(64) vendor(64), 156 bytes
 *
 * Evidence: the magic cookie with a type that exists and the length that this type has.
 */
import { asciiText, escapeControls, indexOfByte, u16At, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 12;
const cookie = 0x1a2b3c4d;
/** Section 2: the length of each type, from 1. */
const lengths = [156, 156, 16, 16, 16, 20, 168, 32, 220, 24, 28, 16, 148, 40, 24];
const startLength = 156;
const hostAt = 28;
const vendorAt = 92;
const nameLength = 64;

export function isPptpFirst(byte: number): boolean {
  return byte === 0;
}

export function probePptp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 3 && u16At(bytes, 2) !== 1) return "no";
  if (bytes.length > 7 && u32At(bytes, 4) !== cookie) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  return lengths[u16At(bytes, 8) - 1] === u16At(bytes, 0) && u16At(bytes, 10) === 0 ? "yes" : "no";
}

function text(bytes: Uint8Array, at: number): string {
  const end = indexOfByte(bytes, 0, at, at + nameLength);
  return escapeControls(asciiText(bytes, at, end < 0 ? at + nameLength : end));
}

export function parsePptp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (u32At(bytes, 4) !== cookie) return { kind: "notMine" };
  const isStart = u16At(bytes, 0) === startLength && u16At(bytes, 8) <= 2;
  if (isStart && bytes.length < startLength && !context.last) return { kind: "needMore", bytes: startLength };
  const pptp: Record<string, unknown> = {};
  if (isStart && bytes.length >= startLength) {
    const side = context.toServer ? "client" : "server";
    const host = text(bytes, hostAt);
    const vendor = text(bytes, vendorAt);
    if (host !== "") pptp[`${side}_host`] = host;
    if (vendor !== "") pptp[`${side}_vendor`] = vendor;
  }
  return { kind: "match", name: "pptp", facts: { pptp }, complete: isStart && !context.toServer, done: isStart };
}
