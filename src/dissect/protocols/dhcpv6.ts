/**
 * DHCPv6: the message, and the client's and server's kind of identity. No addresses.
 *
 * RFC 8415 sections 8 (client/server format), 9 (relay format), 11 (DUID), 21 (options); RFC 4704 (client FQDN).
 *
 *   message = type(1) transaction(3) option*;  relay = type(1: 12 | 13) hops(1) link(16) peer(16) option*
 *   option  = code(2) length(2) value
 *
 * Evidence: a type that exists, options that fill the datagram exactly, and among them a DUID of a known form (of a relay:
 * the message that it carries), or DHCP's ports on both sides: who asks for information need not say who he is (section 18.2.6).
 */
import { asciiText, escapeControls, u16At } from "../../bytes/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const types = (
  "solicit advertise request confirm renew rebind reply release decline reconfigure information-request " +
  "relay-forward relay-reply leasequery leasequery-reply leasequery-done leasequery-data reconfigure-request " +
  "reconfigure-reply dhcpv4-query dhcpv4-response active-leasequery starttls"
).split(" ");
const relayForward = 12;
const relayReply = 13;
const clientId = 1;
const serverId = 2;
const relayMessage = 9;
const vendorClass = 16;
const clientFqdn = 39;
const lastOption = 150;
const ports: readonly number[] = [546, 547];
const maxOptions = 64;
const messageHeader = 4;
const relayHeader = 34;

export function isDhcpv6First(byte: number): boolean {
  return byte >= 1 && byte <= types.length;
}

const isRelay = (type: number): boolean => type === relayForward || type === relayReply;
const headerOf = (type: number): number => (isRelay(type) ? relayHeader : messageHeader);

/** Section 11: type 1 (link layer and time), 2 (enterprise), 3 (link layer), 4 (UUID, RFC 6355). */
function isDuid(bytes: Uint8Array, at: number, length: number): boolean {
  const kind = u16At(bytes, at);
  return length >= 6 && length <= 130 && kind >= 1 && kind <= 4 && (kind !== 4 || length === 18);
}

/** Offset behind the last option that is whole; `found` is told each of them. */
function walk(bytes: Uint8Array, found: (code: number, at: number, length: number) => boolean): number {
  let at = headerOf(bytes[0]!);
  for (let count = 0; count < maxOptions && at + 4 <= bytes.length; count++) {
    const length = u16At(bytes, at + 2);
    if (at + 4 + length > bytes.length || !found(u16At(bytes, at), at + 4, length)) return at;
    at += 4 + length;
  }
  return at;
}

export function probeDhcpv6(bytes: Uint8Array, context: DissectContext): Likeness {
  const type = bytes[0] ?? 0;
  if (!isDhcpv6First(type) || bytes.length < headerOf(type) + 4) return "no";
  let identified = ports.includes(context.serverPort) && ports.includes(context.clientPort);
  const end = walk(bytes, (code, at, length) => {
    if (code === clientId || code === serverId) {
      if (!identified && !isDuid(bytes, at, length)) return false;
      identified = true;
    }
    if (code === relayMessage && isRelay(type)) identified ||= isDhcpv6First(bytes[at] ?? 0) && length > messageHeader;
    return code >= 1 && code <= lastOption;
  });
  return identified && (end === bytes.length || context.last) ? "yes" : "no";
}

export function parseDhcpv6(bytes: Uint8Array, context: DissectContext): Verdict {
  const type = types[(bytes[0] ?? 0) - 1];
  if (type === undefined) return { kind: "notMine" };
  const dhcpv6: Record<string, unknown> = { type };
  walk(bytes, (code, at, length) => {
    if (code === clientFqdn && length > 2) dhcpv6["client_fqdn"] = nameAt(bytes, at + 1, at + length);
    if (code === vendorClass && length > 6) {
      dhcpv6["vendor_class"] = escapeControls(
        asciiText(bytes, at + 6, at + Math.min(length, 6 + u16At(bytes, at + 4)), 128),
      );
    }
    return true;
  });
  return { kind: "match", name: "dhcpv6", facts: { dhcpv6 }, complete: !context.toServer && type === "reply" };
}

/** Labels of a name in DNS wire form, without compression. */
function nameAt(bytes: Uint8Array, start: number, end: number): string {
  const labels: string[] = [];
  let at = start;
  for (let count = 0; count < 32 && at < end; count++) {
    const length = bytes[at]!;
    if (length === 0 || length > 63 || at + 1 + length > end) break;
    labels.push(escapeControls(asciiText(bytes, at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return labels.join(".");
}
