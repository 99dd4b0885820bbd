/**
 * STUN and TURN: what is asked, and the software's name. No addresses, names or passwords.
 *
 * RFC 8489 sections 5 (header) and 14 (attributes), RFC 8656 sections 12.4 (channels) and 17 (TURN methods), RFC 3489 section
 * 11.1 (before there was a cookie); RFC 7983 (what else comes on the same port).
 *
 *   type(2: two zero bits) length(2) 0x2112A442 transaction(12) (type(2) length(2) value, padded to 4)*
 *
 * Evidence: the magic cookie, a length that is the datagram's, and attributes that fill it; without the cookie a method and
 * attributes of RFC 3489 only, or [MS-TURN]'s cookie (on STUN's ports any attributes, or none), or a request and an answer that
 * repeats its 16 bytes. Of a relay that was joined later, data of a channel: on STUN's ports one datagram, elsewhere several that carry
 * what channels carry. What follows on the same flow is told by its first byte: DTLS, RTP and RTCP name the flow.
 */
import { parseDtls, probeDtls } from "./dtls.ts";
import { parseRtp } from "./rtp.ts";
import { recall } from "../flow-memory.ts";
import { equalBytes, escapeControls, u16At, u32At, utf8Text } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

export const headerLength = 20;
export const stunCookie = 0x2112a442;
const software = 0x8022;
const maxAttributes = 32;
/** IANA's, and the other port that servers of RFC 3489 answer from. */
const ports: readonly number[] = [3478, 3479];
const methods: ReadonlyMap<number, string> = new Map([
  [1, "binding"],
  [3, "allocate"],
  [4, "refresh"],
  [6, "send"],
  [7, "data"],
  [8, "create_permission"],
  [9, "channel_bind"],
]);

/** The first byte of a message. */
export function isStunFirst(byte: number): boolean {
  return byte < 0x40;
}

/** The first byte of a message or of a channel's data. */
export function isTurnFirst(byte: number): boolean {
  return byte < 0x80;
}

/** RFC 8656 section 12.4: data of a channel has its length, but for up to three bytes that fill a word. */
function isChannelData(bytes: Uint8Array): boolean {
  const channel = u16At(bytes, 0);
  const left = bytes.length - 4 - u16At(bytes, 2);
  return bytes.length > 4 && channel >= firstChannel && channel <= lastChannel && left >= 0 && left <= 3;
}

const isOwnPort = (context: DissectContext): boolean =>
  ports.includes(context.serverPort) || ports.includes(context.clientPort);

/** What a peer sends through a channel: STUN, RTP or DTLS, by their first bytes (RFC 7983). */
function isMedia(bytes: Uint8Array): boolean {
  const first = bytes[4]!;
  const isMessage = first < 4 && u32At(bytes, 8) === stunCookie;
  return isMessage || first >> 6 === 2 || (first >= 20 && first <= 23 && bytes[5] === 0xfe);
}

/** Method of RFC 8489 figure 3: the type without its two class bits. */
function methodOf(type: number): number {
  return (type & 0xf) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2);
}

/** Types of RFC 3489 section 11.2: MAPPED-ADDRESS (1) to REFLECTED-FROM (11). */
const lastClassicAttribute = 11;
const classicTypes: ReadonlySet<number> = new Set([0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112]);

interface StunMemory {
  /** What came on the flow beside STUN and names it. */
  carried: "dtls" | "rtp" | undefined;
  /** Identifier of a request of before the cookie without attributes, which only its answer tells from other bytes. */
  asked: Uint8Array | undefined;
  /** A channel whose data came first, and how often. */
  channel: number;
  agreed: number;
  /** Enough was seen. */
  known: boolean;
}

const fresh = (): StunMemory => ({ carried: undefined, asked: undefined, channel: 0, agreed: 0, known: false });
/** Datagrams of one channel that tell on a port that is not TURN's. */
const neededData = 3;
/** RFC 8656 section 12: channels that may be bound; RFC 5766 section 11 had more of them. */
const [firstChannel, lastChannel] = [0x4000, 0x7ffe];
const bindingRequest = 0x0001;
const identifierLength = 16;
/** Identifiers are random: of 16 such bytes most differ. */
const leastDifferent = 8;

/**
 * Whether attributes fill the message; `strict`: none but those of RFC 3489, and one at the least; `padded`: to words, but for the
 * last of them, as some clients leave it.
 */
export function attributesFit(bytes: Uint8Array, strict: boolean, padded = true): boolean {
  let at = headerLength;
  let count = 0;
  let end = at;
  for (; at + 4 <= bytes.length && count < maxAttributes; count++) {
    const type = u16At(bytes, at);
    if (strict && (type < 1 || type > lastClassicAttribute)) return false;
    const length = u16At(bytes, at + 2);
    end = at + 4 + length;
    at += 4 + (padded ? (length + 3) & ~3 : length);
  }
  return (at === bytes.length || (!strict && end === bytes.length)) && (!strict || count > 0);
}

/** [MS-TURN] section 2.2.2.1: before RFC 5389 its cookie was the first attribute. Section 2.2.2: attributes are not padded there. */
function hasOldCookie(bytes: Uint8Array): boolean {
  return u32At(bytes, headerLength) === 0x000f_0004 && u32At(bytes, headerLength + 4) === 0x72c6_4bc6;
}

export function probeStun(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0]! >= 0x40) return isChannelData(bytes) && (isOwnPort(context) || isMedia(bytes)) ? "yes" : "no";
  const likeness = probeMessage(bytes, context);
  return likeness === "no" && isOldExchange(bytes) ? "yes" : likeness;
}

/** A message of before the cookie with any attributes, or none: a request, and the answer that repeats its 16 bytes. */
function isOldExchange(bytes: Uint8Array): boolean {
  const isSized = bytes.length >= headerLength && u16At(bytes, 2) === bytes.length - headerLength;
  if (!isSized || !classicTypes.has(u16At(bytes, 0))) return false;
  return new Set(bytes.subarray(4, headerLength)).size >= leastDifferent && attributesFit(bytes, false);
}

function probeMessage(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u16At(bytes, 2);
  if (bytes.length < headerLength || bytes[0]! >= 0x40) return "no";
  const classic = u32At(bytes, 4) !== stunCookie && !hasOldCookie(bytes);
  if (classic && (length % 4 !== 0 || !classicTypes.has(u16At(bytes, 0)))) return "no";
  if (length !== bytes.length - headerLength)
    return !classic && context.last && length > bytes.length - headerLength ? "yes" : "no";
  if (attributesFit(bytes, classic && !isOwnPort(context))) return "yes";
  return !classic && attributesFit(bytes, false, false) ? "yes" : "no";
}

/** Method and software of a message. */
export function readMessage(bytes: Uint8Array): Record<string, unknown> {
  const stun: Record<string, unknown> = {};
  const method = methods.get(methodOf(u16At(bytes, 0)));
  if (method !== undefined) stun["method"] = method;
  let at = headerLength;
  for (let count = 0; at + 4 <= bytes.length && count < maxAttributes; count++) {
    const length = u16At(bytes, at + 2);
    if (u16At(bytes, at) === software && at + 4 + length <= bytes.length) {
      stun["software"] = escapeControls(utf8Text(bytes, at + 4, at + 4 + length, 128));
    }
    at += 4 + ((length + 3) & ~3);
  }
  return stun;
}

/** What shares the flow with STUN, by its first byte: RFC 7983 section 7. */
function parseCarried(bytes: Uint8Array, context: DissectContext, memory: StunMemory): Verdict {
  const first = bytes[0]!;
  if (first >= 20 && first <= 63 && probeDtls(bytes, context) === "yes") {
    const verdict = parseDtls(bytes, context);
    if (verdict.kind === "match") memory.carried = "dtls";
    return verdict;
  }
  if (first >= 64 && first <= 79 && u16At(bytes, 2) <= bytes.length - 4) {
    return { kind: "match", name: memory.carried ?? "stun", facts: { stun: { channel_data: true } }, complete: false };
  }
  if (first < 128 || first > 191 || memory.carried === "dtls") return { kind: "notMine" };
  const verdict = parseRtp(bytes, context);
  if (verdict.kind === "match") memory.carried = "rtp";
  return verdict;
}

/** Whether this datagram tells, or agrees with those before it. */
function isBeginning(bytes: Uint8Array, context: DissectContext, memory: StunMemory): boolean {
  if (bytes[0]! >= 0x40) {
    const channel = u16At(bytes, 0);
    memory.agreed = memory.channel === channel ? memory.agreed + 1 : 1;
    memory.channel = channel;
    return isOwnPort(context) || memory.agreed >= neededData;
  }
  if (probeMessage(bytes, context) === "yes") return true;
  const identifier = bytes.slice(4, 4 + identifierLength);
  if (u16At(bytes, 0) === bindingRequest) memory.asked = identifier;
  else if (memory.asked !== undefined) return equalBytes(memory.asked, 0, identifier, 0, identifierLength);
  return false;
}

export function parseStun(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<StunMemory>(context, "stun", fresh);
  if (!memory.known) {
    const known = isBeginning(bytes, context, memory);
    if (!known) return { kind: "needMore", bytes: headerLength };
    memory.known = true;
  }
  if (bytes[0]! >= 0x40 || probeMessage(bytes, context) !== "yes") {
    if (!isOldExchange(bytes)) return parseCarried(bytes, context, memory);
  }
  return { kind: "match", name: memory.carried ?? "stun", facts: { stun: readMessage(bytes) }, complete: false };
}
