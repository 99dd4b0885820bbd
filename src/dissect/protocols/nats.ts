/**
 * NATS: the software of both sides, and whether the session goes over to TLS. No subjects, no messages, no credentials.
 *
 * NATS client protocol (docs.nats.io/reference/reference-protocols/nats-protocol), "INFO", "CONNECT".
 *
 *   server = "INFO" SP JSON CRLF, first;  client = "CONNECT" SP JSON CRLF
 *
 *   later  = ("PUB" SP subject | "MSG" SP subject SP id) [SP reply] SP length CRLF payload CRLF; "PING" CRLF; ...
 *
 * Evidence: the server's INFO with its "server_id", or the client's CONNECT with its "verbose". Of a session that was joined later a
 * message whose payload ends where its length says, or on the port any of its lines.
 */
import { asciiText, escapeControls, indexOfAscii } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const info = ["INFO {"];
const connect = ["CONNECT {"];
const both = [...info, ...connect];
const maxLine = 4096;
const tlsRecord = 0x16;
const port = 4222;
const laterWords = "PUB |HPUB |SUB |UNSUB |MSG |HMSG |PING\r\n|PONG\r\n|+OK\r\n|-ERR '".split("|");
const laterLetters = new Set(laterWords.map((word) => word.charCodeAt(0)));
const ownLine = /^(?:PING|PONG|\+OK|-ERR '.*'|SUB \S+ (?:\S+ )?\S+|UNSUB \S+(?: \d+)?)$/;
const messageLine = /^(?:PUB|MSG|HPUB|HMSG) \S+ (?:\S+ ){0,3}(\d{1,7})$/;

interface NatsMemory {
  tls: boolean;
  /** Whose first line was read. */
  client: boolean;
  server: boolean;
}

export function isNatsFirst(byte: number): boolean {
  return laterLetters.has(byte) || (byte & 0xdf) === 0x49 || (byte & 0xdf) === 0x43;
}

/** What is said in the middle of a session. */
function probeLater(bytes: Uint8Array, context: DissectContext): Likeness {
  if (startsWithWord(bytes, laterWords) === "no") return "no";
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end) || bytes.length === 0) return "no";
  if (end < 0) return bytes.length < maxLine ? undecided(context.last) : "no";
  const line = lineText(bytes, 0, maxLine);
  const isOwn = context.serverPort === port;
  if (isOwn && ownLine.test(line)) return "yes";
  const found = messageLine.exec(line);
  if (found === null) return "no";
  const stop = end + Number(found[1]);
  if (bytes.length < stop + 2) return isOwn ? "yes" : undecided(context.last);
  return bytes[stop] === 0x0d && bytes[stop + 1] === 0x0a ? "yes" : "no";
}

export function probeNats(bytes: Uint8Array, context: DissectContext): Likeness {
  const likeness = startsWithWord(bytes, both);
  if (likeness !== "yes") return likeness === "more" ? undecided(context.last) : probeLater(bytes, context);
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? maxLine : Math.min(end, maxLine))) return "no";
  const key = startsWithWord(bytes, info) === "yes" ? '"server_id"' : '"verbose"';
  const found = indexOfAscii(bytes, key, 0, end < 0 ? maxLine : Math.min(end, maxLine));
  if (found > 0) return "yes";
  return end < 0 && bytes.length < maxLine ? undecided(context.last) : "no";
}

/** A member of the JSON line that is a plain string. */
function member(line: string, name: string): string | undefined {
  const text = new RegExp(`"${name}"\\s{0,8}:\\s{0,8}"([^"\\\\]{1,128})"`).exec(line)?.[1];
  return text === undefined ? undefined : escapeControls(text);
}

/** What a line tells of its sender, by the name under which it is shown. */
const serverMembers = [
  ["version", "server_version"],
  ["server_name", "server_name"],
] as const;
const clientMembers = [
  ["version", "client_version"],
  ["lang", "client_language"],
] as const;

export function parseNats(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<NatsMemory>(context, "nats", () => ({ tls: false, client: false, server: false }));
  const nats: Record<string, unknown> = {};
  const match = { kind: "match", name: "nats", facts: { nats }, complete: false } as const;
  if (memory.tls && context.toServer && bytes[0] === tlsRecord) return { ...match, handover: 0 };
  const end = nextLine(bytes, 0);
  if (end < 0 && bytes.length < maxLine && !context.last) return { kind: "needMore", bytes: bytes.length + 1 };
  const isInfo = startsWithWord(bytes, info) === "yes";
  if (!isInfo && startsWithWord(bytes, connect) !== "yes") return { ...match, done: true };
  const line = asciiText(bytes, 0, end < 0 ? bytes.length : end, maxLine);
  for (const [name, shown] of isInfo ? serverMembers : clientMembers) {
    const value = member(line, name);
    if (value !== undefined) nats[shown] = value;
  }
  if (isInfo && end > 0 && /"tls_required"\s{0,8}:\s{0,8}true/.test(line)) {
    memory.tls = true;
    nats["tls_required"] = true;
    return { ...match, handover: end };
  }
  if (isInfo) memory.server = true;
  else memory.client = true;
  return { ...match, complete: memory.client && memory.server, done: true };
}
