import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** IEEE 1815-2012 section 9.2; the CRCs were worked out by hand with the polynomial of section 9.2.5. */
export const examples: readonly Example[] = [
  {
    title: "a read and its answer",
    transport: "tcp",
    serverPort: 20_000,
    messages: [
      [true, bytesOf([0x05, 0x64, 0x14, 0xc4, 0x0a, 0, 0x01, 0, 0x8f, 0xed], [0xc0, 0xc3, 0x01, 0x3c, 2, 6, 0, 0])],
      [false, bytesOf([0x05, 0x64, 0x0a, 0x44, 0x01, 0, 0x0a, 0, 0x6e, 0x25], [0xc2, 0xe3, 0x81, 0, 0, 0, 0])],
    ],
    name: "dnp3",
    facts: { dnp3: { master: 1, outstation: 10, client: "master", request: "read", response: "response" } },
  },
];
