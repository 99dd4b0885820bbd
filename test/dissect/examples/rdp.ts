import { bytesOf, u16, u16le, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const tpkt = (type: number, rest: Uint8Array): Uint8Array =>
  bytesOf(3, 0, u16(11 + rest.length), 6 + rest.length, type, u16(0), u16(0), 0, rest);
const negotiation = (type: number, protocols: number): Uint8Array => bytesOf(type, 0, u16le(8), u32le(protocols));

/** [MS-RDPBCGR] section 4.1.1 and 4.1.2. */
export const examples: readonly Example[] = [
  {
    title: "a negotiation",
    transport: "tcp",
    serverPort: 3389,
    messages: [
      [true, tpkt(0xe0, bytesOf("Cookie: mstshash=eltons\r\n", negotiation(1, 3)))],
      [false, tpkt(0xd0, negotiation(2, 2))],
    ],
    name: "rdp",
    facts: { rdp: { requested_protocols: ["ssl", "hybrid"], selected_protocol: "hybrid" } },
  },
];
