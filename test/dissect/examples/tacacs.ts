import { bytesOf, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const packet = (type: number, sequence: number, flags: number, body: number): Uint8Array =>
  bytesOf(0xc0, type, sequence, flags, u32(0x1a2b3c4d), u32(body), new Uint8Array(body).fill(0x9d));

/** RFC 8907 section 4.1. */
export const examples: readonly Example[] = [
  {
    title: "an authentication",
    transport: "tcp",
    serverPort: 49,
    messages: [
      [true, packet(1, 1, 4, 43)],
      [false, packet(1, 2, 4, 16)],
    ],
    name: "tacacs",
    facts: { tacacs: { type: "authentication" } },
  },
  {
    title: "accounting in clear",
    transport: "tcp",
    serverPort: 49,
    messages: [[true, packet(3, 1, 1, 60)]],
    name: "tacacs",
    facts: { tacacs: { type: "accounting", unencrypted: true } },
  },
];
