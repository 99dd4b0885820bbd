/**
 * Replaces the addresses of a frame by pseudonyms, where it lies. What is known to hold no address stays; a frame ends
 * where the first thing stands that nobody here understands, so that nothing is let through for want of knowledge.
 */
import { addToChecksum, finishChecksum } from "../bytes/index.ts";
import { decode, decodeQuoted, ipProtocol, Packet } from "../wire/index.ts";
import { addressSum, changeChecksum, changeUdpChecksum, storeChecksum, unfinishedChecksum } from "./checksum-change.ts";
import { nameGroup, namesGroup, redactIcmp, redactIcmpv6, redactIgmp } from "./control-messages.ts";
import { isRedactable, redactLink } from "./link-header.ts";
import { redactExtensionHeaders } from "./extension-headers.ts";
import { redactIpv4Options, redactTcpOptions } from "./options.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { redactTunnelHeader } from "./tunnel-headers.ts";

export interface RedactionOptions {
  readonly pseudonyms: Pseudonyms;
  /** What TCP, UDP and the like carry stays as it is. */
  readonly keepPayload: boolean;
}

export class FrameRedactor {
  readonly #pseudonyms: Pseudonyms;
  readonly #keepPayload: boolean;
  readonly #packet = new Packet();
  readonly #quoted = new Packet();
  /** The last frame was cut before something that is not understood. */
  isCut = false;

  constructor(options: RedactionOptions) {
    this.#pseudonyms = options.pseudonyms;
    this.#keepPayload = options.keepPayload;
  }

  /**
   * Redacts the frame of `captured` bytes at `start` in `bytes`; `link` is its LINKTYPE_ number, `wire` its length on the
   * wire. Returns how many of its bytes may be kept; -1: none, the frame is to be left out.
   */
  redact(link: number, bytes: Uint8Array, start: number, captured: number, wire: number): number {
    this.isCut = false;
    if (!isRedactable(link)) return -1;
    const packet = this.#packet;
    decode(link, bytes, captured, wire, packet, start);
    const linkEnd = redactLink(link, bytes, start, start + captured, this.#pseudonyms);
    if (linkEnd < 0) return -1;
    return Math.min(captured, Math.max(0, this.#redactPacket(packet, linkEnd) - start));
  }

  /**
   * Redacts `packet` and those inside it. Hardware addresses before `linkEnd` have been replaced. Returns where what may be kept
   * ends.
   */
  #redactPacket(packet: Packet, linkEnd: number): number {
    const { bytes } = packet;
    const group = namesGroup(packet);
    if (packet.sourceMacOffset >= linkEnd) this.#pseudonyms.mac(bytes, packet.sourceMacOffset);
    if (packet.destinationMacOffset >= linkEnd && !group) this.#pseudonyms.mac(bytes, packet.destinationMacOffset);
    if (packet.ipVersion !== 0) {
      const end = this.#redactIp(packet);
      if (group) nameGroup(packet);
      return end;
    }
    if (packet.arpOperation >= 0) return this.#redactArp(packet);
    if (packet.payloadOffset >= 0) return this.#cutAt(packet, packet.payloadOffset);
    return this.#cutAt(packet, packet.stopLayer === "" ? packet.start : packet.stopOffset);
  }

  /** What stands at `end` is not understood. */
  #cutAt(packet: Packet, end: number): number {
    if (end < packet.capturedEnd) this.isCut = true;
    return end;
  }

  #redactArp(packet: Packet): number {
    const { bytes, arpSenderMacOffset, arpSenderAddressOffset, arpTargetAddressOffset, arpTargetMacOffset } = packet;
    if (arpSenderMacOffset < 0 || arpSenderAddressOffset < 0) return this.#cutAt(packet, packet.networkOffset + 8);
    this.#pseudonyms.mac(bytes, arpSenderMacOffset);
    this.#pseudonyms.mac(bytes, arpTargetMacOffset);
    this.#pseudonyms.ipv4(bytes, arpSenderAddressOffset);
    this.#pseudonyms.ipv4(bytes, arpTargetAddressOffset);
    return packet.payloadOffset;
  }

  #redactIp(packet: Packet): number {
    const { bytes, networkOffset, addressLength, capturedEnd } = packet;
    const before = addressSum(packet);
    const isUnfinished = hasUnfinishedChecksum(packet);
    const transportBefore = this.#transportSum(packet);
    const headerEnd =
      packet.ipVersion === 4 ? Math.min(networkOffset + (bytes[networkOffset]! & 15) * 4, capturedEnd) : 0;
    const headerBefore = packet.ipVersion === 4 ? addToChecksum(0, bytes, networkOffset + 12, headerEnd) : 0;

    this.#pseudonyms.address(bytes, packet.sourceAddressOffset, addressLength);
    this.#pseudonyms.address(bytes, packet.destinationAddressOffset, addressLength);
    let end: number;
    if (packet.ipVersion === 4) {
      redactIpv4Options(bytes, networkOffset + 20, headerEnd);
      const headerAfter = addToChecksum(0, bytes, networkOffset + 12, headerEnd);
      if (!isEmptyChecksum(bytes, networkOffset, headerBefore)) {
        changeChecksum(bytes, networkOffset + 10, headerBefore, headerAfter);
      }
      end = headerEnd;
    } else {
      const understood = redactExtensionHeaders(bytes, networkOffset, capturedEnd, this.#pseudonyms);
      if (understood >= 0) return this.#cutAt(packet, understood);
      end = networkOffset + 40;
    }
    end = this.#redactTransport(packet, end);
    this.#changeTransport(packet, before, transportBefore, isUnfinished);
    return end;
  }

  /** What stands behind the IP header, which ends at `headerEnd`; returns where what may be kept ends. */
  #redactTransport(packet: Packet, headerEnd: number): number {
    const { bytes, transportOffset: start, capturedEnd, payloadOffset } = packet;
    if (packet.fragmentOffset > 0 && payloadOffset >= 0) {
      // The rest of a tunnel's packet or of a control message is no payload.
      return this.#keepPayload && carriesPayload(packet.protocolNumber) ? capturedEnd : payloadOffset;
    }
    if (hasForeignHeaders(packet, headerEnd)) return this.#cutAt(packet, headerEnd);
    if (start < 0)
      return packet.stopLayer === "" ? headerEnd : Math.max(headerEnd, Math.min(packet.stopOffset, capturedEnd));
    switch (packet.protocolNumber) {
      case ipProtocol.tcp:
        return this.#endOfTcp(packet);
      case ipProtocol.udp:
        return this.#endOfUdp(packet);
      case ipProtocol.udpLite:
      case ipProtocol.sctp:
      case ipProtocol.dccp:
      case ipProtocol.esp:
        return payloadOffset >= 0 ? this.#endOfPayload(packet) : Math.min(capturedEnd, start + 8);
      case ipProtocol.icmp:
        return this.#endOfQuoting(packet, redactIcmp(bytes, start, capturedEnd, this.#pseudonyms));
      case ipProtocol.icmpv6:
        return this.#endOfQuoting(packet, redactIcmpv6(bytes, start, capturedEnd, this.#pseudonyms));
      case ipProtocol.igmp:
        return this.#cutAt(packet, redactIgmp(bytes, start, capturedEnd, this.#pseudonyms));
      default:
        return this.#endOfTunnel(packet);
    }
  }

  #endOfPayload(packet: Packet): number {
    return this.#keepPayload ? packet.capturedEnd : Math.min(packet.payloadOffset, packet.capturedEnd);
  }

  #endOfTcp(packet: Packet): number {
    const { bytes, transportOffset: start, capturedEnd, tcpHeaderLength } = packet;
    const headerEnd = Math.min(capturedEnd, start + Math.max(20, tcpHeaderLength));
    redactTcpOptions(bytes, start + 20, headerEnd);
    return packet.payloadOffset >= 0 ? this.#endOfPayload(packet) : headerEnd;
  }

  #endOfUdp(packet: Packet): number {
    const { transportOffset: start, capturedEnd, payloadOffset } = packet;
    if (payloadOffset < 0) return Math.min(capturedEnd, start + 8);
    if (packet.innerOffset < 0 || !packet.hasInner)
      return packet.innerOffset < 0 ? this.#endOfPayload(packet) : payloadOffset;
    return redactTunnelHeader(packet) ? this.#endOfTunnel(packet) : this.#cutAt(packet, payloadOffset);
  }

  /** A packet inside, or the headers of one that is not followed. */
  #endOfTunnel(packet: Packet): number {
    if (packet.hasInner && packet.inner !== undefined) return this.#redactPacket(packet.inner, 0);
    const { innerOffset, payloadOffset, stopOffset, capturedEnd } = packet;
    const end = innerOffset >= 0 ? innerOffset : payloadOffset >= 0 ? payloadOffset : stopOffset;
    return this.#cutAt(packet, Math.min(end, capturedEnd));
  }

  /** An error quotes the packet that it is about; `end` is where the message's own header ends. */
  #endOfQuoting(packet: Packet, end: number): number {
    const { quotedOffset, capturedEnd } = packet;
    if (packet === this.#quoted) return end;
    if (quotedOffset >= 0) {
      if (end !== quotedOffset || !decodeQuoted(packet, this.#quoted)) return end;
      return Math.min(quotedEnd(packet), this.#redactPacket(this.#quoted, 0));
    }
    if (packet.icmpIdentifier < 0) return this.#cutAt(packet, end);
    return this.#keepPayload ? capturedEnd : end;
  }

  /** Sum of what the transport's checksum covers and may be changed; 0 where nothing is. */
  #transportSum(packet: Packet): number {
    const { bytes, transportOffset: start, capturedEnd } = packet;
    if (start < 0) return 0;
    switch (packet.protocolNumber) {
      case ipProtocol.tcp:
        return addToChecksum(0, bytes, start + 20, Math.min(capturedEnd, start + packet.tcpHeaderLength));
      case ipProtocol.udp:
        return packet.hasInner ? addToChecksum(0, bytes, start + 8, capturedEnd) : 0;
      case ipProtocol.icmp:
      case ipProtocol.icmpv6:
      case ipProtocol.igmp:
        return addToChecksum(0, bytes, start + 4, capturedEnd);
      case ipProtocol.gre:
        return hasGreChecksum(packet) ? addToChecksum(0, bytes, start + 8, capturedEnd) : 0;
      default:
        return 0;
    }
  }

  #changeTransport(packet: Packet, addressesBefore: number, before: number, isUnfinished: boolean): void {
    const { bytes, transportOffset: start, capturedEnd } = packet;
    const at = checksumOffset(packet);
    if (at < 0 || start + at + 2 > capturedEnd || packet.fragmentOffset > 0) return;
    const addresses = addressSum(packet);
    const after = this.#transportSum(packet);
    if (isUnfinished) return storeChecksum(bytes, start + at, unfinishedChecksum(packet));
    switch (packet.protocolNumber) {
      case ipProtocol.udp:
      case ipProtocol.udpLite:
        return changeUdpChecksum(bytes, start + at, addressesBefore + before, addresses + after);
      case ipProtocol.tcp:
      case ipProtocol.dccp:
      case ipProtocol.icmpv6:
        return changeChecksum(bytes, start + at, addressesBefore + before, addresses + after);
      default:
        return changeChecksum(bytes, start + at, before, after);
    }
  }
}

/** True: what later fragments hold is payload. */
function carriesPayload(protocol: number): boolean {
  switch (protocol) {
    case ipProtocol.tcp:
    case ipProtocol.udp:
    case ipProtocol.udpLite:
    case ipProtocol.sctp:
    case ipProtocol.dccp:
    case ipProtocol.esp:
      return true;
    default:
      return false;
  }
}

/** Behind AH in IPv4 the decoder passes over extension headers of IPv6, which have no place there and are not redacted. */
const hasForeignHeaders = (
  { ipVersion, bytes, hasAuthenticationHeader, protocolNumber }: Packet,
  at: number,
): boolean => ipVersion === 4 && hasAuthenticationHeader && bytes[at] !== protocolNumber;

/**
 * Where the quotation ends in an ICMP error that says so (RFC 4884 sections 3 to 5): objects stand behind it, which may tell
 * addresses and names of interfaces (RFC 5837).
 */
function quotedEnd({ bytes, ipVersion, icmpType, transportOffset, quotedOffset, capturedEnd }: Packet): number {
  let length = 0;
  if (ipVersion === 4 && (icmpType === 3 || icmpType === 11 || icmpType === 12))
    length = bytes[transportOffset + 5]! * 4;
  else if (ipVersion === 6 && (icmpType === 1 || icmpType === 3)) length = bytes[transportOffset + 4]! * 8;
  return length === 0 ? capturedEnd : Math.min(capturedEnd, quotedOffset + length);
}

/** 0 stands in the checksum of an IPv4 header that hardware fills in later, and is not the right one. */
function isEmptyChecksum(bytes: Uint8Array, header: number, rest: number): boolean {
  if (bytes[header + 10] !== 0 || bytes[header + 11] !== 0) return false;
  return finishChecksum(addToChecksum(rest, bytes, header, header + 10)) !== 0;
}

const hasGreChecksum = ({ bytes, transportOffset, capturedEnd }: Packet): boolean =>
  capturedEnd - transportOffset >= 8 && (bytes[transportOffset]! & 0x80) !== 0;

/** Where the transport's checksum stands, from its header on; -1: it has none that addresses or a packet inside change. */
function checksumOffset(packet: Packet): number {
  if (packet.transportOffset < 0) return -1;
  switch (packet.protocolNumber) {
    case ipProtocol.tcp:
      return 16;
    case ipProtocol.udp:
    case ipProtocol.udpLite:
    case ipProtocol.dccp:
      return 6;
    case ipProtocol.icmp:
    case ipProtocol.icmpv6:
    case ipProtocol.igmp:
      return 2;
    case ipProtocol.gre:
      return hasGreChecksum(packet) ? 4 : -1;
    default:
      return -1;
  }
}

/**
 * The network card was to finish it: what stands there is the pseudo header's sum, as Linux leaves it. By chance a right
 * checksum is the same; a packet that is there as a whole tells.
 */
function hasUnfinishedChecksum(packet: Packet): boolean {
  const { bytes, protocolNumber, transportOffset: start, capturedEnd } = packet;
  if (start < 0 || packet.isFragment) return false;
  if (protocolNumber !== ipProtocol.tcp && protocolNumber !== ipProtocol.udp) return false;
  const at = start + checksumOffset(packet);
  if (at + 2 > capturedEnd) return false;
  const unfinished = unfinishedChecksum(packet);
  if (((bytes[at]! << 8) | bytes[at + 1]!) !== unfinished) return false;
  return capturedEnd < packet.wireEnd || finishChecksum(addToChecksum(unfinished, bytes, start, capturedEnd)) !== 0;
}
