/**
 * RTSP: what is asked of which resource, and the software of both sides. No credentials, no queries.
 *
 * RFC 2326 and RFC 7826, sections "Request", "Response" and "Method Definitions".
 *
 *   request  = method SP (URI | "*") SP "RTSP/" ("1.0" | "2.0") CRLF fields CRLF
 *   response = "RTSP/" ("1.0" | "2.0") SP 3DIGIT SP reason CRLF fields CRLF
 *
 *   media    = "$" channel(1) length(2) packet, between them
 *
 * Evidence: a whole first line of these, or media of a session that was joined later. HTTP and SIP share methods; the version tells.
 */
import { u16At } from "../../bytes/index.ts";
import { lineText, nextLine, isPrintable, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const methods =
  "OPTIONS DESCRIBE ANNOUNCE SETUP PLAY PLAY_NOTIFY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD"
    .split(" ")
    .map((method) => `${method} `);
const versions = ["RTSP/1.0 ", "RTSP/2.0 "];
const firstBytes = new Set([...methods, ...versions].map((word) => word.charCodeAt(0)));
const maxLine = 2048;
const dollar = 0x24;
const lastChannel = 15;
/** Frames that must follow each other where nothing else is known. */
const neededFrames = 3;
const maxFields = 32;
/** Of all messages of a side that are looked at. */
const maxLines = 512;

export function isRtspFirst(byte: number): boolean {
  return firstBytes.has(byte) || byte === dollar;
}

/** RFC 2326 section 10.12: "$" channel(1) length(2) and as many bytes of RTP or RTCP (both begin with their version, 2). */
function probeInterleaved(bytes: Uint8Array, context: DissectContext): Likeness {
  let at = 0;
  for (let count = 0; count < neededFrames; count++) {
    if (bytes.length < at + 5) return undecided(context.last);
    const length = u16At(bytes, at + 2);
    if (bytes[at] !== dollar || bytes[at + 1]! > lastChannel || length < 8 || bytes[at + 4]! >> 6 !== 2) return "no";
    at += 4 + length;
  }
  return "yes";
}

export function probeRtsp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] === dollar) return probeInterleaved(bytes, context);
  if (startsWithWord(bytes, versions) === "yes") {
    const third = bytes.length >= 12 ? bytes.subarray(9, 12) : undefined;
    if (third === undefined) return undecided(context.last);
    return third.every((byte) => byte >= 0x30 && byte <= 0x39) ? "yes" : "no";
  }
  const isBegun = startsWithWord(bytes, [...methods, ...versions]) !== "no";
  const end = nextLine(bytes, 0);
  if (!isBegun || !isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  if (end < 0) return bytes.length > maxLine ? "no" : undecided(context.last);
  return / RTSP\/[12]\.0$/.test(lineText(bytes, 0, maxLine)) ? "yes" : "no";
}

export function parseRtsp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes[0] === dollar) {
    return { kind: "match", name: "rtsp", facts: { rtsp: { interleaved: true } }, complete: true };
  }
  const end = nextLine(bytes, 0);
  if (end < 0 && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const [first = "", second = "", third = ""] = lineText(bytes, 0, maxLine).split(" ");
  const rtsp: Record<string, unknown> = {};
  if (first.startsWith("RTSP/")) {
    rtsp["version"] = first.slice(5);
    rtsp["status"] = Number(second) || 0;
  } else if (methods.includes(`${first} `)) {
    rtsp["method"] = first;
    rtsp["url"] = second
      .replace(/^(\w+:\/\/)[^/]*@/, "$1")
      .replace(/[?#].*$/, "")
      .slice(0, 512);
    if (third.startsWith("RTSP/")) rtsp["version"] = third.slice(5);
  } else return { kind: "notMine" };
  let at = end;
  for (let count = 0; count < maxFields && at > 0 && at < bytes.length; count++) {
    const field = /^(user-agent|server):\s*(.{1,255})/i.exec(lineText(bytes, at, 512));
    if (field !== null) rtsp[field[1]!.toLowerCase().replace("-", "_")] = field[2];
    at = nextLine(bytes, at);
  }
  announceTransports(bytes, context);
  return { kind: "match", name: "rtsp", facts: { rtsp }, complete: false };
}

/** Ports of the media, in "Transport: RTP/AVP;unicast;client_port=8000-8001;server_port=9000-9001" (RFC 2326 section 12.39). */
function announceTransports(bytes: Uint8Array, context: DissectContext): void {
  if (context.onExpect === undefined) return;
  let at = 0;
  for (let count = 0; count < maxLines && at >= 0 && at < bytes.length; count++) {
    if (/^transport:/i.test(lineText(bytes, at, 10))) {
      for (const [, side, first, second] of lineText(bytes, at, 512).matchAll(
        /(client|server)_port=(\d{1,5})(?:-(\d{1,5}))?/g,
      )) {
        const host = side === "client" ? "client" : "server";
        announce(context, host, Number(first), "rtp");
        if (second !== undefined) announce(context, host, Number(second), "rtcp");
      }
    }
    at = nextLine(bytes, at);
  }
}

function announce(context: DissectContext, host: "client" | "server", port: number, name: string): void {
  if (port > 0 && port <= 65_535) context.onExpect?.({ transport: "udp", host, port, name });
}
