/**
 * rsync daemon: the protocol versions of both sides. No module names, no passwords.
 *
 * rsync's own "csprotocol.txt" and rsyncd.conf(5): both sides begin with a greeting line.
 *
 *   greeting = "@RSYNCD: " DIGIT+ ["." DIGIT+] [SP checksum names] LF
 *
 * Evidence: the whole greeting with a version that exists (20 to 40 cover what has been in use).
 */
import { asciiText, hasAsciiAt } from "../../bytes/index.ts";
import { isPrintable, lineText, nextLine, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const word = "@RSYNCD: ";
const maxGreeting = 256;

export function isRsyncFirst(byte: number): boolean {
  return byte === 0x40;
}

/** "31.0", or "" when the line is no greeting. */
function versionOf(bytes: Uint8Array): string {
  const found = /^(\d{2})(?:\.(\d{1,3}))?(?: |$)/.exec(lineText(bytes, word.length, maxGreeting));
  const major = Number(found?.[1] ?? 0);
  return major < 20 || major > 40 ? "" : `${major}.${Number(found?.[2] ?? 0)}`;
}

export function probeRsync(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!hasAsciiAt(bytes, 0, word.slice(0, Math.min(word.length, bytes.length)))) return "no";
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  if (end < 0) return bytes.length > maxGreeting ? "no" : undecided(context.last);
  return versionOf(bytes) === "" ? "no" : "yes";
}

export function parseRsync(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < word.length || nextLine(bytes, 0) < 0) return { kind: "needMore", bytes: maxGreeting };
  const version = hasAsciiAt(bytes, 0, word) ? versionOf(bytes) : "";
  if (version === "") return { kind: "notMine" };
  const rsync = context.toServer ? { client_protocol_version: version } : { server_protocol_version: version };
  // What the server says of its modules follows; an error is a line of the same form.
  const isError = asciiText(bytes, 0, 512).includes("\n@ERROR");
  return { kind: "match", name: "rsync", facts: { rsync }, complete: isError, done: true };
}
