/**
 * Remote Desktop over UDP: that a connection is opened. (What follows is TLS or DTLS inside.)
 *
 * [MS-RDPEUDP] sections 2.2.2.1 (header), 2.2.2.5 (SYN), 3.1.5.1.1 (the SYN is padded to the path's size).
 *
 *   header = last_received(4) window(2) flags(2);  SYN = 0xFFFFFFFF window 0x..01, then sequence(4) up_mtu(2) down_mtu(2) ... zeros
 *
 * Evidence: the SYN's flags, both sizes within what is allowed, and a datagram of 1,232 bytes, or 1,132 at the least.
 */
import { u16At, u32At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const flag = { syn: 0x0001, fin: 0x0002, ack: 0x0004 } as const;
const lastFlag = 0x1fff;
const none = 0xffff_ffff;
const leastSize = 1132;
const largestSize = 1232;

export function probeRdpUdp(bytes: Uint8Array): Likeness {
  if (bytes.length < leastSize || bytes.length > largestSize) return "no";
  const flags = u16At(bytes, 6);
  if ((flags & flag.syn) === 0 || (flags & flag.fin) !== 0 || flags > lastFlag) return "no";
  // Who opens has received nothing; who answers acknowledges.
  const isAnswer = (flags & flag.ack) !== 0;
  if ((u32At(bytes, 0) === none) === isAnswer) return "no";
  const [up, down] = [u16At(bytes, 12), u16At(bytes, 14)];
  const areSizes = up >= leastSize && up <= largestSize && down >= leastSize && down <= largestSize;
  return areSizes && bytes.subarray(-256).every((byte) => byte === 0) ? "yes" : "no";
}

export function parseRdpUdp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeRdpUdp(bytes) !== "yes") return { kind: "notMine" };
  return { kind: "match", name: "rdp", facts: { rdp: { transport: "udp" } }, complete: !context.toServer };
}
