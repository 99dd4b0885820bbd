import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const source = [0x8a, 0x1b, 0x2c, 0x3d, 0x4e];
const head = bytesOf(u32(0x1122_3344), u32(7), [0x77, 1, 2, 3, 4], source, 0, new Uint8Array(8).fill(0x5c), 1);
const hello = bytesOf(head, [11, 1, 10], u16(6), u32(0x18c), u32(7), source, 0, new Uint8Array(64).fill(0x9e), 0, 0);

/** Packet.hpp of ZeroTier, VERB_HELLO. */
export const examples: readonly Example[] = [
  {
    title: "a hello",
    transport: "udp",
    serverPort: 9993,
    messages: [[true, hello]],
    name: "zerotier",
    facts: { zerotier: { version: "1.10.6" } },
  },
];
