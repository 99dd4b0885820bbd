import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 1350 section 5. */
export const examples: readonly Example[] = [
  {
    title: "a read request",
    transport: "udp",
    serverPort: 69,
    messages: [[true, bytesOf(0, 1, "pxelinux.0\0octet\0")]],
    name: "tftp",
    facts: { tftp: { packet: "read", file: "pxelinux.0", mode: "octet" } },
  },
  {
    title: "a transfer whose request was not seen",
    transport: "udp",
    serverPort: 48_305,
    messages: [
      [false, bytesOf(0, 3, 0, 7, new Uint8Array(512))],
      [true, bytesOf(0, 4, 0, 7)],
      [false, bytesOf(0, 3, 0, 8, new Uint8Array(100))],
      [true, bytesOf(0, 4, 0, 8)],
    ],
    name: "tftp",
    facts: { tftp: { packet: "data" } },
  },
  {
    title: "options that are granted",
    transport: "udp",
    serverPort: 48_305,
    messages: [[false, bytesOf(0, 6, "blksize\0", "1428\0", "tsize\0", "70000\0")]],
    name: "tftp",
    facts: { tftp: { packet: "options" } },
  },
];
