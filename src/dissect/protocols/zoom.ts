/**
 * Zoom's media connections: that one is opened. (What follows is enciphered.)
 *
 * No specification is published. Zoom's support pages, "Network firewall or proxy server settings": UDP ports 8801 to
 * 8810. On the wire the client's first datagram carries a session id that the server's answer repeats:
 *
 *   hello  = 1 0 kind(1) id(16) ...;  answer = 2 0 kind(1) id(16) ...
 *
 * Evidence: the ports, and an answer that repeats the id.
 */
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const firstPort = 8801;
const lastPort = 8810;
const hello = 1;
const answer = 2;
const idAt = 3;
const idLength = 16;
const least = idAt + idLength;

interface ZoomMemory {
  /** Session id of each side's datagram, once it came: client, server. */
  readonly ids: [Uint8Array | undefined, Uint8Array | undefined];
}

const isPort = (port: number): boolean => port >= firstPort && port <= lastPort;

export function isZoomFirst(byte: number): boolean {
  return byte === hello || byte === answer;
}

export function probeZoom(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!isPort(context.serverPort) && !isPort(context.clientPort)) return "no";
  return bytes.length >= least && isZoomFirst(bytes[0]!) && bytes[1] === 0 ? "yes" : "no";
}

export function parseZoom(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeZoom(bytes, context) !== "yes") return { kind: "notMine" };
  const { ids } = recall<ZoomMemory>(context, "zoom", () => ({ ids: [undefined, undefined] }));
  const side = bytes[0] === hello ? 0 : 1;
  ids[side] = bytes.slice(idAt, least);
  const [asked, answered] = ids;
  if (asked === undefined || answered === undefined || !asked.every((byte, index) => byte === answered[index])) {
    return { kind: "needMore", bytes: least };
  }
  return { kind: "match", name: "zoom", facts: { zoom: { message: "session" } }, complete: true };
}
