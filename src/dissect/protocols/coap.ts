/**
 * CoAP: method, path and answer.
 *
 * RFC 7252 section 3.
 *
 *   1(2 bits) type(2) token length(4: 0-8) code(1: class.detail) message id(2) token options [0xff payload]
 *   option = delta(4) length(4) [more delta] [more length] value
 *
 * Evidence: options that end where the payload or the datagram does. On ports that are not CoAP's a request, and the answer that
 * repeats its message id (section 5.2.1) and its token.
 */
import { equalBytes, escapeControls, u16At, utf8Text } from "../../bytes/index.ts";
import { recall } from "../flow-memory.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const port = 5683;
export const coapMethods = ["", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"];
const uriPath = 11;
const marker = 0xff;
const longestPath = 256;
const acknowledgement = 2;

interface CoapMemory {
  /** Message id, code and token of the other side's last request. */
  readonly asked: [Uint8Array | undefined, Uint8Array | undefined];
}

const isOwnPort = (context: DissectContext): boolean => context.serverPort === port || context.clientPort === port;

export function isCoapFirst(byte: number): boolean {
  return byte >> 6 === 1 && (byte & 0xf) <= 8;
}

/** Length of an option's delta or length with its extension (section 3.1); `bytes` of the extension, -1 if cut or reserved. */
function extended(bytes: Uint8Array, nibble: number, at: number): { value: number; bytes: number } {
  if (nibble < 13) return { value: nibble, bytes: 0 };
  if (nibble === 13) return at < bytes.length ? { value: bytes[at]! + 13, bytes: 1 } : { value: 0, bytes: -1 };
  const more = nibble === 14 ? u16At(bytes, at) : -1;
  return more < 0 ? { value: 0, bytes: -1 } : { value: more + 269, bytes: 2 };
}

/** The path of the options that begin at `start`; undefined when they are not well formed. */
export function readPath(bytes: Uint8Array, start = 4 + (bytes[0]! & 0xf)): string | undefined {
  let at = start;
  let option = 0;
  let path = "";
  if (at > bytes.length) return undefined;
  while (at < bytes.length) {
    const head = bytes[at++]!;
    if (head === marker) return at < bytes.length ? path : undefined;
    const delta = extended(bytes, head >> 4, at);
    if (delta.bytes < 0) return undefined;
    const length = extended(bytes, head & 0xf, at + delta.bytes);
    if (length.bytes < 0) return undefined;
    option += delta.value;
    // IANA's registry, "CoAP Option Numbers": 0 is reserved. Drafts of the RFC had other numbers than it has.
    if (option === 0) return undefined;
    const value = at + delta.bytes + length.bytes;
    at = value + length.value;
    if (at > bytes.length) return undefined;
    if (option === uriPath && path.length < longestPath) path += `/${escapeControls(utf8Text(bytes, value, at, 64))}`;
  }
  return path;
}

export function probeCoap(bytes: Uint8Array, context: DissectContext): Likeness {
  if (bytes.length < 4) return "no";
  // Without a token an id of two bytes would be all that an answer repeats.
  if (!isOwnPort(context) && ((bytes[0]! & 0xf) === 0 || bytes[1] === 0)) return "no";
  const code = bytes[1]!;
  // An empty message, an acknowledgement for one, is its four bytes.
  if (code === 0) return bytes.length === 4 && (bytes[0]! & 0xf) === 0 ? "yes" : "no";
  const kind = code >> 5;
  if (kind === 0 ? coapMethods[code] === undefined : kind !== 2 && kind !== 4 && kind !== 5) return "no";
  return readPath(bytes) === undefined ? "no" : "yes";
}

/** Whether this answers what the other side asked; a request is remembered. */
function answers(bytes: Uint8Array, context: DissectContext): boolean {
  const { asked } = recall<CoapMemory>(context, "coap", () => ({ asked: [undefined, undefined] }));
  const end = 4 + (bytes[0]! & 0xf);
  const kind = (bytes[0]! >> 4) & 3;
  if (bytes[1]! >> 5 === 0) {
    // Confirmable, or not: nothing else asks.
    if (kind < acknowledgement) asked[context.toServer ? 0 : 1] = bytes.slice(0, end);
    return false;
  }
  const request = asked[context.toServer ? 1 : 0];
  return kind === acknowledgement && request?.length === end && equalBytes(request, 2, bytes, 2, end - 2);
}

export function parseCoap(bytes: Uint8Array, context: DissectContext): Verdict {
  const code = bytes[1];
  if (code === undefined) return { kind: "notMine" };
  if (!isOwnPort(context)) {
    if (probeCoap(bytes, context) !== "yes") return { kind: "notMine" };
    if (!answers(bytes, context)) return { kind: "needMore", bytes: bytes.length };
  }
  const coap: Record<string, unknown> = {};
  const isAnswer = code >> 5 >= 2;
  const path = code === 0 ? undefined : readPath(bytes);
  if (isAnswer) coap["code"] = `${code >> 5}.${String(code & 0x1f).padStart(2, "0")}`;
  else if (code > 0) coap["method"] = coapMethods[code];
  if (!isAnswer && path !== undefined && path !== "") coap["path"] = path;
  return { kind: "match", name: "coap", facts: { coap }, complete: isAnswer };
}
