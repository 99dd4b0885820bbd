/**
 * HTTP/2 in clear, and gRPC over it: what is asked of whom, and how it was answered. Never query strings, cookies or credentials.
 *
 * RFC 9113 sections 3.4 (connection preface), 4.1 (frames), 6.2 (HEADERS), 6.5 (SETTINGS), 6.10 (CONTINUATION), 8.3 (pseudo-header fields); RFC 7541
 * (HPACK); gRPC's "PROTOCOL-HTTP2" (content type, path).
 *
 *   preface = "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF SETTINGS;  frame = length(3) type(1) flags(1) stream(4) payload
 *
 * Evidence: the client's preface, or a server's SETTINGS frame, first on the stream, whose settings exist; of a connection that was
 * joined in its middle, whole frames that follow each other to the end, one of them the connection's own. gRPC says so in its
 * content type. Only the first field block of each direction is read.
 */
import { escapeControls, hasAsciiAt, u16At, u24At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { headerFields } from "../hpack.ts";
import { undecided } from "../text-line.ts";
import type { HeaderField } from "../hpack.ts";
import type { HttpFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const frameHeader = 9;
const settings = 4;
const headers = 1;
const lastSetting = 9;
const maxSettings = 120;
const maxFrames = 64;
/** Section 4.2: what a peer takes unless it says otherwise; few do. */
const largestFrame = 16_384;
/** Frames of streams that are enough without one of the connection. */
const enoughFrames = 4;
const maxValue = 512;
const padded = 0x08;
const endHeaders = 0x04;
const continuation = 9;
const hasPriority = 0x20;
const grpcType = "application/grpc";

interface Http2Memory {
  isGrpc: boolean;
  requestDone: boolean;
  responseDone: boolean;
}

export function isHttp2First(byte: number): boolean {
  return byte === 0x50 || byte === 0;
}

export function probeHttp2(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] !== 0) {
    const length = Math.min(preface.length, bytes.length);
    if (!hasAsciiAt(bytes, 0, preface.slice(0, length))) return "no";
    return length === preface.length ? "yes" : undecided(context.last);
  }
  if (bytes.length < frameHeader) return undecided(context.last);
  const length = u24At(bytes, 0);
  const isFrame = bytes[3] === settings && bytes[4] === 0 && u32At(bytes, 5) === 0;
  if (!isFrame) return probeFrames(bytes, context.last);
  // Settings need not be changed.
  if (length === 0) return bytes.length > frameHeader ? probeFrames(bytes, context.last) : undecided(context.last);
  if (bytes.length < frameHeader + 6) return undecided(context.last);
  if (length > maxSettings || length % 6 !== 0) return "no";
  for (let at = frameHeader; at + 6 <= Math.min(bytes.length, frameHeader + length); at += 6) {
    const identifier = u16At(bytes, at);
    // RFC 8701 reserves numbers that say nothing, and some send them.
    const isReserved = (identifier & 0x0f0f) === 0x0a0a;
    if ((identifier < 1 || identifier > lastSetting) && !isReserved) return "no";
  }
  return "yes";
}

/** Bits of a frame's head that its type fixes, of a connection's own frames: enough to be believed alone. */
const strong = 2;

/**
 * How well a frame's head fits its type (RFC 9113 section 6): `strong` for those of the connection with one length, 1 for what
 * has a stream, 0: it does not fit.
 */
function frameFits(bytes: Uint8Array, at: number): number {
  const length = u24At(bytes, at);
  const flags = bytes[at + 4]!;
  const stream = u32At(bytes, at + 5);
  if (length > largestFrame || stream > 0x7fff_ffff) return 0;
  switch (bytes[at + 3]) {
    case 0:
      // Empty ones are sent to end a stream.
      return stream !== 0 && (flags & ~0x09) === 0 && (length > 0 || (flags & 1) !== 0) ? 1 : 0;
    case headers:
      return stream !== 0 && length > 0 && (flags & ~0x2d) === 0 ? 1 : 0;
    case 2:
      return stream !== 0 && length === 5 && flags === 0 ? 1 : 0;
    case 3:
      return stream !== 0 && length === 4 && flags === 0 ? 1 : 0;
    case settings:
      return stream === 0 && (flags === 1 ? length === 0 : flags === 0 && length % 6 === 0) ? strong : 0;
    case 6:
      return stream === 0 && length === 8 && flags <= 1 ? strong : 0;
    case 7:
      return stream === 0 && length >= 8 && flags === 0 ? 1 : 0;
    case 8:
      return length === 4 && flags === 0 && u32At(bytes, at + frameHeader) !== 0 ? (stream === 0 ? strong : 1) : 0;
    case continuation:
      return stream !== 0 && (flags & ~endHeaders) === 0 ? 1 : 0;
    default:
      return 0;
  }
}

/** A connection that was joined in its middle: whole frames up to the end of what was sent, one of them the connection's own. */
function probeFrames(bytes: Uint8Array, last: boolean): Likeness {
  let at = 0;
  let best = 0;
  let sum = 0;
  for (let count = 0; count < maxFrames && at < bytes.length; count++) {
    if (at + frameHeader > bytes.length) return undecided(last);
    const fit = frameFits(bytes, at);
    if (fit === 0) return "no";
    best = Math.max(best, fit);
    sum += fit;
    at += frameHeader + u24At(bytes, at);
  }
  if (at !== bytes.length) return at > bytes.length ? undecided(last) : "no";
  return best === strong || sum >= enoughFrames ? "yes" : undecided(last);
}

/** Fields of the first HEADERS frame; undefined when it is not (wholly) there yet. */
function firstFields(bytes: Uint8Array): HeaderField[] | undefined {
  let at = hasAsciiAt(bytes, 0, preface) ? preface.length : 0;
  for (let count = 0; count < maxFrames && at + frameHeader <= bytes.length; count++) {
    const end = at + frameHeader + u24At(bytes, at);
    if (bytes[at + 3] === headers) return end <= bytes.length ? fieldsFrom(bytes, at, end) : undefined;
    at = end;
  }
  return undefined;
}

/** The field block that begins in the HEADERS frame at `at`, with the CONTINUATION frames that must follow it at once. */
function fieldsFrom(bytes: Uint8Array, at: number, end: number): HeaderField[] | undefined {
  const flags = bytes[at + 4]!;
  const isPadded = (flags & padded) !== 0;
  const padding = isPadded ? (bytes[at + frameHeader] ?? 0) : 0;
  const start = at + frameHeader + (isPadded ? 1 : 0) + ((flags & hasPriority) !== 0 ? 5 : 0);
  if ((flags & endHeaders) !== 0) return headerFields(bytes, start, end - padding);
  const block: number[] = [...bytes.subarray(start, Math.max(start, end - padding))];
  let next = end;
  for (let count = 0; count < maxFrames; count++) {
    if (next + frameHeader > bytes.length) return undefined;
    const stop = next + frameHeader + u24At(bytes, next);
    // Another frame between them is an error: what there is must do.
    if (bytes[next + 3] !== continuation) break;
    if (stop > bytes.length) return undefined;
    for (let index = next + frameHeader; index < stop; index++) block.push(bytes[index]!);
    if ((bytes[next + 4]! & endHeaders) !== 0) break;
    next = stop;
  }
  return headerFields(Uint8Array.from(block), 0, block.length);
}

function httpFacts(fields: readonly HeaderField[]): HttpFacts {
  const http: HttpFacts = {};
  for (const { name, value } of fields) {
    const text = escapeControls(value.slice(0, maxValue));
    if (name === ":method") http.http_method = text;
    else if (name === ":authority") http.hostname = hostOf(text);
    else if (name === ":path") http.url = text.replace(/[?#].*$/, "");
    else if (name === ":status") http.status = Number(text) || 0;
    else if (name === "user-agent") http.http_user_agent = text;
    else if (name === "server") http.server = text;
  }
  return http;
}

/** RFC 3986 section 3.2: the host of an authority, without user and port. */
function hostOf(authority: string): string {
  return authority
    .replace(/^.*@/, "")
    .replace(/:\d{0,5}$/, "")
    .toLowerCase();
}

export function parseHttp2(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<Http2Memory>(context, "http2", () => ({
    isGrpc: false,
    requestDone: false,
    responseDone: false,
  }));
  const fields = firstFields(bytes);
  const name = (): string => (memory.isGrpc ? "grpc" : "http2");
  if (fields === undefined) return { kind: "match", name: name(), facts: { http2: {} }, complete: false };
  memory.isGrpc ||= fields.some((field) => field.name === "content-type" && field.value.startsWith(grpcType));
  if (context.toServer) memory.requestDone = true;
  else memory.responseDone = true;
  const http = { ...httpFacts(fields), protocol: "HTTP/2" };
  const hostname = http.hostname ?? "";
  return {
    kind: "match",
    name: name(),
    facts: { http2: {}, http },
    complete: memory.requestDone && memory.responseDone,
    done: true,
    ...(hostname === "" ? {} : { hostname, hostnameSource: "http" as const }),
  };
}
