/**
 * SSDP: what is searched for or announced, and the software's name.
 *
 * UPnP Device Architecture 2.0 sections 1.2 (NOTIFY) and 1.3 (M-SEARCH): HTTP's form in datagrams.
 *
 *   ("M-SEARCH * HTTP/1.1" / "NOTIFY * HTTP/1.1" / "HTTP/1.1 200 OK") CRLF fields CRLF
 */
import { indexOfAscii } from "../../bytes/index.ts";
import { lineText, nextLine, startsWithWord } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const requests = ["M-SEARCH * HTTP/1.1\r\n", "NOTIFY * HTTP/1.1\r\n"];
const answer = ["HTTP/1.1 200 OK\r\n"];
const shown = ["st", "nt", "nts", "server", "user-agent"];
const maxLines = 32;

export function isSsdpFirst(byte: number): boolean {
  return byte === 0x4d || byte === 0x4e || byte === 0x48;
}

export function probeSsdp(bytes: Uint8Array): Likeness {
  if (startsWithWord(bytes, requests) === "yes") return "yes";
  const isAnswer = startsWithWord(bytes, answer) === "yes";
  const hasTarget = ["ST:", "St:", "st:"].some((name) => indexOfAscii(bytes, `\n${name}`) > 0);
  return isAnswer && hasTarget && indexOfAscii(bytes, "uuid:") > 0 ? "yes" : "no";
}

export function parseSsdp(bytes: Uint8Array, context: DissectContext): Verdict {
  const ssdp: Record<string, string> = {};
  let at = nextLine(bytes, 0);
  for (let count = 0; count < maxLines && at > 0 && at < bytes.length; count++) {
    const line = lineText(bytes, at, 256);
    const separator = line.indexOf(":");
    const name = line.slice(0, Math.max(separator, 0)).toLowerCase();
    if (shown.includes(name)) ssdp[name.replace("-", "_")] = line.slice(separator + 1).trim();
    at = nextLine(bytes, at);
  }
  return { kind: "match", name: "ssdp", facts: { ssdp }, complete: context.toServer };
}
