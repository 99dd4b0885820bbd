import { bytesOf, prefixed, u16, u16le, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const frame = (command: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(...parts);
  return bytesOf(u16le(command), u16le(body.length), u32le(0), u32le(0), "_context", u32le(0), body);
};
const item = (type: number, data: Uint8Array): Uint8Array => bytesOf(u16le(type), u16le(data.length), data);
const socket = bytesOf(u16(2), u16(44_818), [192, 0, 2, 9], new Uint8Array(8));
const identity = bytesOf(
  bytesOf(u16le(1), socket, u16le(1), u16le(14), u16le(54), [20, 11], u16le(0x60), u32le(7)),
  bytesOf(prefixed(1, "1756-ENBT/A"), 3),
);

/** CIP volume 2, chapters 2-3 to 2-6. */
export const examples: readonly Example[] = [
  {
    title: "a session that is registered",
    transport: "tcp",
    serverPort: 44_818,
    messages: [
      [true, frame(0x65, u16le(1), u16le(0))],
      [false, frame(0x65, u16le(1), u16le(0))],
    ],
    name: "enip",
    facts: { enip: { command: "register_session" } },
  },
  {
    title: "an identity",
    transport: "udp",
    serverPort: 44_818,
    messages: [
      [true, frame(0x63)],
      [false, frame(0x63, u16le(1), item(0x0c, identity))],
    ],
    name: "enip",
    facts: { enip: { command: "list_identity", vendor_id: 1, revision: "20.11", product_name: "1756-ENBT/A" } },
  },
  {
    title: "input and output",
    transport: "udp",
    serverPort: 2222,
    messages: [[true, bytesOf(u16le(2), item(0x8002, bytesOf(u32le(7), u32le(1))), item(0xb1, bytesOf(1, 0, 5, 6)))]],
    name: "enip",
    facts: { enip: { command: "io" } },
  },
];
