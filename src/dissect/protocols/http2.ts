/**
 * HTTP/2 in clear: that it is spoken. Its headers are compressed (HPACK) and not read.
 *
 * RFC 9113 sections 3.4 (connection preface), 4.1 (frames), 6.5 (SETTINGS).
 *
 *   preface = "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF SETTINGS;  frame = length(3) type(1) flags(1) stream(4) payload
 *
 * Evidence: the client's preface, or a server's SETTINGS frame, first on the stream, whose settings exist.
 */
import { hasAsciiAt, u16At, u24At, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const frameHeader = 9;
const settings = 4;
const lastSetting = 9;
const maxSettings = 120;

export function isHttp2First(byte: number): boolean {
  return byte === 0x50 || byte === 0;
}

export function probeHttp2(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] !== 0) {
    const length = Math.min(preface.length, bytes.length);
    if (!hasAsciiAt(bytes, 0, preface.slice(0, length))) return "no";
    return length === preface.length ? "yes" : undecided(context.last);
  }
  if (bytes.length > 1 && bytes[1] !== 0) return "no";
  if (bytes.length < frameHeader + 6) return undecided(context.last);
  const length = u24At(bytes, 0);
  const isFrame = bytes[3] === settings && bytes[4] === 0 && u32At(bytes, 5) === 0;
  if (!isFrame || length === 0 || length > maxSettings || length % 6 !== 0) return "no";
  for (let at = frameHeader; at + 6 <= Math.min(bytes.length, frameHeader + length); at += 6) {
    const identifier = u16At(bytes, at);
    if (identifier < 1 || identifier > lastSetting) return "no";
  }
  return "yes";
}

export function parseHttp2(): Verdict {
  return { kind: "match", name: "http2", facts: { http2: {} }, complete: true };
}
