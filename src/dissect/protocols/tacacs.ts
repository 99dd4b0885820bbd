/**
 * TACACS+: what it is asked (authentication, authorization, accounting). No users, no text.
 *
 * RFC 8907 section 4.1 (header).
 *
 *   version(1: 0xC0 | 0xC1) type(1: 1-3) sequence(1) flags(1) session(4) length(4) body
 *
 * Evidence: a version, type and flags that exist, the client's odd and the server's even sequence number, and a length
 * that ends with the bytes that are there (the sides take turns). The body is obfuscated.
 */
import { u32At } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 12;
const port = 49;
const types = ["authentication", "authorization", "accounting"];
const unencrypted = 0x01;
const singleConnection = 0x04;
const maxBody = 4096;
/** The shortest bodies of sections 5.2, 6.2 and 7.2 have 5 or 6 bytes. */
const minBody = 5;

export function isTacacsFirst(byte: number): boolean {
  return byte === 0xc0 || byte === 0xc1;
}

export function probeTacacs(bytes: Uint8Array, context: DissectContext): Likeness {
  const [version = 0, type = 1, sequence = context.toServer ? 1 : 2, flags = 0] = bytes;
  // Minor version 1 belongs to authentication alone.
  if (!isTacacsFirst(version) || type < 1 || type > 3 || (version === 0xc1 && type !== 1)) return "no";
  // The client's are odd; a session that was joined in its middle is believed on the port.
  const first = context.toServer ? 1 : 2;
  const isTurn = sequence === first || (context.serverPort === port && sequence > 0 && sequence % 2 === first % 2);
  if (!isTurn || (flags & ~(unencrypted | singleConnection)) !== 0) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = u32At(bytes, 8);
  if (length < minBody || length > maxBody || u32At(bytes, 4) === 0) return "no";
  if (bytes.length < headerLength + length) return undecided(context.last);
  return bytes.length === headerLength + length ? "yes" : "no";
}

export function parseTacacs(bytes: Uint8Array, context: DissectContext): Verdict {
  const type = types[(bytes[1] ?? 0) - 1];
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (!isTacacsFirst(bytes[0]!) || type === undefined) return { kind: "notMine" };
  const tacacs: Record<string, unknown> = { type };
  if ((bytes[3]! & unencrypted) !== 0) tacacs["unencrypted"] = true;
  return { kind: "match", name: "tacacs", facts: { tacacs }, complete: !context.toServer, done: true };
}
