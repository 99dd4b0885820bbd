import { bytesOf, prefixed, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 8489 sections 5 and 14.14. */
export const examples: readonly Example[] = [
  {
    title: "a binding request",
    transport: "udp",
    serverPort: 3478,
    messages: [
      [
        true,
        bytesOf(u16(1), u16(12), u32(0x2112a442), new Uint8Array(12).fill(5), u16(0x8022), prefixed(2, "test 1"), 0, 0),
      ],
    ],
    name: "stun",
    facts: { stun: { method: "binding", software: "test 1" } },
  },
];
