import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** IEEE 1815-2012 section 9.2; the CRCs were worked out by hand with the polynomial of section 9.2.5. */
export const examples: readonly Example[] = [
  {
    title: "a read and its answer",
    transport: "tcp",
    serverPort: 20_000,
    messages: [
      [true, bytesOf([0x05, 0x64, 0x0b, 0xc4, 0x0a, 0, 1, 0, 0xac, 0xd1], [0xc0, 0xc3, 0x01, 0x3c, 2, 6, 0x5e, 0x85])],
      [false, bytesOf([0x05, 0x64, 0x0a, 0x44, 1, 0, 0x0a, 0, 0x6e, 0x25], [0xc2, 0xe3, 0x81, 0, 0, 0xe6, 0xa7])],
    ],
    name: "dnp3",
    facts: { dnp3: { master: 1, outstation: 10, client: "master", request: "read", response: "response" } },
  },
];
