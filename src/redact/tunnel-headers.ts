/** What stands between UDP and the packet inside a tunnel, beside fixed fields: options, extensions and padding. */
import type { Packet } from "../wire/index.ts";

/** Empties what is not known to hold no address. False: nothing of the header is to be kept. */
export function redactTunnelHeader({ tunnel, bytes, payloadOffset: start, innerOffset: end }: Packet): boolean {
  switch (tunnel) {
    case "teredo":
      // What a server tells of its client stands before the packet.
      return end === start;
    case "l2tp":
      return end - start === l2tpLength(bytes[start]!);
    case "geneve":
      emptyGeneveOptions(bytes, start + 8, end);
      return true;
    case "gtp":
      emptyGtpExtensions(bytes, start, end);
      return true;
    default:
      return true;
  }
}

/** RFC 2661 section 3.1: flags, [length], tunnel and session, [sequence numbers], [size of padding], each 2 bytes. */
const l2tpLength = (flags: number): number =>
  6 + ((flags & 0x40) === 0 ? 0 : 2) + ((flags & 0x08) === 0 ? 0 : 4) + ((flags & 0x02) === 0 ? 0 : 2);

/** RFC 8926 section 3.5: class (2) | type (1) | length in units of 4 bytes (5 bits) | data. The data are emptied. */
function emptyGeneveOptions(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at + 4 <= end;) {
    const next = at + 4 + (bytes[at + 3]! & 0x1f) * 4;
    bytes.fill(0, at + 4, Math.min(next, end));
    at = next;
  }
}

/** Service class, UDP port, long PDCP number, PDU session, PDCP number (3GPP TS 29.281 section 5.2.1): numbers only. */
const gtpNumbers: ReadonlySet<number> = new Set([0x20, 0x40, 0x82, 0x85, 0xc0]);

/** Extension headers: length in units of 4 bytes (1) | content | type of the next (1). */
function emptyGtpExtensions(bytes: Uint8Array, start: number, end: number): void {
  if ((bytes[start]! & 4) === 0) return;
  let type = bytes[start + 11]!;
  for (let at = start + 12; type !== 0 && at + 4 <= end;) {
    const next = at + bytes[at]! * 4;
    if (next <= at || next > end) return;
    if (!gtpNumbers.has(type)) bytes.fill(0, at + 1, next - 1);
    type = bytes[next - 1]!;
    at = next;
  }
}
