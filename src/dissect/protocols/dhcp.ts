/**
 * DHCP for IPv4: what is asked and given, and the client's name for itself.
 *
 * RFC 2131 section 2 (format), RFC 2132 sections 3.14 (host name), 9.6 (message type).
 *
 *   op(1) htype(1) hlen(1) hops(1) xid(4) secs(2) flags(2) ciaddr yiaddr siaddr giaddr(4 each) chaddr(16) sname(64) file(128)
 *   0x63825363 (option(1) length(1) data)* 255;  BOOTP (RFC 951 section 3) has 64 bytes of its vendor's there
 *
 * Evidence: the cookie; of BOOTP its ports, its 300 bytes and an Ethernet address.
 */
import { asciiText, escapeControls, u32At } from "../../bytes/index.ts";
import { formatAddress, formatMac } from "../../model/index.ts";
import type { DissectContext, Likeness, Verdict } from "../verdict.ts";

const cookieOffset = 236;
const cookie = 0x63825363;
const option = { pad: 0, hostname: 12, messageType: 53, vendorClass: 60, end: 255 } as const;
/** RFC 2132 section 9.6, RFC 3203, RFC 4388, RFC 6926. */
const types = (
  "discover offer request decline ack nak release inform forcerenew leasequery leaseunassigned leaseunknown leaseactive " +
  "bulkleasequery leasequerydone activeleasequery leasequerystatus tls"
).split(" ");
const maxOptions = 64;
const ports: readonly number[] = [67, 68];
const bootpLength = 300;

export function isDhcpFirst(byte: number): boolean {
  return byte === 1 || byte === 2;
}

/** RFC 951 section 3: one length, and on Ethernet (RFC 1700: hardware 1) an address of 6 bytes with nothing behind it. */
function isBootp(bytes: Uint8Array, context: DissectContext): boolean {
  const isOwn = ports.includes(context.serverPort) && ports.includes(context.clientPort);
  if (!isOwn || bytes.length !== bootpLength || bytes[1] !== 1 || bytes[2] !== 6) return false;
  for (let at = 34; at < 44; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** A message that was cut before its cookie: on its ports, by hardware and its address. */
function isCut(bytes: Uint8Array, context: DissectContext): boolean {
  const isOwn = ports.includes(context.serverPort) && ports.includes(context.clientPort);
  return isOwn && bytes.length >= 34 && bytes[1] === 1 && bytes[2] === 6 && bytes[3]! <= 16;
}

export function probeDhcp(bytes: Uint8Array, context: DissectContext): Likeness {
  if (isBootp(bytes, context)) return "yes";
  if (context.last && bytes.length < cookieOffset + 4) return isCut(bytes, context) ? "yes" : "no";
  // The hardware address fits in its field; flags are left as clients set them.
  const fits = bytes.length >= cookieOffset + 4 && bytes[2]! <= 16;
  return fits && u32At(bytes, cookieOffset) === cookie ? "yes" : "no";
}

export function parseDhcp(bytes: Uint8Array, context: DissectContext): Verdict {
  if (probeDhcp(bytes, context) !== "yes") return { kind: "notMine" };
  const dhcp: Record<string, unknown> = { type: bytes[0] === 1 ? "request" : "reply" };
  if (bytes[1] === 1 && bytes[2] === 6) dhcp["client_mac"] = formatMac(bytes, 28);
  if (u32At(bytes, 16) !== 0) dhcp["assigned_ip"] = formatAddress(bytes, 16, 4);
  let at = u32At(bytes, cookieOffset) === cookie ? cookieOffset + 4 : bytes.length;
  for (let count = 0; count < maxOptions && at + 2 <= bytes.length && bytes[at] !== option.end; count++) {
    if (bytes[at] === option.pad) {
      at++;
      continue;
    }
    const start = at + 2;
    const end = start + bytes[at + 1]!;
    if (end > bytes.length) break;
    const type = bytes[at] === option.messageType ? types[bytes[start]! - 1] : undefined;
    if (type !== undefined) dhcp["dhcp_type"] = type;
    if (bytes[at] === option.hostname) dhcp["hostname"] = escapeControls(asciiText(bytes, start, end, 64));
    if (bytes[at] === option.vendorClass)
      dhcp["vendor_class_identifier"] = escapeControls(asciiText(bytes, start, end, 64));
    at = end;
  }
  return { kind: "match", name: "dhcp", facts: { dhcp }, complete: !context.toServer && dhcp["dhcp_type"] === "ack" };
}
