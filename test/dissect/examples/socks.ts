import { bytesOf, prefixed, u16 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 1928 sections 3, 4 and 6; SOCKS 4A. */
export const examples: readonly Example[] = [
  {
    title: "version 5",
    transport: "tcp",
    serverPort: 1080,
    messages: [
      [true, bytesOf(5, 1, 0)],
      [false, bytesOf(5, 0)],
      [true, bytesOf(5, 1, 0, 3, prefixed(1, "inner.example.test"), u16(443))],
      [false, bytesOf(5, 0, 0, 1, 0, 0, 0, 0, u16(0))],
    ],
    name: "socks",
    facts: { socks: { version: 5, command: "connect", host: "inner.example.test", port: 443 } },
    hostname: "inner.example.test",
  },
  {
    title: "version 4a",
    transport: "tcp",
    serverPort: 1080,
    messages: [[true, bytesOf(4, 1, u16(80), 0, 0, 0, 1, "alice\0inner.example.test\0")]],
    name: "socks",
    facts: { socks: { version: 4, command: "connect", host: "inner.example.test", port: 80 } },
    hostname: "inner.example.test",
  },
];
