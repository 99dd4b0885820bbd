/**
 * Options of headers: those that are known to hold no address stay where they have their length, the others are replaced by
 * options that say nothing, of the same length.
 */

/** The lengths that an option may have, by its kind. */
type Lengths = ReadonlyMap<number, readonly number[]>;

/** Router alert (RFC 2113). Routes and times hold addresses. */
const ipv4Harmless: Lengths = new Map([[148, [4]]]);
/** Segment size, window scale, selective acknowledgement (2), timestamps. */
const tcpHarmless: Lengths = new Map([
  [2, [4]],
  [3, [3]],
  [4, [2]],
  [5, [10, 18, 26, 34]],
  [8, [10]],
]);
const noOperation = 1;

export function redactIpv4Options(bytes: Uint8Array, start: number, end: number): void {
  redactOptions(bytes, start, end, ipv4Harmless);
}

/** Multipath TCP, and what proxies put in front, hold addresses. */
export function redactTcpOptions(bytes: Uint8Array, start: number, end: number): void {
  redactOptions(bytes, start, end, tcpHarmless);
}

/** kind (1) | length of all (1) | value; 0 and 1 are one byte. What cannot be read is replaced too. */
function redactOptions(bytes: Uint8Array, start: number, end: number, harmless: Lengths): void {
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
    if (!isWhole || harmless.get(kind)?.includes(length) !== true) bytes.fill(noOperation, at, next);
    at = next;
  }
}

/** Router alert (RFC 2711) and jumbo payload (RFC 2675), whose lengths are those of their values. */
const ipv6Harmless: Lengths = new Map([
  [5, [2]],
  [0xc2, [4]],
]);

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
    if (ipv6Harmless.get(bytes[at]!)?.includes(length) !== true) {
      bytes[at] = 1;
      bytes.fill(0, at + 2, at + 2 + length);
    }
    at += 2 + length;
  }
}
