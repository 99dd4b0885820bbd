/**
 * FTP control connections: the server's greeting, and whether the session goes over to TLS. No names, passwords or paths.
 *
 * RFC 959 sections 4.1 (commands), 4.2 (replies), RFC 2428 (EPRT, EPSV), RFC 4217 section 4 (AUTH TLS). Data connections are
 * announced.
 *
 *   server = "220" ("-" / SP) text CRLF;  client = command [SP argument] CRLF
 *
 * Evidence: a greeting that says FTP, or any on port 21; of a client only commands that no other protocol has (USER and PASS
 * are POP3's too), or any of FTP's on port 21.
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
const shared = ["USER ", "PASS ", "OPTS ", "QUIT\r\n"];
const toTls = ["AUTH TLS\r\n", "AUTH SSL\r\n"];
const maxLines = 64;
const controlPort = 21;

interface FtpMemory {
  authTls: boolean;
  /** Lines that have announced their connection, by where they stand and who says them, and what they say (as a number). */
  readonly announced: Map<number, number>;
}

export function isFtpFirst(byte: number): boolean {
  const letter = String.fromCharCode(byte & 0xdf);
  return byte === 0x32 || "ASFEPTUOQ".includes(letter);
}

export function probeFtp(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  const isOwnPort = context.serverPort === controlPort;
  const command = startsWithWord(bytes, isOwnPort ? [...own, ...shared] : own);
  const greeting = startsWithWord(bytes, greetings);
  if (command === "no" && greeting === "no") return "no";
  if (end < 0) return undecided(context.last);
  if (command === "yes") return "yes";
  return greeting === "yes" && (isOwnPort || indexOfAscii(bytes, "FTP", 0, end) > 0) ? "yes" : "no";
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

/** Announces what the line at `at` says, once: the same bytes are shown again each time that more of them are there. */
function readAnnouncement(
  bytes: Uint8Array,
  at: number,
  end: number,
  isServer: boolean,
  memory: FtpMemory,
  context: DissectContext,
): void {
  // Few lines begin like one: "2", or P and E in either case.
  const first = bytes[at]! & (isServer ? 0xff : 0xdf);
  if (isServer ? first !== 0x32 : first !== 0x50 && first !== 0x45) return;
  const line = bytes.subarray(at, end);
  if (startsWithWord(line, isServer ? announcements.server : announcements.client) !== "yes") return;
  let said = 0;
  for (const byte of line.subarray(0, 128)) said = (Math.imul(said, 31) + byte) | 0;
  const place = at * 2 + (isServer ? 1 : 0);
  if (memory.announced.get(place) === said) return;
  if (memory.announced.size < maxLines * 2) memory.announced.set(place, said);
  announceData(line, context);
}

export function parseFtp(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<FtpMemory>(context, "ftp", () => ({ authTls: false, announced: new Map() }));
  const isServer = isDigit(bytes[0]!);
  const ftp: Record<string, unknown> = {};
  if (isServer && startsWithWord(bytes, greetings) === "yes") ftp["server"] = lineText(bytes, 4, 255);
  let at = 0;
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
    readAnnouncement(bytes, at, next, isServer, memory, context);
    at = next;
  }
  return { kind: "match", name: "ftp", facts: { ftp }, complete: false };
}
