import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const padded = (text: string): Uint8Array => bytesOf(text, new Uint8Array(64 - text.length));
const start = (type: number, host: string, vendor: string): Uint8Array =>
  bytesOf(
    bytesOf(u16(156), u16(1), u32(0x1a2b3c4d), u16(type), u16(0), u16(0x0100), [type - 1, 0]),
    bytesOf(u32(3), u32(3), u16(1), u16(1), padded(host), padded(vendor)),
  );

/** RFC 2637 sections 2.1 and 2.2. */
export const examples: readonly Example[] = [
  {
    title: "a control connection that starts",
    transport: "tcp",
    serverPort: 1723,
    messages: [
      [true, start(1, "", "cananian")],
      [false, start(2, "gateway", "linux")],
    ],
    name: "pptp",
    facts: { pptp: { client_vendor: "cananian", server_host: "gateway", server_vendor: "linux" } },
  },
];
