import { bytesOf, prefixed, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 7);
const message = (op: number, given: number, ...options: readonly Uint8Array[]): Uint8Array =>
  bytesOf(
    bytesOf(op, 1, 6, 0, u32(0x1234), u16(0), u16(0), u32(0), u32(given), u32(0), u32(0), mac, new Uint8Array(202)),
    bytesOf(u32(0x63825363), options, 255),
  );

/** RFC 2131 section 3.1, RFC 2132. */
export const examples: readonly Example[] = [
  {
    title: "a request and its acknowledgement",
    transport: "udp",
    serverPort: 67,
    messages: [
      [true, message(1, 0, bytesOf(53, 1, 3), bytesOf(0, 12, prefixed(1, "laptop")))],
      [false, message(2, 0xc0000207, bytesOf(53, 1, 5))],
    ],
    name: "dhcp",
    facts: {
      dhcp: {
        type: "reply",
        client_mac: "02:00:00:00:00:07",
        dhcp_type: "ack",
        hostname: "laptop",
        assigned_ip: "192.0.2.7",
      },
    },
  },
  {
    title: "a request of BOOTP's",
    transport: "udp",
    clientPort: 68,
    serverPort: 67,
    messages: [
      [true, bytesOf(1, 1, 6, 0, new Uint8Array(24), [2, 0, 0, 0, 0, 1], new Uint8Array(10), new Uint8Array(256))],
    ],
    name: "dhcp",
    facts: { dhcp: { type: "request", client_mac: "02:00:00:00:00:01" } },
    needsPort: true,
  },
];
