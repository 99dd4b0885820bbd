import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const id = Uint8Array.from({ length: 16 }, (_, index) => index + 1);

/** As on the wire: no specification is published. */
export const examples: readonly Example[] = [
  {
    title: "a session that is opened",
    transport: "udp",
    serverPort: 8801,
    messages: [
      [true, bytesOf(1, 0, 2, id, new Uint8Array(20))],
      [false, bytesOf(2, 0, 2, id, new Uint8Array(12))],
    ],
    name: "zoom",
    facts: { zoom: { message: "session" } },
    needsPort: true,
  },
];
