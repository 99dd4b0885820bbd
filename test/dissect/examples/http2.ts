import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const settings = bytesOf(0, 0, 6, 4, 0, u32(0), u16(3), u32(100));

/** RFC 9113 sections 3.4 and 6.5. */
export const examples: readonly Example[] = [
  {
    title: "a client with prior knowledge",
    transport: "tcp",
    serverPort: 8080,
    messages: [[true, bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings)]],
    name: "http2",
    facts: { http2: {} },
  },
  {
    title: "a server's settings alone",
    transport: "tcp",
    serverPort: 8080,
    messages: [[false, settings]],
    name: "http2",
    facts: { http2: {} },
  },
];
