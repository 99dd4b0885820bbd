import { bytesOf, prefixed } from "../build.ts";
import type { Example } from "../example.ts";

/** The layout in the protocol's file. */
export const examples: readonly Example[] = [
  {
    title: "the beginning of a Noise handshake",
    transport: "tcp",
    serverPort: 5222,
    messages: [[true, bytesOf("WA", 6, 3, prefixed(3, 0x12, 34, 0x0a, 32, new Uint8Array(32).fill(0x3d)))]],
    name: "whatsapp",
    facts: { whatsapp: { version: "6.3" } },
  },
  {
    title: "features of an old client",
    transport: "tcp",
    serverPort: 5222,
    messages: [[true, bytesOf("WA", 1, 5, prefixed(3, 0xf8, 2, 0x01, 0xf8, 1, 0x9c))]],
    name: "whatsapp",
    facts: { whatsapp: { version: "1.5" } },
  },
  {
    title: "a handshake at an edge that was told before",
    transport: "tcp",
    serverPort: 443,
    messages: [
      [
        true,
        bytesOf(
          "ED\0\x01",
          prefixed(3, 8, 2, 8, 5),
          "WA",
          6,
          3,
          prefixed(3, 0x12, 34, 0x0a, 32, new Uint8Array(32).fill(0x3d)),
        ),
      ],
    ],
    name: "whatsapp",
    facts: { whatsapp: { version: "6.3" } },
  },
];
