/**
 * NetBIOS name service and datagrams: the name that is asked for or announced.
 *
 * RFC 1001 section 14.1 (first-level encoding), RFC 1002 sections 4.2 (name service) and 4.4 (datagrams).
 *
 *   name service = DNS's header and records, names of 32 letters from A to P, types NB (0x20) and NBSTAT (0x21)
 *   datagram     = type(1: 0x10 to 0x16) flags(1) id(2) source(4) port(2) length(2) offset(2) source<name> target<name> data
 */
import { asciiText, escapeControls, u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const encodedLength = 32;
const headerLength = 12;
const datagramHeader = 14;
const queryHeader = 10;
const nameTypes = new Set([0x20, 0x21, 0x0a]);

/** Whether a first-level encoded name stands at `at`: its length, letters, and the root or a scope behind it. */
export function isNameAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== encodedLength || at + encodedLength + 2 > bytes.length) return false;
  for (let index = at + 1; index <= at + encodedLength; index++) {
    if (bytes[index]! < 0x41 || bytes[index]! > 0x50) return false;
  }
  return true;
}

/** "FRED<20>": 15 bytes without their padding, and the suffix that says what it is. */
export function decodeName(bytes: Uint8Array, at: number): string {
  const decoded = new Uint8Array(16);
  for (let index = 0; index < 16; index++) {
    decoded[index] = ((bytes[at + 1 + index * 2]! - 0x41) << 4) | (bytes[at + 2 + index * 2]! - 0x41);
  }
  const suffix = decoded[15]!.toString(16).padStart(2, "0");
  return `${escapeControls(asciiText(decoded, 0, 15).replace(/[\0 ]+$/, ""))}<${suffix}>`;
}

/** Where the name of a name service message stands, or -1. */
function nameServiceName(bytes: Uint8Array): number {
  const records = u16At(bytes, 4) + u16At(bytes, 6);
  const isShort = bytes.length < headerLength + encodedLength + 6 || u16At(bytes, 4) > 1 || u16At(bytes, 6) > 4;
  if (isShort || records < 1 || !isNameAt(bytes, headerLength)) return -1;
  // A scope may stand between the name and its type: only the usual root is looked behind.
  const end = headerLength + 1 + encodedLength;
  if (bytes[end] !== 0) return headerLength;
  return nameTypes.has(u16At(bytes, end + 1)) ? headerLength : -1;
}

function datagramName(bytes: Uint8Array): number {
  const type = bytes[0]!;
  const isDatagram = type >= 0x10 && type <= 0x12 && bytes[1]! <= 0x0f;
  if (isDatagram && isNameAt(bytes, datagramHeader)) return datagramHeader;
  // Section 4.4.4: a question for a name, and its answers, have neither length nor offset.
  const isQuery = type >= 0x14 && type <= 0x16 && bytes[1]! <= 0x0f;
  return isQuery && isNameAt(bytes, queryHeader) ? queryHeader : -1;
}

export function probeNetbios(bytes: Uint8Array): Likeness {
  return nameServiceName(bytes) > 0 || datagramName(bytes) > 0 ? "yes" : "no";
}

export function parseNetbios(bytes: Uint8Array, context: DissectContext): Verdict {
  const service = nameServiceName(bytes);
  const datagram = service > 0 ? -1 : datagramName(bytes);
  const at = Math.max(service, datagram);
  if (at < 0) return { kind: "notMine" };
  const name = service > 0 ? "netbios-ns" : "netbios-dgm";
  return { kind: "match", name, facts: { netbios: { name: decodeName(bytes, at) } }, complete: context.toServer };
}
