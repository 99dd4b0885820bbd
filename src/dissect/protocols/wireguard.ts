/**
 * WireGuard: that it is spoken.
 *
 * WireGuard whitepaper section 5.4 (messages).
 *
 *   type(1) 0(3); initiation: 1, 148 bytes; response: 2, 92 bytes; cookie: 3, 64 bytes; data: 4, 32 + 16n bytes
 *
 * Evidence: a handshake message of its exact length, with a key that may be random. Data alone is believed on WireGuard's port only.
 */
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const lengths = [0, 148, 92, 64];
const wireguardPort = 51_820;
const dataType = 4;
const randomBytes = 24;
const maxZeros = 3;

export function isWireguardFirst(byte: number): boolean {
  return byte >= 1 && byte <= dataType;
}

export function probeWireguard(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 32 || bytes[1] !== 0 || bytes[2] !== 0 || bytes[3] !== 0 || context.last) return "no";
  const type = bytes[0]!;
  if (type === dataType) {
    const isOwn = context.serverPort === wireguardPort || context.clientPort === wireguardPort;
    return isOwn && bytes.length % 16 === 0 ? "yes" : "no";
  }
  // A sender that begins a handshake picks its index at random: none is likely to be zero.
  const index = bytes[4]! | bytes[5]! | bytes[6]! | bytes[7]!;
  return bytes.length === lengths[type] && index !== 0 && isRandom(bytes, keyAt(type)) ? "yes" : "no";
}

/** Where the ephemeral key (initiation, response) or the nonce (cookie) stands. */
function keyAt(type: number): number {
  return type === 2 ? 12 : 8;
}

/** Keys and nonces are random: four zeros among 24 such bytes are as likely as one in 400,000. */
function isRandom(bytes: Uint8Array, at: number): boolean {
  let zeros = 0;
  for (let index = at; index < at + randomBytes; index++) if (bytes[index] === 0) zeros++;
  return zeros <= maxZeros;
}

export function parseWireguard(): Verdict {
  return { kind: "match", name: "wireguard", facts: { wireguard: {} }, complete: true };
}
