/**
 * H.323 call signalling: the message. No numbers, no names.
 *
 * ITU-T H.225.0 section 7.2 (call signalling in TPKT, RFC 1006 section 6), Q.931 sections 4.2 to 4.5 (header and elements).
 *
 *   TPKT = 3 0 length(2);  Q.931 = 8 call-reference-length(1: 2) reference(2) type(1) element*
 *   element = id(1: 0x80 and up, alone) | id(1) length(1) content | 0x7E length(2) 5 H.225.0 message
 *
 * Evidence: lengths that agree down to the user-user element that carries H.225.0. RDP and S7 put X.224 into TPKT instead.
 */
import { u16At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headLength = 9;
const userUser = 0x7e;
const maxElements = 32;
const messages: ReadonlyMap<number, string> = new Map([
  [0x01, "alerting"],
  [0x02, "call_proceeding"],
  [0x03, "progress"],
  [0x05, "setup"],
  [0x07, "connect"],
  [0x0d, "setup_acknowledge"],
  [0x5a, "release_complete"],
  [0x62, "facility"],
  [0x6e, "notify"],
  [0x75, "status_inquiry"],
  [0x7b, "information"],
  [0x7d, "status"],
]);
const fixed = [3, 0, -1, -1, 8, 2];

export function isH323First(byte: number): boolean {
  return byte === 3;
}

/** Whether a user-user element with protocol discriminator 5 is reached by the elements before it. */
function carriesH225(bytes: Uint8Array, end: number): boolean {
  let at = headLength;
  for (let count = 0; count < maxElements && at + 2 < end; count++) {
    const id = bytes[at]!;
    if (id >= 0x80) at += 1;
    else if (id === userUser) return bytes[at + 3] === 5 && at + 3 + u16At(bytes, at + 1) === end;
    else at += 2 + bytes[at + 1]!;
  }
  return false;
}

export function probeH323(bytes: Uint8Array, context: DissectContext): Likeness {
  for (const [at, value] of fixed.entries()) {
    if (at < bytes.length && value >= 0 && bytes[at] !== value) return "no";
  }
  if (bytes.length < headLength) return undecided(context.last);
  const length = u16At(bytes, 2);
  if (length < headLength + 4 || !messages.has(bytes[8]!)) return "no";
  if (bytes.length < length) return undecided(context.last);
  return carriesH225(bytes, length) ? "yes" : "no";
}

export function parseH323(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headLength) return { kind: "needMore", bytes: headLength };
  const message = bytes[4] === 8 ? messages.get(bytes[8]!) : undefined;
  if (message === undefined) return { kind: "notMine" };
  return { kind: "match", name: "h323", facts: { h323: { message } }, complete: !context.toServer, done: true };
}
