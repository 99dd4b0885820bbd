/**
 * WS-Discovery: what is announced or looked for.
 *
 * OASIS WS-Discovery 1.1 sections 2.4 (addresses), 4 to 6 (messages), and the 2005/04 submission it comes from: a SOAP
 * envelope in a datagram.
 *
 *   <soap:Envelope ...><soap:Header><wsa:Action>namespace "/" message</wsa:Action> ... <wsd:Types>names</wsd:Types>
 *
 * Evidence: XML that carries one of the two namespaces as the start of an action.
 */
import { asciiText, escapeControls, indexOfAscii } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const namespaces = [
  "http://schemas.xmlsoap.org/ws/2005/04/discovery/",
  "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/",
];
const messages = ["Hello", "Bye", "ProbeMatches", "Probe", "ResolveMatches", "Resolve"];
const maxText = 4096;

export function isWsdFirst(byte: number): boolean {
  return byte === 0x3c || byte === 0xef;
}

/** Offset behind the action's namespace, or -1. */
function actionAt(bytes: Uint8Array): number {
  for (const namespace of namespaces) {
    let at = indexOfAscii(bytes, namespace, 0, maxText);
    for (let tries = 0; at > 0 && tries < 8; tries++) {
      const after = at + namespace.length;
      if (messages.some((message) => indexOfAscii(bytes, message, after, after + message.length) === after))
        return after;
      at = indexOfAscii(bytes, namespace, after, maxText);
    }
  }
  return -1;
}

export function probeWsd(bytes: Uint8Array): Likeness {
  return indexOfAscii(bytes, "Envelope", 0, 256) > 0 && actionAt(bytes) > 0 ? "yes" : "no";
}

export function parseWsd(bytes: Uint8Array, context: DissectContext): Verdict {
  const at = actionAt(bytes);
  if (at < 0) return { kind: "notMine" };
  const after = asciiText(bytes, at, at + 16);
  const wsd: Record<string, unknown> = { action: messages.find((message) => after.startsWith(message)) };
  const types = /<(?:\w{1,16}:)?Types[^>]{0,512}>([^<]{1,255})</.exec(asciiText(bytes, 0, bytes.length, maxText))?.[1];
  if (types !== undefined) wsd["types"] = escapeControls(types.trim());
  return { kind: "match", name: "wsd", facts: { wsd }, complete: !context.toServer };
}
