/**
 * WireGuard: that it is spoken.
 *
 * WireGuard whitepaper section 5.4 (messages).
 *
 *   type(1) 0(3); initiation: 1, 148 bytes; response: 2, 92 bytes; cookie: 3, 64 bytes
 *   data = 4 0(3) receiver(4) counter(8, little-endian) enciphered(16n, 16 or more)
 *
 * Evidence: a handshake message of its exact length, with a key that may be random. Of data, on WireGuard's port one message;
 * elsewhere several of one direction to one receiver, whose index may be random, with a counter that goes on.
 */
import { u32LittleAt } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const lengths = [0, 148, 92, 64];
const wireguardPort = 51_820;
const dataType = 4;
const randomBytes = 24;
const maxZeros = 3;
/** Messages with data that must agree on a port that is not WireGuard's, and how far their counters may lie apart. */
const needed = 3;
const longestStep = 64;
/** A random index is below this once in 65,536. */
const leastIndex = 0x1_0000;

interface Received {
  receiver: number;
  counter: number;
  agreed: number;
}

interface WireguardMemory {
  readonly sides: [Received | undefined, Received | undefined];
}

const isOwnPort = (context: DissectContext): boolean =>
  context.serverPort === wireguardPort || context.clientPort === wireguardPort;

export function isWireguardFirst(byte: number): boolean {
  return byte >= 1 && byte <= dataType;
}

export function probeWireguard(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 32 || bytes[1] !== 0 || bytes[2] !== 0 || bytes[3] !== 0) return "no";
  const type = bytes[0]!;
  if (context.last) return isOwnPort(context) && isCut(bytes, type) ? "yes" : "no";
  if (type === dataType) {
    if (bytes.length % 16 !== 0) return "no";
    // A counter above 2^32 would take years of messages.
    const isData = u32LittleAt(bytes, 4) >= leastIndex && u32LittleAt(bytes, 12) === 0;
    return isOwnPort(context) || isData ? "yes" : "no";
  }
  // A sender that begins a handshake picks its index at random: none is likely to be zero.
  const index = bytes[4]! | bytes[5]! | bytes[6]! | bytes[7]!;
  return bytes.length === lengths[type] && index !== 0 && isRandom(bytes, keyAt(type)) ? "yes" : "no";
}

/** A message that was cut: its index, its counter or the beginning of its key. */
function isCut(bytes: Uint8Array, type: number): boolean {
  if (type === dataType) return u32LittleAt(bytes, 4) >= leastIndex && u32LittleAt(bytes, 12) === 0;
  return bytes.length < lengths[type]! && isRandom(bytes, keyAt(type));
}

/** Where the ephemeral key (initiation, response) or the nonce (cookie) stands. */
function keyAt(type: number): number {
  return type === 2 ? 12 : 8;
}

/** Keys and nonces are random: four zeros among 24 such bytes are as likely as one in 400,000. */
function isRandom(bytes: Uint8Array, at: number): boolean {
  let zeros = 0;
  for (let index = at; index < Math.min(at + randomBytes, bytes.length); index++) if (bytes[index] === 0) zeros++;
  return zeros <= maxZeros;
}

/** How many messages with data agreed so far, this one included. */
function agree(bytes: Uint8Array, context: DissectContext): number {
  const { sides } = recall<WireguardMemory>(context, "wireguard", () => ({ sides: [undefined, undefined] }));
  const side = context.toServer ? 0 : 1;
  const before = sides[side];
  const receiver = u32LittleAt(bytes, 4);
  const counter = u32LittleAt(bytes, 8);
  const step = Math.abs(counter - (before?.counter ?? counter));
  const goesOn = before?.receiver === receiver && step >= 1 && step <= longestStep;
  const agreed = goesOn ? before.agreed + 1 : 1;
  sides[side] = { receiver, counter, agreed };
  return agreed;
}

export function parseWireguard(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes[0] === dataType && !isOwnPort(context) && agree(bytes, context) < needed) {
    return { kind: "needMore", bytes: bytes.length };
  }
  return { kind: "match", name: "wireguard", facts: { wireguard: {} }, complete: true };
}
