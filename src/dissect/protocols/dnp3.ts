/**
 * DNP3: the link addresses, who is master, and what is asked. No points, no values.
 *
 * IEEE 1815-2012 sections 9.2 (data link frame) and 4.2.2 (application function codes).
 *
 *   frame = 05 64 length(1: 5-255, without CRCs) control(1) destination(2) source(2) CRC(2) (data(1-16) CRC(2))*
 *   data  = transport(1) application-control(1) function(1) ...;  all little-endian
 *
 * Evidence: the start octets and a CRC of the header that is right.
 */
import { u16LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 10;
const fromMaster = 0x80;
const firstFragment = 0x40;
const functions: ReadonlyMap<number, string> = new Map([
  [0, "confirm"],
  [1, "read"],
  [2, "write"],
  [3, "select"],
  [4, "operate"],
  [5, "direct_operate"],
  [6, "direct_operate_no_response"],
  [13, "cold_restart"],
  [14, "warm_restart"],
  [18, "stop_application"],
  [20, "enable_unsolicited"],
  [21, "disable_unsolicited"],
  [22, "assign_class"],
  [23, "delay_measurement"],
  [24, "record_current_time"],
  [25, "open_file"],
  [26, "close_file"],
  [129, "response"],
  [130, "unsolicited_response"],
]);

export function isDnp3First(byte: number): boolean {
  return byte === 0x05;
}

/** CRC-16/DNP: polynomial 0x3D65 reflected, complement of the remainder (section 9.2.5). */
function crc16Dnp(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at]!;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa6bc : crc >> 1;
  }
  return crc ^ 0xffff;
}

export function probeDnp3(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length > 1 && bytes[1] !== 0x64) return "no";
  if (bytes.length > 2 && bytes[2]! < 5) return "no";
  if (bytes.length < headerLength) return undecided(context.last || context.transport === "udp");
  return u16LittleAt(bytes, 8) === crc16Dnp(bytes, 0, 8) ? "yes" : "no";
}

export function parseDnp3(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  if (u16LittleAt(bytes, 8) !== crc16Dnp(bytes, 0, 8)) return { kind: "malformed", reason: "dnp3 header: wrong CRC" };
  const isMaster = (bytes[3]! & fromMaster) !== 0;
  const destination = u16LittleAt(bytes, 4);
  const source = u16LittleAt(bytes, 6);
  const dnp3: Record<string, unknown> = {
    master: isMaster ? source : destination,
    outstation: isMaster ? destination : source,
    client: isMaster === context.toServer ? "master" : "outstation",
  };
  const isApplication = bytes.length > headerLength + 3 && (bytes[headerLength]! & firstFragment) !== 0;
  const called = isApplication && bytes[2]! >= 8 ? functions.get(bytes[headerLength + 2]!) : undefined;
  if (called !== undefined) dnp3[isMaster ? "request" : "response"] = called;
  return { kind: "match", name: "dnp3", facts: { dnp3 }, complete: called !== undefined && !isMaster };
}
