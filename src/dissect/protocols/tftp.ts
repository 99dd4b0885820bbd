/**
 * TFTP: the request's kind, file and mode.
 *
 * RFC 1350 section 5 (packets), RFC 2347 (options), RFC 7440 (windows).
 *
 *   request = 0 (1 read | 2 write) file NUL mode NUL (option NUL value NUL)*
 *   data = 3(2) block(2) bytes;  acknowledgement = 4(2) block(2);  options = 6(2) (option NUL value NUL)+
 *
 * Evidence: a request, or the options that answer one. Of a transfer whose request was not seen, data of one side that the other
 * acknowledges, by its block, twice.
 */
import { asciiText, escapeControls, hasAsciiAtIgnoringCase, indexOfByte, u16At } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import { isPrintable } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const maxName = 255;
const packet = { data: 3, acknowledgement: 4, options: 6 } as const;
const header = 4;
const options = ["blksize\0", "tsize\0", "timeout\0", "windowsize\0", "multicast\0"];
/** Blocks of one side that the other acknowledges. */
const needed = 2;

interface TftpMemory {
  /** Who sends data, and the block that came last; -1: none yet. */
  fromClient: boolean;
  block: number;
  /** The block that was acknowledged last, and how many were. */
  acknowledged: number;
  rounds: number;
}

const modes = ["octet", "netascii", "mail"];

export function isTftpFirst(byte: number): boolean {
  return byte === 0;
}

/** Offset of the mode, or -1. */
function modeAt(bytes: Uint8Array): number {
  const code = u16At(bytes, 0);
  const end = code === 1 || code === 2 ? indexOfByte(bytes, 0, 2, 2 + maxName) : -1;
  return end > 2 && isPrintable(bytes, 2, end) ? end + 1 : -1;
}

function modeText(bytes: Uint8Array, at: number): string {
  const end = indexOfByte(bytes, 0, at, at + 9);
  return end < 0 ? "" : asciiText(bytes, at, end).toLowerCase();
}

/** Whether blocks, of which the last one may be empty, and their acknowledgements go to and fro. */
function agrees(bytes: Uint8Array, context: DissectContext): boolean {
  const memory = recall<TftpMemory>(context, "tftp", () => ({
    fromClient: false,
    block: -1,
    acknowledged: -1,
    rounds: 0,
  }));
  const block = u16At(bytes, 2);
  if (u16At(bytes, 0) === packet.data) {
    if (memory.block >= 0 && memory.fromClient !== context.toServer) memory.rounds = 0;
    memory.fromClient = context.toServer;
    memory.block = block;
    return false;
  }
  const isAnswer = memory.block === block && memory.fromClient !== context.toServer && memory.acknowledged !== block;
  if (isAnswer) {
    memory.acknowledged = block;
    memory.rounds++;
  }
  return isAnswer && memory.rounds >= needed;
}

function isTransfer(bytes: Uint8Array): boolean {
  const code = u16At(bytes, 0);
  return (
    (code === packet.data && bytes.length >= header) || (code === packet.acknowledgement && bytes.length === header)
  );
}

function areOptions(bytes: Uint8Array): boolean {
  const isKnown = options.some((option) => hasAsciiAtIgnoringCase(bytes, 2, option));
  return u16At(bytes, 0) === packet.options && isKnown && bytes[bytes.length - 1] === 0;
}

export function probeTftp(bytes: Uint8Array): Likeness {
  if (areOptions(bytes) || isTransfer(bytes)) return "yes";
  const at = modeAt(bytes);
  return at > 0 && modes.includes(modeText(bytes, at)) ? "yes" : "no";
}

export function parseTftp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (areOptions(bytes)) return { kind: "match", name: "tftp", facts: { tftp: { packet: "options" } }, complete: true };
  if (isTransfer(bytes)) {
    if (!agrees(bytes, context)) return { kind: "needMore", bytes: header };
    return { kind: "match", name: "tftp", facts: { tftp: { packet: "data" } }, complete: true };
  }
  const at = modeAt(bytes);
  if (at < 0 || !context.toServer) return { kind: "notMine" };
  // The server answers from a port of its own choice (section 4).
  context.onExpect?.({ transport: "udp", host: "client", port: context.clientPort, name: "tftp" });
  const kind = u16At(bytes, 0) === 1 ? "read" : "write";
  const file = escapeControls(asciiText(bytes, 2, at - 1, maxName));
  return {
    kind: "match",
    name: "tftp",
    facts: { tftp: { packet: kind, file, mode: modeText(bytes, at) } },
    complete: true,
  };
}
