/**
 * AMQP 0-9-1 and 1.0: the version.
 *
 * AMQP 0-9-1 section 4.2.2 (protocol header), OASIS AMQP 1.0 part 2 section 2.2 and part 5 section 5.2 (TLS), 5.3 (SASL).
 *
 *   header = "AMQP" id(1) major(1) minor(1) revision(1)
 */
import { hasAsciiAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 8;
const tlsId = 2;

export function isAmqpFirst(byte: number): boolean {
  return byte === 0x41;
}

function versionOf(bytes: Uint8Array): string | undefined {
  const [, , , , id, major, minor, revision] = bytes;
  if (id === 0 && major === 0 && minor === 9) return revision === 1 ? "0-9-1" : "0-9";
  if (id === 1 && major === 1) return minor === 0 && revision === 10 ? "0-10" : "0-8";
  const is1 = major === 1 && minor === 0 && revision === 0;
  return is1 && (id === 0 || id === tlsId || id === 3) ? "1.0" : undefined;
}

export function probeAmqp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!hasAsciiAt(bytes, 0, "AMQP".slice(0, Math.min(4, bytes.length)))) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  return versionOf(bytes) === undefined ? "no" : "yes";
}

export function parseAmqp(bytes: Uint8Array): Verdict {
  const version = hasAsciiAt(bytes, 0, "AMQP") && bytes.length >= headerLength ? versionOf(bytes) : undefined;
  if (version === undefined) return { kind: "match", name: "amqp", facts: { amqp: {} }, complete: false };
  const facts = { amqp: { version } };
  if (bytes[4] !== tlsId) return { kind: "match", name: "amqp", facts, complete: true };
  return { kind: "match", name: "amqp", facts, complete: false, handover: headerLength };
}
