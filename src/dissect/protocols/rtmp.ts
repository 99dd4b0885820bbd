/**
 * RTMP: that it is spoken. No addresses of streams: they carry keys.
 *
 * Adobe's RTMP specification 1.0 sections 5.2 (handshake: C0 to C2, S0 to S2) and 5.3 (chunks), 7.2.1.1 (connect).
 *
 *   C0 C1 = 3 time(4) 0(4) random(1528);  C2 = 1536 bytes;  then chunks, the first with the command "connect" in AMF 0
 *
 * Evidence: on port 1935 version 3 with the field that is zero, or a version of Flash; elsewhere "connect" where it must stand
 * behind a handshake of its exact length.
 */
import { indexOfAscii, u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const version = 3;
const port = 1935;
const handshakeLength = 1 + 1536 + 1536;
/** A chunk's basic and message header at the most, with an extended time. */
const longestHeader = 18;
const connect = "\x02\x00\x07connect";

export function isRtmpFirst(byte: number): boolean {
  return byte === version;
}

/** Zero by the specification; Flash writes its version here, and then signs the random part. */
function isVersionField(value: number): boolean {
  const major = value >>> 24;
  return value === 0 || (major >= 9 && major <= 0x80);
}

export function probeRtmp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 9) return undecided(context.last);
  if (!isVersionField(u32At(bytes, 5))) return "no";
  if (context.serverPort === port) return bytes.length >= 64 ? "yes" : undecided(context.last);
  if (!context.toServer || u32At(bytes, 5) !== 0) return "no";
  if (bytes.length < handshakeLength + longestHeader + connect.length) return undecided(context.last);
  const end = handshakeLength + longestHeader + connect.length;
  return indexOfAscii(bytes, connect, handshakeLength, end) > 0 ? "yes" : "no";
}

export function parseRtmp(): Verdict {
  return { kind: "match", name: "rtmp", facts: { rtmp: {} }, complete: true };
}
