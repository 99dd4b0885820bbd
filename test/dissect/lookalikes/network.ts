import { bytesOf, u16, u32 } from "../build.ts";
import type { Lookalike } from "./lookalike.ts";

const client = (
  isNot: string,
  transport: "tcp" | "udp",
  serverPort: number,
  title: string,
  bytes: Uint8Array,
): Lookalike => ({ title, isNot, transport, serverPort, messages: [[true, bytes]] });

const marker = new Uint8Array(16).fill(0xff);
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const discovery = (type: number, text: string): Uint8Array =>
  bytesOf(u16(type), u16(70), u32(7), text, zeros(64 - text.length), u16(0));

const stun = bytesOf(u16(1), u16(8), u32(0x2112a442), new Uint8Array(12).fill(6), u16(6), u16(4), "abcd");
const wireguardData = (index: number, counter: number): Uint8Array =>
  bytesOf(4, 0, 0, 0, u32(index), counter, zeros(7), new Uint8Array(32).fill(0x5a));

export const lookalikes: readonly Lookalike[] = [
  client("stun", "tcp", 3478, "another cookie", bytesOf(stun.subarray(0, 4), u32(0x2112a443), stun.subarray(8))),
  client("stun", "tcp", 3478, "a length before it that is another's", bytesOf(u16(stun.length + 4), stun)),
  client(
    "stun",
    "udp",
    3478,
    "a request of before the cookie that its attributes do not fill",
    bytesOf(u16(1), u16(8), zeros(16), u16(3), u16(9), u32(0)),
  ),
  client("bittorrent", "tcp", 6881, "a request for half a block", bytesOf(u32(13), 6, u32(1), u32(0), u32(0x2000))),
  client(
    "bittorrent",
    "tcp",
    6881,
    "a request that does not begin at a block",
    bytesOf(u32(13), 6, u32(1), u32(7), u32(0x4000)),
  ),
  client(
    "bittorrent",
    "tcp",
    6881,
    "a message of another length",
    bytesOf(u32(6), 4, u32(1), 0, u32(13), 6, u32(1), u32(0), u32(0x4000)),
  ),
  {
    title: "control packets of two sessions",
    isNot: "openvpn",
    transport: "udp",
    serverPort: 1194,
    messages: [1, 2].map(
      (number) => [true, bytesOf(0x28, [number, 3, 4, 5, 6, 7, 8, 9], 1, u32(2), zeros(8))] as const,
    ),
  },
  {
    title: "data whose numbers stand still",
    isNot: "openvpn",
    transport: "udp",
    serverPort: 1194,
    messages: [1, 2, 3].map(() => [true, bytesOf(0x48, [0, 0, 1], u32(7), zeros(60))] as const),
  },
  {
    title: "data for three receivers",
    isNot: "wireguard",
    transport: "udp",
    serverPort: 4000,
    messages: [1, 2, 3].map((number) => [true, wireguardData(0x1234_0000 + number, number)] as const),
  },
  {
    title: "data whose counters leap",
    isNot: "wireguard",
    transport: "udp",
    serverPort: 4000,
    messages: [1, 100, 200].map((counter) => [true, wireguardData(0x1234_5678, counter)] as const),
  },
  client("bgp", "tcp", 179, "a keepalive with a body", bytesOf(marker, u16(20), 4, 0)),
  client("bgp", "tcp", 179, "version 3", bytesOf(marker, u16(29), 1, 3, u16(1), u16(180), u32(7), 0)),
  client("bgp", "tcp", 179, "a hold time of one second", bytesOf(marker, u16(29), 1, 4, u16(1), u16(1), u32(7), 0)),
  client("bgp", "tcp", 179, "a marker that is broken", bytesOf(marker.subarray(1), 0xfe, u16(19), 4)),
  client("pptp", "tcp", 1723, "another cookie", bytesOf(u16(16), u16(1), u32(0x1a2b3c4e), u16(5), u16(0), u32(1))),
  client(
    "pptp",
    "tcp",
    1723,
    "another type's length",
    bytesOf(u16(16), u16(1), u32(0x1a2b3c4d), u16(1), u16(0), u32(1)),
  ),
  client(
    "l2tp",
    "udp",
    1701,
    "an AVP that is cut short",
    bytesOf(0xc8, 2, u16(18), zeros(8), u16(0x8008), u16(0), u16(0)),
  ),
  client(
    "l2tp",
    "udp",
    1701,
    "another length",
    bytesOf(0xc8, 2, u16(30), zeros(8), u16(0x8008), u16(0), u16(0), u16(1)),
  ),
  client("hsrp", "udp", 1985, "a state that does not exist", bytesOf([0, 0, 3, 3, 10, 110, 1, 0], zeros(12))),
  client("hsrp", "udp", 1985, "a hold below the hello", bytesOf([0, 0, 8, 30, 10, 110, 1, 0], zeros(12))),
  client("nat-pmp", "udp", 5351, "another length", bytesOf(0, 1, zeros(9))),
  client("nat-pmp", "udp", 5351, "an opcode that does not exist", bytesOf(0, 9, zeros(10))),
  client("rtcp", "udp", 5005, "fewer report blocks than counted", bytesOf(0x82, 201, u16(1), u32(7))),
  client("rtcp", "udp", 5005, "a rest behind the packets", bytesOf(0x80, 201, u16(1), u32(7), u32(9))),
  client("rtcp", "udp", 5005, "a description first", bytesOf(0x81, 202, u16(1), u32(7))),
  client("tailscale", "udp", 41_641, "the mark alone", bytesOf([0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac], zeros(20))),
  client(
    "zerotier",
    "udp",
    9993,
    "another's identity",
    bytesOf(zeros(8), [7, 1, 1, 1, 1], [8, 1, 1, 1, 1], zeros(9), 1, 11, zeros(12), [9, 1, 1, 1, 1], zeros(70)),
  ),
  client("discord", "udp", 50_004, "a request with an address", discovery(1, "203.0.113.9")),
  client("discord", "udp", 50_004, "an answer without one", discovery(2, "hello")),
  client(
    "netflow",
    "udp",
    2055,
    "a record more than there is",
    bytesOf(u16(5), u16(2), u32(1), u32(1_700_000_000), zeros(60)),
  ),
  client("netflow", "udp", 2055, "a time before NetFlow", bytesOf(u16(5), u16(1), u32(1), u32(1), zeros(60))),
  client("ipfix", "udp", 4739, "another length", bytesOf(u16(10), u16(27), zeros(24))),
  client(
    "sflow",
    "udp",
    6343,
    "a sample that is cut",
    bytesOf(u32(5), u32(1), zeros(16), u32(1), u32(2), u32(12), zeros(8)),
  ),
  client("bfd", "udp", 3784, "no multiplier", bytesOf(0x20, 0x40, 0, 24, u32(1), zeros(16))),
];
