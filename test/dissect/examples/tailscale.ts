import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** Package disco of Tailscale. */
export const examples: readonly Example[] = [
  {
    title: "a ping",
    transport: "udp",
    serverPort: 41_641,
    messages: [[true, bytesOf([0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac], new Uint8Array(32 + 24 + 62).fill(0xa7))]],
    name: "tailscale",
    facts: { tailscale: {} },
  },
];
