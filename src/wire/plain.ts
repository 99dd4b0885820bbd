/**
 * The short way for what most frames are: Ethernet without a tag, IPv4 without options and not a fragment, TCP or UDP
 * that is no tunnel. Says nothing of anything else.
 */
import { etherType, ipProtocol } from "./numbers.ts";
import type { Packet } from "./packet.ts";
import { i32, u16 } from "./read.ts";
import { mayBeUdpTunnel } from "./udp-tunnel.ts";

const ethernetHeader = 14;
const ipHeader = 20;
const tcpHeader = 20;
const udpHeader = 8;
/** IPv4 with a header of 20 bytes. */
const versionAndLength = 0x45;

/**
 * Reads what belongs to a flow of the Ethernet frame of `captured` bytes at `start`: addresses, protocol and ports, and of TCP
 * flags, numbers, window and the payload's length. True: those fields of `into` are as `decode` sets them, `ipVersion`,
 * `addressLength`, `fragmentOffset` and `moreFragments` too, and nothing is inside; all its other fields are those of some
 * frame before. False: `decode` must say what it is, and `into` may hold anything.
 */
export function decodePlain(
  bytes: Uint8Array,
  captured: number,
  wireLength: number,
  into: Packet,
  start: number,
): boolean {
  const transport = start + ethernetHeader + ipHeader;
  if (!(start >= 0 && captured >= 0 && start + captured <= bytes.length)) return false;
  const end = start + captured;
  if (end < transport + udpHeader || u16(bytes, start + 12) !== etherType.ipv4) return false;
  const network = start + ethernetHeader;
  if (bytes[network] !== versionAndLength || (u16(bytes, network + 6) & 0x3fff) !== 0) return false;
  const protocol = bytes[network + 9]!;
  const packetEnd = network + u16(bytes, network + 2);
  const capturedEnd = packetEnd < end ? packetEnd : end;
  const frameEnd = wireLength >= captured ? start + wireLength : end;
  const wireEnd = packetEnd < frameEnd ? packetEnd : frameEnd;
  if (protocol === ipProtocol.tcp) {
    if (!readTcp(bytes, transport, capturedEnd, wireEnd, into)) return false;
  } else if (protocol !== ipProtocol.udp || !readUdp(bytes, transport, capturedEnd, into)) return false;
  if (into.bytes !== bytes) into.bytes = bytes;
  into.ipVersion = 4;
  into.addressLength = 4;
  into.protocolNumber = protocol;
  into.sourceAddressOffset = network + 12;
  into.destinationAddressOffset = network + 16;
  into.sourcePort = u16(bytes, transport);
  into.destinationPort = u16(bytes, transport + 2);
  into.fragmentOffset = 0;
  into.moreFragments = false;
  into.hasInner = false;
  return true;
}

function readTcp(bytes: Uint8Array, offset: number, capturedEnd: number, wireEnd: number, into: Packet): boolean {
  if (capturedEnd < offset + tcpHeader) return false;
  const headerLength = (bytes[offset + 12]! >> 4) * 4;
  const payload = offset + headerLength;
  if (headerLength < tcpHeader || capturedEnd < payload) return false;
  into.tcpSequence = i32(bytes, offset + 4);
  into.tcpAcknowledgement = i32(bytes, offset + 8);
  into.tcpHeaderLength = headerLength;
  into.tcpFlags = bytes[offset + 13]!;
  into.tcpWindow = u16(bytes, offset + 14);
  into.payloadWireLength = wireEnd > payload ? wireEnd - payload : 0;
  return true;
}

function readUdp(bytes: Uint8Array, offset: number, capturedEnd: number, into: Packet): boolean {
  if (capturedEnd < offset + udpHeader) return false;
  const length = u16(bytes, offset + 4);
  if (length !== 0 && length < udpHeader) return false;
  const end = length !== 0 && offset + length < capturedEnd ? offset + length : capturedEnd;
  if (mayBeUdpTunnel(bytes, offset, end)) return false;
  into.tcpFlags = 0;
  return true;
}
