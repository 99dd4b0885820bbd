/**
 * RIP and RIPng: version, and how many routes are asked for or told.
 *
 * RFC 2453 sections 3.6 and 4 (RIP 1 and 2), RFC 4822 (authentication), RFC 2080 section 2.1 (RIPng).
 *
 *   RIP   = command(1: 1 request, 2 response) version(1: 1, 2) 0(2) (family(2) tag(2) address(4) mask(4) next(4) metric(4))*
 *   RIPng = command(1) version(1: 1) 0(2) (prefix(16) tag(2) length(1) metric(1))*
 *
 * Evidence: the port, and entries that fill the datagram, each with a family, a metric or a length that exists.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ripPort = 520;
const ripngPort = 521;
const header = 4;
const entryLength = 20;
const inet = 2;
const authentication = 0xffff;
const infinity = 16;
const nextHopMetric = 0xff;
/** Authentication data that follows the routes: 16 bytes of MD5, up to 64 of SHA-512, after a head of 4. */
const longestTrailer = 68;

export function isRipFirst(byte: number): boolean {
  return byte === 1 || byte === 2;
}

function isRoute(bytes: Uint8Array, at: number): boolean {
  const family = u16At(bytes, at);
  const metric = u32At(bytes, at + 16);
  if (family === authentication) return true;
  // Family 0 asks for the whole table (section 3.9.1).
  return (family === inet || family === 0) && metric <= infinity;
}

function isPrefix(bytes: Uint8Array, at: number): boolean {
  const metric = bytes[at + 19]!;
  return bytes[at + 18]! <= 128 && (metric <= infinity || metric === nextHopMetric);
}

/** Routes of the datagram, or -1 when it is none. */
function countEntries(bytes: Uint8Array, isNextGeneration: boolean, isCut: boolean): number {
  let count = 0;
  let at = header;
  for (; at + entryLength <= bytes.length; at += entryLength) {
    if (!(isNextGeneration ? isPrefix(bytes, at) : isRoute(bytes, at))) break;
    if (isNextGeneration || u16At(bytes, at) !== authentication) count++;
  }
  const left = bytes.length - at;
  const isAuthenticated = !isNextGeneration && u16At(bytes, header) === authentication;
  return count > 0 && (left === 0 || (isCut && left < entryLength) || (isAuthenticated && left <= longestTrailer))
    ? count
    : -1;
}

const isNextGeneration = (context: DissectContext): boolean =>
  context.serverPort === ripngPort || context.clientPort === ripngPort;

export function probeRip(bytes: Uint8Array, context: DissectContext): Likeness {
  const newer = isNextGeneration(context);
  if (!newer && context.serverPort !== ripPort && context.clientPort !== ripPort) return "no";
  const version = bytes[1]!;
  if (bytes.length < header + entryLength || u16At(bytes, 2) !== 0 || version < 1 || version > (newer ? 1 : 2))
    return "no";
  return countEntries(bytes, newer, context.last) > 0 ? "yes" : "no";
}

export function parseRip(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeRip(bytes, context) !== "yes") return { kind: "notMine" };
  const newer = isNextGeneration(context);
  const name = newer ? "ripng" : "rip";
  const facts = {
    version: bytes[1]!,
    command: bytes[0] === 1 ? "request" : "response",
    entries: countEntries(bytes, newer, context.last),
  };
  return { kind: "match", name, facts: { [name]: facts }, complete: true };
}
