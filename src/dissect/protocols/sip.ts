/**
 * SIP over UDP and TCP: method, status, software. No names, numbers or credentials.
 *
 * RFC 3261 sections 7.1 (requests), 7.2 (responses), 20.35 and 20.41 (Server, User-Agent).
 *
 *   request = method SP ("sip:" / "sips:" / "tel:") ... SP "SIP/2.0" CRLF;  response = "SIP/2.0" SP 3DIGIT SP reason CRLF
 */
import { indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { announceMedia } from "../session-description.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const methods = "INVITE ACK OPTIONS BYE CANCEL REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE"
  .split(" ")
  .map((method) => `${method} `);
const status = ["SIP/2.0 "];
const schemes = ["sip:", "sips:", "tel:", "urn:"];
const maxLine = 1024;
/** RFC 3261 section 7.2: what comes before it is provisional, and another answer follows. */
const firstFinal = 200;
const maxLines = 48;
const letters = new Set([...methods, ...status].map((word) => word.charCodeAt(0)));

export function isSipFirst(byte: number): boolean {
  return letters.has(byte);
}

export function probeSip(bytes: Uint8Array, context: DissectContext): Likeness {
  const more = context.transport === "udp" ? "no" : undecided(context.last);
  const response = startsWithWord(bytes, status);
  const request = startsWithWord(bytes, methods);
  if (response === "no" && request === "no") return "no";
  const end = nextLine(bytes, 0);
  if (end < 0) return bytes.length > maxLine || !isPrintable(bytes, 0, bytes.length) ? "no" : more;
  if (response === "yes") return /^SIP\/2\.0 [1-6]\d\d /.test(lineText(bytes, 0, 16)) ? "yes" : "no";
  if (request !== "yes" || !isPrintable(bytes, 0, end)) return "no";
  const target = bytes.subarray(indexOfByte(bytes, 0x20, 0) + 1, end);
  return startsWithWord(target, schemes) === "yes" && indexOfAscii(target, " SIP/2.0") > 0 ? "yes" : "no";
}

export function parseSip(bytes: Uint8Array, context: DissectContext): Verdict {
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
