/**
 * VNC (RFB): the versions of both sides.
 *
 * RFC 6143 section 7.1.1 (ProtocolVersion).
 *
 *   version = "RFB " 3DIGIT "." 3DIGIT LF
 */
import { asciiText, hasAsciiAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const length = 12;

export function isRfbFirst(byte: number): boolean {
  return byte === 0x52;
}

export function probeRfb(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!hasAsciiAt(bytes, 0, "RFB ".slice(0, Math.min(4, bytes.length)))) return "no";
  if (bytes.length < length) return undecided(context.last);
  return /^RFB \d{3}\.\d{3}\n$/.test(asciiText(bytes, 0, length)) ? "yes" : "no";
}

export function parseRfb(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < length) return { kind: "needMore", bytes: length };
  const text = asciiText(bytes, 4, 11);
  if (!/^\d{3}\.\d{3}$/.test(text)) return { kind: "notMine" };
  const version = text.split(".").map(Number).join(".");
  const rfb = context.toServer ? { client_protocol_version: version } : { server_protocol_version: version };
  return { kind: "match", name: "rfb", facts: { rfb }, complete: context.toServer, done: true };
}
