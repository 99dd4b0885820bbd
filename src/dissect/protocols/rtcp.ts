/**
 * RTCP: which reports are sent. No names of people (CNAME).
 *
 * RFC 3550 sections 6.1 (compound packets) and 6.4 to 6.7, RFC 4585 section 6.1 (feedback), RFC 3611 (extended reports).
 *
 *   packet = 2(2 bits) padding(1 bit) count(5 bits) type(1: 200-207) length(2: words - 1) source(4) ...
 *
 * SRTCP   = header(8) enciphered 1(1 bit: E) index(31 bits) [key id] [tag(4 or 10)];  RFC 3711 section 3.4, RFC 7714 section 9.2
 *
 * Evidence: a compound packet that begins with a report of the length that its count demands, and fills the datagram. Of SRTCP,
 * which hides all but the first header, two datagrams of one source whose index goes on by little.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const types: ReadonlyMap<number, string> = new Map([
  [200, "sender_report"],
  [201, "receiver_report"],
  [202, "source_description"],
  [203, "bye"],
  [204, "application"],
  [205, "transport_feedback"],
  [206, "payload_feedback"],
  [207, "extended_report"],
]);
const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const bye = 203;
const transportFeedback = 205;
const payloadFeedback = 206;
const reportBlock = 24;
const maxPackets = 16;

/** Where the index of SRTCP may stand, from the datagram's end: a tag of 80 or of 32 bits behind it, or none. */
const indexPlaces = [14, 8, 4];
const longestStep = 32;

/** What was seen of a direction that may be SRTCP: its source, and the index at each of `indexPlaces`. */
interface Secured {
  source: number;
  indexes: readonly number[];
}

interface RtcpMemory {
  readonly sides: [Secured | undefined, Secured | undefined];
}

export function isRtcpFirst(byte: number): boolean {
  return byte >> 6 === 2;
}

/** Whether packets fill the datagram; `found` is told each type. */
function walk(bytes: Uint8Array, found: (type: number) => void): boolean {
  let at = 0;
  for (let count = 0; count < maxPackets && at + 4 <= bytes.length; count++) {
    const type = bytes[at + 1]!;
    if (bytes[at]! >> 6 !== 2 || !types.has(type)) return false;
    found(type);
    at += (u16At(bytes, at + 2) + 1) * 4;
  }
  return at === bytes.length;
}

/** Length of the report that begins the bytes, -1 when none does. */
function reportLength(bytes: Uint8Array): number {
  const type = bytes[1];
  if (bytes.length < 8 || (type !== senderReport && type !== receiverReport)) return -1;
  const length = (u16At(bytes, 2) + 1) * 4;
  const least = (type === senderReport ? 28 : 8) + (bytes[0]! & 0x1f) * reportBlock;
  return length < least ? -1 : length;
}

function isCompound(bytes: Uint8Array): boolean {
  const length = reportLength(bytes);
  // What follows a report in a compound packet describes its source (or takes leave); section 6.1.
  if (length < 0 || !walk(bytes, () => undefined)) return false;
  const next = bytes[length + 1];
  return length === bytes.length || next === sourceDescription || next === bye || next! >= 204;
}

/** The indexes that SRTCP may have here, -1 where there is none; undefined when it can be no SRTCP. */
function securedIndexes(bytes: Uint8Array): readonly number[] | undefined {
  const length = reportLength(bytes);
  if (length < 0) return undefined;
  const found = indexPlaces.map((place) => {
    const at = bytes.length - place;
    return at >= length && u32At(bytes, at) >= 0x8000_0000 ? u32At(bytes, at) - 0x8000_0000 : -1;
  });
  return found.some((index) => index >= 0) ? found : undefined;
}

/** RFC 5506 section 3.4.2: feedback may come alone: its own source, and that of the media. */
function isFeedback(bytes: Uint8Array): boolean {
  const isType = bytes[1] === transportFeedback || bytes[1] === payloadFeedback;
  const isNumbered = (bytes[0]! & 0x1f) > 0 && (bytes[0]! & 0x20) === 0;
  return (
    bytes.length >= 12 && isType && isNumbered && (u16At(bytes, 2) + 1) * 4 === bytes.length && u32At(bytes, 4) !== 0
  );
}

export function probeRtcp(bytes: Uint8Array): Likeness {
  return isCompound(bytes) || isFeedback(bytes) || securedIndexes(bytes) !== undefined ? "yes" : "no";
}

/** Whether this SRTCP goes on from the one before it. */
function goesOn(bytes: Uint8Array, indexes: readonly number[], context: DissectContext): boolean {
  const { sides } = recall<RtcpMemory>(context, "rtcp", () => ({ sides: [undefined, undefined] }));
  const side = context.toServer ? 0 : 1;
  const before = sides[side];
  const source = u32At(bytes, 4);
  sides[side] = { source, indexes };
  if (before?.source !== source) return false;
  return indexes.some((index, place) => {
    const step = index - (before.indexes[place] ?? -1);
    return index >= 0 && before.indexes[place]! >= 0 && step >= 1 && step <= longestStep;
  });
}

export function parseRtcp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!isCompound(bytes) && !isFeedback(bytes)) {
    const indexes = securedIndexes(bytes);
    if (indexes === undefined) return { kind: "notMine" };
    if (!goesOn(bytes, indexes, context)) return { kind: "needMore", bytes: bytes.length };
    return { kind: "match", name: "rtcp", facts: { rtcp: { secured: true } }, complete: false };
  }
  const packets: string[] = [];
  walk(bytes, (type) => {
    const name = types.get(type)!;
    if (!packets.includes(name)) packets.push(name);
  });
  if (packets.length === 0) return { kind: "notMine" };
  return { kind: "match", name: "rtcp", facts: { rtcp: { packets } }, complete: false };
}
