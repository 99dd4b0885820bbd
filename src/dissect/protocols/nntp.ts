/**
 * NNTP: who greets, and whether the session goes over to TLS. No groups, articles or credentials.
 *
 * RFC 3977 sections 3.1 (commands and responses), 5.1 (initial connection), 5.2 and 5.3 (CAPABILITIES, MODE READER); RFC 4642
 * (STARTTLS).
 *
 *   server = ("200" / "201") SP text CRLF, first;  client = command [SP arguments] CRLF
 *
 * Evidence: a greeting that names NNTP or a server of news, any greeting on its ports, or a command that only NNTP has.
 */
import { recall } from "../flow-memory.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const greetings = ["200 ", "201 "];
const commands = [
  "MODE READER\r\n",
  "MODE STREAM\r\n",
  "AUTHINFO USER ",
  "IHAVE <",
  "XOVER ",
  "NEWGROUPS ",
  "NEWNEWS ",
];
/** Commands that others have as well. */
const common = [
  "CAPABILITIES\r\n",
  "GROUP ",
  "LIST",
  "ARTICLE ",
  "HEAD ",
  "BODY ",
  "STAT ",
  "STARTTLS\r\n",
  "DATE\r\n",
];
const ports: readonly number[] = [119, 433];
const maxLine = 512;
const maxLines = 64;

interface NntpMemory {
  startTls: boolean;
}

export function isNntpFirst(byte: number): boolean {
  return byte === 0x32 || firstLetters.has(byte & 0xdf);
}

const firstLetters = new Set([...commands, ...common].map((word) => word.charCodeAt(0)));

export function probeNntp(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = ports.includes(context.serverPort);
  const words = context.toServer ? [...commands, ...(isOwn ? common : [])] : greetings;
  const begun = startsWithWord(bytes, words);
  if (begun !== "yes") return begun === "more" ? undecided(context.last) : "no";
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  if (end < 0) return bytes.length > maxLine ? "no" : undecided(context.last);
  if (isOwn || context.toServer) return "yes";
  return /\b(?:NNTP|NNRP|InterNetNews|INN|Leafnode|DNews)\b/i.test(lineText(bytes, 0, maxLine)) ? "yes" : "no";
}

export function parseNntp(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<NntpMemory>(context, "nntp", () => ({ startTls: false }));
  const nntp: Record<string, unknown> = {};
  const match = { kind: "match", name: "nntp", facts: { nntp } } as const;
  let at = 0;
  for (let count = 0; count < maxLines && at < bytes.length; count++) {
    const line = lineText(bytes, at, maxLine);
    const next = nextLine(bytes, at);
    if (next < 0) break;
    if (context.toServer && /^STARTTLS$/i.test(line)) {
      memory.startTls = true;
      return { ...match, complete: false, handover: next };
    }
    if (!context.toServer && memory.startTls && line.startsWith("382")) {
      nntp["starttls"] = true;
      return { ...match, complete: false, handover: next };
    }
    // Who gives his name does it in clear; so does who reads.
    if (context.toServer && /^(?:AUTHINFO|GROUP|ARTICLE|XOVER|IHAVE|POST)\b/i.test(line)) {
      return { ...match, complete: true };
    }
    if (!context.toServer && at === 0 && /^20[01] /.test(line)) nntp["posting"] = line.startsWith("200");
    at = next;
  }
  return { ...match, complete: false };
}
