/**
 * NTP: version, mode, stratum.
 *
 * RFC 5905 sections 7.3 (header) and 3 (modes); RFC 9327 section 2 (control messages).
 *
 *   flags(1: leap 2, version 3, mode 3 bits) stratum(1) poll(1) precision(1) ... 48 bytes, then extensions and a MAC
 *
 * Evidence: the fields' ranges and a length that is possible, on port 123 only: any 48 bytes may look so.
 */
import { u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ntpPort = 123;
const headerLength = 48;
const controlHeader = 12;
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

export function probeNtp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== ntpPort && context.clientPort !== ntpPort) return "no";
  const mode = bytes[0]! & 7;
  if (mode === 6) return isControl(bytes) ? "yes" : "no";
  if (mode === 7) return bytes.length >= 8 && privateImplementations.includes(bytes[2]!) ? "yes" : "no";
  // Extension fields and MACs are made of words (RFC 7822 section 3, RFC 5905 section 7.3).
  if (bytes.length < headerLength || (!context.last && bytes.length % 4 !== 0)) return "no";
  // RFC 5905 section 7.3: strata above 16 are reserved, and polls and precisions are powers of two of sane seconds.
  const precision = (bytes[3]! << 24) >> 24;
  // A client may hide its precision (draft-ietf-ntp-data-minimization section 3: 0x20).
  const isPrecise = precision <= 10 || (mode === clientMode && precision === 0x20);
  return bytes[1]! <= 16 && bytes[2]! <= 24 && isPrecise ? "yes" : "no";
}

export function parseNtp(bytes: Uint8Array, context: DissectContext): Verdict {
  const mode = bytes[0]! & 7;
  const ntp: Record<string, unknown> = { version: (bytes[0]! >> 3) & 7, mode: modes[mode] };
  if (mode < 6 && mode !== 3 && bytes.length > 1) ntp["stratum"] = bytes[1];
  return { kind: "match", name: "ntp", facts: { ntp }, complete: !context.toServer };
}
