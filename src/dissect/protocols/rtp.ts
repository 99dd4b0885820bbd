/**
 * RTP: codec and source of a stream. (SRTP looks the same: its header is in clear.)
 *
 * RFC 3550 section 5.1 (header), 5.3.1 (extension); RFC 3551 section 6 (static payload types); RFC 5761 section 4 (told
 * apart from RTCP); RFC 3711 section 3.1 (SRTP).
 *
 *   2(2 bits) padding(1) extension(1) sources(4 bits) marker(1) type(7 bits) sequence(2) timestamp(4) source(4)
 *   contributing(4)* [profile(2) words(2) ...] payload
 *
 * Evidence: four datagrams of one direction with one source, whose sequence numbers go on by little, whose timestamps go on, or back
 * by no more than pictures are reordered (RFC 3550 section 5.1), and whose type stays or changes between a few. Several sources
 * may share a flow (RFC 9143).
 */
import { u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const header = 12;
/** Datagrams that must agree. */
const needed = 4;
/** A lost packet or some out of order are usual, a jump is not. */
const longestStep = 32;
/** 90 kHz for ten seconds; and back, for one. */
const longestTime = 900_000;
const longestBack = 90_000;
/** Sources of a direction that are followed. */
const maxSources = 4;

const codecs: ReadonlyMap<number, string> = new Map([
  [0, "PCMU"],
  [3, "GSM"],
  [4, "G723"],
  [5, "DVI4"],
  [6, "DVI4"],
  [7, "LPC"],
  [8, "PCMA"],
  [9, "G722"],
  [10, "L16"],
  [11, "L16"],
  [12, "QCELP"],
  [13, "CN"],
  [14, "MPA"],
  [15, "G728"],
  [16, "DVI4"],
  [17, "DVI4"],
  [18, "G729"],
  [25, "CelB"],
  [26, "JPEG"],
  [28, "nv"],
  [31, "H261"],
  [32, "MPV"],
  [33, "MP2T"],
  [34, "H263"],
]);

interface Stream {
  source: number;
  sequence: number;
  timestamp: number;
  type: number;
  agreed: number;
}

interface RtpMemory {
  /** Sources of each direction, the one that was heard last at the end. */
  readonly streams: readonly [Stream[], Stream[]];
}

export function isRtpFirst(byte: number): boolean {
  return byte >> 6 === 2;
}

/** Whether `bytes` can be an RTP packet: RTCP's types (RFC 5761) and headers that do not fit are none. */
export function isRtpPacket(bytes: Uint8Array): boolean {
  if (bytes.length < header || bytes[0]! >> 6 !== 2) return false;
  const type = bytes[1]! & 0x7f;
  if (type >= 64 && type <= 95) return false;
  let at = header + (bytes[0]! & 0xf) * 4;
  if ((bytes[0]! & 0x10) !== 0) {
    if (at + 4 > bytes.length) return false;
    at += 4 + u16At(bytes, at + 2) * 4;
  }
  return at < bytes.length;
}

export function probeRtp(bytes: Uint8Array): Likeness {
  return isRtpPacket(bytes) ? "yes" : "no";
}

/** How often packets of this stream agreed so far, this one included. */
function agree(streams: Stream[], bytes: Uint8Array): number {
  const source = u32At(bytes, 8);
  const sequence = u16At(bytes, 2);
  const timestamp = u32At(bytes, 4);
  const type = bytes[1]! & 0x7f;
  const known = streams.findIndex((one) => one.source === source);
  const stream = streams[known];
  const step = stream === undefined ? 0 : (sequence - stream.sequence) & 0xffff;
  const passed = stream === undefined ? 0 : (timestamp - stream.timestamp) | 0;
  const goesOn =
    stream !== undefined &&
    step >= 1 &&
    step <= longestStep &&
    passed >= -longestBack &&
    passed <= longestTime &&
    // Comfort noise and events come between the packets of a codec.
    (stream.type === type || passed > 0 || (bytes[1]! & 0x80) !== 0);
  const agreed = goesOn ? stream.agreed + 1 : 1;
  if (known >= 0) streams.splice(known, 1);
  else if (streams.length >= maxSources) streams.shift();
  streams.push({ source, sequence, timestamp, type, agreed });
  return agreed;
}

/** Takes a packet of a stream; matches once enough of them agree. */
export function parseRtp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (!isRtpPacket(bytes)) return { kind: "notMine" };
  const { streams } = recall<RtpMemory>(context, "rtp", () => ({ streams: [[], []] }));
  if (agree(streams[context.toServer ? 0 : 1], bytes) < needed) return { kind: "needMore", bytes: header };
  const rtp: Record<string, unknown> = { payload_type: bytes[1]! & 0x7f, ssrc: u32At(bytes, 8) };
  const codec = codecs.get(bytes[1]! & 0x7f);
  if (codec !== undefined) rtp["codec"] = codec;
  return { kind: "match", name: "rtp", facts: { rtp }, complete: true };
}
