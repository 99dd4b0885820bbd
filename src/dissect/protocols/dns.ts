/**
 * DNS over UDP and TCP, mDNS and LLMNR: questions, answers, and the names that addresses go by.
 *
 * RFC 1035 section 4 (messages, compression), RFC 7766 section 8 (TCP), RFC 6762 section 18 (mDNS), RFC 4795 section 2.1
 * (LLMNR), RFC 9460 section 2.2 (SVCB, HTTPS), RFC 2782 (SRV), RFC 6891 (OPT).
 *
 *   message  = id(2) flags(2) qdcount(2) ancount(2) nscount(2) arcount(2) question* record*
 *   question = name type(2) class(2);  record = name type(2) class(2) ttl(4) rdata<2>
 *   name     = (length(1) label)* 0 | ... pointer(2);  over TCP each message follows its length(2)
 *
 * Evidence on any port: a header whose bits fit and a body of which every name and record fits, to its last byte. A
 * pointer may only point backwards, so that no name loops.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { askedNames, nameEnd, nameText, rdataText } from "../dns-records.ts";
import { classNone, rcodeName, recordType, recordTypeName } from "../dns-types.ts";
import type { DnsAnswer, DnsFacts, DnsQuery } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 12;
const response = 0x8000;
/** Bit 6 of the flags: must be zero, RFC 1035 section 4.1.1 (LLMNR uses none of it either). */
const reserved = 0x0040;
const mdnsPort = 5353;
const llmnrPort = 5355;
/** Bounds of what is remembered of a flow; names still go on to `onName`. */
const maxQueries = 16;
const maxAnswers = 32;
/** More than this many records are not looked at. */
const maxRecords = 256;

interface DnsMemory {
  readonly queries: DnsQuery[];
  readonly answers: DnsAnswer[];
  rcode: string | undefined;
  /** TCP: bytes of a direction whose messages have been read. */
  readTo: { toServer: number; toClient: number };
}

/** A message over TCP is shorter than the window of a stream. */
export function isDnsStreamFirst(byte: number): boolean {
  return byte < 0x40;
}

function dialect(context: DissectContext): "dns" | "mdns" | "llmnr" {
  const { clientPort, serverPort } = context;
  if (clientPort === mdnsPort || serverPort === mdnsPort) return "mdns";
  return clientPort === llmnrPort || serverPort === llmnrPort ? "llmnr" : "dns";
}

function isKnownPort(port: number): boolean {
  return port === 53 || port === mdnsPort || port === llmnrPort;
}

function hasKnownPort(context: DissectContext): boolean {
  return isKnownPort(context.serverPort) || isKnownPort(context.clientPort);
}

/** Query, IQUERY, STATUS, NOTIFY, UPDATE, DSO (RFC 8490). */
function isOpcode(opcode: number): boolean {
  return opcode <= 2 || (opcode >= 4 && opcode <= 6);
}

/** IN, CH, HS, NONE, ANY; the top bit is mDNS's own (RFC 6762 sections 5.4 and 10.2). */
function isClass(value: number, isMulticast: boolean): boolean {
  const plain = isMulticast ? value & 0x7fff : value;
  return plain === 1 || plain === 3 || plain === 4 || plain === classNone || plain === 255;
}

/** Whether the header alone may be DNS's. */
function headerFits(bytes: Uint8Array, context: DissectContext): boolean {
  const flags = u16At(bytes, 2);
  if (!isOpcode((flags >> 11) & 15)) return false;
  const isMulticast = dialect(context) !== "dns";
  const questions = u16At(bytes, 4);
  const answers = u16At(bytes, 6);
  const authorities = u16At(bytes, 8);
  const additionals = u16At(bytes, 10);
  // Whoever cannot read a question answers with the header alone (RFC 1035 section 4.1.1: a format error, or refused).
  if (questions + answers + authorities + additionals === 0) {
    return (
      isKnownPort(context.serverPort) && bytes.length === headerLength && (flags & response) !== 0 && (flags & 15) > 0
    );
  }
  if (isMulticast) return questions + answers + authorities + additionals <= maxRecords;
  if (hasKnownPort(context)) return questions <= maxQueries;
  if ((flags & reserved) !== 0 || questions > 1) return false;
  // A query brings nothing but its question (and OPT, TSIG, SIG(0)) and cannot have failed.
  if (questions !== 1) return false;
  if ((flags & response) === 0) return answers === 0 && authorities <= 1 && additionals <= 2 && (flags & 0x008f) === 0;
  return answers <= maxRecords && authorities <= 32 && additionals <= 64;
}

/** NetBIOS name service has DNS's form: 32 letters from A to P as first label (RFC 1001 section 14.1). */
function isNetbiosName(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 32 || at + 33 > bytes.length) return false;
  for (let index = 1; index <= 32; index++) {
    const letter = bytes[at + index]!;
    if (letter < 0x41 || letter > 0x50) return false;
  }
  return true;
}

/** Offset behind the questions; -1: they do not fit, -2: they are cut off. */
function questionsEnd(bytes: Uint8Array, context: DissectContext): number {
  const isMulticast = dialect(context) !== "dns";
  let at = headerLength;
  for (let count = u16At(bytes, 4); count > 0; count--) {
    const end = nameEnd(bytes, at);
    if (end < 0) return end;
    if (end + 4 > bytes.length) return -2;
    if (u16At(bytes, end) === 0 || !isClass(u16At(bytes, end + 2), isMulticast) || isNetbiosName(bytes, at)) return -1;
    at = end + 4;
  }
  return at;
}

/** Calls `each` for the records from `at` on; the offset behind the last one, -1: one does not fit, -2: cut off. */
function walkRecords(
  bytes: Uint8Array,
  at: number,
  count: number,
  each?: (name: number, type: number, ttl: number, start: number, end: number) => void,
): number {
  let next = at;
  for (let index = 0; index < count && index < maxRecords; index++) {
    const end = nameEnd(bytes, next);
    if (end < 0) return end;
    const length = u16At(bytes, end + 8);
    if (length < 0) return -2;
    const start = end + 10;
    if (start + length > bytes.length) return -2;
    each?.(next, u16At(bytes, end), u32At(bytes, end + 4), start, start + length);
    next = start + length;
  }
  return next;
}

/** Whether the record whose name ends at `at` has a type, and a class that exists (that of OPT is a size: RFC 6891 section 6.1.2). */
function isRecord(bytes: Uint8Array, at: number, isMulticast: boolean): boolean {
  const type = u16At(bytes, at);
  return type === recordType.opt || (type > 0 && isClass(u16At(bytes, at + 2), isMulticast));
}

/** Whether `bytes` are a message; `whole`: they are all of it. */
function probeMessage(bytes: Uint8Array, whole: boolean, context: DissectContext): Likeness {
  if (bytes.length < headerLength) return whole ? "no" : "more";
  if (!headerFits(bytes, context)) return "no";
  const records = questionsEnd(bytes, context);
  const isKnown = hasKnownPort(context);
  const hasQuestion = u16At(bytes, 4) > 0;
  if (records < 0) return records === -2 && !whole ? (context.last && isKnown ? "yes" : "more") : "no";
  if (!whole && hasQuestion) return "yes";
  // A question is evidence; where there is none, the first record must be.
  const name = hasQuestion || records === bytes.length ? -1 : nameEnd(bytes, records);
  if (!hasQuestion && name > 0 && !isRecord(bytes, name, dialect(context) !== "dns")) return "no";
  const count = u16At(bytes, 6) + u16At(bytes, 8) + u16At(bytes, 10);
  const end = walkRecords(bytes, records, count);
  // Without a question only the later messages of a zone transfer are left (RFC 5936 section 2.2).
  const isTransfer = (u16At(bytes, 2) & response) !== 0 && u16At(bytes, 6) > 0;
  if (end === -2 && !whole) return isKnown && isTransfer ? "yes" : "no";
  if (end < 0) return "no";
  return end === bytes.length || isKnown ? "yes" : "no";
}

function probeDatagram(bytes: Uint8Array, context: DissectContext): Likeness {
  return probeMessage(bytes, !context.last, context) === "yes" ? "yes" : "no";
}

/** Each of the three has a row of its own, and is asked where its port, or none of them, is. */
export function probeDnsDatagram(bytes: Uint8Array, context: DissectContext): Likeness {
  return dialect(context) === "dns" ? probeDatagram(bytes, context) : "no";
}

export function probeMdnsDatagram(bytes: Uint8Array, context: DissectContext): Likeness {
  return dialect(context) === "mdns" ? probeDatagram(bytes, context) : "no";
}

export function probeLlmnrDatagram(bytes: Uint8Array, context: DissectContext): Likeness {
  return dialect(context) === "llmnr" ? probeDatagram(bytes, context) : "no";
}

export function probeDnsStream(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 2) return context.last ? "no" : "more";
  const length = u16At(bytes, 0);
  if (length < headerLength || bytes[0]! >= 0x40) return "no";
  const whole = bytes.length >= 2 + length;
  const likeness = probeMessage(bytes.subarray(2, 2 + length), whole, context);
  return likeness === "more" && context.last ? "no" : likeness;
}

function memoryOf(context: DissectContext): DnsMemory {
  return recall(context, "dns", () => ({
    queries: [],
    answers: [],
    rcode: undefined,
    readTo: { toServer: 0, toClient: 0 },
  }));
}

function verdict(memory: DnsMemory, name: string): Verdict {
  const facts: DnsFacts = {};
  if (memory.queries.length > 0) facts.queries = [...memory.queries];
  if (memory.answers.length > 0) facts.answers = [...memory.answers];
  if (memory.rcode !== undefined) facts.rcode = memory.rcode;
  // A literal with a computed name takes four times as long.
  const named: Record<string, DnsFacts> = {};
  named[name] = facts;
  return { kind: "match", name, facts: named, complete: false };
}

export function parseDnsDatagram(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength || !headerFits(bytes, context)) return { kind: "notMine" };
  const memory = memoryOf(context);
  readMessage(bytes, context, memory);
  return verdict(memory, dialect(context));
}

export function parseDnsStream(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = memoryOf(context);
  const side = context.toServer ? "toServer" : "toClient";
  let at = memory.readTo[side];
  let length = u16At(bytes, at);
  // Each turn takes a whole message off.
  while (length >= 0 && (at + 2 + length <= bytes.length || (context.last && at + 2 + headerLength <= bytes.length))) {
    const message = bytes.subarray(at + 2, at + 2 + length);
    if (message.length < headerLength || !headerFits(message, context)) {
      return at === 0 ? { kind: "notMine" } : { kind: "malformed", reason: `dns message at ${at}` };
    }
    readMessage(message, context, memory);
    at += 2 + length;
    memory.readTo[side] = at;
    length = u16At(bytes, at);
  }
  return verdict(memory, dialect(context));
}

function sameName(memory: DnsMemory, query: DnsQuery): boolean {
  return memory.queries.some(({ rrname, rrtype }) => rrname === query.rrname && rrtype === query.rrtype);
}

function readMessage(bytes: Uint8Array, context: DissectContext, memory: DnsMemory): void {
  const flags = u16At(bytes, 2);
  const isResponse = (flags & response) !== 0;
  let at = headerLength;
  for (let count = u16At(bytes, 4); count > 0; count--) {
    const end = nameEnd(bytes, at);
    if (end < 0 || end + 4 > bytes.length) return;
    if (memory.queries.length < maxQueries) {
      const query = { rrname: nameText(bytes, at), rrtype: recordTypeName(u16At(bytes, end)) };
      if (!sameName(memory, query)) memory.queries.push(query);
    }
    at = end + 4;
  }
  if (!isResponse) return;
  memory.rcode = rcodeName(flags & 15);
  const answers: DnsAnswer[] = [];
  walkRecords(bytes, at, u16At(bytes, 6), (name, type, ttl, start, end) => {
    if (type === recordType.opt) return;
    const answer: DnsAnswer = { rrname: nameText(bytes, name), rrtype: recordTypeName(type), ttl };
    const rdata = rdataText(bytes, type, start, end);
    if (rdata !== undefined) answer.rdata = rdata;
    answers.push(answer);
  });
  for (const answer of answers) {
    if (memory.answers.length >= maxAnswers) break;
    const isKnown = memory.answers.some(
      ({ rrname, rrtype, rdata }) => rrname === answer.rrname && rrtype === answer.rrtype && rdata === answer.rdata,
    );
    if (!isKnown) memory.answers.push(answer);
  }
  if ((flags & 15) === 0) tellNames(answers, context);
}

/** Only what a name server said: an answer that comes from the side that asks is none. */
function tellNames(answers: readonly DnsAnswer[], context: DissectContext): void {
  const { onName } = context;
  const senderPort = context.toServer ? context.clientPort : context.serverPort;
  if (onName === undefined || (context.toServer && !isKnownPort(senderPort))) return;
  const asked = askedNames(answers);
  for (const { rrname, rrtype, rdata, ttl } of answers) {
    if (rdata === undefined || (rrtype !== "A" && rrtype !== "AAAA")) continue;
    onName({ name: asked(rrname), address: rdata, ttl });
  }
}
