/**
 * XMPP: which domain is spoken to, and whether the stream goes over to TLS. No addresses of people, no stanzas.
 *
 * RFC 6120 sections 4.7 (stream attributes), 4.8 (namespaces), 5.4.2 (STARTTLS).
 *
 *   open  = ["<?xml" ... "?>"] "<stream:stream" attributes ">", with xmlns:stream="http://etherx.jabber.org/streams"
 *   TLS   = client "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", server "<proceed xmlns=... />", then TLS
 *
 * Evidence: the stream's namespace in the opening tag.
 */
import { asciiText, escapeControls, indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const openings = ["<?xml ", "<stream:stream "];
const streamTag = "<stream:stream";
const streamNamespace = "http://etherx.jabber.org/streams";
const tlsNamespace = "urn:ietf:params:xml:ns:xmpp-tls";
const maxOpening = 1024;
const maxText = 8192;
const greaterThan = 0x3e;
const slash = 0x2f;

export function isXmppFirst(byte: number): boolean {
  return byte === 0x3c;
}

export function probeXmpp(bytes: Uint8Array, context: DissectContext): Likeness {
  const opening = startsWithWord(bytes, openings);
  if (opening !== "yes") return opening === "more" ? undecided(context.last) : "no";
  const tag = indexOfAscii(bytes, streamTag, 0, maxOpening);
  if (tag >= 0 && indexOfAscii(bytes, streamNamespace, tag, maxOpening) > 0) return "yes";
  const isOver = bytes.length >= maxOpening || (tag >= 0 && indexOfByte(bytes, greaterThan, tag) > 0);
  return isOver ? "no" : undecided(context.last);
}

/** Offset behind the element `tag` of the TLS namespace, or -1 when it is not (wholly) there. */
function endOfElement(bytes: Uint8Array, tag: string): number {
  const start = indexOfAscii(bytes, `<${tag}`, 0, maxText);
  const close = start < 0 ? -1 : indexOfByte(bytes, greaterThan, start, maxText);
  if (close < 0 || indexOfAscii(bytes, tlsNamespace, start, close) < 0) return -1;
  if (bytes[close - 1] === slash) return close + 1;
  const end = indexOfAscii(bytes, `</${tag}>`, close, maxText);
  return end < 0 ? -1 : end + tag.length + 3;
}

export function parseXmpp(bytes: Uint8Array, context: DissectContext): Verdict {
  const tag = indexOfAscii(bytes, streamTag, 0, maxOpening);
  const xmpp: Record<string, unknown> = {};
  if (tag >= 0) {
    const close = indexOfByte(bytes, greaterThan, tag, tag + maxOpening);
    const text = asciiText(bytes, tag, close < 0 ? bytes.length : close, maxOpening);
    const attribute = (name: string): string | undefined =>
      new RegExp(`\\s${name}=(?:'([^'<]{1,255})'|"([^"<]{1,255})")`).exec(text)?.slice(1).find(Boolean);
    const peer = attribute(context.toServer ? "to" : "from");
    // The local part of an address is a person.
    if (peer !== undefined) xmpp[context.toServer ? "to" : "from"] = escapeControls(peer.replace(/^.*@/, ""));
    const namespace = attribute("xmlns");
    if (namespace?.startsWith("jabber:") === true) xmpp["stream"] = escapeControls(namespace.slice(7, 40));
  }
  const handover = endOfElement(bytes, context.toServer ? "starttls" : "proceed");
  const facts = { xmpp };
  if (handover > 0) {
    xmpp["starttls"] = true;
    return { kind: "match", name: "xmpp", facts, complete: false, handover };
  }
  // Authentication in clear: TLS does not follow.
  const isOpen = context.toServer && indexOfAscii(bytes, "<auth ", 0, maxText) > 0;
  return { kind: "match", name: "xmpp", facts, complete: isOpen };
}
