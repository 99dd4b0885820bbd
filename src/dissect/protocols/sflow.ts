/**
 * sFlow 5: how many samples come. None of what they hold.
 *
 * sFlow.org, "sFlow version 5" section 5 (XDR of the datagram).
 *
 *   5(4) address_type(4: 1 or 2) address(4 or 16) sub_agent(4) sequence(4) uptime(4) count(4) (format(4) length(4) sample)*
 *
 * Evidence: samples that fill the datagram.
 */
import { u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const version = 5;
const maxSamples = 256;
/** Flow and counters, and their expanded forms. */
const lastStandardFormat = 5;

export function isSflowFirst(byte: number): boolean {
  return byte === 0;
}

/** Offset of the number of samples, -1 when the head does not fit. */
function countAt(bytes: Uint8Array): number {
  const type = u32At(bytes, 4);
  if (u32At(bytes, 0) !== version || (type !== 1 && type !== 2)) return -1;
  const at = 8 + (type === 1 ? 4 : 16) + 12;
  return at + 4 <= bytes.length ? at : -1;
}

export function probeSflow(bytes: Uint8Array, context: DissectContext): Likeness {
  const start = countAt(bytes);
  const count = u32At(bytes, start);
  if (start < 0 || context.last || count < 1 || count > maxSamples) return "no";
  let at = start + 4;
  for (let index = 0; index < count; index++) {
    const format = u32At(bytes, at);
    const length = u32At(bytes, at + 4);
    // Those of enterprise 0 are few; others carry their enterprise in the upper 20 bits.
    if (format < 1 || (format < 4096 && format > lastStandardFormat) || length < 4 || length % 4 !== 0) return "no";
    at += 8 + length;
  }
  return at === bytes.length ? "yes" : "no";
}

export function parseSflow(bytes: Uint8Array): Verdict {
  const at = countAt(bytes);
  if (at < 0) return { kind: "notMine" };
  return { kind: "match", name: "sflow", facts: { sflow: { samples: u32At(bytes, at) } }, complete: true };
}
