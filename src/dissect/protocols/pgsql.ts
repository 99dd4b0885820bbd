/**
 * PostgreSQL: database, application, and whether the session goes over to TLS. No SQL, no passwords.
 *
 * PostgreSQL documentation, "Frontend/Backend Protocol", sections "Message Flow" and "Message Formats".
 *
 *   StartupMessage = length(4) 0x0003 minor(2) (name NUL value NUL)* NUL
 *   SSLRequest     = 8 80877103;  GSSENCRequest = 8 80877104;  the server answers with one byte, "S", "G" or "N"
 *   CancelRequest  = 16 80877102 process(4) key(4);  before 7.4: 296 0x00020000 database(64) user(32) options(64) ...
 *   other messages = type(1) length(4) body
 */
import { asciiText, escapeControls, indexOfByte, u16At, u32At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;
const cancelLength = 16;
/** "StartupPacket" of protocol 2.0: all its fields have their size. */
const oldLength = 296;
const oldVersion = 0x0002_0000;
const requestLength = 8;
const maxStartup = 10_000;
const authentication = 0x52;
const maxParameters = 32;
const maxMessages = 64;
const maxMessage = 1 << 24;
const port = 5432;
/** PostgreSQL protocol, "Message Formats": the types of each side. */
const frontend = new Set(Array.from("BCDEFHPQSXcdfp", (letter) => letter.charCodeAt(0)));
const backend = new Set(Array.from("123ACDEGHIKNRSTVWZcdnstv", (letter) => letter.charCodeAt(0)));
const shown = new Set(["user", "database", "application_name"]);

interface PgMemory {
  asked: boolean;
  clientDone: boolean;
}

export function isPgsqlFirst(byte: number): boolean {
  return byte === 0 || byte === authentication || frontend.has(byte) || backend.has(byte);
}

/** Whether these are messages of a session that was joined in its middle, whole ones, up to the end of what was sent. */
function probeMiddle(bytes: Uint8Array, context: DissectContext): Likeness {
  const types = context.toServer ? frontend : backend;
  let at = 0;
  for (let count = 0; count < maxMessages && at < bytes.length; count++) {
    const length = u32At(bytes, at + 1);
    if (!types.has(bytes[at]!) || (length >= 0 && (length < 4 || length > maxMessage))) return "no";
    if (length < 0) return undecided(context.last);
    at += 1 + length;
  }
  return at <= bytes.length ? "yes" : undecided(context.last);
}

function isStartup(bytes: Uint8Array): boolean {
  const length = u32At(bytes, 0);
  return length >= 9 && length <= maxStartup && u16At(bytes, 4) === 3 && u16At(bytes, 6) <= 2;
}

function isRequest(bytes: Uint8Array): boolean {
  const code = u32At(bytes, 4);
  return u32At(bytes, 0) === requestLength && (code === sslRequest || code === gssRequest);
}

/** A request to cancel, which nothing answers. */
const isCancel = (bytes: Uint8Array): boolean => u32At(bytes, 0) === cancelLength && u32At(bytes, 4) === cancelRequest;
const isOldStartup = (bytes: Uint8Array): boolean => u32At(bytes, 0) === oldLength && u32At(bytes, 4) === oldVersion;

export function probePgsql(bytes: Uint8Array, context: DissectContext): Likeness {
  const isMiddle = bytes[0] !== 0 && (context.toServer || bytes[0] !== authentication);
  if (isMiddle) return context.serverPort === port ? probeMiddle(bytes, context) : "no";
  if (bytes.length > 1 && bytes[0] === 0 && bytes[1] !== 0) return "no";
  if (bytes.length < 9) return isRequest(bytes) ? "yes" : bytes[0] === 0 ? undecided(context.last) : "no";
  if (isRequest(bytes) || isCancel(bytes) || isOldStartup(bytes)) return "yes";
  if (bytes[0] === 0) {
    // The first parameter's name: "user" comes first from every client library, and is required.
    const letter = bytes[8]!;
    return isStartup(bytes) && letter >= 0x61 && letter <= 0x7a && indexOfByte(bytes, 0, 9, 40) > 0 ? "yes" : "no";
  }
  // An Authentication request followed by further messages, as after a trusted login: its length and code must fit.
  const length = u32At(bytes, 1);
  const code = u32At(bytes, 5);
  if (code === 0) return length === 8 && (bytes[9] === 0x53 || bytes[9] === 0x4b) ? "yes" : "no";
  if (code === 3) return length === 8 && bytes.length === 9 ? "yes" : "no";
  if (code === 5) return length === 12 && bytes.length === 13 ? "yes" : "no";
  return code === 10 && length > 8 && bytes.length === length + 1 && bytes[9] === 0x53 ? "yes" : "no";
}

export function parsePgsql(bytes: Uint8Array, context: DissectContext): Verdict {
  const memory = recall<PgMemory>(context, "pgsql", () => ({ asked: false, clientDone: false }));
  const name = "pgsql";
  if (isRequest(bytes)) {
    memory.asked = true;
    const encryption = u32At(bytes, 4) === sslRequest ? "ssl" : "gss";
    const facts = { pgsql: { request: encryption } };
    return { kind: "match", name, facts, complete: false, handover: requestLength };
  }
  if (isCancel(bytes)) return { kind: "match", name, facts: { pgsql: { request: "cancel" } }, complete: true };
  if (isOldStartup(bytes)) return { kind: "match", name, facts: { pgsql: { version: 2 } }, complete: true };
  if (bytes[0] === 0 && isStartup(bytes)) {
    const length = u32At(bytes, 0);
    if (bytes.length < length && !context.last) return { kind: "needMore", bytes: length };
    memory.clientDone = true;
    return { kind: "match", name, facts: { pgsql: readParameters(bytes, length) }, complete: true };
  }
  if (!memory.asked) return { kind: "match", name, facts: { pgsql: {} }, complete: memory.clientDone };
  // One byte answers each request: taken, and the stream is another one's; or not, and it goes on.
  const isTaken = bytes[0] === 0x53 || bytes[0] === 0x47;
  if (isTaken || bytes[0] === 0x4e) return { kind: "match", name, facts: { pgsql: {} }, complete: false, handover: 1 };
  return { kind: "match", name, facts: { pgsql: {} }, complete: false };
}

function readParameters(bytes: Uint8Array, end: number): Record<string, string> {
  const facts: Record<string, string> = {};
  let at = requestLength;
  for (let count = 0; count < maxParameters; count++) {
    const nameStop = indexOfByte(bytes, 0, at, end);
    if (nameStop <= at) break;
    const valueStop = indexOfByte(bytes, 0, nameStop + 1, end);
    if (valueStop < 0) break;
    const name = asciiText(bytes, at, nameStop, 64);
    if (shown.has(name)) facts[name] = escapeControls(asciiText(bytes, nameStop + 1, valueStop, 128));
    at = valueStop + 1;
  }
  return facts;
}
