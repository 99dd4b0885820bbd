/**
 * BFD: the session's state.
 *
 * RFC 5880 section 4.1 (control packet), RFC 5881 section 4 (ports), RFC 5883 section 5 (multihop), RFC 5881 section 5 (echo has no form).
 *
 *   version(3 bits: 1) diagnostic(5) | state(2) flags(6) | multiplier(1) | length(1: of all) | mine(4) yours(4) intervals(3 x 4) [authentication]
 *
 * Evidence, on its ports only: the rules of section 6.8.6 for what must be discarded.
 */
import { u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ports: readonly number[] = [3784, 4784, 6784, 7784];
const headerLength = 24;
const hasAuthentication = 0x04;
const multipoint = 0x01;
const lastDiagnostic = 9;
const states = ["admin_down", "down", "init", "up"];

export function isBfdFirst(byte: number): boolean {
  return byte >> 5 === 1 && (byte & 0x1f) <= lastDiagnostic;
}

export function probeBfd(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!ports.includes(context.serverPort) && !ports.includes(context.clientPort)) return "no";
  if (bytes.length < headerLength || !isBfdFirst(bytes[0]!)) return "no";
  const flags = bytes[1]!;
  const length = bytes[3]!;
  const hasSection = (flags & hasAuthentication) !== 0;
  // Section 4.1: the authentication section begins with its type (1 to 5) and its own length.
  const isWhole = hasSection
    ? bytes[headerLength]! >= 1 && bytes[headerLength]! <= 5 && bytes[headerLength + 1] === length - headerLength
    : length === headerLength;
  const fits = isWhole && length === bytes.length && (flags & multipoint) === 0 && bytes[2] !== 0;
  // Only who does not know the other yet may leave its number out.
  const isDown = flags >> 6 <= 1;
  return fits && u32At(bytes, 4) !== 0 && (u32At(bytes, 8) !== 0 || isDown) ? "yes" : "no";
}

export function parseBfd(bytes: Uint8Array): Verdict {
  if (bytes.length < headerLength) return { kind: "notMine" };
  const state = states[bytes[1]! >> 6];
  return { kind: "match", name: "bfd", facts: { bfd: { state } }, complete: state === "up" };
}
