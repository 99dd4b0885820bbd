import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 2281 section 5.1, and version 2. */
export const examples: readonly Example[] = [
  {
    title: "a hello of version 1",
    transport: "udp",
    serverPort: 1985,
    messages: [[true, bytesOf([0, 0, 16, 3, 10, 110, 1, 0], "cisco\0\0\0", [192, 168, 0, 1])]],
    name: "hsrp",
    facts: { hsrp: { version: 1, operation: "hello", state: "active", group: 1, priority: 110 } },
    needsPort: true,
  },
  {
    title: "a hello of version 2",
    transport: "udp",
    serverPort: 1985,
    messages: [
      [
        true,
        bytesOf(
          [1, 40, 2, 0, 5, 4],
          u16(300),
          [0, 0x1b, 0x54, 1, 2, 3],
          u32(100),
          u32(3000),
          u32(10_000),
          new Uint8Array(16),
        ),
      ],
    ],
    name: "hsrp",
    facts: { hsrp: { version: 2, operation: "hello", state: "standby", group: 300, priority: 100 } },
    needsPort: true,
  },
];
