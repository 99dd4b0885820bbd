/**
 * SIP over UDP and TCP: method, status, software. No names, numbers or credentials.
 *
 * RFC 3261 sections 7.1 (requests), 7.2 (responses), 20.35 and 20.41 (Server, User-Agent).
 *
 *   request = method SP scheme ":" ... SP "SIP/2.0" CRLF;  response = "SIP/2.0" SP 3DIGIT SP reason CRLF
 */
import { indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { announceMedia } from "../session-description.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

/** IANA's "SIP Parameters", "Methods"; the last four are of [MS-SIPRE] and [MS-CONFBAS]. */
const methods = (
  "INVITE ACK OPTIONS BYE CANCEL REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE " +
  "SERVICE BENOTIFY NEGOTIATE DO"
)
  .split(" ")
  .map((method) => `${method} `);
const status = ["SIP/2.0 "];
const maxLine = 1024;
/** RFC 3261 section 7.2: what comes before it is provisional, and another answer follows. */
const firstFinal = 200;
const maxLines = 48;
const [carriageReturn, lineFeed] = [0x0d, 0x0a];
const maxLineEnds = 64;
const letters = new Set([...methods, ...status].map((word) => word.charCodeAt(0)));

export function isSipFirst(byte: number): boolean {
  return letters.has(byte);
}

/** RFC 3261 section 7.5: empty lines before a message are passed over; RFC 5626 section 4.4.1 sends them to keep a stream open. */
export function isSipStreamFirst(byte: number): boolean {
  return byte === carriageReturn || letters.has(byte);
}

/** Offset of the first message of a stream: behind line ends. */
function start(bytes: Uint8Array): number {
  let at = 0;
  while (at < maxLineEnds && (bytes[at] === carriageReturn || bytes[at] === lineFeed)) at++;
  return at;
}

export function probeSip(whole: Uint8Array, context: DissectContext): Likeness {
  const bytes = whole.subarray(start(whole));
  if (bytes.length === 0) return context.transport === "udp" ? "no" : undecided(context.last);
  const more = context.transport === "udp" ? "no" : undecided(context.last);
  const response = startsWithWord(bytes, status);
  const request = startsWithWord(bytes, methods);
  if (response === "no" && request === "no") return "no";
  const end = nextLine(bytes, 0);
  if (end < 0) return bytes.length > maxLine || !isPrintable(bytes, 0, bytes.length) ? "no" : more;
  if (response === "yes") return /^SIP\/2\.0 [1-6]\d\d /.test(lineText(bytes, 0, 16)) ? "yes" : "no";
  if (request !== "yes" || !isPrintable(bytes, 0, end)) return "no";
  // Any URI may be asked for (section 25.1: Request-URI); the version is evidence enough.
  const target = bytes.subarray(indexOfByte(bytes, 0x20, 0) + 1, end);
  return indexOfByte(target, 0x3a, 1) > 0 && indexOfAscii(target, " SIP/2.0") > 0 ? "yes" : "no";
}

export function parseSip(whole: Uint8Array, context: DissectContext): Verdict {
  const bytes = whole.subarray(start(whole));
  const sip: Record<string, unknown> = {};
  const first = lineText(bytes, 0, maxLine);
  const isResponse = first.startsWith("SIP/2.0 ");
  const code = isResponse ? Number(first.slice(8, 11)) : 0;
  if (isResponse) sip["code"] = code;
  else sip["method"] = first.slice(0, first.indexOf(" "));
  let at = nextLine(bytes, 0);
  for (let count = 0; count < maxLines && at > 0 && at < bytes.length; count++) {
    const line = lineText(bytes, at, 256);
    if (line === "") {
      announceMedia(bytes, at, context);
      break;
    }
    const agent = /^(user-agent|server)\s*:\s*(.*)$/i.exec(line);
    if (agent !== null) sip[isResponse ? "server" : "user_agent"] = agent[2];
    at = nextLine(bytes, at);
  }
  // Of a stream only the first message is read: waiting for a later one would say nothing more.
  const isLast = isResponse && (context.transport === "tcp" || code >= firstFinal);
  return { kind: "match", name: "sip", facts: { sip }, complete: isLast && !context.toServer };
}
