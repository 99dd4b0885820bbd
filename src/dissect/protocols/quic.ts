/**
 * QUIC: version, and what the client asks for, read from its Initial packets.
 *
 * RFC 8999 (invariants), RFC 9000 sections 12.2 (coalesced packets), 17.2 (long headers), 19 (frames), RFC 9001 section 5
 * (Initial keys, header protection), RFC 9369 section 3 (version 2), draft-ietf-quic-tls-22 to -34.
 *
 *   long header = flags(1) version(4) dcid<1> scid<1>; Initial: token<varint> length(varint) number(1..4) payload
 *   payload     = frame*; CRYPTO = 0x06 offset(varint) length(varint) data
 *
 * Initial keys follow from the destination connection id of the client's first packet, so that anybody can read them. The
 * ClientHello may lie in several CRYPTO frames, packets and datagrams, in any order. A packet that was cut cannot be
 * opened: then the header alone says "quic" and its version.
 */
import { ByteReader, equalBytes, hasAsciiAt, u24At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isReservedVersion, quicVersion } from "../quic-versions.ts";
import { deriveClientInitial, openInitial, readVarint } from "../quic-initial.ts";
import { StreamReassembly } from "../reassembly.ts";
import { handshakeType, parseClientHello } from "../tls-handshake.ts";
import { readGoogleHello } from "./gquic.ts";
import { clientFacts } from "./tls.ts";
import type { InitialKeys } from "../quic-initial.ts";
import type { QuicFacts } from "../../model/index.ts";
import type { QuicVersion } from "../quic-versions.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const longHeader = 0x80;
const fixedBit = 0x40;
const maxConnectionId = 20;
/** Of both connection ids of a packet together. */
const minIdBytes = 4;
const leastInitial = 1200;
const leastFirstId = 8;
/** Pieces of CRYPTO data that may lie apart: clients shuffle and split their ClientHello on purpose. */
const cryptoRanges = 64;
const maxFrames = 512;
const maxPackets = 8;

interface QuicMemory {
  keys: InitialKeys | undefined;
  /** The direction in which they opened a packet: the other one is sealed with others. */
  toServer: boolean;
  /** Keys were derived so many times: a flow may not make us derive for ever. */
  derivations: number;
  readonly crypto: StreamReassembly;
}

const maxDerivations = 8;

export function isQuicFirst(byte: number): boolean {
  return (byte & longHeader) !== 0;
}

/** Offset behind both connection ids, or -1. */
function idsEnd(bytes: Uint8Array): number {
  const destination = bytes[5] ?? 255;
  const source = bytes[6 + destination] ?? 255;
  if (destination > maxConnectionId || source > maxConnectionId) return -1;
  const end = 7 + destination + source;
  return end <= bytes.length ? end : -1;
}

/** A version negotiation packet: version 0, then the versions offered, at least one of which is known. */
function isNegotiation(bytes: Uint8Array, end: number): boolean {
  const length = bytes.length - end;
  if (length < 4 || length % 4 !== 0 || length > 256) return false;
  for (let at = end; at < bytes.length; at += 4) if (quicVersion(u32At(bytes, at)) !== undefined) return true;
  return false;
}

export function probeQuic(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 7 || (bytes[0]! & longHeader) === 0) return "no";
  const end = idsEnd(bytes);
  // RFC 9000 section 7.2: a client begins with an id of 8 bytes at the least; later ids are shorter only if both sides like.
  if (end < 7 + minIdBytes) return "no";
  const number = u32At(bytes, 1);
  if (number === 0) return isNegotiation(bytes, end) ? "yes" : "no";
  // RFC 9287 lets the fixed bit be greased, but not before the handshake is over.
  const version = quicVersion(number);
  if ((bytes[0]! & fixedBit) === 0) return "no";
  if (version === undefined) return isReservedVersion(number) && isFirstDatagram(bytes) ? "yes" : "no";
  if (isType(bytes[0]!, version.retryType)) return bytes.length - end >= 16 ? "yes" : "no";
  const length = payloadLength(bytes, end, isType(bytes[0]!, version.initialType));
  // A packet number, its sample and a tag at the least: RFC 9001 section 5.4.2.
  if (length < 0) return context.last ? "yes" : "no";
  return length >= 20 ? "yes" : "no";
}

/** RFC 9000 sections 7.2 and 14.1: what a client begins with, whatever its version. */
function isFirstDatagram(bytes: Uint8Array): boolean {
  return bytes.length >= leastInitial && bytes[5]! >= leastFirstId;
}

function isType(first: number, type: number): boolean {
  return ((first >> 4) & 3) === type;
}

/** Value of the length field, or -1 when it does not fit; `end`: offset behind the connection ids. */
function payloadLength(bytes: Uint8Array, end: number, isInitial: boolean): number {
  const reader = new ByteReader(bytes, end);
  if (isInitial) reader.skip(readVarint(reader));
  const length = readVarint(reader);
  return reader.ok && length <= reader.remaining ? length : -1;
}

function memoryOf(context: DissectContext): QuicMemory {
  return recall(context, "quic", () => {
    const crypto = new StreamReassembly(cryptoRanges);
    // CRYPTO offsets begin at 0.
    crypto.start(-1);
    return { keys: undefined, toServer: true, derivations: 0, crypto };
  });
}

export function parseQuic(bytes: Uint8Array, context: DissectContext): Verdict {
  if ((bytes[0]! & longHeader) === 0 || bytes.length < 7) return { kind: "notMine" };
  const number = u32At(bytes, 1);
  const version = quicVersion(number);
  if (version === undefined) {
    const isKnown = number === 0 || isReservedVersion(number);
    return isKnown ? { kind: "match", name: "quic", facts: { quic: {} }, complete: false } : { kind: "notMine" };
  }
  const facts: QuicFacts = { version: version.name };
  const isAnswered = readPackets(bytes, context, memoryOf(context), facts);
  return {
    kind: "match",
    name: "quic",
    facts: { quic: facts },
    complete: isAnswered,
    ...(facts.sni === undefined ? {} : { hostname: facts.sni, hostnameSource: "sni" as const }),
  };
}

/** Goes through the coalesced packets of a datagram; true once the ClientHello was read. */
function readPackets(bytes: Uint8Array, context: DissectContext, memory: QuicMemory, facts: QuicFacts): boolean {
  let at = 0;
  for (let count = 0; count < maxPackets && at + 7 <= bytes.length; count++) {
    const packet = bytes.subarray(at);
    if ((packet[0]! & longHeader) === 0) return false;
    const version = quicVersion(u32At(packet, 1));
    const end = idsEnd(packet);
    if (version === undefined || end < 0) return false;
    const isInitial = isType(packet[0]!, version.initialType);
    if (isType(packet[0]!, version.retryType)) return false;
    const reader = new ByteReader(packet, end);
    if (isInitial) reader.skip(readVarint(reader));
    const length = readVarint(reader);
    if (!reader.ok || length > reader.remaining) return false;
    const packetEnd = reader.position + length;
    if (isInitial && readInitial(packet.subarray(0, packetEnd), reader.position, version, context, memory)) {
      if (readClientHello(memory.crypto.view(), context, facts)) return true;
    }
    at += packetEnd;
  }
  return false;
}

/** Opens an Initial packet of the client and takes its CRYPTO frames; true when more of their start is known. */
function readInitial(
  packet: Uint8Array,
  numberOffset: number,
  version: QuicVersion,
  context: DissectContext,
  memory: QuicMemory,
): boolean {
  if (memory.keys !== undefined && memory.toServer !== context.toServer) return false;
  const destination = packet.subarray(6, 6 + packet[5]!);
  let payload: Uint8Array | undefined;
  if (memory.keys !== undefined && memory.keys.version === version) {
    payload = openInitial(packet, numberOffset, memory.keys, context.crypto);
  }
  // The first packet, or one after a Retry: keys follow from its own destination.
  const isKnownId =
    memory.keys?.version === version &&
    memory.keys.destination.length === destination.length &&
    equalBytes(memory.keys.destination, 0, destination, 0, destination.length);
  if (payload === undefined && !isKnownId && memory.derivations < maxDerivations) {
    memory.derivations++;
    const keys = deriveClientInitial(version, destination, context.crypto);
    payload = openInitial(packet, numberOffset, keys, context.crypto);
    if (payload !== undefined) {
      memory.keys = keys;
      memory.toServer = context.toServer;
    }
  }
  return payload !== undefined && readFrames(payload, memory.crypto, version.googleFrames === true);
}

/** RFC 9000 section 12.4: an Initial packet holds PADDING, PING, ACK, CRYPTO and CONNECTION_CLOSE only. */
function readFrames(payload: Uint8Array, crypto: StreamReassembly, isGoogle: boolean): boolean {
  const reader = new ByteReader(payload);
  let grown = false;
  for (let count = 0; count < maxFrames && reader.remaining > 0;) {
    const type = reader.u8();
    if (type === 0x00) continue;
    count++;
    if (type === (isGoogle ? 0x07 : 0x01)) continue;
    if (type === 0x06 || (isGoogle && type === 0x08)) {
      const offset = readVarint(reader);
      const data = reader.view(readVarint(reader));
      if (data === undefined) break;
      if (offset < 1 << 20 && crypto.push(offset, data, data.length)) grown = true;
      crypto.settle();
    } else if (type === 0x02 || type === 0x03) skipAck(reader, type === 0x03);
    else break;
    if (!reader.ok) break;
  }
  return grown;
}

/** RFC 9000 section 19.3. */
function skipAck(reader: ByteReader, hasCounts: boolean): void {
  readVarint(reader);
  readVarint(reader);
  const ranges = readVarint(reader);
  readVarint(reader);
  for (let index = 0; index < ranges && reader.ok; index++) {
    readVarint(reader);
    readVarint(reader);
  }
  if (!hasCounts) return;
  for (let index = 0; index < 3; index++) readVarint(reader);
}

function readClientHello(bytes: Uint8Array, context: DissectContext, facts: QuicFacts): boolean {
  if (hasAsciiAt(bytes, 0, "CHLO")) {
    const { name } = readGoogleHello(bytes, 0);
    if (name !== undefined) facts.sni = name;
    return name !== undefined;
  }
  if (bytes[0] !== handshakeType.clientHello) return false;
  const end = 4 + u24At(bytes, 1);
  if (end < 4 || end > bytes.length) return false;
  const hello = parseClientHello(bytes, 4, end);
  if (hello === undefined) return false;
  const { sni, client_alpns, ja3, ja4, encrypted_dns, encrypted_dns_by } = clientFacts(hello, "q", context);
  if (sni !== undefined) facts.sni = sni;
  if (client_alpns !== undefined) facts.client_alpns = client_alpns;
  if (ja3 !== undefined) facts.ja3 = ja3;
  if (ja4 !== undefined) facts.ja4 = ja4;
  if (encrypted_dns !== undefined) facts.encrypted_dns = encrypted_dns;
  if (encrypted_dns_by !== undefined) facts.encrypted_dns_by = encrypted_dns_by;
  return true;
}
