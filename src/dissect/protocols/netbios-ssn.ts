/**
 * NetBIOS session service: who is called, and whether he answers; behind the answer the session is SMB's, as a rule.
 *
 * RFC 1002 section 4.3 (session packets).
 *
 *   packet   = type(1) flags(1: bit 0 extends the length) length(2) data
 *   request  = 0x81, called<name> calling<name>;  accepted = 0x82, no data;  refused = 0x83, error(1);  retarget = 0x84
 *
 * Evidence: a request with two encoded names. An answer is four common bytes: it is believed on port 139.
 */
import { u16At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import { decodeName, isNameAt } from "./netbios.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const type = { request: 0x81, accepted: 0x82, refused: 0x83, retarget: 0x84, keepAlive: 0x85 } as const;
const header = 4;
/** A name of 34 bytes: its length, 32 letters, the root. */
const nameLength = 34;
const requestLength = header + 2 * nameLength;
const port = 139;
/** Section 4.3.4. */
const errors: ReadonlyMap<number, string> = new Map([
  [0x80, "not_listening_on_called_name"],
  [0x81, "not_listening_for_calling_name"],
  [0x82, "called_name_not_present"],
  [0x83, "insufficient_resources"],
  [0x8f, "unspecified"],
]);

export function isNetbiosSsnFirst(byte: number): boolean {
  return byte >= type.request && byte <= type.keepAlive;
}

/** The length that an answer of this kind has, -1 when it is none. */
function answerLength(kind: number): number {
  if (kind === type.accepted || kind === type.keepAlive) return 0;
  return kind === type.refused ? 1 : kind === type.retarget ? 6 : -1;
}

export function probeNetbiosSsn(bytes: Uint8Array, context: DissectContext): Likeness {
  const [kind = 0, flags = 0] = bytes;
  if (flags !== 0) return "no";
  if (kind !== type.request) {
    if (context.serverPort !== port && context.clientPort !== port) return "no";
    if (bytes.length < header) return undecided(context.last);
    if (u16At(bytes, 2) !== answerLength(kind)) return "no";
    return kind !== type.refused || bytes.length < 5 || errors.has(bytes[4]!) ? "yes" : "no";
  }
  if (bytes.length >= header && u16At(bytes, 2) < 2 * nameLength) return "no";
  if (bytes.length < requestLength) return undecided(context.last);
  return isNameAt(bytes, header) && isNameAt(bytes, header + nameLength) ? "yes" : "no";
}

export function parseNetbiosSsn(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < header) return { kind: "needMore", bytes: header };
  const kind = bytes[0]!;
  const netbios: Record<string, unknown> = {};
  const match = { kind: "match", name: "netbios-ssn", facts: { netbios }, complete: false } as const;
  const end = header + u16At(bytes, 2);
  if (kind === type.request) {
    if (!isNameAt(bytes, header)) return { kind: "notMine" };
    netbios["name"] = decodeName(bytes, header);
    if (bytes.length < end) return context.last ? match : { kind: "needMore", bytes: end };
    return { ...match, handover: end };
  }
  if (kind === type.accepted || kind === type.keepAlive) return { ...match, handover: header };
  if (kind !== type.refused && kind !== type.retarget) return { kind: "notMine" };
  const error = kind === type.refused ? errors.get(bytes[header] ?? 0) : undefined;
  if (error !== undefined) netbios["error"] = error;
  return { ...match, complete: true };
}
