/** Right checksums for frames, and what is wrong with those of others. */
import { addToChecksum, finishChecksum, internetChecksum, pseudoHeaderSum } from "../../src/bytes/index.ts";
import { decode, Packet } from "../../src/wire/index.ts";

/** Writes the right checksums of IPv4, TCP, UDP, ICMP, ICMPv6 and IGMP into the outermost packet, and those it can in it. */
export function withChecksums(frame: Uint8Array): Uint8Array {
  const bytes = frame.slice();
  const outermost = new Packet();
  decode(1, bytes, bytes.length, bytes.length, outermost);
  const packets: Packet[] = [];
  for (let at: Packet | undefined = outermost; at !== undefined; at = at.hasInner ? at.inner : undefined)
    packets.push(at);
  for (const packet of packets.reverse()) {
    const place = checksumsOf(packet);
    for (const { at, sum } of place) {
      bytes.set([0, 0], at);
      const value = sum() || 0xffff;
      bytes.set([value >> 8, value & 0xff], at);
    }
  }
  return bytes;
}

interface Place {
  readonly at: number;
  /** What belongs there when zero stands there; what is wrong (0: nothing) when something does. */
  readonly sum: () => number;
}

function checksumsOf(packet: Packet): Place[] {
  const { bytes, networkOffset, transportOffset: start, capturedEnd: end } = packet;
  const places: Place[] = [];
  if (start >= 0 && !packet.isFragment) {
    const at = new Map([
      [6, 16],
      [17, 6],
      [136, 6],
      [1, 2],
      [58, 2],
      [2, 2],
    ]).get(packet.protocolNumber);
    const hasPseudoHeader = ![1, 2].includes(packet.protocolNumber);
    const { sourceAddressOffset, destinationAddressOffset, addressLength, protocolNumber } = packet;
    const pseudo = (): number =>
      hasPseudoHeader
        ? pseudoHeaderSum(
            bytes,
            sourceAddressOffset,
            destinationAddressOffset,
            addressLength,
            protocolNumber,
            end - start,
          )
        : 0;
    if (at !== undefined) {
      places.push({ at: start + at, sum: () => finishChecksum(addToChecksum(pseudo(), bytes, start, end)) });
    }
  }
  if (packet.ipVersion === 4) {
    const headerEnd = networkOffset + (bytes[networkOffset]! & 15) * 4;
    places.push({ at: networkOffset + 10, sum: () => internetChecksum(bytes, networkOffset, headerEnd) });
  }
  return places;
}

/** Sums of all checksums of a frame, which are 0 where a checksum is right. */
export function wrong(frame: Uint8Array): number[] {
  const packet = new Packet();
  decode(1, frame, frame.length, frame.length, packet);
  const sums: number[] = [];
  for (let at: Packet | undefined = packet; at !== undefined; at = at.hasInner ? at.inner : undefined) {
    // Without a checksum UDP, and IPv4 whose hardware fills it in, is neither right nor wrong.
    for (const { at: place, sum } of checksumsOf(at)) {
      const isUdp = [17, 136].includes(at.protocolNumber) && place === at.transportOffset + 6;
      const mayBeNone = isUdp || place === at.networkOffset + 10;
      const isNone = mayBeNone && frame[place] === 0 && frame[place + 1] === 0;
      if (!isNone) sums.push(sum());
    }
  }
  return sums;
}
