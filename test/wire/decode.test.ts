import assert from "node:assert/strict";
import { test } from "node:test";

import { formatAddress, formatMac } from "../../src/model/index.ts";
import {
  decode,
  decodeQuoted,
  fragmentKey,
  linkType,
  Packet,
  protocolName,
  protocolNumberOf,
} from "../../src/wire/index.ts";
import { ethernet, hex, ipv4, ipv6, sampleFrames, tcp, udp } from "./frames.ts";

const frames = sampleFrames();

function decoded(bytes: Uint8Array, link: number = linkType.ethernet, wireLength: number = bytes.length): Packet {
  const packet = new Packet();
  decode(link, bytes, bytes.length, wireLength, packet);
  return packet;
}

function assertFields(packet: Packet, expected: Partial<Packet>): void {
  assert.partialDeepStrictEqual(packet, expected);
}

const source = (packet: Packet): string =>
  formatAddress(packet.bytes, packet.sourceAddressOffset, packet.addressLength);
const destination = (packet: Packet): string =>
  formatAddress(packet.bytes, packet.destinationAddressOffset, packet.addressLength);
const payload = (packet: Packet): string =>
  Buffer.from(packet.bytes.subarray(packet.payloadOffset, packet.payloadOffset + packet.payloadLength)).toString();

test("TCP over IPv4: a SYN with the usual options", () => {
  const packet = decoded(frames.tcpSyn);
  assertFields(packet, {
    destinationMacOffset: 0,
    sourceMacOffset: 6,
    etherType: 0x0800,
    outerVlan: -1,
    networkOffset: 14,
    ipVersion: 4,
    ipLength: 60,
    timeToLive: 64,
    fragmentId: 0x1234,
    isFragment: false,
    protocolNumber: 6,
    transportOffset: 34,
    sourcePort: 50_000,
    destinationPort: 443,
    tcpFlags: 0x02,
    tcpSequence: 0x01020304,
    tcpAcknowledgement: 0,
    tcpWindow: 0xfaf0,
    tcpHeaderLength: 40,
    payloadOffset: 74,
    payloadLength: 0,
    payloadWireLength: 0,
  });
  assert.equal(packet.stoppedAt, undefined);
  assert.equal(formatMac(packet.bytes, packet.sourceMacOffset), "02:00:00:00:00:01");
  assert.equal(source(packet), "10.0.0.1");
  assert.equal(destination(packet), "192.0.2.2");
});

test("TCP over IPv6: data behind options", () => {
  const packet = decoded(frames.tcpIpv6);
  assertFields(packet, {
    etherType: 0x86dd,
    ipVersion: 6,
    addressLength: 16,
    ipLength: 112,
    protocolNumber: 6,
    transportOffset: 54,
    tcpAcknowledgement: 0xfffe_fdfc | 0,
    payloadOffset: 86,
    payloadLength: 40,
  });
  assert.equal(source(packet), "2001:db8::1");
  assert.equal(destination(packet), "2001:db8::2");
});

test("Ethernet padding is no payload", () => {
  const padded = hex(ethernet("0800"), ipv4("06", tcp("")), "00".repeat(6));
  assertFields(decoded(padded), { payloadOffset: 54, payloadLength: 0, payloadWireLength: 0 });
  const shortUdp = hex(ethernet("0800"), ipv4("11", `${udp("6869")} ffff`));
  assert.equal(payload(decoded(shortUdp)), "hi");
});

test("a snap length shortens what was captured, not what was on the wire", () => {
  const whole = hex(ethernet("0800"), ipv4("06", tcp("00".repeat(100))));
  assertFields(decoded(whole.subarray(0, 60), 1, whole.length), {
    capturedLength: 60,
    wireLength: 154,
    payloadLength: 6,
    payloadWireLength: 100,
  });
});

test("total length 0 is segmentation offload: the frame's length rules", () => {
  const bytes = hex(ethernet("0800"), ipv4("06", tcp("68656c6c6f")));
  bytes.set([0, 0], 16);
  const packet = decoded(bytes);
  assert.equal(packet.ipLength, 45);
  assert.equal(payload(packet), "hello");
});

test("VLAN tags, one and two", () => {
  assertFields(decoded(frames.vlan), { etherType: 0x0800, outerVlan: 100, innerVlan: -1, sourcePort: 50_000 });
  assertFields(decoded(frames.qinq), { etherType: 0x86dd, outerVlan: 100, innerVlan: 200, sourcePort: 5353 });
  const old = hex(ethernet("9100"), "e00a 8100 0014 0800", ipv4("11", udp("")));
  assertFields(decoded(old), { outerVlan: 10, innerVlan: 20, destinationPort: 53 });
});

test("ICMP: echo, and an error's quotation", () => {
  assertFields(decoded(frames.icmpEcho), {
    protocolNumber: 1,
    icmpType: 8,
    icmpCode: 0,
    icmpIdentifier: 0x4d2a,
    icmpSequence: 7,
    quotedOffset: -1,
    payloadLength: 5,
  });
  const error = decoded(frames.icmpUnreachable);
  assertFields(error, { icmpType: 3, icmpCode: 3, icmpIdentifier: -1, quotedOffset: 42 });
  const quoted = new Packet();
  assert.equal(decodeQuoted(error, quoted), true);
  assertFields(quoted, { protocolNumber: 17, sourcePort: 5353, destinationPort: 53 });
  assert.equal(source(quoted), "10.0.0.1");
  assert.equal(decodeQuoted(decoded(frames.icmpEcho), quoted), false);
});

test("a quotation of 8 transport bytes gives ports and sequence", () => {
  const quotation = ipv4("06", tcp("")).split(" ").join("").slice(0, 56);
  const quoted = new Packet();
  assert.equal(
    decodeQuoted(decoded(hex(ethernet("0800"), ipv4("01", `03 04 0000 000005dc ${quotation}`))), quoted),
    true,
  );
  assertFields(quoted, { sourcePort: 50_000, destinationPort: 443, tcpSequence: 0x01020304 });
  assert.equal(quoted.stoppedAt, "tcp at offset 62: need 20, have 8");
});

test("ICMPv6 neighbour discovery and IGMP", () => {
  const solicitation = decoded(frames.neighbourSolicitation);
  assertFields(solicitation, { protocolNumber: 58, icmpType: 135, ndpTargetOffset: 62, ndpSourceMacOffset: 80 });
  assert.equal(formatAddress(solicitation.bytes, 62, 16), "fe80::9");
  assert.equal(formatMac(solicitation.bytes, 80), "02:00:00:00:00:01");
  const report = decoded(frames.igmp);
  assertFields(report, { protocolNumber: 2, igmpType: 0x16, multicastGroupOffset: 38 });
  assert.equal(formatAddress(report.bytes, 38, 4), "224.0.0.251");
});

test("SCTP, UDP-Lite, DCCP, ESP, AH", () => {
  assertFields(decoded(frames.sctp), {
    sourcePort: 4096,
    destinationPort: 8192,
    sctpVerificationTag: 0xdeadbeef,
    sctpChunkType: 1,
  });
  assertFields(decoded(frames.udpLite), { protocolNumber: 136, sourcePort: 4096, payloadLength: 5 });
  assertFields(decoded(hex(ethernet("0800"), ipv4("21", "1000 2000 03 00 0000 00 000001 0a0b"))), {
    sourcePort: 4096,
    destinationPort: 8192,
    payloadLength: 2,
  });
  assertFields(decoded(frames.esp), { protocolNumber: 50, spi: 0xc0de, payloadLength: 16 });
  assertFields(decoded(frames.ah), {
    protocolNumber: 6,
    hasAuthenticationHeader: true,
    spi: 0xc0de,
    sourcePort: 50_000,
  });
});

test("GRE with checksum, key and sequence; bridged Ethernet; IP in IP; 6in4", () => {
  const gre = decoded(frames.gre);
  assertFields(gre, { protocolNumber: 47, greProtocol: 0x0800, greKey: 42, hasInner: true, payloadOffset: 50 });
  assertFields(gre.inner!, { networkOffset: 50, protocolNumber: 17, sourcePort: 5353 });
  const bridge = decoded(frames.greBridge).inner!;
  assertFields(bridge, { sourceMacOffset: 64, etherType: 0x86dd, protocolNumber: 6, destinationPort: 443 });
  assertFields(decoded(frames.ipip).inner!, { ipVersion: 4, protocolNumber: 6 });
  assertFields(decoded(frames.sixInFour).inner!, { ipVersion: 6, protocolNumber: 17 });
  assertFields(decoded(frames.ipip), { protocolNumber: 4, sourcePort: 0, hasInner: true });
});

test("tunnels are followed four deep, and the inner packet of an earlier frame is not shown", () => {
  let bytes = ipv4("06", tcp("00"));
  for (let depth = 0; depth < 4; depth++) bytes = ipv4("04", bytes);
  const packet = decoded(hex(ethernet("0800"), bytes));
  const innermost = packet.inner!.inner!.inner!.inner!;
  assertFields(innermost, { protocolNumber: 6, sourcePort: 50_000, hasInner: false });
  decode(1, hex(ethernet("0800"), ipv4("04", bytes)), 1000, 1000, packet);
  assert.equal(packet.inner!.inner!.inner!.inner!.stoppedAt, "tunnel at offset 114: nesting above 4");
  decode(1, frames.tcpIpv4, frames.tcpIpv4.length, frames.tcpIpv4.length, packet);
  assert.equal(packet.hasInner, false);
});

test("fragments: only the first has ports; all share a key", () => {
  const first = decoded(frames.firstFragment);
  const later = decoded(frames.laterFragment);
  assertFields(first, {
    isFragment: true,
    moreFragments: true,
    fragmentOffset: 0,
    sourcePort: 5353,
    payloadLength: 16,
  });
  assertFields(later, {
    isFragment: true,
    moreFragments: false,
    fragmentOffset: 24,
    sourcePort: 0,
    transportOffset: -1,
  });
  assertFields(later, { protocolNumber: 17, payloadOffset: 34, payloadLength: 16 });
  assert.notEqual(fragmentKey(first), "");
  assert.equal(fragmentKey(first), fragmentKey(later));
  assert.equal(fragmentKey(decoded(frames.udpIpv4)), "");
  const other = decoded(hex(ethernet("0800"), ipv4("11", "00".repeat(16), "0003", "1235")));
  assert.notEqual(fragmentKey(other), fragmentKey(first));
});

test("IPv6 extension headers, the fragment header among them", () => {
  const packet = decoded(frames.extensionHeaders);
  assertFields(packet, {
    protocolNumber: 17,
    sourcePort: 5353,
    isFragment: true,
    fragmentOffset: 0,
    moreFragments: true,
  });
  assertFields(packet, { fragmentId: 0xabcd, transportOffset: 14 + 40 + 8 + 8 + 24 + 8 });
  const later = decoded(hex(ethernet("86dd"), ipv6("2c", "11 00 05a8 0000abcd 0102030405060708")));
  assertFields(later, {
    protocolNumber: 17,
    isFragment: true,
    fragmentOffset: 1448,
    transportOffset: -1,
    payloadLength: 8,
  });
  assert.equal(fragmentKey(later), fragmentKey(packet));
  const none = decoded(hex(ethernet("86dd"), ipv6("3b", "")));
  assertFields(none, { protocolNumber: 59, payloadLength: 0 });
});

test("a chain of extension headers ends", () => {
  const packet = decoded(hex(ethernet("86dd"), ipv6("3c", "3c 00 0000 00000000".repeat(20))));
  assert.equal(packet.stoppedAt, "ipv6 extension header at offset 182: more than 16");
});

test("ARP shows who asks for whom", () => {
  const packet = decoded(frames.arp);
  assertFields(packet, { etherType: 0x0806, arpOperation: 1, ipVersion: 0, protocolNumber: -1 });
  assert.equal(formatMac(packet.bytes, packet.arpSenderMacOffset), "02:00:00:00:00:01");
  assert.equal(formatAddress(packet.bytes, packet.arpSenderAddressOffset, 4), "10.0.0.1");
  assert.equal(formatMac(packet.bytes, packet.arpTargetMacOffset), "00:00:00:00:00:00");
  assert.equal(formatAddress(packet.bytes, packet.arpTargetAddressOffset, 4), "10.0.0.2");
});

test("what is not IP has a number and a name", () => {
  const name = (bytes: Uint8Array): string => protocolName(protocolNumberOf(decoded(bytes)));
  assert.equal(name(frames.arp), "ARP");
  assert.equal(name(frames.lldp), "LLDP");
  assert.equal(name(frames.stp), "STP");
  assert.equal(name(frames.cdp), "CDP");
  assert.equal(name(frames.tcpIpv4), "TCP");
  assert.equal(name(frames.neighbourSolicitation), "IPv6-ICMP");
  assert.equal(name(hex(ethernet("1234"), "00")), "0x1234");
  assert.equal(name(hex(ethernet("8864"), "11 00 0001 0006 c021 01010004")), "LCP");
  assert.equal(protocolName(253), "253");
  assert.equal(protocolName(protocolNumberOf(decoded(frames.arp.subarray(0, 10)))), "unknown");
});

test("MPLS and PPPoE reach IP", () => {
  assertFields(decoded(frames.mpls), { mplsLabel: 16, ipVersion: 4, sourcePort: 50_000 });
  assertFields(decoded(frames.pppoe), { pppProtocol: 0x21, ipVersion: 4, sourcePort: 5353 });
});

test("SNAP with an EtherType, 802.3 length", () => {
  const ip = ipv4("11", udp("6869"));
  const length = (hex(ip).length + 8).toString(16).padStart(4, "0");
  const packet = decoded(hex("020000000002 020000000001", length, "aaaa03 000000 0800", ip, "00".repeat(8)));
  assertFields(packet, { etherType: 0x0800, networkOffset: 22, sourcePort: 5353 });
  assert.equal(payload(packet), "hi");
});

test("other link types lead to the same packet", () => {
  const four = ipv4("11", udp("6869"));
  const six = ipv6("11", udp("6869"));
  const cases: [string, number, Uint8Array, Partial<Packet>][] = [
    ["raw IPv4", 101, hex(four), { ipVersion: 4, etherType: 0x0800 }],
    ["raw IPv6", 101, hex(six), { ipVersion: 6, etherType: 0x86dd }],
    ["raw 12", 12, hex(six), { ipVersion: 6 }],
    ["raw 14", 14, hex(four), { ipVersion: 4 }],
    ["IPv4", 228, hex(four), { ipVersion: 4 }],
    ["IPv6", 229, hex(six), { ipVersion: 6 }],
    ["null, little-endian", 0, hex("02000000", four), { ipVersion: 4 }],
    ["null, big-endian", 0, hex("0000001e", six), { ipVersion: 6 }],
    ["loop", 108, hex("00000018", six), { ipVersion: 6 }],
    [
      "Linux cooked",
      113,
      hex("0004 0001 0006 020000000001 0000 0800", four),
      { cookedPacketType: 4, sourceMacOffset: 6, etherType: 0x0800, ipVersion: 4 },
    ],
    [
      "Linux cooked 2",
      276,
      hex("86dd 0000 00000007 0001 00 06 020000000001 0000", six),
      { cookedPacketType: 0, cookedInterfaceIndex: 7, sourceMacOffset: 12, ipVersion: 6 },
    ],
    ["PPP", 9, hex("ff03 0021", four), { pppProtocol: 0x21, ipVersion: 4 }],
    ["PPP, compressed", 50, hex("57", six), { pppProtocol: 0x57, ipVersion: 6 }],
    [
      "802.11, quality of service, from the access point",
      105,
      hex("8802 0000 020000000002 020000000003 020000000001 0000 0000 aaaa03 000000 0800", four),
      { destinationMacOffset: 4, sourceMacOffset: 16, ipVersion: 4 },
    ],
    [
      "802.11 with radiotap, to the access point",
      127,
      hex("00 00 0800 00000000 0801 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 86dd", six),
      { destinationMacOffset: 24, sourceMacOffset: 18, ipVersion: 6 },
    ],
  ];
  for (const [name, link, bytes, expected] of cases) {
    const packet = decoded(bytes, link);
    assertFields(packet, { ...expected, protocolNumber: 17, sourcePort: 5353, destinationPort: 53 });
    assert.equal(packet.stoppedAt, undefined, name);
    assert.equal(payload(packet), "hi", name);
  }
});

test("where decoding stopped is said with numbers", () => {
  const cases: [Uint8Array, number, string][] = [
    [frames.udpIpv4.subarray(0, 37), 1, "udp at offset 34: need 8, have 3"],
    [frames.tcpIpv4.subarray(0, 30), 1, "ipv4 at offset 14: need 20, have 16"],
    [frames.tcpSyn.subarray(0, 60), 1, "tcp options at offset 34: need 40, have 26"],
    [hex(ethernet("0800"), "44", "00".repeat(19)), 1, "ipv4 at offset 14: header length 16 below 20"],
    [hex(ethernet("0800"), "65", "00".repeat(19)), 1, "ipv4 at offset 14: version 6 is not 4"],
    [hex(ethernet("05ff"), "00"), 1, "ethernet at offset 12: type or length 1535 is neither"],
    [hex("f0"), 101, "ip at offset 0: version 15 is neither 4 nor 6"],
    [hex("00"), 999, "link at offset 0: type 999 is not known"],
    [hex(ethernet("0800"), ipv4("2f", "0002 0800")), 1, "gre at offset 34: version 2 above 1"],
    [hex(ethernet("0800"), ipv4("11", "14e9 0035 0007 0000")), 1, "udp at offset 34: length 7 below 8"],
    [
      hex(ethernet("0800"), ipv4("06", "c350 01bb 00000000 00000000 40 00 0000 0000 0000")),
      1,
      "tcp at offset 34: header length 16 below 20",
    ],
  ];
  for (const [bytes, link, reason] of cases) assert.equal(decoded(bytes, link).stoppedAt, reason);
});

test("a header that makes no sense leaves no protocol, a cut one leaves what stood before it", () => {
  const nonsense = hex(ethernet("0800"), ipv4("06", tcp("")));
  nonsense.set([0, 10], 16);
  assertFields(decoded(nonsense), { ipVersion: 4, protocolNumber: -1, sourcePort: 0 });
  assertFields(decoded(frames.udpIpv4.subarray(0, 38)), { protocolNumber: 17, sourcePort: 5353, payloadOffset: -1 });
  assertFields(decoded(frames.udpIpv4.subarray(0, 37)), { protocolNumber: 17, transportOffset: -1, sourcePort: 0 });
});
