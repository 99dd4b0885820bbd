import { bytesOf, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const document = (...elements: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(elements, 0);
  return bytesOf(u32le(body.length + 4), body);
};
const message = (opcode: number, ...body: readonly Uint8Array[]): Uint8Array => {
  const rest = bytesOf(u32le(7), u32le(0), u32le(opcode), body);
  return bytesOf(u32le(rest.length + 4), rest);
};

/** MongoDB Wire Protocol, OP_MSG and OP_QUERY. */
export const examples: readonly Example[] = [
  {
    title: "an OP_MSG",
    transport: "tcp",
    serverPort: 27_017,
    messages: [[true, message(2013, u32le(0), Uint8Array.of(0), document(bytesOf(2, "find\0", u32le(6), "users\0")))]],
    name: "mongodb",
    facts: { mongodb: { command: "find" } },
  },
  {
    title: "an OP_QUERY",
    transport: "tcp",
    serverPort: 27_017,
    messages: [
      [
        true,
        message(
          2004,
          u32le(0),
          bytesOf("admin.$cmd\0"),
          u32le(0),
          u32le(1),
          document(bytesOf(0x10, "isMaster\0", u32le(1))),
        ),
      ],
    ],
    name: "mongodb",
    facts: { mongodb: { command: "isMaster" } },
  },
  {
    title: "an insertion of before OP_MSG",
    transport: "tcp",
    serverPort: 27_017,
    messages: [
      [
        true,
        bytesOf(
          ...[u32le(42), u32le(7), u32le(0), u32le(2002), u32le(0), "db.things\0"],
          ...[u32le(12), 0x10, "n\0", u32le(1), 0],
        ),
      ],
    ],
    name: "mongodb",
    facts: { mongodb: {} },
  },
  {
    title: "a reply without documents",
    transport: "tcp",
    serverPort: 27_017,
    messages: [[false, bytesOf(u32le(36), u32le(8), u32le(7), u32le(1), u32le(8), new Uint8Array(16))]],
    name: "mongodb",
    facts: { mongodb: {} },
  },
];
