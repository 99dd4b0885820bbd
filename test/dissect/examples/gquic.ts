import { bytesOf, u16le, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const name = "www.example.org";
const agent = "test/1";
const hello = bytesOf(
  "CHLO",
  u16le(2),
  u16le(0),
  "SNI\0",
  u32le(name.length),
  "UAID",
  u32le(name.length + agent.length),
  name,
  agent,
);

/** "QUIC Wire Layout Specification" and "QUIC Crypto" (Google, 2016). */
export const examples: readonly Example[] = [
  {
    title: "a client's hello in version Q043",
    transport: "udp",
    serverPort: 443,
    messages: [
      [true, bytesOf(0x09, new Uint8Array(8).fill(3), "Q043", 1, new Uint8Array(12), 0xa0, 1, 0, hello.length, hello)],
    ],
    name: "quic",
    facts: { quic: { version: "Q043", user_agent: agent, sni: name } },
    hostname: name,
  },
  {
    title: "a client's hello in version Q046",
    transport: "udp",
    serverPort: 443,
    messages: [
      [
        true,
        bytesOf(0xc3, "Q046", 0x50, new Uint8Array(8).fill(3), [0, 0, 0, 1], new Uint8Array(12), 0xa0, 1, 0, 9, hello),
      ],
    ],
    name: "quic",
    facts: { quic: { version: "Q046", user_agent: agent, sni: name } },
    hostname: name,
  },
];
