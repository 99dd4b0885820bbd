import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 2812 section 3.1. */
export const examples: readonly Example[] = [
  {
    title: "a registration",
    transport: "tcp",
    serverPort: 6667,
    messages: [[true, bytesOf("PASS secret\r\nNICK Wiz\r\nUSER guest 0 * :Ronnie Reagan\r\n")]],
    name: "irc",
    facts: { irc: {} },
  },
];
