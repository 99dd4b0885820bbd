/**
 * uTP, BitTorrent's transport over UDP, and its trackers over UDP.
 *
 * BEP 29 (uTorrent transport protocol), BEP 15 (UDP tracker protocol).
 *
 *   uTP     = type(4 bits: 0-4) 1(4 bits) extension(1) connection(2) time(4) time_difference(4) window(4) sequence(2) ack(2)
 *             (next(1) length(1) value)* payload
 *   connect = 0x41727101980(8) 0(4) transaction(4);  answer = 0(4) transaction(4) connection(8)
 *
 * Evidence of uTP: a first SYN (sequence 1, no time difference yet, no payload); or packets of both directions whose connection
 * ids differ by one or not at all, and one of which acknowledges what the other has sent; or four of one direction with one id,
 * whose numbers and times go on. Of a tracker: its constant.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const header = 20;
const kind = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;
const maxExtensions = 4;
/** Packets that may be under way, at the most, between what one side has sent and what the other acknowledges. */
const maxUnderWay = 32;
/** Packets of one direction that must agree, and how far apart their times may be: a minute. */
const needed = 4;
const longestTime = 60_000_000;

interface Sent {
  connection: number;
  sequence: number;
  /** Microseconds, of the sender's clock. */
  time: number;
  agreed: number;
}

interface UtpMemory {
  readonly sides: [Sent | undefined, Sent | undefined];
}

export function isUtpFirst(byte: number): boolean {
  return (byte & 15) === 1 && byte >> 4 <= kind.syn;
}

/** Where the payload begins, or -1 when the extensions do not fit. */
function payloadAt(bytes: Uint8Array): number {
  let at = header;
  let next = bytes[1]!;
  for (let count = 0; next !== 0; count++) {
    // 1: selective ack, a multiple of 4 bytes; 2 and 3: flags and close reason of 8 and 4 bytes in use.
    const length = bytes[at + 1];
    if (length === undefined || next > 3 || count === maxExtensions || at + 2 + length > bytes.length) return -1;
    if (next === 1 && (length === 0 || length % 4 !== 0)) return -1;
    next = bytes[at]!;
    at += 2 + length;
  }
  return at;
}

export function probeUtp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < header || context.last || !isUtpFirst(bytes[0]!)) return "no";
  const end = payloadAt(bytes);
  const type = bytes[0]! >> 4;
  if (end < 0 || u32At(bytes, 4) === 0) return "no";
  return (type === kind.data) === end < bytes.length ? "yes" : "no";
}

/** How many packets of this direction agreed so far, this one included. */
function agree(bytes: Uint8Array, before: Sent | undefined, connection: number, sequence: number): number {
  if (before?.connection !== connection) return 1;
  const step = (sequence - before.sequence) & 0xffff;
  const passed = (u32At(bytes, 4) - before.time) | 0;
  return step <= maxUnderWay && passed > 0 && passed < longestTime && u32At(bytes, 12) > 0 ? before.agreed + 1 : 1;
}

const utp = { kind: "match", name: "utp", facts: { utp: {} }, complete: true } as const;

export function parseUtp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeUtp(bytes, context) !== "yes") return { kind: "notMine" };
  const connection = u16At(bytes, 2);
  const sequence = u16At(bytes, 16);
  const type = bytes[0]! >> 4;
  const isFirst = type === kind.syn && sequence === 1 && u32At(bytes, 8) === 0 && u16At(bytes, 18) === 0;
  if (isFirst && u32At(bytes, 12) !== 0) return utp;
  const memory = recall<UtpMemory>(context, "utp", () => ({ sides: [undefined, undefined] }));
  const other = memory.sides[context.toServer ? 1 : 0];
  if (other !== undefined) {
    const distance = (connection - other.connection) & 0xffff;
    const underWay = (other.sequence - u16At(bytes, 18)) & 0xffff;
    // The side that answers a SYN sends with the id of the SYN; from then on the opener's is one higher.
    if ((distance <= 1 || distance === 0xffff) && underWay <= maxUnderWay) return utp;
  }
  const side = context.toServer ? 0 : 1;
  const agreed = agree(bytes, memory.sides[side], connection, sequence);
  memory.sides[side] = { connection, sequence, time: u32At(bytes, 4), agreed };
  return agreed >= needed ? utp : { kind: "needMore", bytes: header };
}

const protocolHigh = 0x417;
const protocolLow = 0x2710_1980;
const connectLength = 16;

export function isTrackerFirst(byte: number): boolean {
  return byte === 0;
}

export function probeTracker(bytes: Uint8Array): Likeness {
  const isConnect = u32At(bytes, 0) === protocolHigh && u32At(bytes, 4) === protocolLow && u32At(bytes, 8) === 0;
  return isConnect && bytes.length >= connectLength ? "yes" : "no";
}

export function parseTracker(bytes: Uint8Array): Verdict {
  if (bytes.length < connectLength) return { kind: "notMine" };
  return { kind: "match", name: "bittorrent", facts: { bittorrent: { tracker: "udp" } }, complete: true };
}
