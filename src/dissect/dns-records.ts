/** Names and record data of DNS messages as text. RFC 1035 sections 3.1 and 4.1.4, RFC 9460 section 2.2. */
import { escapeControls, utf8Text, u16At } from "../bytes/index.ts";
import { formatAddress } from "../model/index.ts";
import { recordType } from "./dns-types.ts";
import type { DnsAnswer } from "../model/index.ts";

/** RFC 1035 section 2.3.4: octets of a name, lengths included. */
const maxName = 255;
const maxLabel = 63;
/** Pointers followed within one name: more than a name has labels would be idle. */
const maxPointers = 32;
const maxText = 255;
const maxAliases = 16;

/**
 * Offset behind the name at `at`, -1 when it is no name, -2 when it is cut off. Only labels and the first pointer are
 * looked at; a pointer must point backwards.
 */
export function nameEnd(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < bytes.length) {
    const length = bytes[next]!;
    if (length === 0) return next - at < maxName ? next + 1 : -1;
    if (length >= 0xc0) {
      if (next + 2 > bytes.length) return -2;
      const target = ((length & 0x3f) << 8) | bytes[next + 1]!;
      return target < next && target >= 12 ? next + 2 : -1;
    }
    if (length > maxLabel) return -1;
    next += 1 + length;
    if (next - at >= maxName) return -1;
  }
  return -2;
}

/** One label as text: a dot or backslash in it is escaped as RFC 4343 section 2.1 says. */
function labelText(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8Text(bytes, start, end, maxLabel);
  return escapeControls(text).replaceAll(".", "\\.");
}

/** The name at `at` without its last dot, "." for the root; as far as it can be read. */
export function nameText(bytes: Uint8Array, at: number): string {
  let text = "";
  let octets = 0;
  let next = at;
  let limit = at;
  for (let pointers = 0; next < bytes.length;) {
    const length = bytes[next]!;
    if (length === 0) break;
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (bytes[next + 1] ?? 0);
      // Strictly backwards, each time further: so it ends.
      if (target >= limit || ++pointers > maxPointers) break;
      limit = target;
      next = target;
      continue;
    }
    const end = next + 1 + length;
    octets += 1 + length;
    if (length > maxLabel || end > bytes.length || octets >= maxName) break;
    text += text === "" ? labelText(bytes, next + 1, end) : `.${labelText(bytes, next + 1, end)}`;
    next = end;
  }
  return text === "" ? "." : text;
}

/** Character strings of a TXT record, joined. */
function joinedStrings(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end && text.length < maxText;) {
    const length = bytes[at]!;
    text += utf8Text(bytes, at + 1, Math.min(at + 1 + length, end), maxText - text.length);
    at += 1 + length;
  }
  return escapeControls(text);
}

/** "1 . alpn=h2,h3": priority, target and the ALPN names; other parameters are left out. */
function serviceText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = nameEnd(bytes, start + 2);
  if (at < 0 || at > end) return undefined;
  const text = `${u16At(bytes, start)} ${nameText(bytes, start + 2)}`;
  while (at + 4 <= end) {
    const key = u16At(bytes, at);
    const from = at + 4;
    const to = from + u16At(bytes, at + 2);
    if (to > end) break;
    if (key === 1) return `${text} alpn=${alpnList(bytes, from, to)}`;
    at = to;
  }
  return text;
}

function alpnList(bytes: Uint8Array, start: number, end: number): string {
  const names: string[] = [];
  for (let at = start; at < end && names.length < 8; at += 1 + bytes[at]!) {
    names.push(escapeControls(utf8Text(bytes, at + 1, Math.min(at + 1 + bytes[at]!, end), 32)));
  }
  return names.join(",");
}

/** Record data in `bytes[start, end)` as text; undefined for types that are not shown. */
export function rdataText(bytes: Uint8Array, type: number, start: number, end: number): string | undefined {
  const length = end - start;
  switch (type) {
    case recordType.a:
      return length === 4 ? formatAddress(bytes, start, 4) : undefined;
    case recordType.aaaa:
      return length === 16 ? formatAddress(bytes, start, 16) : undefined;
    case recordType.ns:
    case recordType.cname:
    case recordType.ptr:
    case recordType.dname:
      return nameEnd(bytes, start) >= 0 ? nameText(bytes, start) : undefined;
    case recordType.mx:
      return length >= 3 ? `${u16At(bytes, start)} ${nameText(bytes, start + 2)}` : undefined;
    case recordType.srv:
      if (length < 7) return undefined;
      return [0, 2, 4].map((at) => u16At(bytes, start + at)).join(" ") + ` ${nameText(bytes, start + 6)}`;
    case recordType.txt:
      return joinedStrings(bytes, start, end);
    case recordType.svcb:
    case recordType.https:
      return length >= 3 ? serviceText(bytes, start, end) : undefined;
    default:
      return undefined;
  }
}

/** Gives, for the owner of an address record, the name that was asked for: goes back along the aliases. */
export function askedNames(answers: readonly DnsAnswer[]): (owner: string) => string {
  const aliasOf = new Map<string, string>();
  for (const { rrname, rrtype, rdata } of answers) {
    if (rrtype === "CNAME" && rdata !== undefined) aliasOf.set(rdata.toLowerCase(), rrname);
  }
  return (owner) => {
    let name = owner;
    for (let step = 0; step < maxAliases; step++) {
      const alias = aliasOf.get(name.toLowerCase());
      if (alias === undefined) break;
      name = alias;
    }
    return name;
  };
}
