/**
 * IMAP: that it is spoken, and whether the session goes over to TLS. No names and passwords.
 *
 * RFC 9051 sections 2.2 (tagged lines), 6.1 and 6.2 (CAPABILITY, STARTTLS, LOGIN), 7.1 (greeting).
 *
 *   server = "*" SP ("OK" / "PREAUTH") SP text CRLF;  client = tag SP command [SP arguments] CRLF
 *
 * Evidence: a greeting that says IMAP, or any on port 143; a client's tag with a command that only IMAP has. On port 143 also what
 * is said in the middle of a session: more commands, untagged data, and a tag with its outcome.
 */
import { indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable, lineText, nextLine, startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const greetings = ["* OK ", "* PREAUTH "];
const commands = ["CAPABILITY\r\n", "STARTTLS\r\n", "LOGIN ", "AUTHENTICATE ", "ID (", "ID NIL", "LOGOUT\r\n"];
const imapPort = 143;
/** Section 6: what others could say as well. */
const common = (
  "NOOP\r\n|SELECT |EXAMINE |CREATE |DELETE |SUBSCRIBE |LIST |LSUB |STATUS |APPEND |IDLE\r\n|CLOSE\r\n|EXPUNGE\r\n|SEARCH |FETCH |" +
  "STORE |COPY |UID |CHECK\r\n|ENABLE |NAMESPACE\r\n"
).split("|");
const middle =
  /^(?:\* (?:\d{1,10} (?:EXISTS|RECENT|FETCH|EXPUNGE)|FLAGS|LIST|LSUB|CAPABILITY|STATUS|SEARCH|BYE|NO|BAD)\b|[A-Za-z0-9.]{1,16} (?:OK|NO|BAD)\b|\+ )/i;
const maxTag = 16;
const maxLines = 64;

interface ImapMemory {
  startTls: boolean;
}

/** Tags are letters and digits in practice, and every other byte of `ASTRING-CHAR` is not worth the cost. */
export function isImapFirst(byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  const letter = byte & 0xdf;
  return byte === 0x2a || byte === 0x2b || isDigit || (letter >= 0x41 && letter <= 0x5a);
}

/** The command of a tagged line: what follows its first space. */
function commandOf(bytes: Uint8Array, start: number): Uint8Array | undefined {
  const space = indexOfByte(bytes, 0x20, start, start + maxTag);
  return space <= start ? undefined : bytes.subarray(space + 1);
}

export function probeImap(bytes: Uint8Array, context: DissectContext): Likeness {
  const end = nextLine(bytes, 0);
  if (!isPrintable(bytes, 0, end < 0 ? bytes.length : end)) return "no";
  const isOwn = context.serverPort === imapPort;
  if (isOwn && !context.toServer && end > 0 && middle.test(lineText(bytes, 0, 64))) return "yes";
  if (bytes[0] === 0x2a) {
    const greeting = startsWithWord(bytes, greetings);
    if (greeting === "no") return "no";
    if (end < 0) return undecided(context.last);
    return isOwn || indexOfAscii(bytes, "IMAP", 0, end) > 0 ? "yes" : "no";
  }
  // "230 LOGIN successful" is no command.
  const isReply = bytes[0]! >= 0x31 && bytes[0]! <= 0x35 && bytes[3] === 0x20;
  if (!context.toServer || (isReply && !isOwn)) return "no";
  const command = commandOf(bytes, 0);
  if (command === undefined) return bytes.length < maxTag && end < 0 ? undecided(context.last) : "no";
  const likeness = startsWithWord(command, isOwn ? [...commands, ...common] : commands);
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
