/**
 * POP3: that it is spoken, and whether the session goes over to TLS. No names and passwords.
 *
 * RFC 1939 sections 3 to 7, RFC 2449 section 5 (CAPA), RFC 2595 section 4 (STLS).
 *
 *   server = ("+OK" / "-ERR") [SP text] CRLF;  client = command [SP argument] CRLF
 *
 * Evidence: a greeting that says POP3 or carries APOP's timestamp, or any on port 110; a client's STLS, CAPA or APOP.
 */
import { indexOfAscii } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const commands = ["CAPA\r\n", "STLS\r\n", "APOP "];
const common = [
  "USER ",
  "PASS ",
  "AUTH\r\n",
  "AUTH ",
  "STAT\r\n",
  "LIST",
  "RETR ",
  "UIDL",
  "TOP ",
  "NOOP\r\n",
  "QUIT\r\n",
];
const replies = ["+OK ", "+OK\r\n", "-ERR "];
const popPort = 110;
const maxLines = 64;

interface Pop3Memory {
  startTls: boolean;
}

export function isPop3First(byte: number): boolean {
  return byte === 0x2b || byte === 0x2d || "CSAUPLRTNQ".includes(String.fromCharCode(byte & 0xdf));
}

export function probePop3(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  const isOwn = context.serverPort === popPort;
  const command = startsWithWord(bytes, isOwn && context.toServer ? [...commands, ...common] : commands);
  const greeting = startsWithWord(bytes, isOwn ? replies : ["+OK "]);
  if (command === "no" && greeting === "no") return "no";
  if (end < 0) return undecided(context.last);
  if (command === "yes" || (greeting === "yes" && isOwn)) return "yes";
  if (greeting !== "yes") return "no";
  if (indexOfAscii(bytes, "POP3", 0, end) > 0 || indexOfAscii(bytes, "POP ", 0, end) > 0) return "yes";
  const stamp = indexOfAscii(bytes, "<", 0, end);
  return stamp > 0 && indexOfAscii(bytes, "@", stamp, end) > 0 && indexOfAscii(bytes, ">", stamp, end) > 0
    ? "yes"
    : "no";
}

export function parsePop3(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<Pop3Memory>(context, "pop3", () => ({ startTls: false }));
  const isServer = bytes[0] === 0x2b || bytes[0] === 0x2d;
  let at = 0;
  for (let count = 0; count < maxLines && at < bytes.length; count++) {
    if (isServer && memory.startTls && bytes[at]! < 0x20 && bytes[at] !== 0x0d && bytes[at] !== 0x0a) {
      return { kind: "match", name: "pop3", facts: { pop3: {} }, complete: false, handover: at };
    }
    const next = nextLine(bytes, at);
    if (next < 0) break;
    const line = bytes.subarray(at, next);
    if (!isServer && startsWithWord(line, ["STLS\r\n"]) === "yes") {
      memory.startTls = true;
      return { kind: "match", name: "pop3", facts: { pop3: { starttls: true } }, complete: false, handover: next };
    }
    if (!isServer && startsWithWord(line, ["PASS ", "APOP "]) === "yes") {
      return { kind: "match", name: "pop3", facts: { pop3: {} }, complete: true };
    }
    at = next;
  }
  return { kind: "match", name: "pop3", facts: { pop3: {} }, complete: false };
}
