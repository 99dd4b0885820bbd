/**
 * SMTP: who greets whom, and whether the session goes over to TLS. No addresses of mail.
 *
 * RFC 5321 sections 3.1 and 4.1.1 (greeting, EHLO), 4.2 (replies), RFC 3207 section 4 (STARTTLS).
 *
 *   server = "220" ("-" / SP) domain [SP text] CRLF;  client = ("EHLO" / "HELO") SP domain CRLF
 *
 * Evidence: EHLO, or HELO with a name, or an envelope; of a server a greeting that says SMTP, or any reply on SMTP's ports (FTP
 * greets with the same number).
 */
import { indexOfAscii } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const greetings = ["220 ", "220-"];
const commands = ["EHLO ", "HELO ", "LHLO "];
/** What only SMTP says, in the middle of a session; and on its ports what others say as well. */
const middle = ["MAIL FROM:", "RCPT TO:"];
const common = ["DATA\r\n", "RSET\r\n", "QUIT\r\n", "NOOP\r\n", "AUTH ", "STARTTLS\r\n", "VRFY "];
const isDigit = (byte: number): boolean => byte >= 0x32 && byte <= 0x35;
const letters = new Set([...commands, ...middle, ...common].map((word) => word.charCodeAt(0)));
const ports = [25, 587, 2525];
const maxLines = 64;
/** "EHLO " and its likes. */
const greetingLength = 5;

interface SmtpMemory {
  startTls: boolean;
  clientDone: boolean;
}

export function isSmtpFirst(byte: number): boolean {
  return isDigit(byte) || letters.has(byte & 0xdf);
}

export function probeSmtp(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  const isOwn = ports.includes(context.serverPort);
  if (isOwn && !context.toServer && end > 0 && /^[2-5]\d\d(?: |-|$)/.test(lineText(bytes, 0, 8))) return "yes";
  const command = startsWithWord(bytes, [...commands, ...middle, ...(isOwn ? common : [])]);
  // "EHLO" has a name behind it.
  if (command === "yes" && end > 0)
    return startsWithWord(bytes, commands) !== "yes" || lineText(bytes, 0, 512).length > greetingLength ? "yes" : "no";
  if (command !== "no") return undecided(context.last);
  const greeting = startsWithWord(bytes, greetings);
  if (greeting !== "yes") return greeting === "no" ? "no" : undecided(context.last);
  if (end < 0) return undecided(context.last);
  if (isOwn) return "yes";
  return indexOfAscii(bytes, "SMTP", 0, end) > 0 ? "yes" : "no";
}

export function parseSmtp(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<SmtpMemory>(context, "smtp", () => ({ startTls: false, clientDone: false }));
  return isDigit(bytes[0]!) ? readServer(bytes, memory) : readClient(bytes, context, memory);
}

function readClient(bytes: Uint8Array, context: DissectContext, memory: SmtpMemory): Verdict {
  const smtp: Record<string, unknown> = {};
  let at = 0;
  for (let count = 0; count < maxLines; count++) {
    const next = nextLine(bytes, at);
    if (next < 0) break;
    const line = bytes.subarray(at, next);
    const isGreeting = startsWithWord(line, commands) === "yes";
    if (isGreeting) smtp["helo"] = lineText(bytes, at + 5, 255);
    if (startsWithWord(line, ["STARTTLS\r", "STARTTLS\n"]) === "yes") {
      memory.startTls = true;
      smtp["starttls"] = true;
      return { kind: "match", name: "smtp", facts: { smtp }, complete: false, handover: next };
    }
    // The session goes on in clear: what follows is mail.
    if (startsWithWord(line, ["MAIL ", "AUTH "]) === "yes") memory.clientDone = true;
    at = next;
  }
  memory.clientDone ||= context.last;
  return { kind: "match", name: "smtp", facts: { smtp }, complete: memory.clientDone, done: memory.clientDone };
}

function readServer(bytes: Uint8Array, memory: SmtpMemory): Verdict {
  const smtp: Record<string, unknown> = {};
  if (startsWithWord(bytes, greetings) === "yes") smtp["server"] = lineText(bytes, 4, 255);
  const facts = { smtp };
  if (memory.startTls) {
    // Replies are lines that begin with a digit; the first byte that is none begins TLS.
    let at = 0;
    for (let count = 0; count < maxLines * 2 && at < bytes.length; count++) {
      if (bytes[at]! < 0x30 || bytes[at]! > 0x39) {
        return { kind: "match", name: "smtp", facts, complete: false, handover: at };
      }
      const next = nextLine(bytes, at);
      if (next < 0) break;
      at = next;
    }
  }
  return { kind: "match", name: "smtp", facts, complete: memory.clientDone };
}
