import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 6143 section 7.1.1. */
export const examples: readonly Example[] = [
  {
    title: "versions",
    transport: "tcp",
    serverPort: 5900,
    messages: [
      [false, bytesOf("RFB 003.008\n")],
      [true, bytesOf("RFB 003.003\n")],
    ],
    name: "rfb",
    facts: { rfb: { server_protocol_version: "3.8", client_protocol_version: "3.3" } },
  },
];
