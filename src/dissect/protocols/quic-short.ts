/**
 * QUIC whose handshake was not seen: that it goes on. All else is enciphered.
 *
 * RFC 8999 section 5.2 and RFC 9000 section 17.3.1 (short header).
 *
 *   packet = 0(1 bit) 1(1 bit) spin(1) protected(5) destination id number(1 to 4, protected) payload
 *
 * Evidence, on port 443 only: packets of one direction with the fixed bit that begin with one id of 4 bytes at the least. Who
 * chose an id without bytes is not known by what he receives.
 */
import { u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 443;
/** Flags, an id of 4 bytes, and a number with its sample (RFC 9001 section 5.4.2). */
const shortest = 25;
const needed = 4;
const leastDifferent = 4;

interface Sent {
  id: number;
  /** Last byte: one of a tag. */
  last: number;
  agreed: number;
  /** Whether the last byte was another one once. */
  varied: boolean;
}

interface ShortMemory {
  readonly sides: [Sent | undefined, Sent | undefined];
}

export function isQuicShortFirst(byte: number): boolean {
  return byte >> 6 === 1;
}

export function probeQuicShort(bytes: Uint8Array, context: DissectContext): Likeness {
  if (context.serverPort !== port && context.clientPort !== port) return "no";
  return bytes.length >= shortest && isQuicShortFirst(bytes[0]!) ? "yes" : "no";
}

/** Ids are random: four such bytes differ from each other, but once in forty. */
const isRandom = (bytes: Uint8Array): boolean => new Set(bytes.subarray(1, 5)).size >= leastDifferent;

export function parseQuicShort(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeQuicShort(bytes, context) !== "yes") return { kind: "notMine" };
  const { sides } = recall<ShortMemory>(context, "quic-short", () => ({ sides: [undefined, undefined] }));
  const side = context.toServer ? 0 : 1;
  const before = sides[side];
  const id = u32At(bytes, 1);
  const last = bytes[bytes.length - 1]!;
  const goesOn = before?.id === id && isRandom(bytes);
  const agreed = goesOn ? before.agreed + 1 : 1;
  const varied = goesOn && (before.varied || before.last !== last);
  sides[side] = { id, last, agreed, varied };
  if (agreed < needed || !varied) return { kind: "needMore", bytes: shortest };
  return { kind: "match", name: "quic", facts: { quic: {} }, complete: false };
}
