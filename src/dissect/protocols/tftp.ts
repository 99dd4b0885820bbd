/**
 * TFTP: the request's kind, file and mode.
 *
 * RFC 1350 section 5 (packets), RFC 2347 (options).
 *
 *   request = 0 (1 read | 2 write) file NUL mode NUL (option NUL value NUL)*
 */
import { asciiText, escapeControls, indexOfByte, u16At } from "../../bytes/index.ts";
import { isPrintable } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const maxName = 255;
const modes = ["octet", "netascii", "mail"];

export function isTftpFirst(byte: number): boolean {
  return byte === 0;
}

/** Offset of the mode, or -1. */
function modeAt(bytes: Uint8Array): number {
  const code = u16At(bytes, 0);
  const end = code === 1 || code === 2 ? indexOfByte(bytes, 0, 2, 2 + maxName) : -1;
  return end > 2 && isPrintable(bytes, 2, end) ? end + 1 : -1;
}

function modeText(bytes: Uint8Array, at: number): string {
  const end = indexOfByte(bytes, 0, at, at + 9);
  return end < 0 ? "" : asciiText(bytes, at, end).toLowerCase();
}

export function probeTftp(bytes: Uint8Array): Likeness {
  const at = modeAt(bytes);
  return at > 0 && modes.includes(modeText(bytes, at)) ? "yes" : "no";
}

export function parseTftp(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = modeAt(bytes);
  if (at < 0 || !context.toServer) return { kind: "notMine" };
  // The server answers from a port of its own choice (section 4).
  context.onExpect?.({ transport: "udp", host: "client", port: context.clientPort, name: "tftp" });
  const packet = u16At(bytes, 0) === 1 ? "read" : "write";
  const file = escapeControls(asciiText(bytes, 2, at - 1, maxName));
  return { kind: "match", name: "tftp", facts: { tftp: { packet, file, mode: modeText(bytes, at) } }, complete: true };
}
