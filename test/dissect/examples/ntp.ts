import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 5905 section 7.3. */
export const examples: readonly Example[] = [
  {
    title: "a question and its answer",
    transport: "udp",
    serverPort: 123,
    messages: [
      [true, bytesOf(0x23, new Uint8Array(47))],
      [false, bytesOf(0x24, 2, 6, 0xe7, new Uint8Array(44).fill(1))],
    ],
    name: "ntp",
    facts: { ntp: { version: 4, mode: "server", stratum: 2 } },
    needsPort: true,
  },
];
