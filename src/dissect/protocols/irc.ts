/**
 * IRC: that it is spoken. No names, channels or messages.
 *
 * RFC 2812 sections 2.3.1 (messages), 3.1 (registration), 5.1 (replies); IRCv3 capability negotiation.
 *
 *   message = [":" prefix SP] command *(SP parameter) CRLF
 *
 * Evidence: a client's NICK and USER (or CAP LS); a server's numbered reply or its NOTICE to one not yet registered; of a session
 * that was joined later, what a user with his name, account and host says or does, or what is said to a channel.
 */
import { isPrintable, lineText, nextLine, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const client = /^(CAP LS( 30\d)?|NICK :?[^\s:@!]{1,32}|USER \S+ \S+ \S+ :?.*)$/i;
const server =
  /^(:\S+ (\d{3} \S+ |NOTICE (AUTH|\*) :|CAP \S+ (LS|ACK|NAK|LIST|NEW|DEL) )|NOTICE (AUTH|\*) :|ERROR :Closing Link: )/;
/** On the port: what keeps a session alive, and how channels are entered. */
const ownLine = /^(?:PI|PO)NG :?\S+|^JOIN [#&]\S{1,64}/i;
export const ircPorts: readonly number[] = [6667, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6668, 6669];
const later =
  /^(:[^\s!@]{1,64}![^\s!@]{1,64}@\S{1,128} (PRIVMSG|NOTICE|JOIN|PART|QUIT|NICK|MODE|KICK|TOPIC|INVITE|AWAY)\b|PRIVMSG [#&]\S{1,64} :)/;
const maxLine = 512;

export function isIrcFirst(byte: number): boolean {
  return byte === 0x3a || byte === 0x40 || "CNUPEJ".includes(String.fromCharCode(byte & 0xdf));
}

export function probeIrc(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  const stop = end < 0 ? bytes.length : end;
  if (stop > maxLine || !isPrintable(bytes, 0, stop)) return "no";
  if (end < 0) return undecided(context.last);
  // Tags of IRCv3 come before all else.
  const first = lineText(bytes, 0, maxLine).replace(/^@[^ ]{1,400} +/, "");
  if (ircPorts.includes(context.serverPort) && ownLine.test(first)) return "yes";
  if (server.test(first) || later.test(first) || /^CAP LS/i.test(first)) return "yes";
  // A password may come before; then the name and the user, in either order.
  const start = /^PASS /i.test(first) ? end : 0;
  const next = nextLine(bytes, start);
  if (next < 0) return undecided(context.last);
  if (!client.test(lineText(bytes, start, maxLine))) return "no";
  if (nextLine(bytes, next) < 0) return undecided(context.last);
  return client.test(lineText(bytes, next, maxLine)) ? "yes" : "no";
}

export function parseIrc(): Verdict {
  return { kind: "match", name: "irc", facts: { irc: {} }, complete: true };
}
