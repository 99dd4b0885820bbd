import type { Packet } from "../wire/index.ts";
import { protocolNumberOf } from "../wire/index.ts";
import { hasPorts, type TupleKey } from "./tuple-key.ts";

/** The protocol number under which ARP is counted, and RARP with it. */
export const arp = 0x1_0806;

/** The scope of packets that are in no tunnel. */
export const outermost = 0;

/**
 * The scope of what is inside `outer`, which itself is in `scope`: how deep it is, and the virtual network it belongs to. The
 * same addresses may mean other machines there. Numbers of other tunnels do not tell networks apart: those of GTP and
 * L2TP differ between the two directions of one flow.
 */
export function scopeInside(outer: Packet, scope: number): number {
  const depth = (scope >>> 24) + 1;
  const { tunnel } = outer;
  const isNetwork = tunnel === "vxlan" || tunnel === "vxlan-gpe" || tunnel === "geneve";
  return (depth << 24) | ((isNetwork ? outer.tunnelId : scope) & 0xff_ffff);
}

/** Fills the key with the packet's tuple; false when it has none. */
export function setPacketKey(key: TupleKey, packet: Packet, scope: number): boolean {
  const protocol = protocolNumberOf(packet);
  if (protocol < 0) return false;
  const { bytes } = packet;
  if (packet.ipVersion !== 0) {
    const ports = hasPorts(protocol);
    key.setBytes(
      bytes,
      packet.sourceAddressOffset,
      packet.destinationAddressOffset,
      packet.addressLength,
      ports ? packet.sourcePort : 0,
      ports ? packet.destinationPort : 0,
      protocol,
    );
  } else if (packet.arpSenderAddressOffset >= 0) {
    key.setBytes(bytes, packet.arpSenderAddressOffset, packet.arpTargetAddressOffset, 4, 0, 0, arp);
  } else if (packet.sourceMacOffset >= 0 && packet.destinationMacOffset >= 0) {
    key.setMacs(bytes, packet.sourceMacOffset, packet.destinationMacOffset, protocol);
  } else return false;
  key.scope = scope;
  return true;
}
