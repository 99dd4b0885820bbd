import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const route = (family: number, metric: number): Uint8Array =>
  bytesOf(u16(family), u16(0), u32(0x0a00_0000), u32(0xff00_0000), u32(0), u32(metric));
const authentication = bytesOf(u16(0xffff), u16(3), u16(44), 1, 20, u32(7), u32(0), u32(0));

/** RFC 2453 sections 3.6 and 4, RFC 4822 section 2, RFC 2080 section 2.1. */
export const examples: readonly Example[] = [
  {
    title: "a request for all routes",
    transport: "udp",
    serverPort: 520,
    messages: [[true, bytesOf(1, 2, u16(0), route(0, 16))]],
    name: "rip",
    facts: { rip: { version: 2, command: "request", entries: 1 } },
    needsPort: true,
  },
  {
    title: "a route with MD5 authentication",
    transport: "udp",
    serverPort: 520,
    messages: [
      [true, bytesOf(2, 2, u16(0), authentication, route(2, 1), u16(0xffff), u16(1), new Uint8Array(16).fill(9))],
    ],
    name: "rip",
    facts: { rip: { version: 2, command: "response", entries: 1 } },
    needsPort: true,
  },
  {
    title: "RIPng",
    transport: "udp",
    serverPort: 521,
    messages: [[true, bytesOf(2, 1, u16(0), u16(0x2001), u16(0xdb8), new Uint8Array(12), u16(0), 32, 1)]],
    name: "ripng",
    facts: { ripng: { version: 1, command: "response", entries: 1 } },
    needsPort: true,
  },
];
