import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** protocol.txt, "Storage commands"; "Binary protocol revamped", a Get request for "Hello". */
export const examples: readonly Example[] = [
  {
    title: "a storage command",
    transport: "tcp",
    serverPort: 11_211,
    messages: [[true, bytesOf("set key 0 900 5\r\nvalue\r\n")]],
    name: "memcached",
    facts: { memcached: { encoding: "text", command: "set" } },
  },
  {
    title: "a retrieval",
    transport: "tcp",
    serverPort: 11_211,
    messages: [[true, bytesOf("get key\r\n")]],
    name: "memcached",
    facts: { memcached: { encoding: "text", command: "get" } },
    needsPort: true,
  },
  {
    title: "a binary request",
    transport: "tcp",
    serverPort: 11_211,
    messages: [[true, bytesOf(0x80, 0, u16(5), 0, 0, u16(0), u32(5), u32(0), u32(0), u32(0), "Hello")]],
    name: "memcached",
    facts: { memcached: { encoding: "binary" } },
  },
  {
    title: "a question over UDP",
    transport: "udp",
    serverPort: 11_211,
    messages: [[true, bytesOf(0, 1, 0, 0, 0, 1, 0, 0, "stats\r\n")]],
    name: "memcached",
    facts: { memcached: { encoding: "text", command: "stats" } },
    needsPort: true,
  },
  {
    title: "a value on another port",
    transport: "tcp",
    serverPort: 21_211,
    messages: [
      [true, bytesOf("get greeting\r\n")],
      [false, bytesOf("VALUE greeting 0 5\r\nhello\r\nEND\r\n")],
    ],
    name: "memcached",
    facts: { memcached: {} },
  },
];
