/**
 * Checksums of headers that change: brought up to date by what changed (RFC 1624 equation 3), without the bytes that did
 * not. A right checksum stays right though its packet was cut, and a wrong one stays as wrong as it was.
 */
import { addToChecksum, finishChecksum, pseudoHeaderSum } from "../bytes/index.ts";
import type { Packet } from "../wire/index.ts";
import { finalDestination } from "./extension-headers.ts";

const fold = (sum: number): number => ~finishChecksum(sum) & 0xffff;

/** Brings the checksum at `offset` up to date: words that summed up to `before` now sum up to `after`. */
export function changeChecksum(bytes: Uint8Array, offset: number, before: number, after: number): void {
  const old = (bytes[offset]! << 8) | bytes[offset + 1]!;
  store(bytes, offset, ~fold((~old & 0xffff) + (~fold(before) & 0xffff) + fold(after)) & 0xffff);
}

/** As `changeChecksum`, for UDP: 0 means that there is none, and is sent as 65535 when it is the sum (RFC 768). */
export function changeUdpChecksum(bytes: Uint8Array, offset: number, before: number, after: number): void {
  if (bytes[offset] === 0 && bytes[offset + 1] === 0) return;
  changeChecksum(bytes, offset, before, after);
  if (bytes[offset] === 0 && bytes[offset + 1] === 0) store(bytes, offset, 0xffff);
}

function store(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Where the destination stands that is in the pseudo header. */
function pseudoDestination(packet: Packet): number {
  const route = packet.ipVersion === 6 ? finalDestination(packet.bytes, packet.networkOffset, packet.capturedEnd) : -1;
  return route < 0 ? packet.destinationAddressOffset : route;
}

/** Sum of both addresses of a packet that stand in the pseudo header. */
export function addressSum(packet: Packet): number {
  const { bytes, addressLength } = packet;
  const destination = pseudoDestination(packet);
  const sum = addToChecksum(0, bytes, packet.sourceAddressOffset, packet.sourceAddressOffset + addressLength);
  return addToChecksum(sum, bytes, destination, destination + addressLength);
}

/** The sum of the pseudo header as it stands in a checksum that the network card would have finished. */
export function unfinishedChecksum(packet: Packet): number {
  const length = packet.ipLength - (packet.transportOffset - packet.networkOffset);
  const { sourceAddressOffset, addressLength, protocolNumber } = packet;
  return fold(
    pseudoHeaderSum(
      packet.bytes,
      sourceAddressOffset,
      pseudoDestination(packet),
      addressLength,
      protocolNumber,
      Math.max(0, length),
    ),
  );
}

export { store as storeChecksum };
