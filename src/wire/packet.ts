/**
 * Result of decoding one frame: offsets into the frame, no copies. One object is reused for every frame of a loop, so
 * that decoding allocates nothing; `decode` resets it first. Offsets are -1 and numbers 0 where a layer is absent.
 */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  /** Bytes of the frame that were captured, and that were on the wire. */
  capturedLength = 0;
  wireLength = 0;

  /** Link layer: MAC addresses (6 bytes each), EtherType of the payload, VLAN ids outer first (-1: no tag). */
  sourceMacOffset = -1;
  destinationMacOffset = -1;
  etherType = -1;
  outerVlan = -1;
  innerVlan = -1;

  /** Network layer. `ipVersion` 0: not IP. Addresses are 4 or 16 bytes at their offsets. */
  networkOffset = -1;
  ipVersion: 0 | 4 | 6 = 0;
  addressLength = 0;
  sourceAddressOffset = -1;
  destinationAddressOffset = -1;
  /** Length of the IP packet by its own header, clamped to nothing: may exceed what was captured. */
  ipLength = 0;
  timeToLive = 0;
  /** RFC 791 / RFC 8200 section 4.5. Offset in bytes; only offset 0 has a transport header. */
  fragmentOffset = 0;
  moreFragments = false;
  fragmentId = 0;

  /** IANA protocol number of the innermost payload that was reached (after IPv6 extension headers). */
  protocolNumber = -1;
  transportOffset = -1;
  sourcePort = 0;
  destinationPort = 0;
  tcpFlags = 0;
  tcpSequence = 0;
  tcpAcknowledgement = 0;
  tcpWindow = 0;
  /** -1: option absent. */
  tcpWindowScale = -1;
  tcpTimestampValue = -1;
  tcpTimestampEcho = -1;
  icmpType = -1;
  icmpCode = -1;
  /** ICMP echo identifier, or -1. */
  icmpIdentifier = -1;

  /** Application bytes that were captured, and their length on the wire by the headers. */
  payloadOffset = -1;
  payloadLength = 0;
  payloadWireLength = 0;

  /** Packet inside GRE, IP in IP, 6in4; another reused object. */
  inner: Packet | undefined = undefined;
  hasInner = false;

  /** Why decoding stopped before the payload: "udp at offset 34: need 8, have 3". Everything above it is true. */
  stoppedAt: string | undefined = undefined;
}
