/**
 * AMQP 0-9-1 and 1.0: the version; of a stream that was joined in its middle, the first method. No names, no messages.
 *
 * AMQP 0-9-1 section 4.2.2 (protocol header), OASIS AMQP 1.0 part 2 section 2.2 and part 5 section 5.2 (TLS), 5.3 (SASL).
 *
 *   header = "AMQP" id(1) major(1) minor(1) revision(1)
 *
 * Evidence: the header; or a whole frame up to its end octet, with a method, content header or performative that exists (a body
 * or heartbeat tells too little but on the port).
 */
import { hasAsciiAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import { frame1Length, frameLength, methodAt } from "./amqp-frame.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 8;
const tlsId = 2;
const port = 5672;
const letter = 0x41;
const heartbeat = 8;
const body = 3;

export function isAmqpFirst(byte: number): boolean {
  return byte === letter || byte <= body || byte === heartbeat;
}

function versionOf(bytes: Uint8Array): string | undefined {
  const [, , , , id, major, minor, revision] = bytes;
  if (id === 0 && major === 0 && minor === 9) return revision === 1 ? "0-9-1" : "0-9";
  if (id === 1 && major === 1) return minor === 0 && revision === 10 ? "0-10" : "0-8";
  const is1 = major === 1 && minor === 0 && revision === 0;
  return is1 && (id === 0 || id === tlsId || id === 3) ? "1.0" : undefined;
}

function probeFrame(bytes: Uint8Array, context: DissectContext): Likeness {
  const isOwn = context.serverPort === port || context.clientPort === port;
  const length = bytes[0] === 0 ? frame1Length(bytes) : frameLength(bytes, 0);
  if (length === -1) return "no";
  if (length === -2) return undecided(context.last);
  const [type = 0] = bytes;
  if (type === 0 || (isOwn && type !== body)) return "yes";
  if (bytes.length < length) return undecided(context.last);
  if (isOwn) return "yes";
  // Its end octet is there; what is next must be a frame as well.
  if (type === body || type === heartbeat) return "no";
  return bytes.length === length || frameLength(bytes, length) !== -1 ? "yes" : "no";
}

export function probeAmqp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes[0] !== letter) return probeFrame(bytes, context);
  if (!hasAsciiAt(bytes, 0, "AMQP".slice(0, Math.min(4, bytes.length)))) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  return versionOf(bytes) === undefined ? "no" : "yes";
}

export function parseAmqp(bytes: Uint8Array): Verdict {
  if (bytes[0] === 0 && frame1Length(bytes) > 0)
    return { kind: "match", name: "amqp", facts: { amqp: { version: "1.0" } }, complete: true };
  const method = methodAt(bytes, 0);
  if (method !== undefined) return { kind: "match", name: "amqp", facts: { amqp: { method } }, complete: true };
  const version = hasAsciiAt(bytes, 0, "AMQP") && bytes.length >= headerLength ? versionOf(bytes) : undefined;
  if (version === undefined) return { kind: "match", name: "amqp", facts: { amqp: {} }, complete: false };
  const facts = { amqp: { version } };
  if (bytes[4] !== tlsId) return { kind: "match", name: "amqp", facts, complete: true };
  return { kind: "match", name: "amqp", facts, complete: false, handover: headerLength };
}
