import { bytesOf, u16, u16le, u32, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const tpkt = (type: number, rest: Uint8Array): Uint8Array =>
  bytesOf(3, 0, u16(11 + rest.length), 6 + rest.length, type, u16(0), u16(0), 0, rest);
const negotiation = (type: number, protocols: number): Uint8Array => bytesOf(type, 0, u16le(8), u32le(protocols));

/** [MS-RDPBCGR] section 4.1.1 and 4.1.2. */
export const examples: readonly Example[] = [
  {
    title: "a negotiation",
    transport: "tcp",
    serverPort: 3389,
    messages: [
      [true, tpkt(0xe0, bytesOf("Cookie: mstshash=eltons\r\n", negotiation(1, 3)))],
      [false, tpkt(0xd0, negotiation(2, 2))],
    ],
    name: "rdp",
    facts: { rdp: { requested_protocols: ["ssl", "hybrid"], selected_protocol: "hybrid" } },
  },
  {
    title: "a token for a farm of servers",
    transport: "tcp",
    serverPort: 3389,
    messages: [
      [true, tpkt(0xe0, bytesOf("Cookie: msts=3640205228.15629.0000\r\n"))],
      [false, tpkt(0xd0, bytesOf())],
    ],
    name: "rdp",
    facts: { rdp: { requested_protocols: ["rdp"], selected_protocol: "rdp" } },
  },
  {
    title: "a request of before there was a negotiation",
    transport: "tcp",
    serverPort: 3389,
    messages: [[true, tpkt(0xe0, bytesOf())]],
    name: "rdp",
    facts: { rdp: { requested_protocols: ["rdp"] } },
    needsPort: true,
  },
  {
    title: "a connection over UDP",
    transport: "udp",
    serverPort: 3389,
    messages: [
      [
        true,
        bytesOf(u32(0xffff_ffff), u16(64), u16(0x1001), u32(0xa1b2_c3d4), u16(1232), u16(1232), new Uint8Array(1216)),
      ],
    ],
    name: "rdp",
    facts: { rdp: { transport: "udp" } },
  },
  {
    title: "a conference that is connected",
    transport: "tcp",
    serverPort: 3389,
    messages: [[true, bytesOf([3, 0, 0, 20, 2, 0xf0, 0x80], [0x7f, 0x65, 0x82, 1, 0x94], new Uint8Array(8))]],
    name: "rdp",
    facts: { rdp: {} },
  },
  {
    title: "data of a session that was joined later",
    transport: "tcp",
    serverPort: 3389,
    messages: [[false, bytesOf([3, 0, 0, 20, 2, 0xf0, 0x80], [0x68, 0, 1, 3, 0xeb], new Uint8Array(8))]],
    name: "rdp",
    facts: { rdp: {} },
    needsPort: true,
  },
];
