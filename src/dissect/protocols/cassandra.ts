/**
 * Cassandra's CQL: versions, driver, and how it authenticates. No statements, no values.
 *
 * Apache Cassandra native_protocol_v1.spec to _v5.spec, sections 2 (frame header), 4.1 (requests) and 4.2 (responses).
 *
 *   frame = version(1: 1-6; of a response with bit 0x80) flags(1) stream(2; 1 before version 3) opcode(1) length(4) body
 *   OPTIONS has no body; STARTUP and SUPPORTED begin with count(2) (key(length(2) text) value ...)*
 *
 * Evidence: a first request (OPTIONS or STARTUP with "CQL_VERSION") or one of its answers, with its own length. Anything else
 * is believed on the port alone.
 */
import { asciiText, escapeControls, hasAsciiAt, u16At, u32At } from "../../bytes/index.ts";
import { isPrintable, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 9;
const port = 9042;
const response = 0x80;
const requests = [0x01, 0x05, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0f];
const responses = [0x00, 0x02, 0x03, 0x06, 0x08, 0x0c, 0x0e, 0x10];
const lastFlag = 0x10;
const maxBody = 0x1000_0000;
const maxPairs = 16;
const lastVersion = 6;
const widenedAtMost = 4096;
const opcode = { error: 0, startup: 1, ready: 2, authenticate: 3, options: 5, supported: 6 } as const;
const shown: ReadonlyMap<string, string> = new Map([
  ["CQL_VERSION", "cql_version"],
  ["DRIVER_NAME", "driver_name"],
  ["DRIVER_VERSION", "driver_version"],
  ["COMPRESSION", "compression"],
]);

export function isCassandraFirst(byte: number): boolean {
  const version = byte & ~response;
  return version >= 1 && version <= lastVersion;
}

/** Versions 1 and 2 number their streams with one byte: shown here as the later ones have them. */
function widened(bytes: Uint8Array): Uint8Array {
  if ((bytes[0]! & ~response) > 2 || bytes.length < 3) return bytes;
  const wide = new Uint8Array(Math.min(bytes.length, widenedAtMost) + 1);
  wide.set(bytes.subarray(0, 2));
  wide.set(bytes.subarray(2, wide.length - 1), 3);
  return wide;
}

export function probeCassandra(frame: Uint8Array, context: DissectContext): Likeness {
  if (!isCassandraFirst(frame[0]!)) return "no";
  const bytes = widened(frame);
  const [first = 0, flags = 0, , , code = 0] = bytes;
  if (!isCassandraFirst(first) || flags >= lastFlag * 2) return "no";
  if (((first & response) !== 0) === context.toServer) return "no";
  const known = (first & response) === 0 ? requests : responses;
  if (bytes.length > 4 && !known.includes(code)) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u32At(bytes, 5);
  if (length > maxBody) return "no";
  if ((first & response) === 0 && code === opcode.options) {
    if (length !== 0 || flags !== 0) return "no";
    // Nine bytes that are mostly zero: nothing may be left over but another frame of this version.
    // Eight bytes of versions 1 and 2 are too few.
    if ((first & ~response) < 3 && context.serverPort !== port) return "no";
    const isAlone = bytes.length === headerLength ? !context.last : bytes[headerLength] === first;
    return isAlone || context.serverPort === port ? "yes" : "no";
  }
  if ((first & response) === 0 && code === opcode.startup) {
    if (bytes.length < headerLength + length) return undecided(context.last);
    return hasPairs(bytes, length) ? "yes" : "no";
  }
  if (context.serverPort === port) return "yes";
  if ((first & response) === 0) return "no";
  if (code === opcode.authenticate) return fits(bytes, u16At(bytes, headerLength) + 2, length, context);
  return code === opcode.supported && length > 2 && hasFirstKey(bytes) ? "yes" : "no";
}

function fits(bytes: Uint8Array, stated: number, length: number, context: DissectContext): Likeness {
  if (bytes.length < headerLength + length) return length > 512 ? "no" : undecided(context.last);
  const isName = hasAsciiAt(bytes, headerLength + 2, "org.") || hasAsciiAt(bytes, headerLength + 2, "com.");
  return stated === length && isName && isPrintable(bytes, headerLength + 2, headerLength + length) ? "yes" : "no";
}

/** SUPPORTED: a key of capitals, such as "COMPRESSION". */
function hasFirstKey(bytes: Uint8Array): boolean {
  const length = u16At(bytes, headerLength + 2);
  if (length < 4 || length > 32 || bytes.length < headerLength + 4 + length) return false;
  return /^[A-Z_]+$/.test(asciiText(bytes, headerLength + 4, headerLength + 4 + length));
}

/** STARTUP: pairs that fill the body. */
function hasPairs(bytes: Uint8Array, length: number): boolean {
  const texts = pairs(bytes);
  const end = texts.reduce((at, text) => at + 2 + text.length, headerLength + 2);
  return texts.includes("CQL_VERSION") && end === headerLength + length;
}

function pairs(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  const count = Math.min(u16At(bytes, headerLength), maxPairs) * 2;
  let at = headerLength + 2;
  for (let index = 0; index < count; index++) {
    const length = u16At(bytes, at);
    if (length < 0 || length > 255 || at + 2 + length > bytes.length) break;
    texts.push(asciiText(bytes, at + 2, at + 2 + length));
    at += 2 + length;
  }
  return texts;
}

export function parseCassandra(frame: Uint8Array, context: DissectContext): Verdict {
  const bytes = widened(frame);
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (!isCassandraFirst(bytes[0]!)) return { kind: "notMine" };
  const cassandra: Record<string, unknown> = { version: bytes[0]! & ~response };
  const isAnswer = (bytes[0]! & response) !== 0;
  const code = bytes[4]!;
  if (!isAnswer && code === opcode.startup) {
    const texts = pairs(bytes);
    for (let index = 0; index + 1 < texts.length; index += 2) {
      const name = shown.get(texts[index]!);
      if (name !== undefined) cassandra[name] = escapeControls(texts[index + 1]!.slice(0, 64));
    }
  }
  if (isAnswer && code === opcode.authenticate) {
    const length = Math.min(u16At(bytes, headerLength), 128);
    cassandra["authenticator"] = escapeControls(asciiText(bytes, headerLength + 2, headerLength + 2 + length));
  }
  // OPTIONS and SUPPORTED say nothing of who speaks: what follows them does.
  const isFirst = (!isAnswer && code === opcode.options) || (isAnswer && code === opcode.supported);
  if (!isFirst) return { kind: "match", name: "cassandra", facts: { cassandra }, complete: isAnswer, done: true };
  const next = headerLength + u32At(bytes, 5);
  const behind = frame.subarray(next - (bytes === frame ? 0 : 1));
  if (bytes.length >= next + headerLength) return parseCassandra(behind, { ...context, last: true });
  return { kind: "match", name: "cassandra", facts: { cassandra }, complete: false };
}
