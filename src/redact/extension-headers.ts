/**
 * Extension headers of IPv6 (RFC 8200 section 4), with routes of types 0 (RFC 2460), 2 (RFC 6275) and 4 (RFC 8754):
 *
 *     next header (1) | length (1) | type (1) | segments left (1) | 4 more | addresses | in type 4: TLVs
 */
import { redactIpv6Options } from "./options.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** More headers than any real packet has. */
const maximumHeaders = 16;
const fixedHeader = 40;

const hopByHop = 0;
const routing = 43;
const fragment = 44;
const authentication = 51;
const destinationOptions = 60;
const mobility = 135;
const hostIdentity = 139;
const shim6 = 140;

/** Length of the header `header` at `at`; 0: it is none of these; -1: it is cut, or a later fragment begins behind it. */
function lengthOf(header: number, bytes: Uint8Array, at: number, end: number): number {
  switch (header) {
    case hopByHop:
    case routing:
    case destinationOptions: {
      const length = at + 8 > end ? 0 : (bytes[at + 1]! + 1) * 8;
      return length > 0 && at + length <= end ? length : -1;
    }
    case fragment:
      return at + 8 <= end ? 8 : -1;
    case authentication: {
      const length = at + 12 > end ? 0 : (bytes[at + 1]! + 2) * 4;
      return length >= 12 && at + length <= end ? length : -1;
    }
    default:
      return 0;
  }
}

const isLaterFragment = (bytes: Uint8Array, at: number): boolean =>
  (((bytes[at + 2]! << 8) | bytes[at + 3]!) & 0xfff8) !== 0;

/** How many addresses a route of `length` bytes holds; -1: it is of a type that is not known, or too short for them. */
function addressesOfRoute(bytes: Uint8Array, at: number, length: number): number {
  const type = bytes[at + 2]!;
  const count = type === 0 ? (length - 8) >> 4 : type === 2 ? 1 : type === 4 ? bytes[at + 4]! + 1 : -1;
  return 8 + count * 16 <= length ? count : -1;
}

/**
 * Replaces the addresses of routes in the packet at `start`, and empties what options hold. Returns -1 when all extension
 * headers are understood, or where the first stands that is not.
 */
export function redactExtensionHeaders(bytes: Uint8Array, start: number, end: number, pseudonyms: Pseudonyms): number {
  let header = bytes[start + 6]!;
  let at = start + fixedHeader;
  for (let count = 0; count < maximumHeaders; count++) {
    if (header === mobility || header === hostIdentity || header === shim6) return Math.min(at, end);
    const length = lengthOf(header, bytes, at, end);
    if (length === 0) return -1;
    if (length < 0) return Math.min(at, end);
    if (header === routing) {
      const addresses = addressesOfRoute(bytes, at, length);
      if (addresses < 0) return at;
      for (let index = 0; index < addresses; index++) pseudonyms.ipv6(bytes, at + 8 + index * 16);
      bytes.fill(0, at + 8 + addresses * 16, at + length);
    } else if (header === fragment) {
      if (isLaterFragment(bytes, at)) return -1;
    } else if (header !== authentication) redactIpv6Options(bytes, at + 2, at + length);
    header = bytes[at]!;
    at += length;
  }
  return Math.min(at, end);
}

/**
 * Where the address stands that the packet at `start` goes to in the end, which is the one in the pseudo header (RFC 8200
 * section 8.1); -1: it is the destination.
 */
export function finalDestination(bytes: Uint8Array, start: number, end: number): number {
  let header = bytes[start + 6]!;
  let at = start + fixedHeader;
  for (let count = 0; count < maximumHeaders; count++) {
    const length = lengthOf(header, bytes, at, end);
    if (length <= 0 || (header === fragment && isLaterFragment(bytes, at))) return -1;
    const addresses = header === routing && bytes[at + 3]! > 0 ? addressesOfRoute(bytes, at, length) : 0;
    // Type 4 lists its segments from the last one on.
    if (addresses > 0) return at + 8 + (bytes[at + 2] === 4 ? 0 : (addresses - 1) * 16);
    header = bytes[at]!;
    at += length;
  }
  return -1;
}
