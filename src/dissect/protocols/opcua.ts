/**
 * OPC UA over TCP: the endpoint asked for, and how the channel is secured.
 *
 * OPC 10000-6 sections 7.1.2 (message chunks) and 6.7.2 (secure channel header).
 *
 *   message = type(3) chunk(1: "F") size(4)
 *   HEL = version(4) receive(4) send(4) message(4) chunks(4) url(length(4) text);  ACK = the same without url
 *   RHE = server-uri url;  ERR = error(4) reason;  OPN = channel(4) policy-uri ...;  all little-endian
 *   MSG, CLO = channel(4) token(4) sequence(4) request(4) ...
 *
 * Evidence: one of the first messages, with a size that its fields add up to; of a session that was joined later a whole message.
 */
import { escapeControls, hasAsciiAt, u32LittleAt, utf8Text } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 8;
const types = ["HELF", "ACKF", "ERRF", "RHEF", "OPNF", "MSGF", "MSGC", "CLOF"];
const hello = 32;
const acknowledge = 28;
const maxSize = 65_536;
const maxUrl = 4096;
const policyPrefix = "http://opcfoundation.org/UA/SecurityPolicy#";
const maxMessages = 4;
const later = ["MSGF", "MSGC", "CLOF"];
const laterHead = 24;

export function isOpcuaFirst(byte: number): boolean {
  return (
    byte === 0x48 || byte === 0x41 || byte === 0x45 || byte === 0x52 || byte === 0x4f || byte === 0x4d || byte === 0x43
  );
}

function typeAt(bytes: Uint8Array, at: number): string | undefined {
  return types.find((type) => hasAsciiAt(bytes, at, type));
}

/** Section 7.1.2.3 and 7.1.2.4: buffers of at least 8192 bytes (1024 with elliptic curves). */
function hasBuffers(bytes: Uint8Array): boolean {
  return u32LittleAt(bytes, 12) >= 1024 && u32LittleAt(bytes, 16) >= 1024;
}

export function probeOpcua(bytes: Uint8Array, context: DissectContext): Likeness {
  const begun = Math.min(4, bytes.length);
  if (!types.some((type) => hasAsciiAt(bytes, 0, type.slice(0, begun)))) return "no";
  if (later.some((type) => hasAsciiAt(bytes, 0, type.slice(0, begun)))) return probeLater(bytes, context);
  if (bytes.length < hello) {
    const isShort = bytes.length >= acknowledge && hasAsciiAt(bytes, 0, "ACKF");
    if (!isShort) return isWholeError(bytes) ? "yes" : undecided(context.last);
  }
  const size = u32LittleAt(bytes, 4);
  if (size > maxSize) return "no";
  switch (typeAt(bytes, 0)) {
    case "HELF":
      return hasBuffers(bytes) && isText(bytes, 28, size) ? "yes" : "no";
    case "ACKF":
      return size === acknowledge && hasBuffers(bytes) ? "yes" : "no";
    case "ERRF":
      return isWholeError(bytes) ? "yes" : "no";
    case "RHEF":
      return hasAsciiAt(bytes, 12, "urn:") && u32LittleAt(bytes, 8) < size ? "yes" : "no";
    default:
      return hasAsciiAt(bytes, 16, policyPrefix.slice(0, bytes.length - 16)) ? "yes" : "no";
  }
}

/** A message of an open channel: its channel, its token and its numbers are not 0 (section 6.7.2), and nothing is left over. */
function probeLater(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < laterHead) return undecided(context.last);
  const size = u32LittleAt(bytes, 4);
  const numbers = [8, 12, 16, 20].map((at) => u32LittleAt(bytes, at));
  if (size < laterHead || size > maxSize || numbers.includes(0)) return "no";
  if (bytes.length < size) return undecided(context.last);
  return bytes.length === size || typeAt(bytes, size) !== undefined ? "yes" : "no";
}

/** Whether a text of at most 4096 bytes at `at` ends with the message; -1 is the length of no text. */
function isText(bytes: Uint8Array, at: number, size: number): boolean {
  const length = u32LittleAt(bytes, at);
  return (length <= maxUrl && at + 4 + length === size) || (length === 0xffff_ffff && size === at + 4);
}

/** An error: its code is one of the "bad" ones, its reason fills the message. */
function isWholeError(bytes: Uint8Array): boolean {
  const size = u32LittleAt(bytes, 4);
  return hasAsciiAt(bytes, 0, "ERRF") && bytes.length >= 16 && bytes[11] === 0x80 && isText(bytes, 12, size);
}

function textAt(bytes: Uint8Array, at: number): string | undefined {
  const length = u32LittleAt(bytes, at);
  if (length < 0 || length > maxUrl || at + 4 + length > bytes.length) return undefined;
  return escapeControls(utf8Text(bytes, at + 4, at + 4 + length, 255));
}

export function parseOpcua(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (typeAt(bytes, 0) === undefined) return { kind: "notMine" };
  const opcua: Record<string, unknown> = {};
  let done = false;
  const isLater = later.some((type) => hasAsciiAt(bytes, 0, type));
  let at = 0;
  for (let count = 0; count < maxMessages && at + headerLength <= bytes.length; count++) {
    const type = typeAt(bytes, at);
    const size = u32LittleAt(bytes, at + 4);
    if (type === "HELF") {
      const url = textAt(bytes, at + 28);
      if (url !== undefined) opcua["endpoint_url"] = url.replace(/^(\S+?:\/\/)[^/]*@/, "$1");
    }
    if (type === "ERRF") opcua["error"] = `0x${u32LittleAt(bytes, at + 8).toString(16)}`;
    const policy = type === "OPNF" ? textAt(bytes, at + 12) : undefined;
    if (policy?.startsWith(policyPrefix) === true) {
      opcua["security_policy"] = policy.slice(policyPrefix.length);
      done = true;
    }
    if (size < headerLength || at + size > bytes.length) break;
    at += size;
  }
  return {
    kind: "match",
    name: "opcua",
    facts: { opcua },
    complete: (done || isLater) && !context.toServer,
    done: done || isLater,
  };
}
