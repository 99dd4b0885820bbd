import { bytesOf, u16, u16le, u32, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
/** C706 section 12.6.3.1: the header of a packet, little-endian. */
const packet = (type: number, body: Uint8Array): Uint8Array =>
  bytesOf(5, 0, type, 3, [0x10, 0, 0, 0], u16le(16 + body.length), u16le(0), u32le(1), body);
const epmapper = bytesOf(u32le(0xe1af8308), u16le(0x5d1f), u16le(0x11c9), [0x91, 0xa4, 8, 0, 0x2b, 0x14, 0xa0, 0xfa]);
const bind = packet(
  11,
  bytesOf(u16le(4280), u16le(4280), u32le(0), [1, 0, 0, 0], u16le(0), [1, 0], epmapper, u32le(3), filled(20, 4)),
);
const startData = bytesOf(0x68, 4, 7, 0, 0, 0);
/** IEC 60870-5-101: a general interrogation, type 100, cause 6. */
const interrogation = bytesOf(0x68, 14, u16le(0), u16le(0), [100, 1, 6, 0], u16le(1), [0, 0, 0, 20]);
const connect = bytesOf([3, 0, 0, 0, 0, 0, 20, 0x14], u32(0), [2, 0, 7], "connect", filled(32, 0));
const handshake = bytesOf(3, u32(5), u32(0), filled(1528, 0x61));

/** C706, IEC 60870-5-104, RFC 3977, RTMP 1.0. */
export const examples: readonly Example[] = [
  {
    title: "a bind to the endpoint mapper",
    transport: "tcp",
    serverPort: 135,
    messages: [[true, bind]],
    name: "dcerpc",
    facts: { dcerpc: { packet: "bind", interface: "epmapper" } },
  },
  {
    title: "a response of DCE/RPC, its stream joined in the middle",
    transport: "tcp",
    serverPort: 49_664,
    messages: [[false, packet(2, filled(24, 1))]],
    name: "dcerpc",
    facts: { dcerpc: { packet: "response" } },
  },
  {
    title: "data transfer that is started",
    transport: "tcp",
    serverPort: 2404,
    messages: [
      [true, startData],
      [false, bytesOf(0x68, 4, 0x0b, 0, 0, 0)],
    ],
    name: "iec104",
    facts: { iec104: { command: "startdt_con" } },
  },
  {
    title: "an interrogation, its stream joined in the middle",
    transport: "tcp",
    serverPort: 2404,
    messages: [[true, interrogation]],
    name: "iec104",
    facts: { iec104: { type: 100 } },
    needsPort: true,
  },
  {
    title: "a reader of news",
    transport: "tcp",
    serverPort: 119,
    messages: [
      [false, bytesOf("200 news.example.org InterNetNews NNRP server ready\r\n")],
      [true, bytesOf("MODE READER\r\nGROUP misc.test\r\n")],
    ],
    name: "nntp",
    facts: { nntp: { posting: true } },
  },
  {
    title: "a handshake of RTMP and its connect",
    transport: "tcp",
    serverPort: 1935,
    messages: [
      [true, handshake],
      [true, bytesOf(filled(1536, 0x62), connect)],
    ],
    name: "rtmp",
    facts: { rtmp: {} },
  },
  {
    title: "a fragment of DCE/RPC in big-endian order",
    transport: "tcp",
    serverPort: 1025,
    messages: [[false, bytesOf(5, 0, 2, 3, [0, 0, 0, 0], u16(24), u16(0), u32(1), filled(8, 0))]],
    name: "dcerpc",
    facts: { dcerpc: { packet: "response" } },
  },
  {
    title: "an envelope of a mail session that was joined in its middle",
    transport: "tcp",
    serverPort: 25,
    messages: [
      [true, bytesOf("MAIL FROM:<a@example.org>\r\n")],
      [false, bytesOf("250 2.1.0 Ok\r\n")],
    ],
    name: "smtp",
    facts: { smtp: {} },
  },
  {
    title: "a mailbox that is read in the middle of a session",
    transport: "tcp",
    serverPort: 110,
    messages: [
      [true, bytesOf("RETR 1\r\n")],
      [false, bytesOf("+OK 120 octets\r\n")],
    ],
    name: "pop3",
    facts: { pop3: {} },
    needsPort: true,
  },
  {
    title: "a command of MySQL in the middle of a session",
    transport: "tcp",
    serverPort: 3306,
    messages: [[true, bytesOf([9, 0, 0, 0, 3], "SELECT 1")]],
    name: "mysql",
    facts: { mysql: {} },
    needsPort: true,
  },
  {
    title: "a query of PostgreSQL in the middle of a session",
    transport: "tcp",
    serverPort: 5432,
    messages: [
      [true, bytesOf("Q", u32(13), "SELECT 1\0")],
      [false, bytesOf("Z", u32(5), "I")],
    ],
    name: "pgsql",
    facts: { pgsql: {} },
    needsPort: true,
  },
  {
    title: "a response of Kafka alone",
    transport: "tcp",
    serverPort: 9092,
    messages: [[false, bytesOf(u32(8), u32(4), u32(0))]],
    name: "kafka",
    facts: { kafka: {} },
    needsPort: true,
  },
  {
    title: "an answer of RESP 3 alone",
    transport: "tcp",
    serverPort: 6379,
    messages: [[false, bytesOf("%1\r\n+server\r\n+redis\r\n")]],
    name: "redis",
    facts: { redis: {} },
    needsPort: true,
  },
];
