/**
 * S7comm and S7comm-plus (Siemens controllers): the rack and slot that are spoken to, and what is asked. No values.
 *
 * RFC 1006 section 6 (TPKT), RFC 905 section 13 (X.224 class 0: CR, CC, DT). What is inside has no public document: its first
 * byte 0x32 (0x72: plus), a kind, and lengths that must add up to the TPKT's.
 *
 *   TPKT = 3 0 length(2);  CR | CC = length(1) 0xE0|0xD0 references(4) class(1) (code(1) length(1) value)*
 *   DT   = 2 0xF0 0x80 data;  data = 0x32 kind(1) 0(2) reference(2) parameters(2) data(2) [error(2)] ... | 0x72 version(1) length(2) ...
 *
 * Evidence: the data unit. A connection request alone is X.224 for many (RDP, MMS), and decides nothing.
 */
import { u16At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const tpktHeader = 4;
const dataHeader = tpktHeader + 3;
const classic = 0x32;
const plus = 0x72;
const job = 1;
const acknowledgement = 2;
const answer = 3;
const userData = 7;
const remoteAccessPoint = 0xc2;
const maxPackets = 4;
const functions: ReadonlyMap<number, string> = new Map([
  [0x00, "cpu_services"],
  [0x04, "read_variable"],
  [0x05, "write_variable"],
  [0x1a, "request_download"],
  [0x1b, "download_block"],
  [0x1c, "download_ended"],
  [0x1d, "start_upload"],
  [0x1e, "upload"],
  [0x1f, "end_upload"],
  [0x28, "plc_control"],
  [0x29, "plc_stop"],
  [0xf0, "setup_communication"],
]);

export function isS7commFirst(byte: number): boolean {
  return byte === 3;
}

/** Whether what is there of the TPKT at `at` fits: "yes" when it is a whole X.224 connection request or confirm. */
function isConnection(bytes: Uint8Array, at: number): Likeness {
  const length = u16At(bytes, at + 2);
  if (bytes.length < at + 6) return "more";
  const type = bytes[at + 5]!;
  if (length < 11 || length > 128 || bytes[at + 4] !== length - 5 || (type !== 0xe0 && type !== 0xd0)) return "no";
  return bytes.length < at + length ? "more" : "yes";
}

function isTpkt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 3 && (at + 1 >= bytes.length || bytes[at + 1] === 0);
}

function isEmptyData(bytes: Uint8Array, at: number): boolean {
  return u16At(bytes, at + 2) === dataHeader && bytes[at + 4] === 2 && bytes[at + 5] === 0xf0;
}

/** Offset of the first TPKT that is no connection request or confirm and not empty, or -1. */
function dataAt(bytes: Uint8Array): number {
  let at = 0;
  for (let count = 0; count < maxPackets && at < bytes.length; count++) {
    if (!isTpkt(bytes, at)) return -1;
    // A data unit without data keeps a connection open.
    if (isConnection(bytes, at) !== "yes" && !isEmptyData(bytes, at)) return at;
    at += u16At(bytes, at + 2);
  }
  return at;
}

function headLength(kind: number): number {
  return kind === acknowledgement || kind === answer ? 12 : 10;
}

/** Whether the data unit in the TPKT at `at` has the structure of S7comm (`classic`) or of its successor. */
function isData(bytes: Uint8Array, at: number): Likeness {
  if (bytes.length < at + dataHeader + 4) return "more";
  const length = u16At(bytes, at + 2);
  if (bytes[at + 4] !== 2 || bytes[at + 5] !== 0xf0 || (bytes[at + 6]! & 0x7f) !== 0) return "no";
  const start = at + dataHeader;
  const content = length - dataHeader;
  if (bytes[start] === plus) {
    const version = bytes[start + 1]!;
    return version >= 1 && version <= 3 && u16At(bytes, start + 2) + 4 <= content ? "yes" : "no";
  }
  const kind = bytes[start + 1]!;
  if (bytes[start] !== classic || (kind > answer && kind !== userData) || kind < job) return "no";
  if (bytes.length < start + 10) return "more";
  const stated = headLength(kind) + u16At(bytes, start + 6) + u16At(bytes, start + 8);
  return u16At(bytes, start + 2) === 0 && stated === content ? "yes" : "no";
}

export function probeS7comm(bytes: Uint8Array, context: DissectContext): Likeness {
  const at = dataAt(bytes);
  if (at < 0) return "no";
  if (at >= bytes.length) return undecided(context.last);
  const connection = isConnection(bytes, at);
  const data = isData(bytes, at);
  if (data === "yes") return "yes";
  return connection === "no" && data === "no" ? "no" : undecided(context.last);
}

/** Rack and slot in the second byte of the called transport selector, as the controllers read it. */
function calledStation(bytes: Uint8Array): { rack: number; slot: number } | undefined {
  if (bytes[5] !== 0xe0) return undefined;
  const end = Math.min(u16At(bytes, 2), bytes.length);
  for (let at = 11; at + 2 <= end; at += 2 + bytes[at + 1]!) {
    if (bytes[at] !== remoteAccessPoint || bytes[at + 1] !== 2 || at + 4 > end) continue;
    return { rack: bytes[at + 3]! >> 5, slot: bytes[at + 3]! & 0x1f };
  }
  return undefined;
}

export function parseS7comm(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = dataAt(bytes);
  if (at < 0) return { kind: "notMine" };
  if (at >= bytes.length || bytes.length < at + dataHeader + 4) return { kind: "needMore", bytes: at + dataHeader + 4 };
  if (isData(bytes, at) !== "yes") return { kind: "notMine" };
  const start = at + dataHeader;
  if (bytes[start] === plus) {
    const facts = { s7comm_plus: { version: bytes[start + 1]! } };
    return { kind: "match", name: "s7comm-plus", facts, complete: !context.toServer, done: true };
  }
  const kind = bytes[start + 1]!;
  const code = u16At(bytes, start + 6) > 0 ? bytes[start + headLength(kind)] : undefined;
  const called = code === undefined || kind === acknowledgement ? undefined : functions.get(code);
  const s7comm: Record<string, unknown> = { ...calledStation(bytes) };
  if (called !== undefined) s7comm["function"] = called;
  return { kind: "match", name: "s7comm", facts: { s7comm }, complete: !context.toServer, done: true };
}
