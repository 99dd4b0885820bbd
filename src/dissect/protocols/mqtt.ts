/**
 * MQTT 3.1, 3.1.1 and 5: version and client identifier. No topics, payloads, user names or passwords.
 *
 * OASIS MQTT 3.1.1 section 3.1 and MQTT 5.0 section 3.1 (CONNECT), section 3.2 (CONNACK), section 2.2.3 (remaining length).
 *
 *   CONNECT = 0x10 length(varint) name<2> level(1) flags(1) keepalive(2) [properties, level 5] client_id<2> ...
 *
 * Evidence: a CONNECT whose protocol name and level belong together. Of a stream that was joined behind it: on the port a
 * packet that fits; elsewhere packets that follow each other up to the end of what was sent, one of them with a topic. A
 * CONNACK alone is four common bytes.
 */
import { ByteReader, escapeControls, hasAsciiAt, u16At, utf8Text } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import { hasTopic, isPacketFirst, packetLength } from "./mqtt-packet.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const connect = 0x10;
const maxClientId = 64;
const port = 1883;
const maxPackets = 16;
/** Packets, and bytes in them, that tell on a port that is not MQTT's. */
const enoughPackets = 2;
const enoughBytes = 12;
/** Levels of section 3.1.2.2; the top bit marks a bridge (Mosquitto). */
const versions: ReadonlyMap<number, string> = new Map([
  [3, "3.1"],
  [4, "3.1.1"],
  [5, "5"],
]);

export function isMqttFirst(byte: number): boolean {
  return byte === connect || isPacketFirst(byte);
}

/** What is said of bytes that do not begin with a CONNECT. */
function probePackets(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === port || context.clientPort === port;
  let at = 0;
  let topics = 0;
  for (let count = 1; count <= maxPackets; count++) {
    const length = packetLength(bytes, at);
    if (length === -1) return "no";
    if (length === -2) return undecided(context.last);
    if (hasTopic(bytes, at)) topics++;
    at += length;
    // On the port a packet is enough that ends where the bytes do, is followed by another, or carries a topic.
    if (isOwn && (at === bytes.length || count > 1 || topics > 0)) return "yes";
    if (at > bytes.length) return undecided(context.last);
    if (at < bytes.length) continue;
    return count >= enoughPackets && topics > 0 && at >= enoughBytes ? "yes" : undecided(context.last);
  }
  return topics > 0 ? "yes" : "no";
}

/** Variable byte integer, section 2.2.3: -1 when it does not fit in four bytes, -2 when it is cut off. */
function variableInteger(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8();
    if (byte < 0) return -2;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  return -1;
}

export function probeMqtt(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] !== connect) return probePackets(bytes, context);
  const reader = new ByteReader(bytes, 1);
  const length = variableInteger(reader);
  if (length === -1 || (length >= 0 && length < 12)) return "no";
  const at = reader.position;
  if (length === -2 || bytes.length < at + 9) return undecided(context.last);
  const isOld = hasAsciiAt(bytes, at, "\x00\x06MQIsdp") && (bytes[at + 8]! & 0x7f) === 3;
  const level = bytes[at + 6]! & 0x7f;
  return isOld || (hasAsciiAt(bytes, at, "\x00\x04MQTT") && (level === 4 || level === 5)) ? "yes" : "no";
}

export function parseMqtt(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes[0] !== connect) return { kind: "match", name: "mqtt", facts: { mqtt: {} }, complete: false };
  const reader = new ByteReader(bytes, 1);
  const end = variableInteger(reader) + reader.position;
  if (bytes.length < end && !context.last) return { kind: "needMore", bytes: end };
  reader.skip(Math.max(reader.u16(), 0));
  const level = reader.u8() & 0x7f;
  reader.skip(3);
  if (level === 5) reader.skip(Math.max(variableInteger(reader), 0));
  const connectFacts: Record<string, unknown> = {};
  const version = versions.get(level);
  if (version !== undefined) connectFacts["protocol_version"] = version;
  const length = u16At(bytes, reader.position);
  if (reader.ok && length > 0 && reader.position + 2 + length <= Math.min(bytes.length, end)) {
    const start = reader.position + 2;
    connectFacts["client_id"] = escapeControls(utf8Text(bytes, start, start + length, maxClientId));
  }
  return { kind: "match", name: "mqtt", facts: { mqtt: connectFacts }, complete: true };
}
