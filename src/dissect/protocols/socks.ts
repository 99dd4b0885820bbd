/**
 * SOCKS 4, 4a and 5: where the client wants to be taken. No names, no passwords.
 *
 * RFC 1928 sections 3 (methods), 4 (requests), 6 (replies); RFC 1929; "SOCKS: A protocol for TCP proxy across firewalls" and its
 * 4A extension.
 *
 *   v5 methods = 5 n(1) method(n);  request = 5 command(1) 0 type(1) address port(2);  selection = 5 method(1)
 *   v4 request = 4 command(1) port(2) address(4) user NUL [name NUL, when the address is 0.0.0.x]
 *
 * Evidence: a v5 request behind its methods, or methods and selection that agree; the methods alone on port 1080.
 */
import { asciiText, escapeControls, indexOfByte, u16At } from "../../bytes/index.ts";
import { formatAddress } from "../../model/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const socksPort = 1080;
const maxMethods = 10;
const commands = ["connect", "bind", "udp_associate"] as const;
const addressType = { ipv4: 1, domain: 3, ipv6: 4 } as const;
const passwordMethod = 2;
const maxUser = 256;

interface SocksMemory {
  /** Method that the server chose, or -1. */
  method: number;
}

export function isSocksFirst(byte: number): boolean {
  return byte === 4 || byte === 5;
}

/** Offset behind a v5 client's methods; -1: they do not fit, -2: cut off. */
function methodsEnd(bytes: Uint8Array): number {
  const count = bytes[1] ?? 0;
  if (bytes.length < 2) return -2;
  if (count < 1 || count > maxMethods) return -1;
  for (let at = 2; at < Math.min(2 + count, bytes.length); at++) {
    // Assigned are 0 to 9, and 0x80 to 0xfe are private.
    if (bytes[at]! > 9 && bytes[at]! < 0x80) return -1;
  }
  return 2 + count <= bytes.length ? 2 + count : -2;
}

/** Offset of the v5 request, with the RFC 1929 exchange passed over; -1: none fits, -2: cut off. */
function requestStart(bytes: Uint8Array): number {
  const end = methodsEnd(bytes);
  if (end < 0) return end;
  if (end === bytes.length) return -2;
  if (bytes[end] !== 1) return end;
  const user = bytes[end + 1];
  const password = user === undefined ? undefined : bytes[end + 2 + user];
  if (user === undefined || password === undefined) return -2;
  const next = end + 3 + user + password;
  return next < bytes.length ? next : -2;
}

/** Offset behind the v5 request or reply at `at`; -1: it does not fit, -2: cut off. */
function requestEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + 5) return -2;
  if (bytes[at] !== 5 || bytes[at + 2] !== 0) return -1;
  const type = bytes[at + 3];
  const isKnown = type === addressType.ipv4 || type === addressType.ipv6 || type === addressType.domain;
  if (!isKnown) return -1;
  const length = type === addressType.ipv4 ? 4 : type === addressType.ipv6 ? 16 : 1 + bytes[at + 4]!;
  const end = at + 4 + length + 2;
  return end <= bytes.length ? end : -2;
}

/** Offset behind a v4 request; -1: it does not fit, -2: cut off. */
function version4End(bytes: Uint8Array): number {
  if (bytes.length < 9) return -2;
  if (bytes[1] !== 1 && bytes[1] !== 2) return -1;
  let end = indexOfByte(bytes, 0, 8, 8 + maxUser);
  if (end < 0) return isPrintable(bytes, 8, bytes.length) && bytes.length < 8 + maxUser ? -2 : -1;
  if (!isPrintable(bytes, 8, end) || u16At(bytes, 2) === 0) return -1;
  if (isNamed(bytes)) {
    const start = end + 1;
    end = indexOfByte(bytes, 0, start, start + maxUser);
    if (end < 0) return bytes.length < start + maxUser ? -2 : -1;
    if (!isPrintable(bytes, start, end) || end === start) return -1;
  }
  return end + 1;
}

/** 4a: the address is 0.0.0.x, a name follows. */
function isNamed(bytes: Uint8Array): boolean {
  return bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] !== 0;
}

export function probeSocks(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === socksPort;
  if (bytes[0] === 4) {
    const end = version4End(bytes);
    if (end === -2) return undecided(context.last);
    return end > 0 && (end === bytes.length || isOwn) ? "yes" : "no";
  }
  const start = requestStart(bytes);
  if (start === -2) return isOwn && methodsEnd(bytes) > 0 ? "yes" : undecided(context.last);
  if (start < 0) return "no";
  const command = bytes[start + 1];
  if (bytes[start] !== 5 || (command !== undefined && (command < 1 || command > 3))) return "no";
  const end = requestEnd(bytes, start);
  return end === -1 ? "no" : end > 0 ? "yes" : undecided(context.last);
}

export function parseSocks(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<SocksMemory>(context, "socks", () => ({ method: -1 }));
  if (!context.toServer) return readReply(bytes, memory);
  if (bytes[0] === 4) {
    const end = version4End(bytes);
    if (end < 0) return { kind: "needMore", bytes: bytes.length + 1 };
    const nameStart = indexOfByte(bytes, 0, 8) + 1;
    const host = isNamed(bytes) ? text(bytes, nameStart, end - 1) : formatAddress(bytes, 4, 4);
    const command = commands[bytes[1]! - 1];
    return request({ version: 4, command, host, port: u16At(bytes, 2) }, isNamed(bytes), end);
  }
  const start = requestStart(bytes);
  const end = start < 0 ? start : requestEnd(bytes, start);
  if (end < 0) return { kind: "match", name: "socks", facts: { socks: { version: 5 } }, complete: false };
  const type = bytes[start + 3];
  const isDomain = type === addressType.domain;
  const from = start + 4;
  const host = isDomain ? text(bytes, from + 1, end - 2) : formatAddress(bytes, from, end - 2 - from);
  return request(
    { version: 5, command: commands[bytes[start + 1]! - 1], host, port: u16At(bytes, end - 2) },
    isDomain,
    end,
  );
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return escapeControls(asciiText(bytes, start, end, 255));
}

/** What is asked for; behind it the stream is the target's. */
function request(socks: Record<string, unknown>, isName: boolean, end: number): Verdict {
  const facts = { socks };
  const hostname = isName && typeof socks["host"] === "string" ? { hostname: socks["host"] } : {};
  return { kind: "match", name: "socks", facts, complete: false, handover: end, ...hostname };
}

function readReply(bytes: Uint8Array, memory: SocksMemory): Verdict {
  const facts = { socks: {} };
  if (bytes[0] === 0) {
    // Version 4 answers with 8 bytes, 90 for granted.
    if (bytes.length < 8) return { kind: "match", name: "socks", facts, complete: false };
    return bytes[1] === 90
      ? { kind: "match", name: "socks", facts, complete: false, handover: 8 }
      : { kind: "match", name: "socks", facts, complete: true };
  }
  memory.method = bytes[1] ?? -1;
  const start = 2 + (memory.method === passwordMethod ? 2 : 0);
  const end = requestEnd(bytes, start);
  if (end < 0) return { kind: "match", name: "socks", facts, complete: false };
  if (bytes[start + 1] !== 0) return { kind: "match", name: "socks", facts, complete: true };
  return { kind: "match", name: "socks", facts, complete: false, handover: end };
}
