/**
 * Kerberos 5 over UDP and TCP: the kind of message. No names, no tickets.
 *
 * RFC 4120 sections 5.4 (AS, TGS), 5.5 (AP), 5.9 (KRB-ERROR), 7.2.2 (TCP).
 *
 *   message ::= [APPLICATION n] SEQUENCE { [a] pvno 5, [a + 1] msg-type n, ... }; over TCP behind its length(4)
 *
 * Evidence: version and type where they must stand, the type the same as the tag's.
 */
import { u32At } from "../../bytes/index.ts";
import { contentLength, contentStart } from "../ber.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const types: ReadonlyMap<number, string> = new Map([
  [10, "KRB_AS_REQ"],
  [11, "KRB_AS_REP"],
  [12, "KRB_TGS_REQ"],
  [13, "KRB_TGS_REP"],
  [14, "KRB_AP_REQ"],
  [15, "KRB_AP_REP"],
  [30, "KRB_ERROR"],
]);
const maxMessage = 131_072;
const lengthPrefix = 4;
/** [a] INTEGER 5 and [a + 1] INTEGER n, five bytes each. */
const headLength = 10;

export function isKrb5First(byte: number): boolean {
  return (byte >= 0x6a && byte <= 0x6f) || byte === 0x7e;
}

export function isKrb5StreamFirst(byte: number): boolean {
  return byte === 0;
}

/** Type of the message at `at`: -1 when it is none, -2 when too little of it is there. */
function typeAt(bytes: Uint8Array, at: number): number {
  if (bytes.length <= at) return -2;
  const type = bytes[at]! & 0x1f;
  if (!isKrb5First(bytes[at]!) || !types.has(type)) return -1;
  const sequence = contentStart(bytes, at);
  const head = contentStart(bytes, sequence);
  if (sequence < 0 || head < 0 || bytes.length < head + headLength) return bytes.length < at + 20 ? -2 : -1;
  const context = bytes[head]!;
  const isVersion = (context === 0xa0 || context === 0xa1) && bytes[head + 4] === 5;
  const isType = bytes[head + 5] === context + 1 && bytes[head + 9] === type;
  const isNumbers = bytes[head + 1] === 3 && bytes[head + 2] === 2 && bytes[head + 6] === 3 && bytes[head + 7] === 2;
  return bytes[sequence] === 0x30 && isVersion && isType && isNumbers ? type : -1;
}

function verdict(type: number, isRequest: boolean): Verdict {
  const msgType = types.get(type);
  const krb5 = isRequest && msgType !== undefined ? { msg_type: msgType } : {};
  return { kind: "match", name: "krb5", facts: { krb5 }, complete: isRequest };
}

export function probeKrb5(bytes: Uint8Array): Likeness {
  return typeAt(bytes, 0) > 0 ? "yes" : "no";
}

export function parseKrb5(bytes: Uint8Array, context: DissectContext): Verdict {
  const type = typeAt(bytes, 0);
  return type > 0 ? verdict(type, context.toServer) : { kind: "notMine" };
}

export function probeKrb5Stream(bytes: Uint8Array, context: DissectContext): Likeness {
  const length = u32At(bytes, 0);
  if (length > maxMessage) return "no";
  const type = typeAt(bytes, lengthPrefix);
  if (type === -2) return undecided(context.last);
  if (type < 0) return "no";
  const whole = contentLength(bytes, lengthPrefix) + contentStart(bytes, lengthPrefix) - lengthPrefix;
  return whole === length ? "yes" : "no";
}

export function parseKrb5Stream(bytes: Uint8Array, context: DissectContext): Verdict {
  const type = typeAt(bytes, lengthPrefix);
  if (type === -2) return { kind: "needMore", bytes: bytes.length + 1 };
  return type > 0 ? verdict(type, context.toServer) : { kind: "notMine" };
}
