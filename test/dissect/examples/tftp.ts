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
];
