import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** WireGuard whitepaper section 5.4.2. */
export const examples: readonly Example[] = [
  {
    title: "an initiation",
    transport: "udp",
    serverPort: 51_820,
    messages: [[true, bytesOf(1, 0, 0, 0, new Uint8Array(144).fill(0xa5))]],
    name: "wireguard",
    facts: { wireguard: {} },
  },
];
