import { bytesOf, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const data = (counter: number): Uint8Array =>
  bytesOf(4, 0, 0, 0, u32(0x1234_5678), counter, new Uint8Array(7), new Uint8Array(32).fill(0x5a));

/** WireGuard whitepaper sections 5.4.2 and 5.4.6. */
export const examples: readonly Example[] = [
  {
    title: "an initiation",
    transport: "udp",
    serverPort: 51_820,
    messages: [[true, bytesOf(1, 0, 0, 0, new Uint8Array(144).fill(0xa5))]],
    name: "wireguard",
    facts: { wireguard: {} },
  },
  {
    title: "data of a session that was joined later",
    transport: "udp",
    serverPort: 51_820,
    messages: [
      [true, data(7)],
      [true, data(8)],
      [true, data(10)],
    ],
    name: "wireguard",
    facts: { wireguard: {} },
  },
];
