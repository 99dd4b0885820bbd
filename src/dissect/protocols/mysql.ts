/**
 * MySQL and MariaDB: the server's version, and whether the session goes over to TLS. No SQL, no passwords.
 *
 * MySQL internals, "Client/Server Protocol", sections "Handshake V10", "SSLRequest", "HandshakeResponse41".
 *
 *   packet    = length(3, little-endian) sequence(1) payload
 *   handshake = 10 version NUL thread(4) salt(8) 0 capabilities(2) charset(1) status(2) capabilities(2) length(1) 0(10) ...
 *   refusal   = 255 error(2) ["#" state(5)] text, in place of the handshake
 *   response  = capabilities(4) largest(4) charset(1) 0(23) [user NUL ...]; an SSLRequest ends before the user
 */
import { asciiText, escapeControls, indexOfByte, u16LittleAt } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const packetHeader = 4;
const maxVersion = 80;
const sslCapability = 0x0800;
const responseHead = 32;
const leastGreeting = 32;
const port = 3306;
const refusal = 0xff;
const longestRefusal = 512;
const lastCommand = 0x1f;
const maxPackets = 64;

interface MysqlMemory {
  ssl: boolean;
  clientDone: boolean;
}

function payloadLength(bytes: Uint8Array): number {
  return bytes.length < 3 ? -1 : bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
}

/** A greeting or a login is at least 32 bytes long. */
export function isMysqlFirst(byte: number): boolean {
  return byte > 0;
}

/**
 * Whether these are packets of a session that was joined in its middle: a command that is all there, or an answer whose packets
 * are numbered from 1 on, up to the end of what was sent.
 */
function probeMiddle(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.toServer) {
    const isCommand = bytes[3] === 0 && bytes[4]! <= lastCommand;
    return isCommand && payloadLength(bytes) === bytes.length - packetHeader ? "yes" : "no";
  }
  let at = 0;
  for (let number = 1; number <= maxPackets && at + packetHeader <= bytes.length; number++) {
    const length = payloadLength(bytes.subarray(at));
    if (bytes[at + 3] !== number || length < 1) return "no";
    at += packetHeader + length;
  }
  if (at === bytes.length) return "yes";
  return undecided(context.last);
}

export function probeMysql(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === port;
  if (!isOwn && bytes[0]! < responseHead) return "no";
  if (bytes.length > 2 && payloadLength(bytes) > (isOwn ? 65_535 : 1024)) return "no";
  if (bytes.length < packetHeader + 1) return undecided(context.last);
  const start =
    bytes[3] === 0 ? probeGreeting(bytes, context.last) : bytes[3] === 1 ? probeResponse(bytes, context.last) : "no";
  return start === "no" && isOwn ? probeMiddle(bytes, context) : start;
}

function probeGreeting(bytes: Uint8Array, last: boolean): Likeness {
  if (bytes[4] === refusal) return probeRefusal(bytes, last);
  // Before 4.1 nothing followed the status but zeros, or not even they.
  if (bytes[4] !== 10 || payloadLength(bytes) < leastGreeting) return "no";
  const end = indexOfByte(bytes, 0, 5, 5 + maxVersion);
  if (!isPrintable(bytes, 5, end < 0 ? bytes.length : end)) return "no";
  if (end < 0) return bytes.length > 5 + maxVersion ? "no" : undecided(last);
  const isDigit = bytes[5]! >= 0x30 && bytes[5]! <= 0x39;
  if (end < 8 || !isDigit) return "no";
  if (bytes.length < end + 14) return undecided(last);
  return bytes[end + 13] === 0 ? "yes" : "no";
}

/** "Host '...' is not allowed to connect", "Too many connections": an error of the server's (1000 to 4999) in text, and no more. */
function probeRefusal(bytes: Uint8Array, last: boolean): Likeness {
  const end = packetHeader + payloadLength(bytes);
  const error = u16LittleAt(bytes, 5);
  if (end > longestRefusal || (error >= 0 && (error < 1000 || error > 4999))) return "no";
  if (bytes.length < end) return undecided(last);
  return bytes.length === end && end > packetHeader + 10 && isPrintable(bytes, 7, end) ? "yes" : "no";
}

/** Without the greeting only an SSLRequest or a login whose 23 reserved bytes are zero is believed. */
function probeResponse(bytes: Uint8Array, last: boolean): Likeness {
  const length = payloadLength(bytes);
  if (length < responseHead) return "no";
  if (bytes.length < packetHeader + responseHead) return undecided(last);
  // MariaDB keeps its own capabilities in the last four of them.
  for (let at = 13; at < 32; at++) if (bytes[at] !== 0) return "no";
  const has41 = (u16LittleAt(bytes, 4) & 0x0200) !== 0;
  const largest = bytes[11]! <= 0x40 && (bytes[10]! | bytes[11]!) !== 0;
  return has41 && largest && length > responseHead === ((u16LittleAt(bytes, 4) & sslCapability) === 0 || length > 33)
    ? "yes"
    : "no";
}

export function parseMysql(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<MysqlMemory>(context, "mysql", () => ({ ssl: false, clientDone: false }));
  const length = payloadLength(bytes);
  if (length < 0 || bytes.length < packetHeader + 1) return { kind: "needMore", bytes: packetHeader + 1 };
  const end = packetHeader + length;
  const name = "mysql";
  if (context.toServer && bytes[3] === 1) {
    if (bytes.length < end && !context.last) return { kind: "needMore", bytes: end };
    memory.clientDone = true;
    memory.ssl = length === responseHead && (u16LittleAt(bytes, 4) & sslCapability) !== 0;
    const facts = { mysql: memory.ssl ? { ssl: true } : {} };
    if (memory.ssl) return { kind: "match", name, facts, complete: false, handover: end };
    return { kind: "match", name, facts, complete: true };
  }
  const isGreeting = !context.toServer && bytes[3] === 0 && bytes[4] === 10 && length >= responseHead;
  if (!context.toServer && bytes[3] === 0 && bytes[4] === refusal) {
    return { kind: "match", name, facts: { mysql: { error: u16LittleAt(bytes, 5) } }, complete: true };
  }
  if (!isGreeting) {
    // Joined in the middle: of a session that was encrypted no such packet would be seen.
    if (context.serverPort !== port || memory.ssl) return { kind: "notMine" };
    return { kind: "match", name, facts: { mysql: {} }, complete: true };
  }
  const stop = indexOfByte(bytes, 0, 5, 5 + maxVersion);
  const version = escapeControls(asciiText(bytes, 5, stop < 0 ? bytes.length : stop, maxVersion));
  const facts = { mysql: { version } };
  if (memory.ssl && bytes.length > end) return { kind: "match", name, facts, complete: false, handover: end };
  return { kind: "match", name, facts, complete: memory.clientDone && !memory.ssl };
}
