import { bytesOf, u16, u32, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const packet = (type: number, data: Uint8Array): Uint8Array =>
  bytesOf(type, 1, u16(data.length + 8), u16(0), 1, 0, data);
const prelogin = (version: Uint8Array, encryption: number): Uint8Array =>
  bytesOf([0, u16(11), u16(6)], [1, u16(17), u16(1)], 0xff, version, encryption);
const login = bytesOf(u32le(94), u32(0x0400_0074), u32le(4096), new Uint8Array(82));

const field = (text: string): Uint8Array => bytesOf(text, new Uint8Array(30 - text.length), text.length);

/** [MS-TDS] sections 4.1 to 4.4. */
export const examples: readonly Example[] = [
  {
    title: "a login behind its negotiation",
    transport: "tcp",
    serverPort: 1433,
    messages: [
      [true, packet(18, prelogin(bytesOf(9, 0, u16(1399), u16(0)), 0))],
      [false, packet(4, prelogin(bytesOf(15, 0, u16(2000), u16(0)), 1))],
    ],
    name: "tds",
    facts: { tds: { client_version: "9.0.1399", server_version: "15.0.2000", encryption: "on" } },
  },
  {
    title: "a login",
    transport: "tcp",
    serverPort: 1433,
    messages: [[true, packet(16, login)]],
    name: "tds",
    facts: { tds: { version: "7.4" } },
  },
  {
    title: "a batch and its result",
    transport: "tcp",
    serverPort: 1433,
    messages: [
      [true, packet(1, bytesOf("S\0E\0L\0"))],
      [false, packet(4, bytesOf(0x81, 1, 0, 0, 0))],
    ],
    name: "tds",
    facts: { tds: {} },
    needsPort: true,
  },
  {
    title: "a batch of a session that was joined later, with its headers",
    transport: "tcp",
    serverPort: 49_172,
    messages: [[true, packet(1, bytesOf(u32le(22), u32le(18), 2, 0, new Uint8Array(8), u32le(1), "S\0E\0L\0"))]],
    name: "tds",
    facts: { tds: {} },
  },
  {
    title: "a login of TDS 5.0",
    transport: "tcp",
    serverPort: 5000,
    messages: [
      [
        true,
        bytesOf(
          ...[[2, 1, u16(512), u16(0), 0, 0], field("pc"), field("sa"), field("secret"), field("1234")],
          ...[[3, 1, 6, 10, 9], new Uint8Array(375)],
        ),
      ],
    ],
    name: "tds",
    facts: { tds: {} },
  },
];
