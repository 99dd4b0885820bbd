/**
 * Options of headers: those that are known to hold no address stay, the others are replaced by options that say nothing, of
 * the same length.
 */

/** End, no operation and router alert (RFC 2113). Routes and times hold addresses. */
const ipv4Harmless: ReadonlySet<number> = new Set([0, 1, 148]);
/** End, no operation, segment size, window scale, selective acknowledgement (2), timestamps. */
const tcpHarmless: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 8]);
const noOperation = 1;

export function redactIpv4Options(bytes: Uint8Array, start: number, end: number): void {
  redactOptions(bytes, start, end, ipv4Harmless);
}

/** Multipath TCP, and what proxies put in front, hold addresses. */
export function redactTcpOptions(bytes: Uint8Array, start: number, end: number): void {
  redactOptions(bytes, start, end, tcpHarmless);
}

/** kind (1) | length of all (1) | value; 0 and 1 are one byte. What cannot be read is replaced too. */
function redactOptions(bytes: Uint8Array, start: number, end: number, harmless: ReadonlySet<number>): void {
  let at = start;
  while (at < end) {
    const kind = bytes[at]!;
    if (kind === 0) {
      bytes.fill(0, at, end);
      return;
    }
    if (kind === noOperation) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    const isWhole = length >= 2 && at + length <= end;
    const next = isWhole ? at + length : end;
    if (!isWhole || !harmless.has(kind)) bytes.fill(noOperation, at, next);
    at = next;
  }
}

/** More headers than any real packet has. */
const maximumHeaders = 16;

/**
 * Walks over the extension headers of the IPv6 packet at `start` (RFC 8200 section 4), and empties what hop-by-hop and
 * destination options hold. Returns -1 when all are understood, or where the first stands that is not: a route, mobility.
 */
export function redactIpv6Headers(bytes: Uint8Array, start: number, end: number): number {
  let header = bytes[start + 6]!;
  let at = start + 40;
  for (let count = 0; count < maximumHeaders; count++) {
    switch (header) {
      case 0: // hop-by-hop
      case 60: {
        // destination options
        if (at + 8 > end) return at;
        const length = (bytes[at + 1]! + 1) * 8;
        if (at + length > end) return at;
        redactIpv6Options(bytes, at + 2, at + length);
        header = bytes[at]!;
        at += length;
        break;
      }
      case 44: // fragment
        if (at + 8 > end) return at;
        // A later fragment begins amid something.
        if ((((bytes[at + 2]! << 8) | bytes[at + 3]!) & 0xfff8) !== 0) return -1;
        header = bytes[at]!;
        at += 8;
        break;
      case 51: // authentication
        if (at + 12 > end) return at;
        header = bytes[at]!;
        at += (bytes[at + 1]! + 2) * 4;
        if (at > end) return end;
        break;
      case 43: // routing
      case 135: // mobility
      case 139: // host identity
      case 140: // shim6
        return Math.min(at, end);
      default:
        return -1;
    }
  }
  return Math.min(at, end);
}

/** Padding, router alert (RFC 2711) and jumbo payload (RFC 2675) stay. */
const ipv6Harmless: ReadonlySet<number> = new Set([5, 0xc2]);

function redactIpv6Options(bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  while (at < end) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : -1;
    if (length < 0 || at + 2 + length > end) {
      bytes.fill(0, at, end);
      return;
    }
    if (!ipv6Harmless.has(bytes[at]!)) {
      bytes[at] = 1;
      bytes.fill(0, at + 2, at + 2 + length);
    }
    at += 2 + length;
  }
}

/** Geneve (RFC 8926 section 3.5): class (2) | type (1) | length in units of 4 bytes (5 bits) | data. The data are emptied. */
export function emptyGeneveOptions(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at + 4 <= end;) {
    const next = at + 4 + (bytes[at + 3]! & 0x1f) * 4;
    bytes.fill(0, at + 4, Math.min(next, end));
    at = next;
  }
}
