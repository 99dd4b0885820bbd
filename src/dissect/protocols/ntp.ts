/**
 * NTP: version, mode, stratum.
 *
 * RFC 5905 sections 7.3 (header) and 3 (modes); RFC 9327 section 2 (control messages).
 *
 *   flags(1: leap 2, version 3, mode 3 bits) stratum(1) poll(1) precision(1) ... 48 bytes, then extensions and a MAC
 *
 * Evidence: the fields' ranges and a length that is possible on port 123: any 48 bytes may look so. On other ports a client's
 * message, and the answer that repeats when it was sent (section 8: the origin timestamp).
 */
import { equalBytes, u16At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ntpPort = 123;
const headerLength = 48;
const controlHeader = 12;
const privateHeader = 8;
/** What must be there of a message that was cut. */
const leastCut = 16;
const maxMac = 24;
const clientMode = 3;
/** Of mode 7 (ntpd's ntpdc): any, and the two of ntpd. */
const privateImplementations: readonly number[] = [0, 2, 3];
const modes = [
  "reserved",
  "symmetric active",
  "symmetric passive",
  "client",
  "server",
  "broadcast",
  "control",
  "private",
];

const originAt = 24;
const transmitAt = 40;
const timestampLength = 8;
const serverMode = 4;
/** RFC 5905 section 7.5 and RFC 7822: an extension has 16 bytes at the least. */
const leastExtension = 16;
/** A key's number alone (a refusal), or with MD5, SHA-1, SHA-256, SHA-384, SHA-512 behind it. */
const macLengths: readonly number[] = [0, 4, 20, 24, 36, 52, 68];
const maxExtensions = 16;

interface NtpMemory {
  /** When the client's last message was sent, as it says. */
  sent: Uint8Array | undefined;
}

const isOwnPort = (context: DissectContext): boolean =>
  context.serverPort === ntpPort || context.clientPort === ntpPort;

/** Whether extensions and a MAC fill what follows the header. */
function isFilled(bytes: Uint8Array): boolean {
  let at = headerLength;
  for (let count = 0; count <= maxExtensions; count++) {
    if (macLengths.includes(bytes.length - at)) return true;
    const length = u16At(bytes, at + 2);
    if (length < leastExtension || length % 4 !== 0 || at + length > bytes.length) return false;
    at += length;
  }
  return false;
}

export function isNtpFirst(byte: number): boolean {
  const version = (byte >> 3) & 7;
  return version >= 1 && version <= 4 && (byte & 7) !== 0;
}

/** RFC 9327 section 2: as many bytes of data as the header says, padded to a word, and perhaps a MAC of up to 24 bytes. */
function isControl(bytes: Uint8Array): boolean {
  if (bytes.length < controlHeader) return false;
  const data = u16At(bytes, 10);
  return bytes.length >= controlHeader + data && bytes.length <= controlHeader + data + 3 + maxMac;
}

/** ntpd's ntp_request.h: implementation(1) code(1) error(4 bits) items(12) 0(4) size(12) items. */
function isPrivate(bytes: Uint8Array): boolean {
  if (bytes.length < privateHeader || !privateImplementations.includes(bytes[2]!)) return false;
  const [items, size] = [u16At(bytes, 4) & 0xfff, u16At(bytes, 6)];
  return size < 0x1000 && privateHeader + items * size <= bytes.length;
}

export function probeNtp(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = isOwnPort(context);
  const mode = bytes[0]! & 7;
  if (!isOwn && mode !== clientMode && mode !== serverMode) return "no";
  if (mode === 6) return isControl(bytes) ? "yes" : "no";
  if (mode === 7) return isPrivate(bytes) ? "yes" : "no";
  if (context.last ? bytes.length < leastCut || !isOwn : bytes.length < headerLength || !isFilled(bytes)) return "no";
  // RFC 5905 section 7.3: strata above 16 are reserved, and polls and precisions are powers of two of sane seconds.
  const precision = (bytes[3]! << 24) >> 24;
  // A client may hide its precision (draft-ietf-ntp-data-minimization section 3: 0x20).
  const isPrecise = precision <= 10 || (mode === clientMode && precision === 0x20);
  return bytes[1]! <= 16 && bytes[2]! <= 24 && isPrecise ? "yes" : "no";
}

/** Whether this answers what the client sent; that is remembered. */
function answers(bytes: Uint8Array, context: DissectContext): boolean {
  const memory = recall<NtpMemory>(context, "ntp", () => ({ sent: undefined }));
  if ((bytes[0]! & 7) === clientMode) {
    memory.sent = bytes.slice(transmitAt, headerLength);
    return false;
  }
  const { sent } = memory;
  return sent !== undefined && sent.some((byte) => byte !== 0) && equalBytes(sent, 0, bytes, originAt, timestampLength);
}

export function parseNtp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!isOwnPort(context)) {
    if (probeNtp(bytes, context) !== "yes") return { kind: "notMine" };
    if (!answers(bytes, context)) return { kind: "needMore", bytes: headerLength };
  }
  const mode = bytes[0]! & 7;
  const ntp: Record<string, unknown> = { version: (bytes[0]! >> 3) & 7, mode: modes[mode] };
  if (mode < 6 && mode !== 3 && bytes.length > 1) ntp["stratum"] = bytes[1];
  return { kind: "match", name: "ntp", facts: { ntp }, complete: !context.toServer };
}
