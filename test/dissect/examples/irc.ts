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
  {
    title: "a server that looks a client up",
    transport: "tcp",
    serverPort: 6667,
    messages: [[false, bytesOf("NOTICE AUTH :*** Looking up your hostname\r\n")]],
    name: "irc",
    facts: { irc: {} },
  },
  {
    title: "a user who joins, in the middle of a session",
    transport: "tcp",
    serverPort: 6667,
    messages: [[false, bytesOf(":alice!~a@192.0.2.9 JOIN #test\r\n")]],
    name: "irc",
    facts: { irc: {} },
  },
  {
    title: "capabilities that a server grants, with tags",
    transport: "tcp",
    serverPort: 6697,
    messages: [[false, bytesOf("@time=2026-01-02T03:04:05.678Z :irc.example.test CAP alice ACK :sasl\r\n")]],
    name: "irc",
    facts: { irc: {} },
  },
];
