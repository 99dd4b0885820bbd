/**
 * Remote Desktop: what security was negotiated. No names.
 *
 * [MS-RDPBCGR] sections 2.2.1.1 (connection request) and 2.2.1.2 (confirm), RFC 1006 / T.123 (TPKT), X.224 section 13.3.
 *
 *   TPKT = 3 0 length(2);  X.224 = length(1) 0xE0|0xD0 destination(2) source(2) class(1)
 *   request = ["Cookie: mstshash=" name CRLF | "Cookie: msts=" token CRLF] [negotiation];  negotiation = type(1) flags(1) 8 0 protocols(4), little-endian
 *
 * Evidence: lengths that agree, and a cookie or a negotiation: others begin with TPKT and X.224 too. On the port of Remote Desktop
 * neither is needed: before version 5.2 there was none. Of a session that was joined later, what MCS says in it.
 */
import { hasAsciiAt, u16At, u16LittleAt, u32LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headLength = 11;
const negotiationLength = 8;
const connectionRequest = 0xe0;
const connectionConfirm = 0xd0;
const maxLength = 512;
const port = 3389;
const mcsConnect = 0x7f;
/** Erect domain, disconnect, attach and join with their answers, send data to and fro: the choice in the upper six bits. */
const mcsMessages: readonly number[] = [0x04, 0x20, 0x28, 0x2c, 0x38, 0x3c, 0x64, 0x68];
const maxData = 16_384;
const cookies = ["Cookie: mstshash=", "Cookie: msts="];

export function isRdpFirst(byte: number): boolean {
  return byte === 3;
}

function tpktLength(bytes: Uint8Array): number {
  const length = u16At(bytes, 2);
  return bytes[0] === 3 && bytes[1] === 0 && length >= headLength && length <= maxLength ? length : -1;
}

/** Offset of the negotiation structure at the end of the TPKT, or -1. */
function negotiationAt(bytes: Uint8Array, length: number): number {
  // A correlation info (36 bytes, type 6) may follow the negotiation.
  for (const at of [length - negotiationLength, length - negotiationLength - 36]) {
    if (at < headLength || u16LittleAt(bytes, at + 2) !== negotiationLength) continue;
    if (bytes[at]! >= 1 && bytes[at]! <= 3 && u32LittleAt(bytes, at + 4) <= 0x1f) return at;
  }
  return -1;
}

/**
 * Section 2.2.1.3 and T.125: a data unit of X.224 whose MCS connects (0x7F 0x65, 0x66), which hardly anything else does; on the port
 * any message of MCS that a session has.
 */
function isMcs(bytes: Uint8Array, context: DissectContext): boolean {
  if (bytes[4] !== 2 || bytes[5] !== 0xf0 || bytes[6] !== 0x80 || bytes.length < 9) return false;
  if (bytes[7] === mcsConnect) return bytes[8] === 0x65 || bytes[8] === 0x66;
  const isOwn = context.serverPort === port || context.clientPort === port;
  return isOwn && u16At(bytes, 2) <= maxData && mcsMessages.includes(bytes[7]! & ~3);
}

export function probeRdp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 1 && bytes[1] !== 0) return "no";
  if (bytes[0] === 3 && isMcs(bytes, context)) return "yes";
  if (bytes.length < headLength) return undecided(context.last);
  const length = tpktLength(bytes);
  const type = bytes[5]!;
  if (length < 0 || bytes[4] !== length - 5 || (type !== connectionRequest && type !== connectionConfirm)) return "no";
  if (bytes.length < length) return undecided(context.last);
  const hasCookie = cookies.some((cookie) => hasAsciiAt(bytes, headLength, cookie));
  const isPlain = length === headLength && (context.serverPort === port || context.clientPort === port);
  return hasCookie || isPlain || negotiationAt(bytes, length) > 0 ? "yes" : "no";
}

/** [MS-RDPBCGR] sections 2.2.1.1.1 and 2.2.1.2.1: of the request a set of bits, of the answer one of them. */
function protocolNames(protocols: number): string[] {
  const names = ["ssl", "hybrid", "rdstls", "hybrid_ex", "rdsaad"].filter((_, bit) => (protocols & (1 << bit)) !== 0);
  return names.length === 0 ? ["rdp"] : names;
}

export function parseRdp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (isMcs(bytes, context)) return { kind: "match", name: "rdp", facts: { rdp: {} }, complete: true };
  const length = tpktLength(bytes);
  if (length < 0) return { kind: "notMine" };
  if (bytes.length < length) return { kind: "needMore", bytes: length };
  const at = negotiationAt(bytes, length);
  const protocols = at < 0 ? 0 : u32LittleAt(bytes, at + 4);
  const isAnswer = bytes[5] === connectionConfirm;
  // Type 3 is a refusal: its number is a reason.
  const isRefusal = at > 0 && bytes[at] === 3;
  const rdp = isRefusal
    ? { failure: protocols }
    : isAnswer
      ? { selected_protocol: protocolNames(protocols)[0] }
      : { requested_protocols: protocolNames(protocols) };
  const goesOn = protocols !== 0 && !isRefusal && !context.last;
  return {
    kind: "match",
    name: "rdp",
    facts: { rdp },
    complete: isAnswer && !goesOn,
    ...(goesOn ? { handover: length } : {}),
  };
}
