/**
 * Control packets of MQTT, for streams that were joined behind the CONNECT.
 *
 * OASIS MQTT 3.1.1 and 5.0 sections 2.1 (fixed header: types, flags, remaining length), 3.3 (PUBLISH), 3.8 (SUBSCRIBE), 4.7 (topics).
 *
 *   packet = type(4 bits) flags(4 bits) length(1 to 4: varint) rest;  PUBLISH = topic<2> [id(2), QoS above 0] message
 */
import { isUtf8, u16At } from "../../bytes/index.ts";

const type = {
  connack: 2,
  publish: 3,
  puback: 4,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  disconnect: 14,
} as const;
const pings: readonly number[] = [12, 13];
const largest = 1 << 24;

/** Section 2.1.3: the flags of a type are fixed, but of PUBLISH, which has no QoS 3. */
function flagsFit(first: number): boolean {
  const flags = first & 0x0f;
  const kind = first >> 4;
  if (kind === type.publish) return (flags & 6) !== 6;
  const isTwo = kind === 6 || kind === type.subscribe || kind === type.unsubscribe;
  return kind > 0 && flags === (isTwo ? 2 : 0);
}

export function isPacketFirst(byte: number): boolean {
  return flagsFit(byte);
}

/** Whether text that may be a topic, without wildcards when it is one that is published to, stands at `at`. */
function isTopicAt(bytes: Uint8Array, at: number, end: number, published: boolean): boolean {
  const length = u16At(bytes, at);
  if (length < 1 || at + 2 + length > end) return false;
  const stop = Math.min(at + 2 + length, bytes.length);
  for (let index = at + 2; index < stop; index++) {
    const byte = bytes[index]!;
    // Section 1.5.4: no control characters; section 4.7.1: "#" and "+".
    if (byte < 0x20 || byte === 0x7f || (published && (byte === 0x23 || byte === 0x2b))) return false;
  }
  return stop < at + 2 + length || isUtf8(bytes, at + 2, stop);
}

/** Length of the control packet at `at`; -1: there is none, -2: too few bytes to tell. Its end need not be there. */
export function packetLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === undefined) return -2;
  if (!flagsFit(first)) return -1;
  let length = 0;
  let start = at + 1;
  for (let shift = 0; ; shift += 7, start++) {
    const byte = bytes[start];
    if (byte === undefined) return -2;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift === 21) return -1;
  }
  start++;
  const end = start + length;
  if (length >= largest) return -1;
  const isShort = bytes.length < Math.min(start + 3, end);
  switch (first >> 4) {
    case type.publish:
      if (isShort) return -2;
      return isTopicAt(bytes, start, end - ((first & 6) === 0 ? 0 : 2), true) ? end - at : -1;
    case type.subscribe:
    case type.unsubscribe:
      if (length < 5) return -1;
      if (bytes.length < start + 5) return -2;
      // With the properties of MQTT 5, whose length is 0 as a rule, the first filter comes a byte later.
      return u16At(bytes, start) !== 0 &&
        (isTopicAt(bytes, start + 2, end, false) || (bytes[start + 2] === 0 && isTopicAt(bytes, start + 3, end, false)))
        ? end - at
        : -1;
    case type.connack:
      if (length < 2 || bytes.length < start + 2) return length < 2 ? -1 : -2;
      // Section 3.2.2: session present; the codes of 3.1.1, or the reasons of 5.
      return bytes[start]! <= 1 && (bytes[start + 1]! <= 5 || bytes[start + 1]! >= 0x80) ? end - at : -1;
    case type.suback:
    case type.unsuback:
      return length >= 2 && length < 256 && u16At(bytes, start) !== 0 && codesFit(bytes, start + 2, end)
        ? end - at
        : -1;
    default:
      if (pings.includes(first >> 4) || (first >> 4 >= type.disconnect && length === 0)) return length === 0 ? 2 : -1;
      // MQTT 5, sections 3.14 and 3.15: a reason, and properties of just the length that is left.
      if (first >> 4 >= type.disconnect) return isReason(bytes, start, length) ? end - at : -1;
      // Acknowledgements have an identifier; those of MQTT 5 may have a reason and properties.
      return first >> 4 >= type.puback && first >> 4 <= type.pubcomp && isAcknowledgement(bytes, start, length)
        ? end - at
        : -1;
  }
}

/** Section 3.4: an identifier that is not zero; of MQTT 5 a reason, and properties of just the length that is left. */
function isAcknowledgement(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < 2 || length > 130 || u16At(bytes, start) === 0) return false;
  const reason = bytes[start + 2] ?? 0;
  if (length > 2 && reason !== 0 && reason !== 0x10 && reason < 0x80) return false;
  return length <= 3 || (bytes[start + 3] ?? length - 4) === length - 4;
}

/** Reasons of section 2.4 that a DISCONNECT or AUTH may have. */
function isReason(bytes: Uint8Array, start: number, length: number): boolean {
  const reason = bytes[start] ?? 0;
  const isKnown =
    reason === 0 || reason === 4 || reason === 0x18 || reason === 0x19 || (reason >= 0x80 && reason <= 0xa2);
  return isKnown && length < 256 && (length === 1 || (bytes[start + 1] ?? length - 2) === length - 2);
}

/** Sections 3.9.3 and 3.11.3: granted QoS or a reason; without the properties of MQTT 5 (empty as a rule). */
function codesFit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < Math.min(end, bytes.length); at++) {
    if (bytes[at]! > 2 && bytes[at] !== 0x11 && bytes[at]! < 0x80) return false;
  }
  return true;
}

/** Whether the packet at `at` carries a topic: the only one with redundancy enough for a port that is not MQTT's. */
export function hasTopic(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at]! >> 4;
  return kind === type.publish || kind === type.subscribe || kind === type.unsubscribe;
}
