/**
 * HTTP/1.x: what is asked of whom, and how it was answered. Never query strings, cookies or credentials.
 *
 * RFC 9112 sections 2 to 6 (messages), RFC 9110 sections 7.2 (Host), 7.8 (Upgrade), 9.3.6 (CONNECT).
 *
 *   request  = method SP target SP "HTTP/1." DIGIT CRLF fields CRLF
 *   response = "HTTP/1." DIGIT SP 3DIGIT SP reason CRLF fields CRLF
 *
 * Only the first message of each direction is read, but of interim responses ("100 Continue"). After "101" or an answered CONNECT
 * the stream is another protocol's: of HTTP inside a tunnel the facts stand beside those of the proxy.
 */
import { asciiText, escapeControls, hasAsciiAt, indexOfByte } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { announcePeer } from "./bittorrent.ts";
import type { HttpFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;
const maxValueLength = 512;
const maxFields = 100;
const maxInterim = 4;
/** RFC 9112 section 3: a line of 8000 bytes should be taken; some are longer. */
const longestTarget = 16_384;

/**
 * IANA "HTTP Method Registry"; UPnP's (SUBSCRIBE, NOTIFY), caches' (PURGE), Exchange's, and those of RPC, desktops and tunnels over
 * HTTP ([MS-RPCH] section 2.1.2, [MS-TSGU] section 2.2.3, [MS-SSTP] section 3.2.4.1).
 */
const methods = (
  "GET POST HEAD PUT DELETE OPTIONS PATCH CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH " +
  "PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY MKCALENDAR BIND CHECKOUT MERGE QUERY ACL BASELINE-CONTROL CHECKIN LABEL LINK " +
  "MKACTIVITY MKREDIRECTREF MKWORKSPACE ORDERPATCH REBIND UNBIND UNCHECKOUT UNLINK UPDATE UPDATEREDIRECTREF " +
  "VERSION-CONTROL BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL RPC_IN_DATA RPC_OUT_DATA RDG_IN_DATA RDG_OUT_DATA " +
  "SSTP_DUPLEX_POST"
)
  .split(" ")
  .map((method) => `${method} `);
const version = "HTTP/1.";

/** What one direction tells the other. */
export interface HttpMemory {
  connect: boolean;
  /** Protocol that the request asks to change to, in lower case; "" when none. */
  upgrade: string;
  requestDone: boolean;
  responseDone: boolean;
  /** Behind a CONNECT: what is read of a direction went through the tunnel. */
  requestInside: boolean;
  responseInside: boolean;
}

/** Methods may be any token (RFC 9110 section 9.1); all that are in use are of capitals, digits and "-" or "_". */
const longestMethod = 24;

export function isHttpFirst(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isMethodByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
}

/** Length of a method that is not registered, with its space; 0: there is none, -1: it may go on. */
function otherMethod(bytes: Uint8Array): number {
  let at = 0;
  while (at < longestMethod && at < bytes.length && isMethodByte(bytes[at]!)) at++;
  if (at === bytes.length) return -1;
  return at >= 2 && bytes[at] === space ? at + 1 : 0;
}

/** The length of `words`' one that `bytes` begin with; 0: none can be, -1: they are too few to tell. */
function startsWithMethod(bytes: Uint8Array): number {
  for (const method of methods) {
    const length = Math.min(method.length, bytes.length);
    if (!hasAsciiAt(bytes, 0, length === method.length ? method : method.slice(0, length))) continue;
    return length === method.length ? length : -1;
  }
  return otherMethod(bytes);
}

function isRegistered(bytes: Uint8Array, length: number): boolean {
  return methods.includes(asciiText(bytes, 0, length));
}

function isStatusLine(bytes: Uint8Array): Likeness {
  const length = Math.min(version.length, bytes.length);
  if (!hasAsciiAt(bytes, 0, version.slice(0, length))) return "no";
  if (bytes.length < 12) return "more";
  const minor = bytes[7]!;
  if (minor < 0x30 || minor > 0x39 || bytes[8] !== space) return "no";
  for (let at = 9; at < 12; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return "no";
  return "yes";
}

/** End of the line that starts at `start`, without CR LF; -1 when it is not all there. */
function lineEnd(bytes: Uint8Array, start: number): number {
  const feed = indexOfByte(bytes, lineFeed, start);
  if (feed < 0) return -1;
  return feed > start && bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
}

export function probeHttp(bytes: Uint8Array, context: DissectContext): Likeness {
  const undecided = context.last ? "no" : "more";
  const status = isStatusLine(bytes);
  if (status !== "no") return status === "more" ? undecided : status;
  const length = startsWithMethod(bytes);
  if (length === 0) return "no";
  if (length < 0) return undecided;
  const end = lineEnd(bytes, length);
  // A line that is cut between its CR and its LF is not over, but has no other CR either.
  const cut = bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
  const until = end < 0 ? cut : end;
  for (let at = length; at < until; at++) if (bytes[at]! < space || bytes[at] === 0x7f) return "no";
  if (end < 0) {
    // A target that fills all there will be: its own form must do.
    if (!context.last) return until - length <= longestTarget ? "more" : "no";
    if (!isRegistered(bytes, length)) return "no";
    const target = bytes[length];
    return until - length >= 8 && (target === 0x2f || hasAsciiAt(bytes, length, "http://")) ? "yes" : "no";
  }
  const place = end - version.length - 1;
  return place > length && hasAsciiAt(bytes, place, version) && bytes[place - 1] === space ? "yes" : "no";
}

function memoryOf(context: DissectContext): HttpMemory {
  return recall(context, "http", () => ({
    connect: false,
    upgrade: "",
    requestDone: false,
    responseDone: false,
    requestInside: false,
    responseInside: false,
  }));
}

interface Fields {
  /** Offset behind the empty line, or -1 when it is not there. */
  readonly end: number;
  host?: string;
  "user-agent"?: string;
  server?: string;
  upgrade?: string;
}

type FieldName = Exclude<keyof Fields, "end">;
const wanted: readonly FieldName[] = ["host", "user-agent", "server", "upgrade"];

function text(bytes: Uint8Array, start: number, end: number): string {
  return escapeControls(asciiText(bytes, start, end, maxValueLength).trim());
}

function nameMatches(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let index = 0; index < name.length; index++) {
    if ((bytes[start + index]! | 0x20) !== (name.charCodeAt(index) | 0x20)) return false;
  }
  return true;
}

/** Field lines from `start` up to the empty line, or as far as whole ones go. */
function readFields(bytes: Uint8Array, start: number): Fields {
  const found: Partial<Record<FieldName, string>> = {};
  let at = start;
  for (let count = 0; count < maxFields; count++) {
    const end = lineEnd(bytes, at);
    if (end < 0) return { ...found, end: -1 };
    const next = (bytes[end] === carriageReturn ? end + 1 : end) + 1;
    if (end === at) return { ...found, end: next };
    const separator = indexOfByte(bytes, colon, at, end);
    if (separator > 0) {
      for (const name of wanted) {
        if (found[name] === undefined && nameMatches(bytes, at, separator, name)) {
          found[name] = text(bytes, separator + 1, end);
        }
      }
    }
    at = next;
  }
  return { ...found, end: -1 };
}

export function parseHttp(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = memoryOf(context);
  if (isStatusLine(bytes) === "yes") return parseResponse(bytes, context, memory);
  if (startsWithMethod(bytes) > 0) return parseRequest(bytes, context, memory);
  return { kind: "notMine" };
}

/** Host without its port, in lower case; brackets of an IPv6 literal go too, and so would a user's name and password. */
function hostWithoutPort(authority: string): string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const bracket = host.startsWith("[") ? host.indexOf("]") : -1;
  if (bracket > 0) return host.slice(1, bracket);
  const separator = host.lastIndexOf(":");
  return (separator >= 0 ? host.slice(0, separator) : host).toLowerCase();
}

/** Path of a target: without scheme, authority (it may hold credentials), query and fragment. */
function pathOf(target: string): string {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  const path = authority === null ? target : target.slice(authority[0].length);
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  return plain === "" ? "/" : plain;
}

/** BEP 3, "Trackers": who asks a tracker for peers tells it where he listens himself. */
function announceTracked(bytes: Uint8Array, start: number, end: number, context: DissectContext): void {
  const port = /[?&]port=(\d{1,5})\b/.exec(asciiText(bytes, start, end, 2048))?.[1];
  if (port !== undefined) announcePeer(context, "client", Number(port));
}

function parseRequest(bytes: Uint8Array, context: DissectContext, memory: HttpMemory): Verdict {
  const methodLength = startsWithMethod(bytes);
  const end = lineEnd(bytes, methodLength);
  if (end < 0 && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const lineStop = end < 0 ? bytes.length : end;
  const targetEnd = indexOfByte(bytes, space, methodLength, lineStop);
  const target = text(bytes, methodLength, targetEnd < 0 ? lineStop : targetEnd);
  const http: HttpFacts = { http_method: asciiText(bytes, 0, methodLength - 1) };
  const isConnect = http.http_method === "CONNECT";
  http.url = isConnect ? target.slice(target.lastIndexOf("@") + 1) : pathOf(target);
  if (targetEnd >= 0) http.protocol = text(bytes, targetEnd + 1, lineStop);
  const fields: Fields = end < 0 ? { end: -1 } : readFields(bytes, behindLine(bytes, end));
  if (fields["user-agent"] !== undefined) http.http_user_agent = fields["user-agent"];
  if (fields.upgrade !== undefined) http.upgrade = fields.upgrade;
  // A proxy is told the host in the target (RFC 9112 section 3.2.2), and before HTTP/1.1 there alone.
  const host = isConnect ? target : (fields.host ?? /^https?:\/\/([^/?#]+)/i.exec(target)?.[1]);
  if (host !== undefined && host !== "") http.hostname = hostWithoutPort(host);
  if (target.includes("info_hash=")) announceTracked(bytes, methodLength, lineStop, context);
  const done = fields.end >= 0 || context.last;
  const facts = memory.requestInside ? { http_tunnel: http } : { http };
  if (!memory.requestInside) memory.connect = isConnect;
  memory.upgrade = fields.upgrade?.toLowerCase() ?? "";
  // Whether the server takes the change is not known yet; if it does not, nothing that matters follows.
  const changes = (isConnect || memory.upgrade !== "") && fields.end >= 0;
  const isTunnel = isConnect && changes && !memory.requestInside;
  if (isTunnel) memory.requestInside = true;
  else memory.requestDone ||= done;
  return {
    kind: "match",
    name: "http",
    facts,
    complete: memory.requestDone && memory.responseDone && !changes,
    done: done && !changes,
    ...(http.hostname === undefined ? {} : { hostname: http.hostname, hostnameSource: "http" as const }),
    ...(changes ? { handover: fields.end } : {}),
  };
}

/** Offset of the response behind interim ones (RFC 9110 section 15.2) but 101; that of the last one when nothing follows it. */
function finalResponse(bytes: Uint8Array): number {
  let at = 0;
  for (let count = 0; count < maxInterim; count++) {
    const isInterim = bytes[at + 9] === 0x31 && !hasAsciiAt(bytes, at + 9, "101");
    const end = isInterim ? lineEnd(bytes, at) : -1;
    const next = end < 0 ? -1 : readFields(bytes, behindLine(bytes, end)).end;
    if (next < 0 || isStatusLine(bytes.subarray(next)) !== "yes") return at;
    at = next;
  }
  return at;
}

/** Offset behind the line that ends at `end`, as `lineEnd` says it. */
const behindLine = (bytes: Uint8Array, end: number): number => (bytes[end] === carriageReturn ? end + 1 : end) + 1;

function parseResponse(bytes: Uint8Array, context: DissectContext, memory: HttpMemory): Verdict {
  const start = finalResponse(bytes);
  const end = lineEnd(bytes, start);
  if (end < 0 && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const http: HttpFacts = {
    protocol: asciiText(bytes, start, start + 8),
    status: Number(asciiText(bytes, start + 9, start + 12)),
  };
  const fields: Fields = end < 0 ? { end: -1 } : readFields(bytes, behindLine(bytes, end));
  if (fields.server !== undefined) http.server = fields.server;
  if (fields.upgrade !== undefined && http.status === 101) http.upgrade = fields.upgrade;
  const isInside = memory.responseInside;
  const facts = isInside ? { http_tunnel: http } : { http };
  const isTaken = memory.connect && !isInside ? http.status! >= 200 && http.status! < 300 : http.status === 101;
  const changes = isTaken && fields.end >= 0;
  const isInterim = http.status! < 200 && http.status !== 101;
  const done = (fields.end >= 0 && !isInterim) || context.last;
  const isTunnel = changes && memory.connect && !isInside;
  if (isTunnel) memory.responseInside = true;
  else memory.responseDone ||= done;
  const isRefused = done && !changes && (memory.connect || memory.upgrade !== "");
  return {
    kind: "match",
    name: "http",
    facts,
    complete: (memory.requestDone && memory.responseDone && !changes) || isRefused,
    done: done && !changes,
    ...(changes ? { handover: fields.end } : {}),
  };
}
