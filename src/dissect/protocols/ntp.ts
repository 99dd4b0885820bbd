/**
 * NTP: version, mode, stratum.
 *
 * RFC 5905 sections 7.3 (header) and 3 (modes); RFC 9327 section 2 (control messages).
 *
 *   flags(1: leap 2, version 3, mode 3 bits) stratum(1) poll(1) precision(1) ... 48 bytes, then extensions and a MAC
 *
 * Evidence: the fields' ranges and a length that is possible, on port 123 only: any 48 bytes may look so.
 */
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ntpPort = 123;
const headerLength = 48;
const controlHeader = 12;
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

export function probeNtp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== ntpPort && context.clientPort !== ntpPort) return "no";
  const mode = bytes[0]! & 7;
  if (mode >= 6) return bytes.length >= (mode === 6 ? controlHeader : 8) ? "yes" : "no";
  if (bytes.length < headerLength) return "no";
  // RFC 5905 section 7.3: strata above 16 are reserved, and polls and precisions are powers of two of sane seconds.
  const precision = (bytes[3]! << 24) >> 24;
  return bytes[1]! <= 16 && bytes[2]! <= 24 && precision <= 10 ? "yes" : "no";
}

export function parseNtp(bytes: Uint8Array, context: DissectContext): Verdict {
  const mode = bytes[0]! & 7;
  const ntp: Record<string, unknown> = { version: (bytes[0]! >> 3) & 7, mode: modes[mode] };
  if (mode < 6 && mode !== 3 && bytes.length > 1) ntp["stratum"] = bytes[1];
  return { kind: "match", name: "ntp", facts: { ntp }, complete: !context.toServer };
}
