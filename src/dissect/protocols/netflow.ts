/**
 * NetFlow 1, 5, 7, 9 and IPFIX: the version, and how many records come. None of what they tell.
 *
 * RFC 3954 sections 5.1 and 5.2 (version 9), RFC 7011 sections 3.1 and 3.3 (IPFIX: version 10); Cisco's "NetFlow Services
 * Solutions Guide" (1, 5, 7).
 *
 *   1, 5, 7 = version(2) count(2) ..., header of 16, 24 or 24 bytes, count records of 52, 48 or 52 bytes
 *   9       = 9(2) count(2) uptime(4) seconds(4) sequence(4) source(4), sets;  10 = 10(2) length(2) seconds(4) sequence(4) domain(4), sets
 *   set     = id(2: 0 to 3, or 256 and up) length(2: with these four) ...
 *
 * Evidence: records or sets that fill the datagram.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const fixed: ReadonlyMap<number, readonly [header: number, record: number, most: number]> = new Map([
  [1, [16, 52, 24]],
  [5, [24, 48, 30]],
  [7, [24, 52, 28]],
]);
const version9 = 9;
const ipfix = 10;
const setHeader = 4;
const maxSets = 512;
/** Where collectors listen. */
const ports: readonly number[] = [2055, 9995, 9996, 4739];
/** Seconds since 1970: before 1990 there was none. */
const firstTime = 631_152_000;

export function isNetflowFirst(byte: number): boolean {
  return byte === 0;
}

/** Whether sets fill `[start, end)`: at least one. */
function areSets(bytes: Uint8Array, start: number, version: number): boolean {
  let at = start;
  for (let count = 0; count < maxSets && at + setHeader <= bytes.length; count++) {
    const id = u16At(bytes, at);
    const length = u16At(bytes, at + 2);
    const isTemplate = version === version9 ? id <= 1 : id === 2 || id === 3;
    if ((!isTemplate && id < 256) || length < setHeader + 4) return false;
    at += length;
  }
  return at === bytes.length;
}

/** A datagram that was cut, on the port of a collector: its head and the first set's. */
function isCut(bytes: Uint8Array, version: number): boolean {
  const [count, seconds] = [u16At(bytes, 2), u32At(bytes, version === ipfix ? 4 : 8)];
  const most = fixed.get(version)?.[2] ?? (version === version9 || version === ipfix ? 0xffff : 0);
  return count >= 1 && count <= most && seconds > firstTime;
}

export function probeNetflow(bytes: Uint8Array, context: DissectContext): Likeness {
  const version = u16At(bytes, 0);
  if (bytes.length < 20) return "no";
  if (context.last) return ports.includes(context.serverPort) && isCut(bytes, version) ? "yes" : "no";
  const form = fixed.get(version);
  if (form !== undefined) {
    const [header, record, most] = form;
    const count = u16At(bytes, 2);
    const isTimely = u32At(bytes, 8) > firstTime;
    return count >= 1 && count <= most && bytes.length === header + count * record && isTimely ? "yes" : "no";
  }
  if (version === version9) {
    const isTimely = u32At(bytes, 8) > firstTime;
    return u16At(bytes, 2) > 0 && isTimely && areSets(bytes, 20, version) ? "yes" : "no";
  }
  return version === ipfix && u16At(bytes, 2) === bytes.length && areSets(bytes, 16, version) ? "yes" : "no";
}

export function parseNetflow(bytes: Uint8Array): Verdict {
  const version = u16At(bytes, 0);
  if (version < 1) return { kind: "notMine" };
  const facts = version === ipfix ? { version } : { version, records: u16At(bytes, 2) };
  return { kind: "match", name: version === ipfix ? "ipfix" : "netflow", facts: { netflow: facts }, complete: true };
}
