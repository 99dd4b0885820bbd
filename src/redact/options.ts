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

/** Padding, router alert (RFC 2711) and jumbo payload (RFC 2675) stay. */
const ipv6Harmless: ReadonlySet<number> = new Set([5, 0xc2]);

export function redactIpv6Options(bytes: Uint8Array, start: number, end: number): void {
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
