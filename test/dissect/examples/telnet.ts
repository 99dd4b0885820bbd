import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 854, RFC 857, RFC 858. */
export const examples: readonly Example[] = [
  {
    title: "a negotiation",
    transport: "tcp",
    serverPort: 23,
    messages: [[false, bytesOf(255, 253, 24, 255, 251, 1, 255, 251, 3)]],
    name: "telnet",
    facts: { telnet: { options: ["terminal_type", "echo", "suppress_go_ahead"] } },
  },
];
