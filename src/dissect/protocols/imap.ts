/**
 * IMAP: that it is spoken, and whether the session goes over to TLS. No names and passwords.
 *
 * RFC 9051 sections 2.2 (tagged lines), 6.1 and 6.2 (CAPABILITY, STARTTLS, LOGIN), 7.1 (greeting).
 *
 *   server = "*" SP ("OK" / "PREAUTH") SP text CRLF;  client = tag SP command [SP arguments] CRLF
 *
 * Evidence: a greeting that says IMAP, or any on port 143; a client's tag with a command that only IMAP has.
 */
import { indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const greetings = ["* OK ", "* PREAUTH "];
const commands = ["CAPABILITY\r\n", "STARTTLS\r\n", "LOGIN ", "AUTHENTICATE ", "ID (", "ID NIL", "LOGOUT\r\n"];
const imapPort = 143;
const maxTag = 16;
const maxLines = 64;

interface ImapMemory {
  startTls: boolean;
}

/** Tags are letters and digits in practice, and every other byte of `ASTRING-CHAR` is not worth the cost. */
export function isImapFirst(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const letter = byte & 0xdf;
  return byte === 0x2a || isDigit || (letter >= 0x41 && letter <= 0x5a);
}

/** The command of a tagged line: what follows its first space. */
function commandOf(bytes: Uint8Array, start: number): Uint8Array | undefined {
  const space = indexOfByte(bytes, 0x20, start, start + maxTag);
  return space <= start ? undefined : bytes.subarray(space + 1);
}

export function probeImap(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  if (bytes[0] === 0x2a) {
    const greeting = startsWithWord(bytes, greetings);
    if (greeting === "no") return "no";
    if (end < 0) return undecided(context.last);
    return context.serverPort === imapPort || indexOfAscii(bytes, "IMAP", 0, end) > 0 ? "yes" : "no";
  }
  // "230 LOGIN successful" is no command.
  const isReply = bytes[0]! >= 0x31 && bytes[0]! <= 0x35 && bytes[3] === 0x20;
  if (!context.toServer || (isReply && context.serverPort !== imapPort)) return "no";
  const command = commandOf(bytes, 0);
  if (command === undefined) return bytes.length < maxTag && end < 0 ? undecided(context.last) : "no";
  const likeness = startsWithWord(command, commands);
  if (likeness === "no") return "no";
  return likeness === "yes" && end > 0 ? "yes" : undecided(context.last);
}

export function parseImap(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<ImapMemory>(context, "imap", () => ({ startTls: false }));
  const isServer = bytes[0] === 0x2a;
  const facts = { imap: {} };
  let at = 0;
  for (let count = 0; count < maxLines && at < bytes.length; count++) {
    if (isServer && memory.startTls && bytes[at]! < 0x20) {
      return { kind: "match", name: "imap", facts, complete: false, handover: at };
    }
    const next = nextLine(bytes, at);
    if (next < 0) break;
    const command = isServer ? undefined : commandOf(bytes, at);
    if (command !== undefined && startsWithWord(command, ["STARTTLS\r\n"]) === "yes") {
      memory.startTls = true;
      return { kind: "match", name: "imap", facts: { imap: { starttls: true } }, complete: false, handover: next };
    }
    if (command !== undefined && startsWithWord(command, ["LOGIN ", "AUTHENTICATE "]) === "yes") {
      return { kind: "match", name: "imap", facts, complete: true };
    }
    at = next;
  }
  return { kind: "match", name: "imap", facts, complete: false };
}
