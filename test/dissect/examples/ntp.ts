import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const sent = Uint8Array.of(0xe8, 0x4f, 0x11, 0x22, 0x31, 0x41, 0x59, 0x26);
const key = bytesOf(0, 0, 0, 1, new Uint8Array(20).fill(0x55));

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
  {
    title: "an exchange on another port, with a key",
    transport: "udp",
    serverPort: 11_123,
    messages: [
      [true, bytesOf(0x23, new Uint8Array(39), sent, key)],
      [false, bytesOf(0x24, 2, 6, 0xe7, new Uint8Array(20), sent, new Uint8Array(16).fill(0xe8), key)],
    ],
    name: "ntp",
    facts: { ntp: { version: 4, mode: "server", stratum: 2 } },
  },
];
