import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import { formatAddress } from "../../src/model/index.ts";
import { applicationOfProtocol, decode, innerPacket, linkType, Packet } from "../../src/wire/index.ts";
import {
  ethernet,
  gtp,
  hex,
  ipv4,
  ipv6,
  ipv6OfTeredo,
  l2tp,
  overUdp,
  sampleFrames,
  tcp,
  udp,
  udpBetween,
} from "./frames.ts";

const frames = sampleFrames();
const hello = "68656c6c6f";
const ports = [1701, 2152, 3544, 4500, 4789, 4790, 6081, 8472] as const;

function decoded(bytes: Uint8Array): Packet {
  const packet = new Packet();
  decode(linkType.ethernet, bytes, bytes.length, bytes.length, packet);
  return packet;
}

/** The tunnel, its number, and what is inside: "vxlan 42: UDP 5353 > 53". */
function described(bytes: Uint8Array): string {
  const packet = decoded(bytes);
  if (packet.tunnel === "") {
    assert.equal(packet.hasInner, false);
    return "none";
  }
  const by = packet.tunnelBy === "payload" ? "" : " by port";
  const inner = innerPacket(packet);
  if (inner === undefined) return `${packet.tunnel}${by} ${packet.tunnelId}`;
  const kind = inner.ipVersion === 0 ? "ARP" : `IPv${inner.ipVersion}/${inner.protocolNumber}`;
  return `${packet.tunnel}${by} ${packet.tunnelId}: ${kind} ${inner.sourcePort} > ${inner.destinationPort}`;
}

const inside = ipv4("11", udp(hello));
const insideV6 = ipv6("06", tcp(hello));

test("each tunnel over UDP: name, number and the packet inside", () => {
  assert.equal(described(frames.vxlan), "vxlan 42: IPv4/17 5353 > 53");
  assert.equal(described(frames.vxlanGpe), "vxlan-gpe 42: IPv4/17 5353 > 53");
  assert.equal(described(frames.geneve), "geneve 42: IPv6/6 50000 > 443");
  assert.equal(described(frames.gtp), "gtp 16909060: IPv4/6 50000 > 443");
  assert.equal(described(frames.l2tp), "l2tp 458761: IPv4/6 50000 > 443");
  assert.equal(described(frames.l2tpControl), "l2tp 458752");
  assert.equal(described(frames.teredo), "teredo -1: IPv6/6 50000 > 443");
  assert.equal(described(frames.espInUdp), "esp by port 49374");
});

test("the outer packet keeps its own ports and payload; the inner one ends where it says", () => {
  const packet = decoded(frames.vxlan);
  assert.partialDeepStrictEqual(packet, {
    sourcePort: 50_000,
    destinationPort: 4789,
    payloadOffset: 42,
    innerOffset: 50,
    payloadLength: frames.vxlan.length - 42,
  });
  const inner = packet.inner!;
  assert.equal(inner.sourceMacOffset, 56);
  assert.equal(formatAddress(inner.bytes, inner.sourceAddressOffset, 4), "10.0.0.1");
  assert.equal(inner.payloadLength, 5);
  // Ethernet inside is padded to 60 bytes.
  const padded = decoded(overUdp(4789, `08000000 00002a00 ${ethernet("0800")} ${inside} ${"00".repeat(13)}`));
  assert.equal(padded.inner?.payloadWireLength, 5);
});

test("VXLAN: the old port, a group policy, tags, ARP and LLDP inside", () => {
  const header = "08000000 00002a00";
  assert.equal(described(overUdp(8472, `${header} ${ethernet("86dd")} ${insideV6}`)), "vxlan 42: IPv6/6 50000 > 443");
  assert.equal(
    described(overUdp(4789, `88080064 00002a00 ${ethernet("8100")} 0005 0800 ${inside}`)),
    "vxlan 42: IPv4/17 5353 > 53",
  );
  const arp = "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002";
  assert.equal(described(overUdp(4789, `${header} ${ethernet("0806")} ${arp}`)), "vxlan 42: ARP 0 > 0");
  const lldp = decoded(overUdp(4789, `${header} ${ethernet("88cc")} 0207 04 020000000001`));
  assert.equal(lldp.tunnel, "vxlan");
  assert.equal(lldp.inner?.etherType, 0x88cc);
  assert.equal(innerPacket(lldp), undefined);
});

test("VXLAN that is none: flags, reserved bytes, an inner frame that cannot be", () => {
  const frame = `${ethernet("0800")} ${inside}`;
  for (const header of ["00000000 00002a00", "08000001 00002a00", "08000000 00002a01", "0c000000 00002a00"]) {
    assert.equal(described(overUdp(4789, `${header} ${frame}`)), "none", header);
  }
  const header = "08000000 00002a00";
  for (const bad of [
    `020000000002 030000000001 0800 ${inside}`,
    `020000000002 000000000000 0800 ${inside}`,
    `${ethernet("86dd")} ${inside}`,
    `${ethernet("0800")} 45000100 ${inside}`,
    `${ethernet("1234")} ${inside}`,
    `${ethernet("8100")} 0005 8100 0006 8100 0007 0800 ${inside}`,
    `${ethernet("0026")} f0f003 ${"00".repeat(40)}`,
    ethernet("0800"),
  ]) {
    assert.equal(described(overUdp(4789, `${header} ${bad}`)), "none", bad);
  }
  // Only the destination's port counts.
  const answer = hex(ethernet("0800"), ipv4("11", udpBetween(4789, 50_000, `${header} ${frame}`)));
  assert.equal(described(answer), "none");
});

test("VXLAN-GPE: by its next protocol, maintenance apart", () => {
  assert.equal(described(overUdp(4790, `0c000002 00002a00 ${insideV6}`)), "vxlan-gpe 42: IPv6/6 50000 > 443");
  assert.equal(
    described(overUdp(4790, `0c000003 00002a00 ${ethernet("0800")} ${inside}`)),
    "vxlan-gpe 42: IPv4/17 5353 > 53",
  );
  for (const header of ["0d000001 00002a00", "1c000001 00002a00", "08000001 00002a00", "0c000004 00002a00"]) {
    assert.equal(described(overUdp(4790, `${header} ${inside}`)), "none", header);
  }
  assert.equal(described(overUdp(4790, `0c000001 00002a00 ${insideV6}`)), "none");
});

test("Geneve: without options, IP directly, options that do not fit", () => {
  assert.equal(described(overUdp(6081, `00000800 00002a00 ${inside}`)), "geneve 42: IPv4/17 5353 > 53");
  assert.equal(described(overUdp(6081, `004086dd 00002a00 ${insideV6}`)), "geneve 42: IPv6/6 50000 > 443");
  for (const [reason, bytes] of [
    ["version 1", `40000800 00002a00 ${inside}`],
    ["reserved bit", `00010800 00002a00 ${inside}`],
    ["reserved byte", `00000800 00002a01 ${inside}`],
    ["an option longer than all", `01000800 00002a00 01028001 ${inside}`],
    ["another protocol", `000086dd 00002a00 ${inside}`],
    ["unknown protocol", `00001234 00002a00 ${inside}`],
  ] as const) {
    assert.equal(described(overUdp(6081, bytes)), "none", reason);
  }
});

test("GTP-U: plain, sequence number, extension headers, Ethernet, messages about the path", () => {
  const id = 0x01020304;
  assert.equal(described(overUdp(2152, gtp("30", "ff", inside))), `gtp ${id}: IPv4/17 5353 > 53`);
  assert.equal(described(overUdp(2152, gtp("32", "ff", `0001 00 85 ${insideV6}`))), `gtp ${id}: IPv6/6 50000 > 443`);
  const two = `0000 00 85 01 1001 c0 01 0002 00 ${inside}`;
  assert.equal(described(overUdp(2152, gtp("36", "ff", two))), `gtp ${id}: IPv4/17 5353 > 53`);
  assert.equal(
    described(overUdp(2152, gtp("30", "ff", `${ethernet("0800")} ${inside}`))),
    `gtp ${id}: IPv4/17 5353 > 53`,
  );
  assert.equal(described(overUdp(2152, gtp("32", "01", "0001 0000", "00000000"))), "gtp 0");
  assert.equal(described(overUdp(2152, gtp("30", "fe", ""))), `gtp ${id}`);
  // From the port too: answers go to the port that asked.
  const answer = gtp("32", "02", "0001 0000 0e00", "00000000");
  assert.equal(described(hex(ethernet("0800"), ipv4("11", udpBetween(2152, 40_000, answer)))), "gtp 0");
  // User data of an unknown kind is GTP, and nothing is inside.
  assert.equal(described(overUdp(2152, gtp("30", "ff", "c021 0102 0304"))), `gtp ${id}`);
  assert.equal(described(overUdp(2152, gtp("34", "ff", `0000 00 85 00 1001 00 ${inside}`))), "none", "length 0");
});

test("GTP-U that is none: version, spare bit, length, an echo with an endpoint", () => {
  for (const bytes of [
    gtp("50", "ff", inside),
    gtp("38", "ff", inside),
    gtp("20", "ff", inside),
    `${gtp("30", "ff", inside)} 00`,
    gtp("32", "01", "0001 0000"),
    gtp("30", "01", "", "00000000"),
    gtp("30", "ff", "c021 0102 0304", "00000000"),
    gtp("30", "07", inside),
  ]) {
    assert.equal(described(overUdp(2152, bytes)), "none", bytes);
  }
});

test("L2TP: optional fields, PPP's short forms and control protocols, acknowledgements, version 3", () => {
  const id = 7 * 65_536 + 9;
  assert.equal(described(overUdp(1701, `0002 0007 0009 21 ${inside}`)), `l2tp ${id}: IPv4/17 5353 > 53`);
  assert.equal(
    described(overUdp(1701, `0a02 0007 0009 0001 0002 0002 ffff 0057 ${insideV6}`)),
    `l2tp ${id}: IPv6/6 50000 > 443`,
  );
  const lcp = decoded(overUdp(1701, l2tp("ff03 c021 01 01 0004")));
  assert.equal(lcp.tunnel, "l2tp");
  assert.equal(lcp.inner?.pppProtocol, 0xc021);
  assert.equal(innerPacket(lcp), undefined);
  assert.equal(described(overUdp(1701, "c802 000c 0007 0000 0001 0002")), "l2tp 458752");
  assert.equal(described(overUdp(1701, "c803 0014 00000007 0001 0002 0008 0000 0000 0006")), "l2tp 7");
});

test("L2TP that is none: reserved bits, version, length, numbers of 0, no PPP inside", () => {
  for (const bytes of [
    `0003 0007 0009 21 ${inside}`,
    `0012 0007 0009 21 ${inside}`,
    `0002 0000 0009 21 ${inside}`,
    `0002 0007 0000 21 ${inside}`,
    `${l2tp(`0021 ${inside}`)} 00`,
    l2tp(`0057 ${inside}`),
    l2tp("c021 00 01 0004"),
    l2tp("c021 01 01 0005"),
    l2tp(`0041 ${inside}`),
    "c802 000d 0007 0000 0001 0002",
    "c802 0014 0007 0000 0001 0002 8008 0009 0000 0006",
  ]) {
    assert.equal(described(overUdp(1701, bytes)), "none", bytes);
  }
});

test("Teredo: with a server's indications, solicitations, bubbles, trailers, between clients at any port", () => {
  const data = ipv6OfTeredo("06", tcp(hello));
  assert.equal(described(overUdp(3544, data)), "teredo -1: IPv6/6 50000 > 443");
  const authentication = "0001 00 00 0102030405060708 00";
  assert.equal(
    described(overUdp(3544, `${authentication} 0000 f277 3ffffdfd ${data}`)),
    "teredo -1: IPv6/6 50000 > 443",
  );
  const solicitation = `60000000 0008 3a ff fe80000000000000000000000000ffff ff020000000000000000000000000002 85 00 0000 00000000`;
  assert.equal(described(overUdp(3544, `${authentication} ${solicitation}`)), "teredo -1: IPv6/58 0 > 0");
  assert.equal(described(overUdp(3544, ipv6OfTeredo("3b", ""))), "teredo -1: IPv6/59 0 > 0");
  assert.equal(described(overUdp(40_000, data)), "teredo -1: IPv6/6 50000 > 443");
  assert.equal(described(overUdp(40_000, `${ipv6OfTeredo("3b", "")} 04 04 00000001`)), "teredo -1: IPv6/59 0 > 0");
});

test("Teredo that is none: other addresses, indications away from a server, a rest that is no trailer", () => {
  const data = ipv6OfTeredo("06", tcp(hello));
  assert.equal(described(overUdp(3544, insideV6)), "none");
  assert.equal(described(overUdp(40_000, insideV6)), "none");
  assert.equal(described(overUdp(40_000, `0000 f277 3ffffdfd ${data}`)), "none");
  assert.equal(described(overUdp(3544, `${data} 04 05 00000001`)), "none");
  assert.equal(described(overUdp(3544, ipv4("06", tcp(hello)))), "none");
});

test("ESP in UDP is a hint; IKE, keep-alives and odd lengths are not even that", () => {
  const body = "aa".repeat(24);
  for (const bytes of [
    `00000000 00000001 ${body}`,
    "ff",
    `0000c0de 00000000 ${body}`,
    `000000ff 00000001 ${body}`,
    `0000c0de 00000001 ${body} aa`,
  ]) {
    assert.equal(described(overUdp(4500, bytes)), "none", bytes);
  }
});

test("a tunnel whose inner headers were cut is not followed; the first fragment of one is", () => {
  const frame = frames.vxlan;
  const packet = new Packet();
  decode(linkType.ethernet, frame, 80, frame.length, packet);
  assert.equal(packet.tunnel, "");
  decode(linkType.ethernet, frame, 84, frame.length, packet);
  assert.equal(packet.tunnel, "vxlan");
  const whole = udpBetween(50_000, 2152, gtp("30", "ff", ipv4("11", udp("00".repeat(64)))));
  const first = hex(ethernet("0800"), ipv4("11", Buffer.from(hex(whole).subarray(0, 80)).toString("hex"), "2000"));
  assert.equal(described(first), "gtp 16909060: IPv4/17 5353 > 53");
});

test("a wrong header checksum inside: nobody would take that packet", () => {
  const wrong = inside.replace("11 0000 0a", "11 0001 0a");
  assert.notEqual(wrong, inside);
  assert.equal(described(overUdp(2152, gtp("30", "ff", wrong))), "gtp 16909060");
  assert.equal(described(overUdp(6081, `00000800 00002a00 ${wrong}`)), "none");
  const right = inside.replace("11 0000 0a", "11 5c95 0a");
  assert.equal(described(overUdp(6081, `00000800 00002a00 ${right}`)), "geneve 42: IPv4/17 5353 > 53");
});

const dns = "1234 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001";
const quic = `c3 00000001 08 8394c8f03e515708 00 00 449e ${"5a".repeat(1180)}`;
const quicShort = `43 8394c8f03e515708 ${"5a".repeat(60)}`;
const ntp = `23 02 06 e9 ${"01".repeat(44)}`;
const stun = "0001 0000 2112a442 000102030405060708090a0b";
const rtp = `80 60 0001 00000010 deadbeef ${"7f".repeat(160)}`;

test("DNS, QUIC, NTP, STUN and RTP on a tunnel's port stay what they are", () => {
  for (const port of ports) {
    for (const [name, bytes] of Object.entries({ dns, quic, quicShort, ntp, stun, rtp })) {
      const packet = decoded(overUdp(port, bytes));
      assert.equal(packet.hasInner, false, `${name} on ${port}`);
      assert.ok(packet.tunnel === "" || packet.tunnelBy === "port", `${name} on ${port} is ${packet.tunnel}`);
    }
  }
});

test("random bytes on a tunnel's port have no packet inside", () => {
  const packet = new Packet();
  fc.assert(
    fc.property(fc.constantFrom(...ports), fc.uint8Array({ maxLength: 120 }), (port, bytes) => {
      const frame = overUdp(port, Buffer.from(bytes).toString("hex"));
      decode(linkType.ethernet, frame, frame.length, frame.length, packet);
      assert.equal(packet.hasInner, false);
    }),
    { numRuns: 20_000 },
  );
});

test("tunnels in tunnels: every packet with its own role, and no more than four", () => {
  let bytes = inside;
  for (let depth = 0; depth < 2; depth++) {
    bytes = ipv4("11", udpBetween(50_000, 2152, gtp("30", "ff", bytes)));
    bytes = ipv4("2f", `0000 0800 ${bytes}`);
  }
  const packet = decoded(hex(ethernet("0800"), bytes));
  const roles: string[] = [];
  for (let at: Packet | undefined = packet; at !== undefined; at = innerPacket(at)) roles.push(at.tunnel);
  assert.deepEqual(roles, ["gre", "gtp", "gre", "gtp", ""]);
  const deeper = decoded(hex(ethernet("0800"), ipv4("04", bytes)));
  assert.equal(deeper.inner!.inner!.inner!.inner!.stoppedAt, "tunnel at offset 154: nesting above 4");
});

test("protocols directly over IP: the header names the tunnel", () => {
  const names = Object.entries({
    gre: frames.gre,
    greBridge: frames.greBridge,
    ipip: frames.ipip,
    sixInFour: frames.sixInFour,
    sixInSix: hex(ethernet("86dd"), ipv6("29", insideV6)),
    etherip: hex(ethernet("0800"), ipv4("61", `3000 ${ethernet("0800")} ${inside}`)),
    mplsInIp: hex(ethernet("0800"), ipv4("89", `00011140 ${inside}`)),
    tcp: frames.tcpIpv4,
  }).map(([name, bytes]) => [name, described(bytes).replace(/:.*/, "")]);
  assert.deepEqual(Object.fromEntries(names), {
    gre: "gre 42",
    greBridge: "gre -1",
    ipip: "ipip -1",
    sixInFour: "6in4 -1",
    sixInSix: "6in6 -1",
    etherip: "etherip -1",
    mplsInIp: "mpls-in-ip -1",
    tcp: "none",
  });
});

test("a protocol without ports is its own application", () => {
  const names = [1, 2, 4, 41, 47, 50, 51, 58, 89, 103, 112, 0x1_0806, 0x1_88cc, 0x2_2000, 0x3_0042].map(
    applicationOfProtocol,
  );
  assert.deepEqual(names, [
    "icmp",
    "igmp",
    "ipip",
    "6in4",
    "gre",
    "esp",
    "ah",
    "icmpv6",
    "ospf",
    "pim",
    "vrrp",
    "arp",
    "lldp",
    "cdp",
    "stp",
  ]);
  for (const number of [-1, 6, 17, 132, 253, 0x1_1234, 0x2_1234, 0x1_0800]) {
    assert.equal(applicationOfProtocol(number), undefined, String(number));
  }
});
