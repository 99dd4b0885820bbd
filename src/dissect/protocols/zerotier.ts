/**
 * ZeroTier: the version that greets. No addresses, no networks.
 *
 * ZeroTier's protocol description ("Packet.hpp", VERB_HELLO): only HELLO is in clear.
 *
 *   packet = id(8) destination(5) source(5) flags(2 bits) cipher(3 bits: 0) hops(3 bits) mac(8) verb(1: 1)
 *   HELLO  = protocol(1) major(1) minor(1) revision(2) time(8) identity(address(5) type(1: 0) public-key(64) 0(1)) ...
 *
 * Evidence: a HELLO whose identity is the packet's source, both addresses ones that exist.
 */
import { equalBytes, u16At } from "../../bytes/index.ts";
import type { Likeness, Verdict } from "../verdict.ts";

const sourceAt = 13;
const flagsAt = 18;
const verbAt = 27;
const identityAt = 41;
const addressLength = 5;
const leastLength = identityAt + addressLength + 1 + 64 + 1;
const hello = 1;
const cipherBits = 0x38;
const fragmentBit = 0x40;
const lastProtocol = 32;

/** Addresses that begin with 0xFF are reserved. */
function isAddress(bytes: Uint8Array, at: number): boolean {
  return bytes[at] !== 0xff && bytes.subarray(at, at + addressLength).some((byte) => byte !== 0);
}

export function probeZerotier(bytes: Uint8Array): Likeness {
  if (bytes.length < leastLength || (bytes[verbAt]! & 0x1f) !== hello) return "no";
  if ((bytes[flagsAt]! & (cipherBits | fragmentBit)) !== 0) return "no";
  const protocol = bytes[verbAt + 1]!;
  if (protocol < 1 || protocol > lastProtocol || bytes[identityAt + addressLength] !== 0) return "no";
  const isOwn = equalBytes(bytes, sourceAt, bytes, identityAt, addressLength);
  return isOwn && isAddress(bytes, sourceAt) && isAddress(bytes, sourceAt - addressLength) ? "yes" : "no";
}

export function parseZerotier(bytes: Uint8Array): Verdict {
  if (probeZerotier(bytes) !== "yes")
    return { kind: "match", name: "zerotier", facts: { zerotier: {} }, complete: false };
  const version = `${bytes[verbAt + 2]!}.${bytes[verbAt + 3]!}.${u16At(bytes, verbAt + 4)}`;
  return { kind: "match", name: "zerotier", facts: { zerotier: { version } }, complete: false };
}
