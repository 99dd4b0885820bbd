/**
 * Telnet: that it is spoken.
 *
 * RFC 854 ("Telnet command structure"), RFC 855 (options), IANA "Telnet Options".
 *
 *   negotiation = 255 (251 WILL | 252 WONT | 253 DO | 254 DONT) option(1);  sub = 255 250 option ... 255 240
 *
 * Evidence: two negotiations of options that exist; one on port 23.
 */
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const iac = 255;
const sub = 250;
const telnetPort = 23;
const lastOption = 49;

export function isTelnetFirst(byte: number): boolean {
  return byte === iac;
}

function isNegotiation(bytes: Uint8Array, at: number): boolean {
  const command = bytes[at + 1]!;
  return bytes[at] === iac && command >= sub && command <= 254 && bytes[at + 2]! <= lastOption;
}

export function probeTelnet(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 1 && (bytes[1]! < sub || bytes[1] === iac)) return "no";
  if (bytes.length < 3) return undecided(context.last);
  if (!isNegotiation(bytes, 0)) return "no";
  if (context.serverPort === telnetPort) return "yes";
  if (bytes[1] === sub) return "no";
  if (bytes.length < 6) return undecided(context.last);
  return isNegotiation(bytes, 3) ? "yes" : "no";
}

export function parseTelnet(): Verdict {
  return { kind: "match", name: "telnet", facts: { telnet: {} }, complete: true };
}
