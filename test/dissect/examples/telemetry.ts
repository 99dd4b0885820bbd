import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const now = u32(1_700_000_000);

/** NetFlow 5, RFC 3954, RFC 7011, sFlow 5, RFC 5880. */
export const examples: readonly Example[] = [
  {
    title: "two records of NetFlow 5",
    transport: "udp",
    serverPort: 2055,
    messages: [[true, bytesOf(u16(5), u16(2), u32(1000), now, filled(12, 0), filled(96, 7))]],
    name: "netflow",
    facts: { netflow: { version: 5, records: 2 } },
  },
  {
    title: "a template of NetFlow 9",
    transport: "udp",
    serverPort: 9995,
    messages: [
      [true, bytesOf(u16(9), u16(1), u32(1), now, u32(1), u32(1), u16(0), u16(12), u16(256), u16(1), u16(8), u16(4))],
    ],
    name: "netflow",
    facts: { netflow: { version: 9, records: 1 } },
  },
  {
    title: "a template of IPFIX",
    transport: "udp",
    serverPort: 4739,
    messages: [
      [true, bytesOf(u16(10), u16(28), now, u32(1), u32(1), u16(2), u16(12), u16(256), u16(1), u16(8), u16(4))],
    ],
    name: "ipfix",
    facts: { netflow: { version: 10 } },
  },
  {
    title: "counters in sFlow",
    transport: "udp",
    serverPort: 6343,
    messages: [
      [
        true,
        bytesOf(u32(5), u32(1), u32(0xc0000201), u32(0), u32(7), u32(1000), u32(1), u32(2), u32(12), filled(12, 1)),
      ],
    ],
    name: "sflow",
    facts: { sflow: { samples: 1 } },
  },
  {
    title: "a session that comes up",
    transport: "udp",
    serverPort: 3784,
    messages: [
      [true, bytesOf(0x20, 0x40, 3, 24, u32(1), u32(0), u32(1_000_000), u32(1_000_000), u32(0))],
      [true, bytesOf(0x20, 0xc0, 3, 24, u32(1), u32(2), u32(1_000_000), u32(1_000_000), u32(0))],
    ],
    name: "bfd",
    facts: { bfd: { state: "up" } },
    needsPort: true,
  },
];
