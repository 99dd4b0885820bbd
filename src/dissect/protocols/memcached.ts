/**
 * Memcached, text and binary: the first command. No keys, no values.
 *
 * Memcached protocol.txt ("Commands", "Storage commands", "Retrieval command"), "Binary protocol revamped" (packet structure).
 *
 *   storage = command SP key SP flags SP exptime SP bytes [SP "noreply"] CRLF;  retrieval = "get" (SP key)+ CRLF
 *   binary  = 0x80|0x81 opcode(1) key(2) extras(1) 0 status(2) body(4) opaque(4) cas(8)
 *
 * Evidence: a storage line with its three numbers, a value of the length that is said before it, or a binary head whose lengths fit; other lines on port 11211 only.
 */
import { asciiText, u16At, u32At } from "../../bytes/index.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const storage = ["set ", "add ", "replace ", "append ", "prepend ", "cas "];
const others = [
  "get ",
  "gets ",
  "gat ",
  "touch ",
  "delete ",
  "incr ",
  "decr ",
  "stats\r\n",
  "stats ",
  "version\r\n",
  "quit\r\n",
  "flush_all",
  "gats ",
  "mg ",
  "ms ",
  "md ",
  "ma ",
  "me ",
  "mn\r\n",
  "verbosity ",
  "cache_memlimit ",
  "slabs ",
  "lru ",
  "watch ",
];
const answers = [
  "STORED\r\n",
  "NOT_STORED\r\n",
  "VALUE ",
  "END\r\n",
  "STAT ",
  "VERSION ",
  "DELETED\r\n",
  "NOT_FOUND\r\n",
  "EXISTS\r\n",
  "TOUCHED\r\n",
  "RESET\r\n",
  "OK\r\n",
  "ERROR\r\n",
  "CLIENT_ERROR ",
  "SERVER_ERROR ",
  "HD",
  "EN\r\n",
  "VA ",
  "NS",
  "NF",
  "EX",
  "ME ",
  "MN\r\n",
];
const values = ["VALUE "];
const memcachedPort = 11_211;
const binaryHeader = 24;
const maxLine = 300;
const maxOwnLine = 8192;
const lastOpcode = 0x48;
const maxMessages = 64;

const firstCodes = new Set([0x80, 0x81, ...[...storage, ...others, ...answers].map((word) => word.charCodeAt(0))]);

export function isMemcachedFirst(byte: number): boolean {
  return firstCodes.has(byte);
}

function isBinary(bytes: Uint8Array): boolean {
  const key = u16At(bytes, 2);
  const extras = bytes[4]!;
  const isRequest = bytes[0] === 0x80;
  // Status of a response: the known codes; of a request: a virtual bucket, seldom used.
  const status = u16At(bytes, 6);
  const fits = u32At(bytes, 8) >= key + extras && key <= 250 && extras <= 20;
  return bytes[1]! <= lastOpcode && bytes[5] === 0 && fits && status <= (isRequest ? 1023 : 0x86);
}

/** "VALUE" key flags length [cas], and behind so many bytes a line's end. */
function probeValue(bytes: Uint8Array, end: number, last: boolean): Likeness {
  const found = /^VALUE \S{1,250} \d{1,10} (\d{1,8})( \d{1,20})?$/.exec(lineText(bytes, 0, maxLine));
  if (found === null) return "no";
  const stop = end + Number(found[1]);
  if (bytes.length < stop + 2) return stop < maxOwnLine ? undecided(last) : "no";
  return bytes[stop] === 0x0d && bytes[stop + 1] === 0x0a ? "yes" : "no";
}

/** Whether messages of the same direction fill the bytes: clients ask for several keys at once. */
function areBinary(bytes: Uint8Array): boolean {
  let at = 0;
  for (let count = 0; count < maxMessages && at + binaryHeader <= bytes.length; count++) {
    if (bytes[at] !== bytes[0] || !isBinary(bytes.subarray(at))) return false;
    at += binaryHeader + u32At(bytes, at + 8);
  }
  return at === bytes.length;
}

export function probeMemcached(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === memcachedPort;
  if (bytes[0]! >= 0x80) {
    if (bytes.length < binaryHeader) return undecided(context.last);
    return isBinary(bytes) && (isOwn || areBinary(bytes)) ? "yes" : "no";
  }
  const end = nextLine(bytes, 0);
  const stop = end < 0 ? bytes.length : end;
  // Many keys may be asked for at once; on other ports a line has one.
  if (stop > (isOwn ? maxOwnLine : maxLine) || !isPrintable(bytes, 0, stop)) return "no";
  const isStorage = startsWithWord(bytes, storage);
  const isOther = isOwn ? startsWithWord(bytes, [...others, ...answers]) : "no";
  const isValue = isOwn ? "no" : startsWithWord(bytes, values);
  if (isStorage === "no" && isOther === "no" && isValue === "no") return "no";
  if (end < 0) return undecided(context.last);
  if (isOther === "yes") return "yes";
  if (isValue === "yes") return probeValue(bytes, end, context.last);
  return /^\w+ \S{1,250} \d{1,10} -?\d{1,10} \d{1,8}( \d+)?( noreply)?$/.test(lineText(bytes, 0, maxLine))
    ? "yes"
    : "no";
}

export function parseMemcached(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!context.toServer) return { kind: "match", name: "memcached", facts: { memcached: {} }, complete: false };
  if (bytes[0]! >= 0x80) {
    return { kind: "match", name: "memcached", facts: { memcached: { encoding: "binary" } }, complete: true };
  }
  const line = asciiText(bytes, 0, Math.min(bytes.length, 16));
  const command = /^[a-z]+/.exec(line)?.[0];
  const facts = command === undefined ? {} : { command };
  return { kind: "match", name: "memcached", facts: { memcached: { encoding: "text", ...facts } }, complete: true };
}

/** protocol.txt, "UDP protocol": request(2) number(2) of_datagrams(2) 0(2), then what a stream would carry. */
const datagramHeader = 8;

/** Whether a message in one datagram has the length that it says. */
function isAllOf(message: Uint8Array): boolean {
  return message.length === binaryHeader + u32At(message, 8);
}

export function probeMemcachedDatagram(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== memcachedPort && context.clientPort !== memcachedPort) return "no";
  const number = u16At(bytes, 2);
  const isFramed = bytes.length > datagramHeader && number < u16At(bytes, 4) && u16At(bytes, 6) === 0;
  if (!isFramed) return "no";
  const message = bytes.subarray(datagramHeader);
  if (message[0]! >= 0x80) {
    const isWhole = message.length >= binaryHeader && (number > 0 || u16At(bytes, 4) > 1 || isAllOf(message));
    return isWhole && isBinary(message) ? "yes" : "no";
  }
  return startsWithWord(message, [...storage, ...others, ...answers]) === "yes" ? "yes" : "no";
}

export function parseMemcachedDatagram(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length <= datagramHeader) return { kind: "notMine" };
  return parseMemcached(bytes.subarray(datagramHeader), context);
}
