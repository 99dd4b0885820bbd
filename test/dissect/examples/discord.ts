import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const discovery = (type: number, address: string, port: number): Uint8Array =>
  bytesOf(u16(type), u16(70), u32(0x2233), address, new Uint8Array(64 - address.length), u16(port));

/** Discord's documentation, "IP Discovery". */
export const examples: readonly Example[] = [
  {
    title: "a discovery and its answer",
    transport: "udp",
    serverPort: 50_004,
    messages: [
      [true, discovery(1, "", 0)],
      [false, discovery(2, "203.0.113.9", 54_321)],
    ],
    name: "discord",
    facts: { discord: { message: "ip_discovery" } },
  },
  {
    title: "a connection that is kept alive",
    transport: "udp",
    serverPort: 50_004,
    messages: [[true, bytesOf(u32(0x1337_cafe), u32(0x0500_0000))]],
    name: "discord",
    facts: { discord: { message: "keep_alive" } },
  },
];
