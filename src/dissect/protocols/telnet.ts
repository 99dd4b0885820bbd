/**
 * Telnet: which options the first side offers or asks for. Nothing of what is typed.
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
const will = 251;
const ask = 253;
const maxOptions = 16;
/** IANA "Telnet Options": those in use. */
const options: ReadonlyMap<number, string> = new Map([
  [0, "binary"],
  [1, "echo"],
  [3, "suppress_go_ahead"],
  [5, "status"],
  [6, "timing_mark"],
  [24, "terminal_type"],
  [25, "end_of_record"],
  [31, "window_size"],
  [32, "terminal_speed"],
  [33, "flow_control"],
  [34, "linemode"],
  [35, "x_display"],
  [36, "environment"],
  [37, "authentication"],
  [38, "encryption"],
  [39, "new_environment"],
  [40, "tn3270e"],
  [42, "charset"],
  [44, "com_port"],
  [46, "start_tls"],
]);

/** What servers of games negotiate (mudstandards.org): beside IANA's, but in wide use. */
const games: ReadonlySet<number> = new Set([69, 70, 85, 86, 90, 91, 93, 102, 200, 201]);

export function isTelnetFirst(byte: number): boolean {
  return byte === iac;
}

function isNegotiation(bytes: Uint8Array, at: number): boolean {
  const command = bytes[at + 1]!;
  const option = bytes[at + 2]!;
  return bytes[at] === iac && command >= sub && command <= 254 && (option <= lastOption || games.has(option));
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

export function parseTelnet(bytes: Uint8Array): Verdict {
  const named: string[] = [];
  for (let at = 0; named.length < maxOptions && at + 3 <= bytes.length && isNegotiation(bytes, at); at += 3) {
    const option = bytes[at + 1] === will || bytes[at + 1] === ask ? options.get(bytes[at + 2]!) : undefined;
    if (option !== undefined && !named.includes(option)) named.push(option);
  }
  const telnet = named.length === 0 ? {} : { options: named };
  return { kind: "match", name: "telnet", facts: { telnet }, complete: true };
}
