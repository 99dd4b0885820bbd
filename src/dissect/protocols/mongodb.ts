/**
 * MongoDB: the first command's name. No collections' contents.
 *
 * MongoDB Wire Protocol, "Message header", "OP_MSG", "OP_QUERY"; BSON specification 1.1.
 *
 *   header  = length(4) request(4) response_to(4) opcode(4), little-endian;  OP_MSG = flags(4) (0 document | 1 ...)
 *   OP_QUERY = flags(4) collection NUL skip(4) count(4) document;  document = length(4) (type(1) name NUL value)* NUL
 */
import { asciiText, hasAsciiAt, indexOfByte, u32LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 16;
const maxMessage = 48_000_000;
const opcode = { reply: 1, query: 2004, killCursors: 2007, compressed: 2012, message: 2013 } as const;
/** "Legacy opcodes" that begin with flags and the name of a collection: update, insert, get more, delete. */
const named: readonly number[] = [2001, 2002, 2005, 2006];
/** Decimal128, the highest type of a BSON element but the two ends of all order. */
const lastType = 0x13;
const maxName = 40;
const emptyReply = 36;

export function probeMongodb(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 3 && bytes[3]! > 2) return "no";
  if (bytes.length < headerLength + 9) return bytes.length > 15 && !isOpcode(bytes) ? "no" : undecided(context.last);
  const length = u32LittleAt(bytes, 0);
  if (!isOpcode(bytes) || length < headerLength + 9 || length > maxMessage || length < bytes.length - maxMessage)
    return "no";
  const flags = u32LittleAt(bytes, 16);
  switch (u32LittleAt(bytes, 12)) {
    case opcode.message: {
      // Bits 0 to 15 that are not known must be zero; then the body's kind and its BSON document.
      const document = u32LittleAt(bytes, 21);
      if ((flags & 0xfffc) !== 0 || bytes[20]! > 1) return "no";
      if (bytes[20] === 1) return "yes";
      return document >= 5 && document <= length - 21 && isDocumentAt(bytes, 21) ? "yes" : "no";
    }
    case opcode.query: {
      const end = indexOfByte(bytes, 0, 20, 20 + 128);
      if (end < 0) return bytes.length > 148 ? "no" : undecided(context.last);
      return (flags & 0xffff_ff01) === 0 && asciiText(bytes, 20, end, 128).includes(".") ? "yes" : "no";
    }
    case opcode.reply: {
      // flags(4) cursor(8) from(4) count(4), then the first document.
      if (length === emptyReply) return isEmptyReply(bytes, flags) ? "yes" : "no";
      if (bytes.length < 40) return undecided(context.last);
      const document = u32LittleAt(bytes, 36);
      const isAnswer = (flags & 0xffff_fff0) === 0 && u32LittleAt(bytes, 8) !== 0 && u32LittleAt(bytes, 32) > 0;
      return isAnswer && document >= 5 && document <= length - 36 && isDocumentAt(bytes, 36) ? "yes" : "no";
    }
    case opcode.killCursors: {
      const count = u32LittleAt(bytes, 20);
      return flags === 0 && count > 0 && length === 24 + count * 8 ? "yes" : "no";
    }
    case opcode.compressed: {
      const original = u32LittleAt(bytes, 16);
      return (original === opcode.message || original === opcode.query) && bytes[24]! <= 3 ? "yes" : "no";
    }
    default:
      return probeNamed(bytes, flags, context.last);
  }
}

/** A reply without documents: nothing is left of a cursor. */
function isEmptyReply(bytes: Uint8Array, flags: number): boolean {
  const isAnswer = (flags & 0xffff_fff0) === 0 && u32LittleAt(bytes, 8) !== 0;
  return isAnswer && bytes.length === emptyReply && u32LittleAt(bytes, 32) === 0;
}

/** What was in use before OP_QUERY's commands: flags or nothing, then "database.collection". */
function probeNamed(bytes: Uint8Array, flags: number, last: boolean): Likeness {
  const end = indexOfByte(bytes, 0, 20, 20 + 128);
  if (end < 0) return bytes.length > 148 ? "no" : undecided(last);
  return flags <= 3 && /^[^.]+\../.test(asciiText(bytes, 20, end, 128)) ? "yes" : "no";
}

/** BSON: length(4) (type(1) name NUL value)* 0; as far as it is there. */
function isDocumentAt(bytes: Uint8Array, at: number): boolean {
  const length = u32LittleAt(bytes, at);
  const end = at + length;
  if (end <= bytes.length && bytes[end - 1] !== 0) return false;
  if (length === 5) return true;
  const type = bytes[at + 4] ?? 1;
  const letter = bytes[at + 5] ?? 0x20;
  return ((type >= 1 && type <= lastType) || type === 0x7f || type === 0xff) && letter >= 0x20 && letter < 0x7f;
}

function isOpcode(bytes: Uint8Array): boolean {
  const code = u32LittleAt(bytes, 12);
  if (named.includes(code) || code === opcode.killCursors) return true;
  return code === opcode.reply || code === opcode.query || code === opcode.compressed || code === opcode.message;
}

/** Name of the document's first element: the command, by the protocol's rule. */
function commandAt(bytes: Uint8Array, document: number): string | undefined {
  const start = document + 5;
  const end = indexOfByte(bytes, 0, start, start + maxName);
  const name = end <= start ? "" : asciiText(bytes, start, end, maxName);
  return /^[a-zA-Z_]+$/.test(name) ? name : undefined;
}

export function parseMongodb(bytes: Uint8Array, context: DissectContext): Verdict {
  const facts: Record<string, unknown> = {};
  if (!isOpcode(bytes)) return { kind: "notMine" };
  if (context.toServer) {
    const isMessage = u32LittleAt(bytes, 12) === opcode.message && bytes[20] === 0;
    const isQuery = u32LittleAt(bytes, 12) === opcode.query;
    const name = indexOfByte(bytes, 0, 20, 20 + 128);
    const isCommand = isQuery && name > 25 && hasAsciiAt(bytes, name - 5, ".$cmd");
    const command = isMessage ? commandAt(bytes, 21) : isCommand ? commandAt(bytes, name + 9) : undefined;
    if (command !== undefined) facts["command"] = command;
  }
  return { kind: "match", name: "mongodb", facts: { mongodb: facts }, complete: context.toServer };
}
