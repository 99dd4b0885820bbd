/**
 * Google QUIC before the IETF's: version, and what the client asks for where its handshake is not enciphered.
 *
 * "QUIC Wire Layout Specification" (Google, 2016) sections "Public packet header", "Version negotiation packet"; "QUIC
 * Crypto" section "Handshake message format".
 *
 *   packet = flags(1: 0x01 version 0x02 reset 0x04 nonce 0x08 connection id 0x30 number's length) id(8) version("Q0" 2DIGIT)
 *            number(1, 2, 4 or 6) hash(12) frames
 *   CHLO   = "CHLO" tags(2, little-endian) 0(2) (tag(4) end of value(4, little-endian))* values
 *
 * Evidence: the flags that a client's first packets have, and a version that was in use; or the long header of Q046 and Q050.
 */
import {
  asciiText,
  escapeControls,
  hasAsciiAt,
  indexOfAscii,
  u16LittleAt,
  u32LittleAt,
  u8At,
} from "../../bytes/index.ts";
import type { QuicFacts } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const flag = { version: 0x01, reset: 0x02, connection: 0x08, multipath: 0x40, unused: 0x80 } as const;
const versionAt = 9;
const longVersionAt = 1;
/** Of the first frame's message, behind the header, the hash and the frame's own head. */
const maxMessageAt = 80;
const maxTags = 64;
const firstVersion = 9;
const lastVersion = 50;

export function isGquicFirst(byte: number): boolean {
  const isShort =
    (byte & (flag.version | flag.connection)) === 9 && (byte & (flag.reset | flag.multipath | flag.unused)) === 0;
  return isShort || byte >= 0xc0;
}

/** "Q043" at `at` as a number, or -1. */
function versionNumber(bytes: Uint8Array, at: number): number {
  if (!hasAsciiAt(bytes, at, "Q0")) return -1;
  const tens = u8At(bytes, at + 2) - 0x30;
  const ones = u8At(bytes, at + 3) - 0x30;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  const version = tens * 10 + ones;
  return version >= firstVersion && version <= lastVersion ? version : -1;
}

export function probeGquic(bytes: Uint8Array): Likeness {
  if (bytes.length < versionAt + 5 || !isGquicFirst(bytes[0]!)) return "no";
  const isLong = bytes[0]! >= 0xc0;
  const version = versionNumber(bytes, isLong ? longVersionAt : versionAt);
  return version >= 0 && isLong === version > 43 ? "yes" : "no";
}

interface Asked {
  name?: string;
  agent?: string;
}

/** What the CHLO at `at` asks for. */
export function readGoogleHello(bytes: Uint8Array, at: number): Asked {
  const asked: Asked = {};
  const tags = u16LittleAt(bytes, at + 4);
  if (tags < 1 || tags > maxTags) return asked;
  const values = at + 8 + tags * 8;
  let start = 0;
  for (let index = 0; index < tags; index++) {
    const entry = at + 8 + index * 8;
    const end = u32LittleAt(bytes, entry + 4);
    if (end < start || values + end > bytes.length) break;
    const isName = hasAsciiAt(bytes, entry, "SNI\0");
    if (isName || hasAsciiAt(bytes, entry, "UAID")) {
      const text = escapeControls(asciiText(bytes, values + start, values + end, 255));
      if (text !== "") asked[isName ? "name" : "agent"] = text;
    }
    start = end;
  }
  return asked;
}

export function parseGquic(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeGquic(bytes) !== "yes") return { kind: "notMine" };
  const at = bytes[0]! >= 0xc0 ? longVersionAt : versionAt;
  const quic: QuicFacts & { user_agent?: string } = { version: asciiText(bytes, at, at + 4) };
  const hello = context.toServer ? indexOfAscii(bytes, "CHLO", at, Math.min(bytes.length, maxMessageAt)) : -1;
  if (hello < 0) return { kind: "match", name: "quic", facts: { quic }, complete: false };
  const { name, agent } = readGoogleHello(bytes, hello);
  if (agent !== undefined) quic.user_agent = agent;
  if (name === undefined) return { kind: "match", name: "quic", facts: { quic }, complete: false };
  quic.sni = name;
  return { kind: "match", name: "quic", facts: { quic }, hostname: name, hostnameSource: "sni", complete: true };
}
