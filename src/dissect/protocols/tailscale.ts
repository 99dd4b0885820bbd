/**
 * Tailscale's peer discovery (DISCO): that it is spoken.
 *
 * Tailscale's package disco: "TS💬" source-key(32) nonce(24) box(16 and more); all else is encrypted. Its tunnel is WireGuard.
 *
 * Evidence: the six bytes of the mark and room for key, nonce and a box's tag.
 */
import { hasBytesAt } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

const mark = Uint8Array.of(0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac);
const leastLength = mark.length + 32 + 24 + 16;

export function isTailscaleFirst(byte: number): boolean {
  return byte === mark[0];
}

export function probeTailscale(bytes: Uint8Array): Likeness {
  return hasBytesAt(bytes, 0, mark) && bytes.length >= leastLength ? "yes" : "no";
}

export function parseTailscale(bytes: Uint8Array): Verdict {
  if (!hasBytesAt(bytes, 0, mark)) return { kind: "notMine" };
  return { kind: "match", name: "tailscale", facts: { tailscale: {} }, complete: false };
}
