/**
 * Kerberos' change of passwords, over UDP and TCP: that one is changed. No names, no secrets.
 *
 * RFC 3244 section 2 (requests and replies, TCP); AP-REQ and AP-REP of RFC 4120 section 5.5, KRB-ERROR of 5.9.
 *
 *   message = [TCP: length(4)] length(2: of all) version(2: 1 | 0xFF80) length(2) AP-REQ | AP-REP KRB-PRIV;  0 in the last length: KRB-ERROR
 *
 * Evidence: lengths that agree, a version that exists, and a message of Kerberos behind them.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { probeKrb5 } from "./krb5.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 6;
const versions: readonly number[] = [0x0001, 0xff80];
/** As much of the message inside as its tag, version and type need. */
const insideLength = 24;

export function isKpasswdFirst(byte: number): boolean {
  return byte < 0x10;
}

const startOf = (context: DissectContext): number => (context.transport === "tcp" ? 4 : 0);

export function probeKpasswd(bytes: Uint8Array, context: DissectContext): Likeness {
  const at = startOf(context);
  const isStream = at > 0;
  if (bytes.length < at + headerLength + insideLength) return isStream ? undecided(context.last) : "no";
  const length = u16At(bytes, at);
  const stated = isStream ? u32At(bytes, 0) : bytes.length;
  if (length !== stated || !versions.includes(u16At(bytes, at + 2)) || u16At(bytes, at + 4) > length - headerLength) {
    return "no";
  }
  return probeKrb5(bytes.subarray(at + headerLength));
}

export function parseKpasswd(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = startOf(context);
  if (bytes.length < at + headerLength) return { kind: "notMine" };
  const facts = { krb5: context.toServer ? { request: "kpasswd" } : {} };
  return { kind: "match", name: "krb5", facts, complete: !context.toServer, done: true };
}
