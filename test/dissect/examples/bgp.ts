import { bytesOf, prefixed, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const message = (type: number, body: Uint8Array): Uint8Array =>
  bytesOf(new Uint8Array(16).fill(0xff), u16(body.length + 19), type, body);
const open = (as: number, router: number, parameters: Uint8Array): Uint8Array =>
  message(1, bytesOf(4, u16(as), u16(180), [10, 0, 0, router], prefixed(1, parameters)));
const longAs = bytesOf(2, prefixed(1, [1, 4, 0, 1, 0, 1], 65, prefixed(1, u32(4_200_000_001))));

/** RFC 4271 section 4, RFC 6793 section 3. */
export const examples: readonly Example[] = [
  {
    title: "two routers that open a session",
    transport: "tcp",
    serverPort: 179,
    messages: [
      [true, open(23_456, 1, longAs)],
      [false, open(65_002, 2, new Uint8Array(0))],
    ],
    name: "bgp",
    facts: {
      bgp: {
        client: { as: 4_200_000_001, hold_time: 180, router_id: "10.0.0.1" },
        server: { as: 65_002, hold_time: 180, router_id: "10.0.0.2" },
      },
    },
  },
  {
    title: "a session that goes on",
    transport: "tcp",
    serverPort: 179,
    messages: [[true, message(4, new Uint8Array(0))]],
    name: "bgp",
    facts: { bgp: { message: "keepalive" } },
  },
];
