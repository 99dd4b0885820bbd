import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** RFC 5531 section 9: a call with AUTH_NONE. */
const call = (program: number, version: number, procedure: number): Uint8Array =>
  bytesOf(u32(0x1234), u32(0), u32(2), u32(program), u32(version), u32(procedure), u32(0), u32(0), u32(0), u32(0));

/** RFC 2865, RFC 7252, RFC 5531, and OpenVPN's description of its protocol. */
const session = Uint8Array.of(0x8a, 0x11, 0xf0, 0x37, 0x5c, 0x92, 0xe3, 0x04);

export const examples: readonly Example[] = [
  {
    title: "an access request and its answer",
    transport: "udp",
    serverPort: 1812,
    messages: [
      [true, bytesOf(1, 7, u16(32), filled(16, 9), 1, 6, filled(4, 0x61), 4, 6, filled(4, 1))],
      [false, bytesOf(2, 7, u16(20), filled(16, 8))],
    ],
    name: "radius",
    facts: { radius: { message: "access-accept" } },
  },
  {
    title: "a GET of a path, answered",
    transport: "udp",
    serverPort: 5683,
    messages: [
      [true, bytesOf(0x41, 1, u16(77), 5, 0xb4, filled(4, 0x74))],
      [false, bytesOf(0x61, 0x45, u16(77), 5, 0xff, 0x31)],
    ],
    name: "coap",
    facts: { coap: { method: "GET", path: "/tttt", code: "2.05" } },
  },
  {
    title: "a call of NFS 3 over TCP",
    transport: "tcp",
    serverPort: 2049,
    messages: [[true, bytesOf(u32(0x8000_0028), call(100_003, 3, 1))]],
    name: "nfs",
    facts: { nfs: { program: "nfs", version: 3, procedure: 1 } },
  },
  {
    title: "a question to the port mapper",
    transport: "udp",
    serverPort: 111,
    messages: [[true, call(100_000, 2, 3)]],
    name: "sunrpc",
    facts: { sunrpc: { program: "portmap", version: 2, procedure: 3 } },
  },
  {
    title: "a reply alone",
    transport: "tcp",
    serverPort: 111,
    messages: [[false, bytesOf(u32(0x8000_001c), u32(7), u32(1), u32(0), u32(0), u32(0), u32(0), u32(0))]],
    name: "sunrpc",
    facts: { sunrpc: { reply: "success" } },
  },
  {
    title: "a call of a program that is not there",
    transport: "udp",
    serverPort: 111,
    messages: [[false, bytesOf(u32(7), u32(1), u32(0), u32(0), u32(0), u32(1))]],
    name: "sunrpc",
    facts: { sunrpc: { reply: "prog_unavail" } },
    needsPort: true,
  },
  {
    title: "a call back to a client of NFS 4",
    transport: "tcp",
    serverPort: 2049,
    messages: [[false, bytesOf(u32(0x8000_0028), call(0x4000_0000, 1, 1))]],
    name: "nfs",
    facts: { nfs: { program: "nfs_callback", version: 1, procedure: 1 } },
  },
  {
    title: "OpenVPN's reset with tls-auth",
    transport: "udp",
    serverPort: 1194,
    messages: [[true, bytesOf(0x38, filled(8, 3), filled(20, 4), u32(1), u32(1_700_000_000), 0, u32(0))]],
    name: "openvpn",
    facts: { openvpn: { control_channel: "tls-auth" } },
  },
  {
    title: "a Kafka client's first question",
    transport: "tcp",
    serverPort: 9092,
    messages: [[true, bytesOf(u32(18), u16(18), u16(0), u32(1), u16(8), "producer")]],
    name: "kafka",
    facts: { kafka: { request: "api_versions", version: 0, client_id: "producer" } },
  },
  {
    title: "registers read over Modbus, refused",
    transport: "tcp",
    serverPort: 502,
    messages: [
      [true, bytesOf(u16(1), u16(0), u16(6), 17, 3, u16(107), u16(3))],
      [false, bytesOf(u16(1), u16(0), u16(3), 17, 0x83, 2)],
    ],
    name: "modbus",
    facts: { modbus: { unit: 17, function: "read_holding_registers", exception: 2 } },
  },
  {
    title: "the answer to OpenVPN's plain reset alone",
    transport: "udp",
    serverPort: 1194,
    messages: [[false, bytesOf(0x40, filled(8, 4), 1, u32(0), filled(8, 3), u32(0))]],
    name: "openvpn",
    facts: { openvpn: { control_channel: "none" } },
  },
  {
    title: "OpenVPN's plain reset over TCP",
    transport: "tcp",
    serverPort: 1194,
    messages: [[true, bytesOf(u16(14), 0x38, filled(8, 3), 0, u32(0))]],
    name: "openvpn",
    facts: { openvpn: { control_channel: "none" } },
  },
  {
    title: "OpenVPN's control packets of a session that was joined later",
    transport: "udp",
    serverPort: 1194,
    messages: [
      [true, bytesOf(0x28, session, 1, u32(2), filled(8, 9))],
      [true, bytesOf(0x20, session, 0, u32(3), filled(40, 9))],
    ],
    name: "openvpn",
    facts: { openvpn: {} },
  },
  {
    title: "OpenVPN's data",
    transport: "udp",
    serverPort: 1194,
    messages: [7, 8, 9].map((number) => [true, bytesOf(0x48, [0, 0, 1], u32(number), filled(60, 0xa7))] as const),
    name: "openvpn",
    facts: { openvpn: {} },
    needsPort: true,
  },
  {
    title: "OpenVPN's data over TCP",
    transport: "tcp",
    serverPort: 1194,
    messages: [
      [true, bytesOf([7, 8, 9].map((number) => bytesOf(u16(68), 0x48, [0, 0, 1], u32(number), filled(60, 0xa7))))],
    ],
    name: "openvpn",
    facts: { openvpn: {} },
    needsPort: true,
  },
  {
    title: "OpenVPN's reset with tls-crypt-v2, of a client that can answer to a cookie",
    transport: "udp",
    serverPort: 1194,
    messages: [
      [
        true,
        bytesOf(
          ...[0x50, session, u32(0x0f00_0001), u32(1_700_000_000), filled(32, 4), filled(5, 9)],
          ...[filled(289, 7), u16(291)],
        ),
      ],
    ],
    name: "openvpn",
    facts: { openvpn: { control_channel: "tls-crypt-v2" } },
  },
  {
    title: "OpenVPN's reset with tls-auth by SHA-384, sent again",
    transport: "udp",
    serverPort: 1194,
    messages: [[true, bytesOf(0x38, filled(8, 3), filled(48, 4), u32(3), u32(1_700_000_000), 0, u32(0))]],
    name: "openvpn",
    facts: { openvpn: { control_channel: "tls-auth" } },
  },
  {
    title: "OpenVPN's data without a peer's number",
    transport: "udp",
    serverPort: 1194,
    messages: [1, 2, 3, 4].map((number) => [true, bytesOf(0x30, filled(60 + number, number * 37))] as const),
    name: "openvpn",
    facts: { openvpn: {} },
    needsPort: true,
  },
  {
    title: "a call of a program that nobody has named",
    transport: "tcp",
    serverPort: 24_007,
    messages: [[true, bytesOf(u32(0x8000_0028), call(14_398_633, 2, 1))]],
    name: "sunrpc",
    facts: { sunrpc: { program: 14_398_633, version: 2, procedure: 1 } },
  },
  {
    title: "an accounting request with padding behind its length",
    transport: "udp",
    serverPort: 1813,
    messages: [[true, bytesOf(4, 7, u16(26), filled(16, 9), 40, 6, u32(1), filled(6, 0))]],
    name: "radius",
    facts: { radius: { message: "accounting-request" } },
    needsPort: true,
  },
  {
    title: "a write over Modbus in two segments, of a function that users define",
    transport: "tcp",
    serverPort: 502,
    messages: [
      [true, bytesOf(u16(1), u16(0), u16(6), 17, 65)],
      [true, bytesOf(u16(107), u16(3))],
    ],
    name: "modbus",
    facts: { modbus: { unit: 17, function: "user_defined" } },
    needsPort: true,
  },
  {
    title: "a GET over TCP behind the settings, answered",
    transport: "tcp",
    serverPort: 5683,
    messages: [
      [true, bytesOf([0x30, 0xe1, 0x22, 0x04, 0x80], [0x51, 1, 7, 0xb4], "time")],
      [false, bytesOf([0x30, 0xe1, 0x22, 0x04, 0x80], [0x41, 0x45, 7, 0xff], "now")],
    ],
    name: "coap",
    facts: { coap: { transport: "tcp", method: "GET", path: "/time", code: "2.05" } },
  },
  {
    title: "a Kafka client with a short name, which tells its software, on another port",
    transport: "tcp",
    serverPort: 29_092,
    messages: [[true, bytesOf(u32(27), u16(18), u16(3), u32(1), u16(2), "go", 0, [7, "sarama"], [6, "1.2.3"], 0)]],
    name: "kafka",
    facts: { kafka: { request: "api_versions", version: 3, client_id: "go" } },
  },
];
