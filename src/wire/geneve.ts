/**
 * Geneve (RFC 8926 section 3.4; UDP 6081).
 *
 *     Ver (2) | option length (6, of 4 bytes) | O C reserved (6) | protocol type (2) | VNI (3) | reserved (1) | options
 *     option  class (2) | type (1) | reserved (3), length (5, of 4 bytes) | data
 */
import { etherType } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { plausibleEthernet, plausibleIp } from "./plausible.ts";
import { u16, u32 } from "./read.ts";

const none = -1;
const headerLength = 8;

/** EtherType of the packet inside the UDP payload at `offset`, or -1: it is no Geneve, or a control packet. */
export function decodeGeneve(packet: Packet, offset: number): number {
  if (packet.capturedEnd - offset < headerLength) return none;
  const bytes = packet.bytes;
  // Version 0; O (control) and C (critical options) may be set; the rest is sent as zero.
  if (bytes[offset]! > 0x3f || (bytes[offset + 1]! & 0x3f) !== 0 || bytes[offset + 7] !== 0) return none;
  const start = offset + headerLength;
  const end = start + bytes[offset]! * 4;
  if (packet.capturedEnd < end || !optionsEndAt(bytes, start, end)) return none;
  const type = u16(bytes, offset + 2);
  const inner = type === etherType.transparentEthernet ? plausibleEthernet(packet, end) : plausibleIp(packet, end);
  if (inner !== type) return none;
  packet.setTunnel("geneve", u32(bytes, offset + 4) >>> 8, end);
  return inner;
}

/** True when the options fill their room exactly: at most 63, each of 4 bytes or more. */
function optionsEndAt(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) at += 4 + (bytes[at + 3]! & 0x1f) * 4;
  return at === end;
}
