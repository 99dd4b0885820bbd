/**
 * SSH: the versions both sides announce, and how far the handshake got.
 *
 * RFC 4253 sections 4.2 (identification), 6 (binary packets), 7.1 and 7.3 (key exchange, NEWKEYS), 10 (service request); RFC
 * 4252 section 5.1 (USERAUTH_SUCCESS), RFC 4254 section 5.1 (CHANNEL_OPEN).
 *
 *   banner = "SSH-" protoversion "-" softwareversion [SP comments] CR LF; a server may send other lines before it
 *   packet = length(4) padding_length(1) payload padding; payload begins with the message number
 *
 * After NEWKEYS everything is encrypted. What must come then is the user's authentication. That it succeeded is inferred from
 * lengths: the server's SUCCESS is a single byte, shorter than anything else that it may say there, and the client's
 * CHANNEL_OPEN of a session is shorter than any request that names a user.
 */
import { asciiText, escapeControls, hasAsciiAt, indexOfAscii, indexOfByte, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { packetForm, packetLength, readKexInit } from "../ssh-transport.ts";
import type { KexOffer, PacketForm } from "../ssh-transport.ts";
import type { SshFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const prefix = "SSH-";
const lineFeed = 0x0a;
/** Section 4.2: at most 255 bytes with CR LF. */
const maxBanner = 255;
/** Lines before a server's banner; OpenSSH reads as many bytes and no more. */
const maxPreamble = 2048;
const kexInit = 20;
const newKeys = 21;
/** Section 6.1. */
const maxPacket = 35_000;
/** Payloads: SUCCESS; "session" with its channel, window and packet size. */
const successLength = 1;
const channelOpenLength = 24;
/** Segments in cipher that each side sends before: the service is asked for and granted, the user named. */
const leastBefore = 2;

interface SshSide {
  /** Nothing in clear follows. */
  over: boolean;
  /** Offset behind NEWKEYS, or 0 as long as it was not seen. */
  secretFrom: number;
  offer: KexOffer | undefined;
  /** Bytes that were shown at the last call, and how often bytes in cipher came since. */
  length: number;
  segments: number;
}

interface SshMemory {
  readonly client: SshSide;
  readonly server: SshSide;
  keyExchange: boolean;
  established: boolean;
}

export function isSshFirst(byte: number): boolean {
  return byte === 0x53;
}

export function probeSsh(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = Math.min(prefix.length, bytes.length);
  if (!hasAsciiAt(bytes, 0, prefix.slice(0, length))) return "no";
  if (bytes.length < 8) return context.last ? "no" : "more";
  // "2.0-", "1.99-", "1.5-"
  const isDigit = bytes[4]! >= 0x31 && bytes[4]! <= 0x39;
  return isDigit && bytes[5] === 0x2e ? "yes" : "no";
}

const newSide = (): SshSide => ({ over: false, secretFrom: 0, offer: undefined, length: 0, segments: 0 });

function memoryOf(context: DissectContext): SshMemory {
  return recall(context, "ssh", () => ({
    client: newSide(),
    server: newSide(),
    keyExchange: false,
    established: false,
  }));
}

/** Where the banner starts: at once, or after a server's other lines; -1 when it is not there (yet). */
function bannerStart(bytes: Uint8Array): number {
  if (hasAsciiAt(bytes, 0, prefix)) return 0;
  const found = indexOfAscii(bytes, `\n${prefix}`, 0, maxPreamble);
  return found < 0 ? -1 : found + 1;
}

export function parseSsh(bytes: Uint8Array, context: DissectContext): Verdict {
  const start = bannerStart(bytes);
  if (start < 0)
    return bytes.length > maxPreamble ? { kind: "notMine" } : { kind: "needMore", bytes: bytes.length + 1 };
  const feed = indexOfByte(bytes, lineFeed, start, start + maxBanner);
  if (feed < 0 && bytes.length - start >= maxBanner) return { kind: "malformed", reason: "banner longer than 255" };
  if (feed < 0 && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const line = asciiText(bytes, start, feed < 0 ? bytes.length : feed).trimEnd();
  const parts = /^SSH-([^-]*)-([^ ]*)/.exec(line);
  if (parts === null) return { kind: "notMine" };
  const version = { proto_version: escapeControls(parts[1]!), software_version: escapeControls(parts[2]!) };
  const memory = memoryOf(context);
  const side = context.toServer ? memory.client : memory.server;
  if (feed >= 0) readPackets(bytes, feed + 1, side);
  if (feed < 0 || context.last) side.over = true;
  memory.keyExchange ||= feed >= 0 && feed + 6 <= bytes.length;
  memory.established ||= side.secretFrom > 0 && tellsOfSuccess(bytes.length, side, memory, context.toServer);
  side.length = bytes.length;
  const ssh: SshFacts = context.toServer ? { client: version } : { server: version };
  const isSecret = memory.client.over && memory.server.over;
  ssh.state = stateOf(memory, isSecret);
  if (memory.established) ssh.state_by = "inferred";
  // Without NEWKEYS (a cut capture, version 1) or the offers of both sides, lengths will tell nothing.
  const isTelling = memory.client.offer !== undefined && memory.server.offer !== undefined && !context.last;
  const complete = isSecret && (memory.established || !isTelling);
  return { kind: "match", name: "ssh", facts: { ssh }, complete, done: context.last };
}

function stateOf(memory: SshMemory, isSecret: boolean): NonNullable<SshFacts["state"]> {
  if (memory.established) return "established";
  if (memory.client.secretFrom > 0 && memory.server.secretFrom > 0) return "authentication";
  if (isSecret) return "encrypted";
  return memory.keyExchange ? "key exchange" : "banner";
}

/** Walks the packets in clear from `start`; an impossible length counts as the end of clear text. */
function readPackets(bytes: Uint8Array, start: number, side: SshSide): void {
  if (side.over) return;
  for (let at = start; at + 6 <= bytes.length;) {
    const length = u32At(bytes, at);
    if (length < 2 || length > maxPacket) {
      side.over = true;
      return;
    }
    const end = at + 4 + length;
    if (bytes[at + 5] === kexInit) side.offer ??= readKexInit(bytes, at + 5, end);
    if (bytes[at + 5] === newKeys) {
      side.over = true;
      side.secretFrom = end;
      return;
    }
    at = end;
  }
}

/** Whether what came since the last call has a length that only the end of the authentication has. */
function tellsOfSuccess(length: number, side: SshSide, memory: SshMemory, toServer: boolean): boolean {
  const { client, server } = memory;
  const before = side.segments;
  if (length > Math.max(side.length, side.secretFrom)) side.segments++;
  // What came with NEWKEYS in one segment, or before the other side's, is not looked at.
  if (side.length < side.secretFrom || client.offer === undefined || server.offer === undefined) return false;
  if (before < (toServer ? leastBefore : leastBefore - 1) || client.segments < leastBefore) return false;
  const form: PacketForm | undefined = packetForm(client.offer, server.offer, toServer ? 0 : 1);
  const asked = toServer ? channelOpenLength : successLength;
  return form !== undefined && length - side.length === packetLength(form, asked);
}
