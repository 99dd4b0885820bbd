/** Tunnels over UDP. The port only says which structure to look for; the structure decides. */
import { recogniseEspInUdp } from "./esp.ts";
import { decodeGeneve } from "./geneve.ts";
import { decodeGtp } from "./gtp.ts";
import { decodeL2tp } from "./l2tp.ts";
import type { Packet } from "./packet.ts";
import { decodeTeredo } from "./teredo.ts";
import { u16 } from "./read.ts";
import { decodeVxlan, decodeVxlanGpe } from "./vxlan.ts";

const none = -1;

/** EtherType of the packet inside the UDP payload of `packet`, or -1. */
export function decodeUdpTunnel(packet: Packet): number {
  const offset = packet.payloadOffset;
  // These send every packet to their port, from a port that only spreads load (RFC 7348 section 5, RFC 8926 section 3.3).
  switch (packet.destinationPort) {
    case 4789:
    case 8472:
      return decodeVxlan(packet, offset);
    case 4790:
      return decodeVxlanGpe(packet, offset);
    case 6081:
      return decodeGeneve(packet, offset);
  }
  const inner = decodeWithPort(packet, packet.destinationPort, offset);
  if (inner !== undecided) return inner;
  const answer = decodeWithPort(packet, packet.sourcePort, offset);
  if (answer !== undecided) return answer;
  return packet.payloadLength >= 40 && packet.bytes[offset]! >> 4 === 6 ? decodeTeredo(packet, offset, false) : none;
}

/** False: `decodeUdpTunnel` finds nothing in the datagram whose header is at `offset` and that ends, as captured, at `end`. */
export function mayBeUdpTunnel(bytes: Uint8Array, offset: number, end: number): boolean {
  if (isTunnelPort(u16(bytes, offset)) || isTunnelPort(u16(bytes, offset + 2))) return true;
  return end - offset - 8 >= 40 && bytes[offset + 8]! >> 4 === 6;
}

function isTunnelPort(port: number): boolean {
  switch (port) {
    case 4789:
    case 8472:
    case 4790:
    case 6081:
    case 2152:
    case 1701:
    case 3544:
    case 4500:
      return true;
    default:
      return false;
  }
}

const undecided = -2;

/** Tunnels where one side may have any port; `undecided`: none of them. */
function decodeWithPort(packet: Packet, port: number, offset: number): number {
  switch (port) {
    case 2152:
      return decodeGtp(packet, offset);
    case 1701:
      return decodeL2tp(packet, offset);
    case 3544:
      return decodeTeredo(packet, offset, true);
    case 4500:
      recogniseEspInUdp(packet, offset);
      return none;
    default:
      return undecided;
  }
}
