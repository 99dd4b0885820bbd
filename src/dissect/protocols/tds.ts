/**
 * TDS (Microsoft SQL Server, Sybase): the versions of both sides and whether the session is encrypted. No SQL, no names.
 *
 * [MS-TDS] sections 2.2.3.1 (packet header), 2.2.6.5 (PRELOGIN), 2.2.6.4 (LOGIN7), 2.2.7 (tokens).
 *
 *   packet   = type(1) status(1) length(2: of all) process(2) number(1) window(1: 0) data
 *   PRELOGIN = (option(1) offset(2) length(2))* 0xFF values;  LOGIN7 = length(4) version(4) ..., little-endian
 *
 *   since 7.2 a request is 22(4) 18(4) 2(2) transaction(8) requests(4) data; before 7.0 a login has texts of fixed size
 *
 * Evidence: PRELOGIN options that point into the packet (its answer has type 4), or a LOGIN7 of its own length and a version
 * that exists, or the fields of an older login, or a request's headers. Later packets are believed on the port, by the header and the first token.
 */
import { u16At, u32LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 8;
const port = 1433;
const type = {
  batch: 1,
  oldLogin: 2,
  call: 3,
  answer: 4,
  attention: 6,
  bulk: 7,
  transaction: 14,
  login: 16,
  prelogin: 18,
} as const;
const types: readonly number[] = [...Object.values(type), 8, 15, 17];
const option = { version: 0, encryption: 1, terminator: 0xff } as const;
const lastOption = 7;
const optionLength = 5;
/** Section 2.2.3.1.4. */
const maxPacket = 32_767;
const leastPacket = 512;
const endOfMessage = 0x01;
/** Host, user, password and process of an old login, and five codes behind them. */
const oldFields = 4;
const oldFieldLength = 30;
const oldLoginHead = headerLength + oldFields * (oldFieldLength + 1) + 5;
const lastFormat = 0x20;
const transactionHeaders = 22;
const maxRequests = 0xffff;
const encryptions = ["off", "on", "not_supported", "required"];
/** Section 2.2.7: what a response can begin with. */
const tokens = [
  0x79, 0x81, 0xa4, 0xa5, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xd1, 0xd2, 0xe3, 0xe4, 0xed, 0xee, 0xfd, 0xfe, 0xff,
];
/** LOGIN7's TDSVersion, section 2.2.6.4, as the number that is sent. */
const versions: ReadonlyMap<number, string> = new Map([
  [0x7000_0000, "7.0"],
  [0x7100_0000, "7.1"],
  [0x7100_0001, "7.1"],
  [0x7209_0002, "7.2"],
  [0x730a_0003, "7.3"],
  [0x730b_0003, "7.3"],
  [0x7400_0004, "7.4"],
]);

export function isTdsFirst(byte: number): boolean {
  return types.includes(byte);
}

/** Offset into the bytes of the option's value, 0 when it is not there, -1 when the options are none. */
function prelogin(bytes: Uint8Array, length: number, wanted: number): number {
  let found = 0;
  // VERSION comes first.
  if (bytes[headerLength] !== option.version) return -1;
  for (let at = headerLength, count = 0; count <= lastOption + 1; at += optionLength, count++) {
    if (bytes[at] === option.terminator) return found;
    if (at + optionLength > bytes.length || bytes[at]! > lastOption) return -1;
    const value = headerLength + u16At(bytes, at + 1);
    if (value + u16At(bytes, at + 3) > length || value <= at) return -1;
    if (bytes[at] === option.version && u16At(bytes, at + 3) !== 6) return -1;
    if (bytes[at] === wanted) found = value;
  }
  return -1;
}

export function probeTds(bytes: Uint8Array, context: DissectContext): Likeness {
  const [kind = 0, status = 0] = bytes;
  if (!types.includes(kind) || (status & 0xe4) !== 0) return "no";
  if ((kind === type.answer) === context.toServer) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u16At(bytes, 2);
  if (length < headerLength || bytes[7] !== 0) return "no";
  if (kind === type.prelogin || (kind === type.answer && bytes[headerLength] === option.version)) {
    if (length > 512) return "no";
    if (bytes.length < length) return undecided(context.last);
    return prelogin(bytes, length, option.version) > 0 ? "yes" : "no";
  }
  if (kind === type.login) {
    if (bytes.length < headerLength + 8) return undecided(context.last);
    return versions.has(u32LittleAt(bytes, headerLength + 4)) && loginFits(bytes, length) ? "yes" : "no";
  }
  if (kind === type.oldLogin) {
    if (bytes.length < Math.min(length, oldLoginHead)) return undecided(context.last);
    return isOldLogin(bytes, length) ? "yes" : "no";
  }
  if (kind !== type.answer && hasHeaders(bytes, length)) return "yes";
  if (context.serverPort !== port || length > maxPacket) return "no";
  // All packets of a message but its last one are full, and no size below 512 may be agreed on (section 2.2.3.1.2).
  if ((status & endOfMessage) === 0 && length < leastPacket) return "no";
  // The last packet of a message is followed by nothing, or by one of this kind of header.
  if (bytes.length > length && !types.includes(bytes[length]!)) return "no";
  if (bytes.length < headerLength + 1) return length === headerLength ? "yes" : undecided(context.last);
  return kind !== type.answer || tokens.includes(bytes[headerLength]!) ? "yes" : "no";
}

/**
 * The login of TDS 4.2 and 5.0 (Sybase's "TDS 5.0 Functional Specification", "Login record"): texts of a fixed size with their
 * length behind them, then the forms of numbers and dates.
 */
function isOldLogin(bytes: Uint8Array, length: number): boolean {
  let at = headerLength;
  for (let field = 0; field < oldFields; field++) {
    const used = bytes[at + oldFieldLength];
    if (used === undefined || used > oldFieldLength) return false;
    for (let index = at + used; index < at + oldFieldLength; index++) if (bytes[index] !== 0) return false;
    at += oldFieldLength + 1;
  }
  const isCoded = bytes.subarray(at, oldLoginHead).every((code) => code <= lastFormat);
  return isCoded && length >= leastPacket && bytes[headerLength + oldFieldLength]! > 0;
}

/** Section 2.2.5.3: since 7.2 a batch, a call and a transaction begin with headers, of which one names the transaction. */
function hasHeaders(bytes: Uint8Array, length: number): boolean {
  if (bytes.length < headerLength + transactionHeaders || length < headerLength + transactionHeaders) return false;
  const isFull = u32LittleAt(bytes, headerLength) === transactionHeaders && u32LittleAt(bytes, headerLength + 4) === 18;
  return isFull && u16At(bytes, headerLength + 8) === 0x0200 && u32LittleAt(bytes, headerLength + 18) <= maxRequests;
}

/** A login of one packet has its length, one of several a larger one. */
function loginFits(bytes: Uint8Array, length: number): boolean {
  const stated = u32LittleAt(bytes, headerLength);
  return (bytes[1]! & 1) !== 0 ? stated === length - headerLength : stated > length - headerLength && stated < 0x2_0000;
}

export function parseTds(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength + 1) return { kind: "needMore", bytes: headerLength + 1 };
  const kind = bytes[0]!;
  const length = u16At(bytes, 2);
  if (!types.includes(kind)) return { kind: "notMine" };
  const tds: Record<string, unknown> = {};
  const isPrelogin = kind === type.prelogin || (kind === type.answer && bytes[headerLength] === option.version);
  const at = isPrelogin ? prelogin(bytes, length, option.version) : -1;
  if (at > 0 && at + 6 <= bytes.length) {
    const version = `${bytes[at]!}.${bytes[at + 1]!}.${u16At(bytes, at + 2)}`;
    tds[context.toServer ? "client_version" : "server_version"] = version;
    const encryption = encryptions[bytes[prelogin(bytes, length, option.encryption)] ?? 9];
    if (encryption !== undefined && !context.toServer) tds["encryption"] = encryption;
  }
  if (kind === type.login) {
    const version = versions.get(u32LittleAt(bytes, headerLength + 4));
    if (version !== undefined) tds["version"] = version;
  }
  return { kind: "match", name: "tds", facts: { tds }, complete: !context.toServer, done: true };
}
