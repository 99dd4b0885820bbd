import { bytesOf, u16, u16le, u32, u32le } from "../build.ts";
import type { Lookalike } from "./lookalike.ts";

const client = (
  isNot: string,
  transport: "tcp" | "udp",
  serverPort: number,
  title: string,
  bytes: Uint8Array,
): Lookalike => ({ title, isNot, transport, serverPort, messages: [[true, bytes]] });

const connection = bytesOf(3, 0, u16(22), 17, 0xe0, u16(0), u16(1), 0, [0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2]);
const data = (...content: readonly number[]): Uint8Array =>
  bytesOf(connection, 3, 0, u16(content.length + 7), 2, 0xf0, 0x80, content);
const register = (status: number, version: number): Uint8Array =>
  bytesOf(u16le(0x65), u16le(4), u32le(0), u32le(status), "_context", u32le(0), u16le(version), u16le(0));

export const lookalikes: readonly Lookalike[] = [
  client("dnp3", "tcp", 20_000, "a wrong CRC", bytesOf([0x05, 0x64, 0x14, 0xc4, 0x0a, 0, 0x01, 0, 0x8f, 0xec], "data")),
  client("dnp3", "tcp", 20_000, "a length below the least", bytesOf([0x05, 0x64, 4, 0xc4, 0x0a, 0, 1, 0, 0x4e, 0x95])),
  client("s7comm", "tcp", 102, "a connection request alone", connection),
  client("s7comm", "tcp", 102, "a session layer in the data (MMS)", data(0x0d, 4, 5, 0, 0x13, 1, 0, 0x16, 1, 2, 0, 0)),
  client("s7comm", "tcp", 102, "lengths that do not add up", data(0x32, 1, 0, 0, 0, 1, 0, 9, 0, 0, 0xf0, 0, 0, 1)),
  client("s7comm", "tcp", 102, "a kind that does not exist", data(0x32, 5, 0, 0, 0, 1, 0, 0, 0, 0)),
  client("bacnet", "udp", 47_808, "another datagram's length", bytesOf(0x81, 10, u16(9), 1, 0, 0x10, 8)),
  client("bacnet", "udp", 47_808, "version 2 of the network layer", bytesOf(0x81, 10, u16(8), 2, 0, 0x10, 8)),
  client("bacnet", "udp", 47_808, "reserved bits", bytesOf(0x81, 10, u16(8), 1, 0x50, 0x10, 8)),
  client("bacnet", "udp", 47_808, "a table of broken entries", bytesOf(0x81, 3, u16(9), 1, 2, 3, 4, 5)),
  client(
    "opcua",
    "tcp",
    4840,
    "buffers that are too small",
    bytesOf("HELF", u32le(32), u32(0), u32(0), u32(0), u32(0), u32(0), u32(0)),
  ),
  client("opcua", "tcp", 4840, "words", bytesOf("HELFEN IST SCHWER, SAGTE ER, UND GING FORT.")),
  client(
    "opcua",
    "tcp",
    4840,
    "an opening without policy",
    bytesOf("OPNF", u32le(40), u32le(0), u32le(24), "http://example.org/policy"),
  ),
  client("enip", "tcp", 44_818, "version 2", register(0, 2)),
  client("enip", "tcp", 44_818, "a status that does not exist", register(7, 1)),
  client("enip", "udp", 44_818, "options", bytesOf(u16le(0x63), u16le(0), u32le(0), u32le(0), "_context", u32le(1))),
  client(
    "enip",
    "udp",
    2222,
    "items that do not fill it",
    bytesOf(u16le(2), u16le(0x8002), u16le(8), u32le(7), u32le(1), u16le(0xb1), u16le(9), 0),
  ),
];
