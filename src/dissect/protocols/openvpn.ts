/**
 * OpenVPN: the reset that opens a session, and what protects its control channel.
 *
 * OpenVPN wire protocol (openvpn.net, doxygen "Network protocol"): P_CONTROL_HARD_RESET_CLIENT_V2 and _V3; tls-auth and
 * tls-crypt.
 *
 *   [TCP: length(2)] opcode(5 bits) 0(3: key id) session id(8) ...
 *   plain:     acknowledgements(1: 0) packet id(4: 0)
 *   tls-auth:  hmac(20, 32, 64) replay id(4: 1) time(4) acknowledgements(1: 0) packet id(4: 0)
 *   tls-crypt: replay id(4: 1) time(4) hmac(32) encrypted(5);  v2: and the client's key, enciphered, with its length(2) at the end
 *
 * The server's reset acknowledges the client's: acknowledgements(1: 1) acknowledged(4: 0) client's session id(8) packet id(4: 0).
 *
 *   later:     control and acknowledgements (opcodes 3, 4, 5, 11) begin with the session id too; data = 0x48(opcode 9, key id) peer(3)
 *              number(4) ... | 0x30(opcode 6, key id) ...
 *
 * Evidence: exactly these lengths, the counters of a first packet, a time of this century. Of a session that was joined later: control
 * packets of one direction with one session id that may be random; or, on the port, data of one peer whose numbers go on (over TCP
 * frames that follow each other).
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const clientV2 = 7 << 3;
const clientV3 = 10 << 3;
const serverV2 = 8 << 3;
const plainLength = 14;
/** An acknowledged packet's number, and the session it was of. */
const acknowledgement = 12;
/** HMACs of MD5 and the SHA family. */
const digests = [16, 20, 28, 32, 48, 64];
const cryptLength = 54;
/** tls-crypt-v2: a tag of 32 bytes, keys of 256, what the administrator adds, and its own length. */
const leastWrapped = 290;
const longestWrapped = 1024;
const longest = cryptLength + longestWrapped;
const firstTime = 978_307_200;

const port = 1194;
const opcode = { softReset: 3, control: 4, acknowledgement: 5, data1: 6, data: 9, controlWithKey: 11 } as const;
const sessionLength = 8;
/** Control packets, and packets with data, of one direction that must agree. */
const neededControl = 2;
const neededData = 3;
/** Of data without a peer's number nothing but the first byte is in clear. */
const neededData1 = 4;
const longestStep = 64;
const longestFrame = 1 << 13;
const maxFrames = 16;
/** A session of a control channel sends few packets. */
const largestNumber = 1 << 16;
const maxAcknowledged = 8;
/** A client of 2.6 and later tells by its first number that it can answer to a cookie ("EARLY_NEG_START"). */
const earlyNegotiation = 0x0f00_0000;
/** Resets are sent again until they are answered. */
const maxResets = 16;

/** What packets of a direction have in common. */
interface Common {
  head: number;
  rest: number;
  number: number;
  agreed: number;
}

interface OpenvpnMemory {
  readonly sides: [Common | undefined, Common | undefined];
}

type Protection = "none" | "tls-auth" | "tls-crypt" | "tls-crypt-v2";

function isFirst(bytes: Uint8Array, at: number): boolean {
  const number = u32At(bytes, at);
  const sent = number > earlyNegotiation ? number - earlyNegotiation : number;
  return sent >= 1 && sent <= maxResets && u32At(bytes, at + 4) >= firstTime;
}

/** Whether acknowledgements (`count` of them, of packet 0) and packet number 0 stand at `at`. */
function isReset(bytes: Uint8Array, at: number, count: 0 | 1): boolean {
  if (bytes[at] !== count || (count === 1 && u32At(bytes, at + 1) !== 0)) return false;
  return u32At(bytes, at + 1 + count * acknowledgement) === 0;
}

/** What protects the reset in `bytes` from `at` on; undefined when it is none. */
function protectionOf(bytes: Uint8Array, at: number): Protection | undefined {
  const length = bytes.length - at;
  const first = bytes[at];
  const count = first === serverV2 ? 1 : 0;
  if (!isResetFirst(first ?? 0)) return undefined;
  const plain = plainLength + count * acknowledgement;
  if (length === plain && isReset(bytes, at + 9, count)) return "none";
  for (const digest of digests) {
    const replay = at + 9 + digest;
    if (length !== plain + digest + 8 || !isFirst(bytes, replay)) continue;
    if (isReset(bytes, replay + 8, count)) return "tls-auth";
  }
  if (!isFirst(bytes, at + 9)) return undefined;
  const crypt = cryptLength + count * acknowledgement;
  if (length === crypt) return "tls-crypt";
  // The client's own key follows, enciphered, its length at its end.
  const wrapped = length - crypt;
  return first === clientV3 && wrapped >= leastWrapped && u16At(bytes, bytes.length - 2) === wrapped
    ? "tls-crypt-v2"
    : undefined;
}

function isResetFirst(byte: number): boolean {
  return byte === clientV2 || byte === clientV3 || byte === serverV2;
}

export function isOpenvpnFirst(byte: number): boolean {
  return isResetFirst(byte) || isLater(byte >> 3);
}

const controls: readonly number[] = [opcode.softReset, opcode.control, opcode.acknowledgement, opcode.controlWithKey];
const isControl = (code: number): boolean => controls.includes(code);
const isLater = (code: number): boolean => isControl(code) || code === opcode.data || code === opcode.data1;

/** Whether a session id that may be random stands at `at`: of eight such bytes five differ, but once in millions. */
function isSession(bytes: Uint8Array, at: number): boolean {
  return bytes.length >= at + sessionLength && new Set(bytes.subarray(at, at + sessionLength)).size >= 5;
}

/** Number and time of a packet that is authenticated: small as a rule, and of this century. */
function isReplayId(bytes: Uint8Array, at: number): boolean {
  const number = u32At(bytes, at);
  const sent = number > earlyNegotiation ? number - earlyNegotiation : number;
  return sent < largestNumber && u32At(bytes, at + 4) >= firstTime;
}

/**
 * The number behind acknowledgements and the session that they are of, or what an acknowledgement is of, which has no number
 * itself; -1 when they do not fit.
 */
function packetNumber(bytes: Uint8Array, at: number, end: number, code: number): number {
  const count = bytes[at] ?? 255;
  const next = at + 1 + count * 4 + (count > 0 ? sessionLength : 0);
  if (count > maxAcknowledged || (code === opcode.acknowledgement && count === 0)) return -1;
  for (let index = 0; index < count; index++) if (u32At(bytes, at + 1 + index * 4) >= largestNumber) return -1;
  if (code === opcode.acknowledgement) return next === end ? u32At(bytes, at + 1) : -1;
  return next + 4 <= end && u32At(bytes, next) < largestNumber ? u32At(bytes, next) : -1;
}

/** What numbers the packet whose session id ends at `at`, in whichever of the three forms; -1 when it has none of them. */
function numberOf(bytes: Uint8Array, at: number, end: number, code: number): number {
  const plain = packetNumber(bytes, at, end, code);
  if (plain >= 0) return plain;
  if (isReplayId(bytes, at) && end - at >= 8 + 32) return u32At(bytes, at);
  for (const digest of digests) {
    const replay = at + digest;
    if (isReplayId(bytes, replay) && packetNumber(bytes, replay + 8, end, code) >= 0) return u32At(bytes, replay);
  }
  return -1;
}

/** Whether the packet in `[at, end)` can be one of a session that goes on. */
function canBeLater(bytes: Uint8Array, at: number, end: number, context: DissectContext): boolean {
  const code = bytes[at]! >> 3;
  if (isControl(code)) {
    const next = at + 1 + sessionLength;
    return end - next >= 5 && isSession(bytes, at + 1) && numberOf(bytes, next, end, code) >= 0;
  }
  return isLater(code) && end - at >= 25 && (context.serverPort === port || context.clientPort === port);
}

/** How many packets of this direction agreed so far, the one at `at` included. */
function agree(bytes: Uint8Array, at: number, context: DissectContext): number {
  const { sides } = recall<OpenvpnMemory>(context, "openvpn", () => ({ sides: [undefined, undefined] }));
  const side = context.toServer ? 0 : 1;
  const before = sides[side];
  if (bytes[at]! >> 3 === opcode.data1) {
    const same = before?.head === bytes[at]! ? before.agreed + 1 : 1;
    sides[side] = { head: bytes[at]!, rest: 0, number: 0, agreed: same };
    return same >= neededData1 ? same : 0;
  }
  const isData = bytes[at]! >> 3 === opcode.data;
  const head = isData ? u32At(bytes, at) : u32At(bytes, at + 1);
  const rest = u32At(bytes, at + (isData ? 4 : 5));
  const step = isData ? rest - (before?.rest ?? rest) : 0;
  const number = isData ? rest : numberOf(bytes, at + 1 + sessionLength, bytes.length, bytes[at]! >> 3);
  // The same packet again, as a timer sends it, tells nothing.
  const isNext = isData ? step >= 1 && step <= longestStep : before?.rest === rest && before.number !== number;
  const agreed = before?.head === head && isNext ? before.agreed + 1 : 1;
  sides[side] = { head, rest, number, agreed };
  return agreed >= (isData ? neededData : neededControl) ? agreed : 0;
}

/** Frames of a stream that was joined later: whole ones, up to the end of what was sent. */
function probeFrames(bytes: Uint8Array, context: DissectContext): Likeness {
  let at = 0;
  let count = 0;
  let session = -1;
  for (; count < maxFrames && at + 3 <= bytes.length; count++) {
    const end = at + 2 + u16At(bytes, at);
    if (end - at > longestFrame || !isLater(bytes[at + 2]! >> 3)) return "no";
    if (bytes.length < at + 2 + 1 + sessionLength) return undecided(context.last);
    if (!canBeLater(bytes, at + 2, end, context)) return "no";
    const isData = bytes[at + 2]! >> 3 === opcode.data;
    const own = u32At(bytes, at + (isData ? 2 : 3));
    if (bytes[at + 2]! >> 3 !== opcode.data1 && session >= 0 && own !== session) return "no";
    session = own;
    at = end;
  }
  return count >= neededData && at <= bytes.length ? "yes" : undecided(context.last);
}

export function isOpenvpnStreamFirst(byte: number): boolean {
  return byte < longestFrame >> 8;
}

export function probeOpenvpn(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.transport === "udp") {
    return protectionOf(bytes, 0) !== undefined || canBeLater(bytes, 0, bytes.length, context) ? "yes" : "no";
  }
  if (bytes.length < 3) return context.last ? "no" : "more";
  const length = u16At(bytes, 0);
  if (isLater(bytes[2]! >> 3)) return probeFrames(bytes, context);
  if (!isResetFirst(bytes[2]!) || length < plainLength || length > longest) return "no";
  if (bytes.length < length + 2) return context.last ? "no" : "more";
  return protectionOf(bytes.subarray(0, length + 2), 2) === undefined ? "no" : "yes";
}

const agreesLater = (bytes: Uint8Array, context: DissectContext): boolean =>
  canBeLater(bytes, 0, bytes.length, context) && agree(bytes, 0, context) > 0;

export function parseOpenvpn(bytes: Uint8Array, context: DissectContext): Verdict {
  const stream = context.transport === "tcp";
  const control = protectionOf(stream ? bytes.subarray(0, u16At(bytes, 0) + 2) : bytes, stream ? 2 : 0);
  if (control === undefined) {
    const isKnown = stream ? probeFrames(bytes, context) === "yes" : agreesLater(bytes, context);
    return isKnown
      ? { kind: "match", name: "openvpn", facts: { openvpn: {} }, complete: true }
      : { kind: "needMore", bytes: bytes.length + 1 };
  }
  return { kind: "match", name: "openvpn", facts: { openvpn: { control_channel: control } }, complete: true };
}
