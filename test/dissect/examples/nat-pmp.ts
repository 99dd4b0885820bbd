import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 6886 section 3.3, RFC 6887 section 11.1. */
export const examples: readonly Example[] = [
  {
    title: "a port that is mapped",
    transport: "udp",
    serverPort: 5351,
    messages: [
      [true, bytesOf(0, 2, u16(0), u16(8080), u16(8080), u32(7200))],
      [false, bytesOf(0, 0x82, u16(0), u32(99), u16(8080), u16(8080), u32(7200))],
    ],
    name: "nat-pmp",
    facts: { natpmp: { version: "nat-pmp", operation: "map_tcp", result: 0 } },
    needsPort: true,
  },
  {
    title: "PCP",
    transport: "udp",
    serverPort: 5351,
    messages: [[true, bytesOf(2, 1, u16(0), u32(7200), new Uint8Array(16).fill(1), new Uint8Array(36).fill(2))]],
    name: "nat-pmp",
    facts: { natpmp: { version: "pcp", operation: "map" } },
    needsPort: true,
  },
];
