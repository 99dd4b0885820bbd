/** Names of tunnels, as they are written as a flow's application protocol. */
export type TunnelName =
  | "vxlan"
  | "vxlan-gpe"
  | "geneve"
  | "gtp"
  | "l2tp"
  | "teredo"
  | "esp"
  | "gre"
  | "ipip"
  | "6in4"
  | "6in6"
  | "etherip"
  | "mpls-in-ip";

/**
 * Result of decoding one frame: offsets into `bytes`, no copies. One object is reused for every frame of a loop, so
 * that decoding allocates nothing; `decode` resets it first. Offsets are -1 and numbers 0 where a layer is absent,
 * unless a field says otherwise.
 */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the frame (or, of an inner packet, its first header) begins in `bytes`. */
  start = 0;
  /** Bytes of the frame that were captured, and that were on the wire. */
  capturedLength = 0;
  wireLength = 0;
  /**
   * First offset that holds no captured byte of this packet, and where it ends on the wire; both are drawn in by each header
   * that states a length, so that padding never counts as payload.
   */
  capturedEnd = 0;
  wireEnd = 0;

  /** Link layer: MAC addresses (6 bytes each), EtherType of the payload (-1: none), VLAN ids outer first (-1: no tag). */
  sourceMacOffset = -1;
  destinationMacOffset = -1;
  etherType = -1;
  outerVlan = -1;
  innerVlan = -1;
  /** First MPLS label, or -1. */
  mplsLabel = -1;
  /** IEEE 802.2: destination service access point, and SNAP's organization and protocol where the organization is not Ethernet's. */
  llcDestination = -1;
  snapOrganization = -1;
  snapProtocol = -1;
  /** PPP protocol number, or -1. */
  pppProtocol = -1;
  /** Linux cooked: 0 to us, 1 broadcast, 2 multicast, 3 to somebody else, 4 sent by us; -1 elsewhere. */
  cookedPacketType = -1;
  /** Linux cooked v2: index of the interface; 0 elsewhere. */
  cookedInterfaceIndex = 0;

  /** ARP and RARP, RFC 826: 1 request, 2 reply; offsets of 6-byte and 4-byte addresses. */
  arpOperation = -1;
  arpSenderMacOffset = -1;
  arpSenderAddressOffset = -1;
  arpTargetMacOffset = -1;
  arpTargetAddressOffset = -1;

  /** Network layer. `ipVersion` 0: not IP. Addresses are 4 or 16 bytes at their offsets. */
  networkOffset = -1;
  ipVersion: 0 | 4 | 6 = 0;
  addressLength = 0;
  sourceAddressOffset = -1;
  destinationAddressOffset = -1;
  /**
   * Length of the IP packet by its own header, clamped to nothing: may exceed what was captured. Where the header says 0
   * (segmentation offload, jumbogram) it is what the frame holds.
   */
  ipLength = 0;
  /** TTL or hop limit. */
  timeToLive = 0;
  /** Type of service or traffic class: DSCP and ECN. */
  trafficClass = 0;
  /** RFC 791 / RFC 8200 section 4.5. Offset in bytes; only offset 0 has a transport header. */
  isFragment = false;
  fragmentOffset = 0;
  moreFragments = false;
  /** Signed 32 bits. */
  fragmentId = 0;
  /** Security parameters index of AH or ESP, or -1. With AH (RFC 4302), `protocolNumber` is what it protects. */
  spi = -1;
  hasAuthenticationHeader = false;

  /**
   * IANA protocol number of the innermost payload that was reached (after IPv6 extension headers); -1: not IP, or an IP
   * header that makes no sense. What is not -1 can be counted to a flow of the two addresses.
   */
  protocolNumber = -1;
  /** -1 in a later fragment, and where not even ports or type of the transport header were captured. */
  transportOffset = -1;
  sourcePort = 0;
  destinationPort = 0;
  tcpFlags = 0;
  /** Signed 32 bits: a large unsigned number would cost a heap object a packet. */
  tcpSequence = 0;
  tcpAcknowledgement = 0;
  tcpWindow = 0;
  /** Length of the TCP header with its options, in bytes. */
  tcpHeaderLength = 0;

  /** ICMP and ICMPv6. */
  icmpType = -1;
  icmpCode = -1;
  /** Echo identifier and sequence number, or -1. */
  icmpIdentifier = -1;
  icmpSequence = -1;
  /** In an ICMP or ICMPv6 error: where the quoted packet's IP header begins, for `decodeQuoted`. */
  quotedOffset = -1;
  /** NDP (RFC 4861): target address (16 bytes), and the source's and target's link-layer address (6 bytes). */
  ndpTargetOffset = -1;
  ndpSourceMacOffset = -1;
  ndpTargetMacOffset = -1;
  /** IGMP type, and the group of IGMP (4 bytes) or MLD (16 bytes). */
  igmpType = -1;
  multicastGroupOffset = -1;
  multicastGroupLength = 0;

  /** SCTP: verification tag, and type of the first chunk or -1. */
  sctpVerificationTag = 0;
  sctpChunkType = -1;
  /** GRE: protocol and key, or -1. */
  greProtocol = -1;
  greKey = -1;

  /** Application bytes that were captured, and their length on the wire by the headers. */
  payloadOffset = -1;
  payloadLength = 0;
  payloadWireLength = 0;

  /**
   * What this packet is to the one inside it: the tunnel's name, "" when it is none. Set too for a tunnel's own messages and for
   * what is encrypted, where nothing is inside.
   */
  tunnel: TunnelName | "" = "";
  /** "payload": the structure shows it; "port": it fits, and so would other things. */
  tunnelBy: "payload" | "port" = "payload";
  /**
   * VXLAN and Geneve: VNI; GTP: tunnel endpoint; L2TP: tunnel << 16 | session, or version 3's control connection; GRE: key;
   * ESP: security parameters index; -1 where there is none.
   */
  tunnelId = -1;
  /** Where the packet inside begins, or -1. */
  innerOffset = -1;
  /** Packet inside a tunnel; another reused object, true only while `hasInner` is. */
  inner: Packet | undefined = undefined;
  hasInner = false;

  /**
   * Where decoding stopped, as numbers: `stopLayer` "" when it did not. `stopReason` "" means that at `stopOffset` (into
   * `bytes`) `stopNeed` bytes were needed and `stopHave` were there; otherwise `stopNeed` is the offending value.
   */
  stopLayer = "";
  stopReason = "";
  stopOffset = -1;
  stopNeed = 0;
  stopHave = 0;

  /**
   * Why decoding stopped before the payload: "udp at offset 34: need 8, have 3", "ipv4 at offset 14: header length 8 below 20". Everything above it is
   * true. Undefined when nothing was wrong. The offset counts from the start of the frame.
   */
  get stoppedAt(): string | undefined {
    if (this.stopLayer === "") return undefined;
    const where = `${this.stopLayer} at offset ${this.stopOffset - this.frameStart}`;
    if (this.stopReason === "") return `${where}: need ${this.stopNeed}, have ${this.stopHave}`;
    return `${where}: ${this.stopReason.replace("%", String(this.stopNeed))}`;
  }

  private frameStart = 0;

  /** Forgets the last frame. `start` and `frameStart` lie inside `bytes`, and so does `capturedEnd`. */
  begin(bytes: Uint8Array, frameStart: number, start: number, capturedEnd: number, wireEnd: number): void {
    if (this.bytes !== bytes) this.bytes = bytes;
    this.frameStart = frameStart;
    this.start = start;
    this.capturedLength = capturedEnd - start;
    this.wireLength = wireEnd - start;
    this.capturedEnd = capturedEnd;
    this.wireEnd = wireEnd;
    this.resetLink();
    this.resetNetwork();
    this.resetTransport();
    this.payloadOffset = -1;
    this.payloadLength = 0;
    this.payloadWireLength = 0;
    this.tunnel = "";
    this.tunnelBy = "payload";
    this.tunnelId = -1;
    this.innerOffset = -1;
    this.hasInner = false;
    this.stopLayer = "";
  }

  private resetLink(): void {
    this.sourceMacOffset = -1;
    this.destinationMacOffset = -1;
    this.etherType = -1;
    this.outerVlan = -1;
    this.innerVlan = -1;
    this.mplsLabel = -1;
    this.llcDestination = -1;
    this.snapOrganization = -1;
    this.snapProtocol = -1;
    this.pppProtocol = -1;
    this.cookedPacketType = -1;
    this.cookedInterfaceIndex = 0;
    this.arpOperation = -1;
    this.arpSenderMacOffset = -1;
    this.arpSenderAddressOffset = -1;
    this.arpTargetMacOffset = -1;
    this.arpTargetAddressOffset = -1;
  }

  private resetNetwork(): void {
    this.networkOffset = -1;
    this.ipVersion = 0;
    this.addressLength = 0;
    this.sourceAddressOffset = -1;
    this.destinationAddressOffset = -1;
    this.ipLength = 0;
    this.timeToLive = 0;
    this.trafficClass = 0;
    this.isFragment = false;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.fragmentId = 0;
    this.spi = -1;
    this.hasAuthenticationHeader = false;
    this.protocolNumber = -1;
  }

  private resetTransport(): void {
    this.transportOffset = -1;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.tcpFlags = 0;
    this.tcpSequence = 0;
    this.tcpAcknowledgement = 0;
    this.tcpWindow = 0;
    this.tcpHeaderLength = 0;
    this.icmpType = -1;
    this.icmpCode = -1;
    this.icmpIdentifier = -1;
    this.icmpSequence = -1;
    this.quotedOffset = -1;
    this.ndpTargetOffset = -1;
    this.ndpSourceMacOffset = -1;
    this.ndpTargetMacOffset = -1;
    this.igmpType = -1;
    this.multicastGroupOffset = -1;
    this.multicastGroupLength = 0;
    this.sctpVerificationTag = 0;
    this.sctpChunkType = -1;
    this.greProtocol = -1;
    this.greKey = -1;
  }

  /** True when `need` bytes were captured at `offset`; otherwise decoding stops in `layer`. */
  has(layer: string, offset: number, need: number): boolean {
    const have = this.capturedEnd - offset;
    if (have >= need) return true;
    this.stopLayer = layer;
    this.stopReason = "";
    this.stopOffset = offset;
    this.stopNeed = need;
    this.stopHave = have < 0 ? 0 : have;
    return false;
  }

  /** Decoding stops in `layer` for a value that cannot be; `reason` shows the value where it says "%". */
  malformed(layer: string, offset: number, reason: string, value: number): void {
    this.stopLayer = layer;
    this.stopReason = reason;
    this.stopOffset = offset;
    this.stopNeed = value;
    this.stopHave = 0;
  }

  /** Draws both ends in to `end`, the end that a header states. */
  endAt(end: number): void {
    if (end < this.wireEnd) this.wireEnd = end;
    if (end < this.capturedEnd) this.capturedEnd = end;
  }

  /** What begins at `offset` is payload. */
  setPayload(offset: number): void {
    this.payloadOffset = offset;
    this.payloadLength = this.capturedEnd > offset ? this.capturedEnd - offset : 0;
    this.payloadWireLength = this.wireEnd > offset ? this.wireEnd - offset : 0;
  }

  /** This packet is the outer one of tunnel `name`; `innerOffset` is captured, or -1 when nothing is inside. */
  setTunnel(name: TunnelName, identifier: number, innerOffset: number): void {
    this.tunnel = name;
    this.tunnelId = identifier;
    this.innerOffset = innerOffset;
  }
}
