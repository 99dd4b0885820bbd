/**
 * Spotify's search for other players of the local network: that it is done.
 *
 * No specification is published; on the wire every datagram on UDP port 57621 begins with the eight characters below.
 *
 *   "SpotUdp0" ...
 *
 * Evidence: these eight characters.
 */
import { hasAsciiAt } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

const begin = "SpotUdp0";

export function isSpotifyFirst(byte: number): boolean {
  return byte === 0x53;
}

export function probeSpotify(bytes: Uint8Array): Likeness {
  return hasAsciiAt(bytes, 0, begin) ? "yes" : "no";
}

export function parseSpotify(bytes: Uint8Array): Verdict {
  if (probeSpotify(bytes) !== "yes") return { kind: "notMine" };
  return { kind: "match", name: "spotify", facts: { spotify: { message: "discovery" } }, complete: true };
}
