/**
 * FTP control connections: the server's greeting, and whether the session goes over to TLS. No names, passwords or paths.
 *
 * RFC 959 sections 4.1 (commands), 4.2 (replies), RFC 2428 (EPRT, EPSV), RFC 4217 section 4 (AUTH TLS). Data connections are
 * announced.
 *
 *   server = "220" ("-" / SP) text CRLF;  client = command [SP argument] CRLF
 *
 * Evidence: a greeting that says FTP, or one that is followed by 331 (SMTP knows no such reply); on port 21 any reply, of a
 * session that was joined later too; of a client only commands that no other protocol has (USER and PASS are POP3's too), or
 * any of FTP's on port 21. Lines are read as they come: each may announce a data connection.
 */
import { indexOfAscii } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const greetings = ["220 ", "220-"];
const own = [
  "AUTH TLS\r\n",
  "AUTH SSL\r\n",
  "SYST\r\n",
  "FEAT\r\n",
  "EPSV\r\n",
  "PASV\r\n",
  "TYPE I\r\n",
  "TYPE A\r\n",
];
/** RFC 959 section 5.3.1, RFC 3659 and RFC 2389, as far as others may have them as well. */
const shared = (
  "USER |PASS |OPTS |ACCT |CWD |CDUP\r\n|REIN\r\n|QUIT\r\n|PORT |EPRT |EPSV |TYPE |STRU |MODE |RETR |STOR |STOU\r\n|STOU |APPE |ALLO |REST |RNFR |" +
  "RNTO |ABOR\r\n|DELE |RMD |MKD |PWD\r\n|LIST\r\n|LIST |NLST\r\n|NLST |SITE |STAT\r\n|STAT |HELP\r\n|HELP |NOOP\r\n|SIZE |" +
  "MDTM |MLSD\r\n|MLSD |MLST\r\n|MLST |PBSZ |PROT |CLNT "
).split("|");
const toTls = ["AUTH TLS\r\n", "AUTH SSL\r\n"];
const maxLines = 64;
const controlPort = 21;

interface FtpMemory {
  authTls: boolean;
  /** Bytes of a direction whose lines have been read: the same ones are shown again each time that more of them are there. */
  readonly readTo: { client: number; server: number };
}

const letters = new Set([...own, ...shared].map((word) => word.charCodeAt(0)));

export function isFtpFirst(byte: number): boolean {
  return (byte >= 0x31 && byte <= 0x35) || letters.has(byte & 0xdf);
}

export function probeFtp(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  const isOwnPort = context.serverPort === controlPort;
  const command = startsWithWord(bytes, isOwnPort ? [...own, ...shared] : own);
  const greeting = startsWithWord(bytes, greetings);
  const isReply = isOwnPort && !context.toServer && /^[1-5]\d\d?(?:[ -]|$)/.test(lineText(bytes, 0, 4));
  if (command === "no" && greeting === "no" && !isReply) return "no";
  if (end < 0) return undecided(context.last);
  if (command === "yes" || isReply) return "yes";
  if (greeting !== "yes") return "no";
  return isOwnPort || indexOfAscii(bytes, "FTP", 0, end) > 0 ? "yes" : probeSecondReply(bytes, end, context.last);
}

/** What follows a greeting that many could send: "331" asks for a password (RFC 959 section 4.2.2). */
function probeSecondReply(bytes: Uint8Array, start: number, last: boolean): Likeness {
  let at = start;
  for (let count = 0; count < maxLines && at < bytes.length; count++) {
    const next = nextLine(bytes, at);
    if (startsWithWord(bytes.subarray(at), ["331 "]) === "yes") return "yes";
    // Lines of the greeting go on with its number, or with nothing that is one.
    const isGreeting = startsWithWord(bytes.subarray(at), ["220"]) !== "no" || bytes[at]! < 0x30 || bytes[at]! > 0x39;
    if (!isGreeting && bytes.length >= at + 4) return "no";
    if (next < 0) break;
    at = next;
  }
  return undecided(last);
}

/** The data connection that a line announces: RFC 959 (PORT, 227), RFC 2428 (EPRT, 229). */
function announceData(line: Uint8Array, context: DissectContext): void {
  const isServer = isDigit(line[0]!);
  if (context.onExpect === undefined) return;
  const text = lineText(line, 0, 128);
  const numbers = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/.exec(text);
  const extended = /\|\d?\|([0-9a-fA-F.:]{0,45})\|(\d{1,5})\|/.exec(text);
  const port = numbers === null ? Number(extended?.[2] ?? 0) : Number(numbers[5]) * 256 + Number(numbers[6]);
  const address = numbers === null ? (extended?.[1] ?? "") : numbers.slice(1, 5).map(Number).join(".");
  if (port < 1 || port > 65_535) return;
  const announced = { transport: "tcp", port, name: "ftp-data" } as const;
  // The address may be one behind a translation, or missing: that of the control connection holds too.
  context.onExpect({ ...announced, host: isServer ? "server" : "client" });
  if (address !== "") context.onExpect({ ...announced, host: { address } });
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const announcements = { server: ["227 ", "229 "], client: ["PORT ", "EPRT "] } as const;

/** Announces what the line in `[at, end)` says, if it does. */
function readAnnouncement(
  bytes: Uint8Array,
  at: number,
  end: number,
  isServer: boolean,
  context: DissectContext,
): void {
  // Few lines begin like one: "2", or P and E in either case.
  const first = bytes[at]! & (isServer ? 0xff : 0xdf);
  if (isServer ? first !== 0x32 : first !== 0x50 && first !== 0x45) return;
  const line = bytes.subarray(at, end);
  if (startsWithWord(line, isServer ? announcements.server : announcements.client) === "yes")
    announceData(line, context);
}

export function parseFtp(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<FtpMemory>(context, "ftp", () => ({ authTls: false, readTo: { client: 0, server: 0 } }));
  const isServer = isDigit(bytes[0]!);
  const ftp: Record<string, unknown> = {};
  if (isServer && startsWithWord(bytes, greetings) === "yes") ftp["server"] = lineText(bytes, 4, 255);
  const side = context.toServer ? "client" : "server";
  // What was shown may begin anew, behind a hole.
  let at = memory.readTo[side] <= bytes.length ? memory.readTo[side] : 0;
  for (let count = 0; count < maxLines && at < bytes.length; count++) {
    const isReply = bytes[at]! >= 0x20 && bytes[at]! <= 0x7e;
    if (isServer && memory.authTls && !isReply) {
      return { kind: "match", name: "ftp", facts: { ftp }, complete: false, handover: at };
    }
    const next = nextLine(bytes, at);
    if (next < 0) break;
    if (!isServer && (bytes[at]! & 0xdf) === 0x41 && startsWithWord(bytes.subarray(at, next), toTls) === "yes") {
      memory.authTls = true;
      ftp["auth_tls"] = true;
      return { kind: "match", name: "ftp", facts: { ftp }, complete: false, handover: next };
    }
    readAnnouncement(bytes, at, next, isServer, context);
    at = next;
    memory.readTo[side] = at;
  }
  return { kind: "match", name: "ftp", facts: { ftp }, complete: false };
}
