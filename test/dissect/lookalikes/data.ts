import { bytesOf, prefixed, u16, u32, u32le } from "../build.ts";
import type { Lookalike } from "./lookalike.ts";

const client = (isNot: string, serverPort: number, title: string, bytes: Uint8Array): Lookalike => ({
  title,
  isNot,
  transport: "tcp",
  serverPort,
  messages: [[true, bytes]],
});
const prelogin = (offset: number, length: number): Uint8Array =>
  bytesOf(18, 1, u16(20), u16(0), 1, 0, [0, u16(offset), u16(length), 0xff], new Uint8Array(6));
const password = bytesOf(u32(16), new Uint8Array(16));

export const lookalikes: readonly Lookalike[] = [
  client("cassandra", 9042, "options with a body", bytesOf(4, 0, u16(0), 5, u32(2), u16(0))),
  client("cassandra", 9042, "a start without version", bytesOf(4, 0, u16(0), 1, u32(2), u16(0))),
  client("cassandra", 9042, "a response from the client", bytesOf(0x84, 0, u16(0), 2, u32(0))),
  client("tds", 1433, "a value behind the packet's end", prelogin(60, 6)),
  client("tds", 1433, "a version of another length", prelogin(6, 5)),
  client("tds", 1433, "a window", bytesOf(18, 1, u16(20), u16(0), 1, 1, [0, u16(6), u16(6), 0xff], new Uint8Array(6))),
  client(
    "tds",
    1433,
    "a login of another length",
    bytesOf(16, 1, u16(24), u16(0), 1, 0, u32le(99), u32(0x0400_0074), u32(0), u32(0)),
  ),
  client(
    "oracle",
    1521,
    "a version that never was",
    bytesOf(u16(60), u16(0), 1, 0, u16(0), u16(900), u16(300), new Uint8Array(48)),
  ),
  client("oracle", 1521, "a checksum", bytesOf(u16(60), u16(7), 1, 0, u16(0), u16(314), u16(300), new Uint8Array(48))),
  client(
    "zookeeper",
    2181,
    "a password of another length",
    prefixed(4, u32(0), u32(0), u32(0), u32(30_000), u32(0), u32(0), u32(15), new Uint8Array(16), 0),
  ),
  client("zookeeper", 2181, "no timeout", prefixed(4, u32(0), u32(0), u32(0), u32(0), u32(0), u32(0), password, 0)),
  client("zookeeper", 2181, "a word that does not exist", bytesOf("ruod")),
  client("elasticsearch", 9300, "words", bytesOf("ES WAR EINMAL EIN KOENIG, DER HATTE")),
  client(
    "elasticsearch",
    9300,
    "status bits that do not exist",
    bytesOf("ES", u32(40), u32(0), u32(9), 0x40, u32(6_080_099)),
  ),
  client("cassandra", 7000, "another magic number", bytesOf(u32(0xca55_2dfb), u32(0x0c0a_0c11))),
];
