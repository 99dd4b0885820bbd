/**
 * DCE/RPC over TCP: which interface is bound, or how the first packet goes on. No names, no arguments.
 *
 * The Open Group C706 section 12.6 (connection-oriented packets) and chapter 14 (data representation); [MS-RPCE] section 2.2.2.
 *
 *   header = 5 minor(1: 0 or 1) type(1) flags(1) representation(4) length(2: of all) auth_length(2) call(4)
 *   bind   = header max_sent(2) max_received(2) group(4) contexts(1) 0(3) (context(2) n(1) 0(1) interface(16) version(4) ...)*
 *
 * Evidence: the header's constants, a representation that exists, and a length that comes out at the end of what was sent or at
 * another header.
 */
import { u16At, u16LittleAt } from "../../bytes/index.ts";
import { undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const major = 5;
const headerLength = 16;
const bindTypes: readonly number[] = [11, 14];
const interfaceAt = 32;
const uuidLength = 16;
/** Types of connection-oriented packets. */
const types: ReadonlyMap<number, string> = new Map([
  [0, "request"],
  [2, "response"],
  [3, "fault"],
  [11, "bind"],
  [12, "bind_ack"],
  [13, "bind_nak"],
  [14, "alter_context"],
  [15, "alter_context_response"],
  [16, "auth3"],
  [17, "shutdown"],
  [18, "cancel"],
  [19, "orphaned"],
]);
/** Well-known interfaces ([MS-RPCE] and the documents of each), by the UUID's text. */
const interfaces: ReadonlyMap<string, string> = new Map([
  ["e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epmapper"],
  ["12345678-1234-abcd-ef00-01234567cffb", "netlogon"],
  ["12345778-1234-abcd-ef00-0123456789ab", "lsarpc"],
  ["12345778-1234-abcd-ef00-0123456789ac", "samr"],
  ["e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi"],
  ["4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc"],
  ["6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc"],
  ["367abb81-9844-35f1-ad32-98f038001003", "svcctl"],
  ["338cd001-2244-31f1-aaaa-900038001003", "winreg"],
  ["12345678-1234-abcd-ef00-0123456789ab", "spoolss"],
  ["86d35949-83c9-4044-b424-db363231fd0c", "schrpc"],
  ["1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc"],
  ["99fcfec4-5260-101b-bbcb-00aa0021347a", "ioxidresolver"],
  ["000001a0-0000-0000-c000-000000000046", "iremotescmactivator"],
  ["00000131-0000-0000-c000-000000000046", "iremunknown"],
  ["82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog"],
  ["f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "even6"],
  ["4fc742e0-4a10-11cf-8273-00aa004ae673", "netdfs"],
  ["50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver"],
]);

export function isDcerpcFirst(byte: number): boolean {
  return byte === major;
}

/** Chapter 14: integers and characters in one byte, floats in the next, then nothing. */
function isHeaderAt(bytes: Uint8Array, at: number): boolean {
  const fixed = bytes[at] === major && bytes[at + 1]! <= 1 && types.has(bytes[at + 2]!);
  const representation = bytes[at + 4]! & ~0x11;
  return fixed && representation === 0 && bytes[at + 5]! <= 3 && bytes[at + 6] === 0 && bytes[at + 7] === 0;
}

function lengthOf(bytes: Uint8Array, at: number): number {
  return isLittle(bytes) ? u16LittleAt(bytes, at) : u16At(bytes, at);
}

function isLittle(bytes: Uint8Array): boolean {
  return (bytes[4]! & 0x10) !== 0;
}

export function probeDcerpc(bytes: Uint8Array, context: DissectContext): Likeness {
  const [version = major, minor = 0, type = 0] = bytes;
  if (version !== major || minor > 1 || !types.has(type)) return "no";
  if (bytes.length < headerLength) return undecided(context.last);
  const length = lengthOf(bytes, 8);
  const authentication = lengthOf(bytes, 10);
  if (!isHeaderAt(bytes, 0) || length < headerLength || authentication > length - headerLength) return "no";
  if (bindTypes.includes(type) && length < interfaceAt + uuidLength) return "no";
  if (bytes.length === length) return "yes";
  if (bytes.length < length) return bindTypes.includes(type) || context.last ? "yes" : "more";
  return bytes.length < length + 8 ? undecided(context.last) : isHeaderAt(bytes, length) ? "yes" : "no";
}

const hex = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (let at = from; at < to; at++) text += bytes[at]!.toString(16).padStart(2, "0");
  return text;
};

/** The interface of a bind's first context; its first three fields have the packet's byte order. */
function interfaceOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < interfaceAt + uuidLength) return undefined;
  const uuid = bytes.slice(interfaceAt, interfaceAt + uuidLength);
  if (isLittle(bytes)) {
    uuid.subarray(0, 4).reverse();
    uuid.subarray(4, 6).reverse();
    uuid.subarray(6, 8).reverse();
  }
  const text = [hex(uuid, 0, 4), hex(uuid, 4, 6), hex(uuid, 6, 8), hex(uuid, 8, 10), hex(uuid, 10, 16)].join("-");
  return interfaces.get(text) ?? text;
}

export function parseDcerpc(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength) return { kind: "needMore", bytes: headerLength };
  const packet = isHeaderAt(bytes, 0) ? types.get(bytes[2]!) : undefined;
  if (packet === undefined) return { kind: "notMine" };
  const isBind = bindTypes.includes(bytes[2]!);
  if (isBind && bytes.length < interfaceAt + uuidLength && !context.last)
    return { kind: "needMore", bytes: interfaceAt + uuidLength };
  const bound = isBind ? interfaceOf(bytes) : undefined;
  const dcerpc: Record<string, unknown> = { packet };
  if (bound !== undefined) dcerpc["interface"] = bound;
  return { kind: "match", name: "dcerpc", facts: { dcerpc }, complete: true };
}
