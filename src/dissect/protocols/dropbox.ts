/**
 * Dropbox' search for other computers of the local network: its version. No names, no namespaces.
 *
 * "LAN sync", as Dropbox' engineers describe it (dropbox.tech, "Inside LAN Sync", 2015, section "Discovery"): JSON over UDP
 * port 17500, broadcast.
 *
 *   {"host_int": N, "version": [N, N], "displayname": "", "port": N, "namespaces": [N, ...]}, in any order
 *
 * Evidence: an object that has "host_int" and "version" near its beginning.
 */
import { asciiText, hasAsciiAt, indexOfAscii } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

const members = ['"host_int":', '"version":'];
/** Both stand near the beginning; namespaces may be many. */
const looked = 256;

export function isDropboxFirst(byte: number): boolean {
  return byte === 0x7b;
}

export function probeDropbox(bytes: Uint8Array): Likeness {
  const end = Math.min(bytes.length, looked);
  if (!hasAsciiAt(bytes, 0, '{"')) return "no";
  return members.every((member) => indexOfAscii(bytes, member, 0, end) > 0) ? "yes" : "no";
}

export function parseDropbox(bytes: Uint8Array): Verdict {
  if (probeDropbox(bytes) !== "yes") return { kind: "notMine" };
  const text = asciiText(bytes, 0, Math.min(bytes.length, looked));
  const version = /"version": ?\[(\d{1,4}), ?(\d{1,4})\]/.exec(text);
  const dropbox = version === null ? {} : { version: `${version[1]}.${version[2]}` };
  return { kind: "match", name: "dropbox", facts: { dropbox }, complete: true };
}
