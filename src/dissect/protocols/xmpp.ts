/**
 * XMPP: which domain is spoken to, and whether the stream goes over to TLS. No addresses of people, no stanzas' content.
 *
 * RFC 6120 sections 4.7 (stream attributes), 4.8 (namespaces), 5.4.2 (STARTTLS), 8 (stanzas); XEP-0198 (acknowledgements).
 *
 *   open  = ["<?xml" ... "?>"] "<stream:stream" attributes ">", with xmlns:stream="http://etherx.jabber.org/streams"
 *   TLS   = client "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", server "<proceed xmlns=... />", then TLS
 *
 * Evidence: the stream's namespace in the opening tag; of a stream that was joined in its middle, an element with a
 * namespace of XMPP, a stanza with the attributes it must have on a port of XMPP, or the stream's closing tag.
 */
import { asciiText, escapeControls, indexOfAscii, indexOfByte } from "../../bytes/index.ts";
import { startsWithWord, undecided } from "../text-line.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const openings = ["<?xml ", "<stream:stream "];
const streamTag = "<stream:stream";
const streamNamespace = "http://etherx.jabber.org/streams";
const tlsNamespace = "urn:ietf:params:xml:ns:xmpp-tls";
const closing = "</stream:stream>";
/** What a stream consists of; with what must follow the name. */
const stanzas = ["iq", "message", "presence"].flatMap((name) => [`<${name} `, `<${name}>`, `<${name}/`]);
const elements = [
  ...stanzas,
  ..."auth challenge response success failure starttls proceed stream:features stream:error enable enabled resume resumed r a"
    .split(" ")
    .flatMap((name) => [`<${name} `, `<${name}>`]),
];
const namespaces = [
  "jabber:",
  "http://jabber.org/protocol/",
  "http://jabber.org/features/",
  "http://etherx.jabber.org/streams",
  "urn:xmpp:",
  "urn:ietf:params:xml:ns:xmpp-",
];
const xmppPorts: readonly number[] = [5222, 5223, 5269, 5298];
const maxOpening = 1024;
const maxText = 8192;
const greaterThan = 0x3e;
const slash = 0x2f;

export function isXmppFirst(byte: number): boolean {
  return byte === 0x3c;
}

/** Whether a namespace of XMPP is declared within the first elements. */
function hasNamespace(bytes: Uint8Array): boolean {
  const text = asciiText(bytes, 0, bytes.length, maxOpening);
  for (const match of text.matchAll(/\sxmlns(?::\w{1,32})?=['"]/g)) {
    const start = match.index + match[0].length;
    if (namespaces.some((namespace) => text.startsWith(namespace, start))) return true;
  }
  return false;
}

/** RFC 6120 section 8.1: what tells a stanza's tag from another element of its name; section 8.2.3: an IQ has both. */
function isStanza(bytes: Uint8Array): boolean {
  if (startsWithWord(bytes, stanzas) !== "yes") return false;
  const close = indexOfByte(bytes, greaterThan, 0, maxOpening);
  const tag = asciiText(bytes, 0, close < 0 ? bytes.length : close, maxOpening);
  if (tag.startsWith("<iq")) return /\sid=['"]/.test(tag) && /\stype=['"](?:get|set|result|error)['"]/.test(tag);
  if (tag.startsWith("<presence") && /^<presence\s{0,4}\/?$/.test(tag)) return true;
  return /\s(?:to|from|type|id|xml:lang)=['"]/.test(tag);
}

/** What is said of bytes that do not open a stream. */
function probeMiddle(bytes: Uint8Array, context: DissectContext): Likeness {
  const closes = startsWithWord(bytes, [closing]);
  if (closes === "yes") return "yes";
  const element = startsWithWord(bytes, elements);
  if (element === "yes") {
    if (hasNamespace(bytes)) return "yes";
    const isOwn = xmppPorts.includes(context.serverPort) || xmppPorts.includes(context.clientPort);
    if (isOwn && indexOfByte(bytes, greaterThan, 0, maxOpening) > 0 && isStanza(bytes)) return "yes";
    return bytes.length >= maxOpening ? "no" : undecided(context.last);
  }
  return element === "more" || closes === "more" ? undecided(context.last) : "no";
}

export function probeXmpp(bytes: Uint8Array, context: DissectContext): Likeness {
  const opening = startsWithWord(bytes, openings);
  if (opening !== "yes") {
    const middle = probeMiddle(bytes, context);
    return middle === "no" && opening === "more" ? undecided(context.last) : middle;
  }
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
  // Authentication in clear, or what follows it: TLS does not.
  const isOpen = (context.toServer && indexOfAscii(bytes, "<auth ", 0, maxText) > 0) || isStanza(bytes);
  return { kind: "match", name: "xmpp", facts, complete: isOpen };
}
