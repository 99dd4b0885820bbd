/**
 * L2TP control messages over UDP: the message and the names of both hosts. (Data messages are followed as tunnels.)
 *
 * RFC 2661 sections 3.1 (header), 4.1 (AVPs), 4.4 (types); RFC 3931 section 3.2.1 (version 3).
 *
 *   header = 0xC8(1: type, length and sequence bits) version(1: 2 | 3) length(2) tunnel(2) session(2) | connection(4)  sent(2) received(2)
 *   AVP    = flags(6 bits) length(10 bits) vendor(2) attribute(2) value;  the first is 0x80 8 0 0 type(2)
 *
 * Evidence: the header's bits, the datagram's length, and AVPs that fill it; an acknowledgement has none.
 */
import { asciiText, escapeControls, u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const headerLength = 12;
const flags = 0xc8;
const messages = "_ sccrq sccrp scccn stopccn _ hello ocrq ocrp occn icrq icrp iccn _ cdn wen sli".split(" ");
const maxAvps = 64;
const hostName = 7;
const vendorName = 8;
const port = 1701;

export function isL2tpFirst(byte: number): boolean {
  return byte === flags;
}

/** Offset behind the last AVP that is whole. */
function walk(bytes: Uint8Array, found: (attribute: number, at: number, end: number) => void): number {
  let at = headerLength;
  for (let count = 0; count < maxAvps && at + 6 <= bytes.length; count++) {
    const head = u16At(bytes, at);
    const length = head & 0x3ff;
    // Reserved bits of the flags are zero.
    if ((head & 0x3c00) !== 0 || length < 6 || at + length > bytes.length) return at;
    const isHidden = (head & 0x4000) !== 0;
    if (u16At(bytes, at + 2) === 0 && !isHidden) found(u16At(bytes, at + 4), at + 6, at + length);
    at += length;
  }
  return at;
}

function messageOf(bytes: Uint8Array): string | undefined {
  if (u16At(bytes, headerLength) !== 0x8008 || u16At(bytes, headerLength + 2) !== 0) return undefined;
  const name = u16At(bytes, headerLength + 4) === 0 ? messages[u16At(bytes, headerLength + 6)] : undefined;
  return name === "_" ? undefined : name;
}

export function probeL2tp(bytes: Uint8Array, context: DissectContext): Likeness {
  const version = bytes[1];
  const length = u16At(bytes, 2);
  if (bytes[0] !== flags || (version !== 2 && version !== 3) || length < headerLength) return "no";
  if (length !== bytes.length && !(context.last && length > bytes.length)) return "no";
  if (length === headerLength) return context.serverPort === port || context.clientPort === port ? "yes" : "no";
  if (messageOf(bytes) === undefined) return "no";
  return walk(bytes, () => undefined) === bytes.length || context.last ? "yes" : "no";
}

export function parseL2tp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (bytes.length < headerLength || bytes[0] !== flags) return { kind: "notMine" };
  const l2tp: Record<string, unknown> = { version: bytes[1]! };
  const message = messageOf(bytes);
  if (message !== undefined) l2tp["message"] = message;
  const side = context.toServer ? "client" : "server";
  walk(bytes, (attribute, at, end) => {
    const text = (): string => escapeControls(asciiText(bytes, at, end, 128));
    if (attribute === hostName) l2tp[`${side}_host`] = text();
    if (attribute === vendorName) l2tp[`${side}_vendor`] = text();
  });
  return { kind: "match", name: "l2tp", facts: { l2tp }, complete: message === "icrp" || message === "iccn" };
}
