/**
 * WebSocket: that the stream goes on as one after HTTP's Upgrade. No messages.
 *
 * RFC 6455 sections 4 (handshake) and 5.2 (frames); RFC 7692 section 6 (RSV1).
 *
 *   frame = fin(1 bit) rsv(3) opcode(4) mask(1) length(7) [length(2 or 8)] [key(4)] payload
 *
 * Evidence: an Upgrade to "websocket" on the same stream, and a frame that is masked by the client only.
 */
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";
import type { HttpMemory } from "./http.ts";

const opcodes = new Set([0, 1, 2, 8, 9, 10]);

export function isWebsocketFirst(byte: number): boolean {
  return (byte & 0x30) === 0 && opcodes.has(byte & 15);
}

export function probeWebsocket(bytes: Uint8Array, context: DissectContext): Likeness {
  const http = context.memory["http"] as HttpMemory | undefined;
  if (http?.upgrade !== "websocket") return "no";
  if (bytes.length < 2) return context.last ? "no" : "more";
  return bytes[1]! >= 0x80 === context.toServer ? "yes" : "no";
}

export function parseWebsocket(): Verdict {
  return { kind: "match", name: "websocket", facts: { websocket: {} }, complete: true };
}
