/**
 * RTCP: which reports are sent. No names of people (CNAME).
 *
 * RFC 3550 sections 6.1 (compound packets) and 6.4 to 6.7, RFC 4585 section 6.1 (feedback), RFC 3611 (extended reports).
 *
 *   packet = 2(2 bits) padding(1 bit) count(5 bits) type(1: 200-207) length(2: words - 1) source(4) ...
 *
 * Evidence: a compound packet that begins with a report of the length that its count demands, and fills the datagram. SRTCP
 * leaves the first header in clear and hides the rest.
 */
import { u16At } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

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
const reportBlock = 24;
const maxPackets = 16;

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

export function probeRtcp(bytes: Uint8Array): Likeness {
  const type = bytes[1];
  if (bytes.length < 8 || (type !== senderReport && type !== receiverReport)) return "no";
  const length = (u16At(bytes, 2) + 1) * 4;
  const least = (type === senderReport ? 28 : 8) + (bytes[0]! & 0x1f) * reportBlock;
  // What follows a report in a compound packet describes its source (or takes leave); section 6.1.
  if (length < least || !walk(bytes, () => undefined)) return "no";
  const next = bytes[length + 1];
  return length === bytes.length || next === sourceDescription || next === bye || next! >= 204 ? "yes" : "no";
}

export function parseRtcp(bytes: Uint8Array): Verdict {
  const packets: string[] = [];
  walk(bytes, (type) => {
    const name = types.get(type)!;
    if (!packets.includes(name)) packets.push(name);
  });
  if (packets.length === 0) return { kind: "notMine" };
  return { kind: "match", name: "rtcp", facts: { rtcp: { packets } }, complete: false };
}
