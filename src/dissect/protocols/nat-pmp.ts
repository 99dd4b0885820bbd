/**
 * NAT-PMP and PCP: what is asked of the router and how it answers. No addresses.
 *
 * RFC 6886 section 3 (NAT-PMP), RFC 6887 sections 7 (PCP), 11 and 12 (MAP, PEER).
 *
 *   NAT-PMP = 0(1) opcode(1: 0-2, of an answer + 128) ...: 2 or 12 bytes to the router, 12 or 16 from it
 *   PCP     = 2(1) opcode(1: 0-3, of an answer + 128) 0(2) lifetime(4) client(16) data options: 24 to 1100 bytes, a multiple of 4
 *
 * Evidence: these lengths for these codes; too little for any ports but 5350 and 5351.
 */
import { u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const ports = [5351, 5350];
const answer = 0x80;
const pcp = 2;
const opcodes = ["external_address", "map_udp", "map_tcp"];
const pcpOpcodes = ["announce", "map", "peer", "authentication"];
const requestLengths = [2, 12, 12];
const answerLengths = [12, 16, 16];
const pcpBody = [0, 36, 56, 0];
const pcpHeader = 24;
const maxPcp = 1100;

export function isNatpmpFirst(byte: number): boolean {
  return byte === 0 || byte === pcp;
}

export function probeNatpmp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (!ports.includes(context.serverPort) && !ports.includes(context.clientPort)) return "no";
  const code = bytes[1] ?? 0xff;
  const isAnswer = (code & answer) !== 0;
  const operation = code & ~answer;
  if (bytes[0] === 0) return (isAnswer ? answerLengths : requestLengths)[operation] === bytes.length ? "yes" : "no";
  const body = pcpBody[operation];
  if (body === undefined || bytes.length < pcpHeader + body || bytes.length > maxPcp || bytes.length % 4 !== 0)
    return "no";
  // Reserved: two bytes of a request, one of an answer; then the result code.
  return (isAnswer ? bytes[2] : u16At(bytes, 2)) === 0 ? "yes" : "no";
}

export function parseNatpmp(bytes: Uint8Array): Verdict {
  if (bytes.length < 2) return { kind: "notMine" };
  const isPcp = bytes[0] === pcp;
  const code = bytes[1]!;
  const natpmp: Record<string, unknown> = { version: isPcp ? "pcp" : "nat-pmp" };
  const operation = (isPcp ? pcpOpcodes : opcodes)[code & ~answer];
  if (operation !== undefined) natpmp["operation"] = operation;
  if ((code & answer) !== 0) natpmp["result"] = isPcp ? (bytes[3] ?? 0) : Math.max(u16At(bytes, 2), 0);
  return { kind: "match", name: "nat-pmp", facts: { natpmp }, complete: (code & answer) !== 0 };
}
