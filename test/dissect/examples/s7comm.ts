import { bytesOf, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const tpkt = (...parts: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(...parts);
  return bytesOf(3, 0, u16(body.length + 4), body);
};
const parameters = bytesOf([0xc0, 1, 10], [0xc1, 2, 1, 0], [0xc2, 2, 1, 0x02]);
const connection = (type: number): Uint8Array => tpkt(bytesOf(17, type, u16(0), u16(1), 0, parameters));
const data = (content: Uint8Array): Uint8Array => tpkt(bytesOf(2, 0xf0, 0x80), content);
const setup = bytesOf(0xf0, 0, u16(1), u16(1), u16(480));

/** RFC 905 section 13, and the layout in the protocol's file. */
export const examples: readonly Example[] = [
  {
    title: "a connection and the setup of communication",
    transport: "tcp",
    serverPort: 102,
    messages: [
      [true, connection(0xe0)],
      [false, connection(0xd0)],
      [true, data(bytesOf(0x32, 1, u16(0), u16(1), u16(8), u16(0), setup))],
      [false, data(bytesOf(0x32, 3, u16(0), u16(1), u16(8), u16(0), u16(0), setup))],
    ],
    name: "s7comm",
    facts: { s7comm: { rack: 0, slot: 2, function: "setup_communication" } },
  },
  {
    title: "the successor",
    transport: "tcp",
    serverPort: 102,
    messages: [
      [true, connection(0xe0)],
      [true, data(bytesOf(0x72, 1, u16(6), [0x31, 0, 0, 4, 0xca, 0], [0x72, 1], u16(0)))],
    ],
    name: "s7comm-plus",
    facts: { s7comm_plus: { version: 1 } },
  },
];
