/**
 * git over its own port: what is asked for, from which virtual host, and the protocol version.
 *
 * git's gitprotocol-common(5) (pkt-line) and gitprotocol-pack(5), "Git Transport"; gitprotocol-v2(5).
 *
 *   pkt-line = length(4 hexadecimal digits, counts itself) data
 *   client   = pkt-line("git-upload-pack" SP path NUL ["host=" name NUL] [NUL "version=" DIGIT NUL])
 *   server   = pkt-line("version " DIGIT LF) / pkt-line(object SP ref NUL capabilities LF) / pkt-line("ERR " text)
 *
 * Evidence: a pkt-line whose content is one of these.
 */
import { asciiText, escapeControls, hasAsciiAt, indexOfByte } from "../../bytes/index.ts";
import { isPrintable, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const head = 4;
const maxPacket = 65_520;
const services = ["git-upload-pack ", "git-receive-pack ", "git-upload-archive "];
const answers = ["version 1\n", "version 2\n", "ERR "];
const refs = ["HEAD\0", "refs/", "capabilities^{}\0"];
const objectLengths = [40, 64];

export function isGitFirst(byte: number): boolean {
  return isHexDigit(byte);
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** Length of the pkt-line as its head says it, or -1. */
function packetLength(bytes: Uint8Array): number {
  for (let at = 0; at < head; at++) if (!isHexDigit(bytes[at] ?? 0)) return -1;
  const length = Number.parseInt(asciiText(bytes, 0, head), 16);
  return length > head && length <= maxPacket ? length : -1;
}

/** Whether an object's name and a ref follow the head. */
function isAdvertisement(bytes: Uint8Array): Likeness {
  let at = head;
  while (at < Math.min(bytes.length, head + 65) && isHexDigit(bytes[at]!)) at++;
  if (at === bytes.length) return "more";
  if (!objectLengths.includes(at - head) || bytes[at] !== 0x20) return "no";
  return startsWithWord(bytes.subarray(at + 1), refs);
}

export function probeGit(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length <= head) {
    for (const byte of bytes) if (!isHexDigit(byte)) return "no";
    return undecided(context.last);
  }
  const length = packetLength(bytes);
  if (length < 0) return "no";
  const content = bytes.subarray(head, length);
  const isShort = bytes.length < length;
  const service = startsWithWord(content, services);
  if (service === "yes") return isPrintable(content, 0, indexOfByte(content, 0)) ? ready(isShort, context) : "no";
  const answer = startsWithWord(content, answers);
  if (answer === "yes")
    return !content.includes(0) && isPrintable(content, 0, content.length) ? ready(isShort, context) : "no";
  const advertisement = isAdvertisement(bytes);
  if (advertisement === "yes") return "yes";
  return service === "no" && answer === "no" && advertisement === "no" ? "no" : undecided(context.last);
}

function ready(isShort: boolean, context: DissectContext): Likeness {
  return isShort ? undecided(context.last) : "yes";
}

export function parseGit(bytes: Uint8Array, context: DissectContext): Verdict {
  const length = packetLength(bytes);
  if (length < 0) return bytes.length < head ? { kind: "needMore", bytes: head } : { kind: "notMine" };
  const git: Record<string, unknown> = {};
  const service = services.find((name) => hasAsciiAt(bytes, head, name));
  if (service === undefined) {
    if (hasAsciiAt(bytes, head, "version ")) git["version"] = bytes[head + 8]! - 0x30;
    return { kind: "match", name: "git", facts: { git }, complete: !context.toServer };
  }
  const parts = asciiText(bytes, head, length, 1024).split("\0").map(escapeControls);
  git["command"] = service.trim();
  git["path"] = parts[0]!.slice(service.length, service.length + 255);
  const host = parts.find((part) => part.startsWith("host="));
  if (host !== undefined) git["host"] = host.slice(5, 260);
  return { kind: "match", name: "git", facts: { git }, complete: false, done: true };
}
