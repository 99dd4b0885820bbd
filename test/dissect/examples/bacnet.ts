import { bytesOf, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const bvll = (kind: number, content: Uint8Array): Uint8Array => bytesOf(0x81, kind, u16(content.length + 4), content);

/** ANSI/ASHRAE 135 annex J and F.3.8. */
export const examples: readonly Example[] = [
  {
    title: "a question who is there",
    transport: "udp",
    serverPort: 47_808,
    messages: [[true, bvll(11, bytesOf([1, 0x20, 0xff, 0xff, 0, 0xff], [0x10, 8]))]],
    name: "bacnet",
    facts: { bacnet: { function: "broadcast", service: "who_is" } },
  },
  {
    title: "a property that is read",
    transport: "udp",
    serverPort: 47_808,
    messages: [
      [true, bvll(10, bytesOf([1, 4], [0, 5, 1, 12, 0x0c, 0, 0, 0, 5, 0x19, 0x55]))],
      [false, bvll(10, bytesOf([1, 0], [0x30, 1, 12, 0x0c, 0, 0, 0, 5, 0x19, 0x55, 0x3e, 0x44, 0, 0, 0, 0, 0x3f]))],
    ],
    name: "bacnet",
    facts: { bacnet: { function: "unicast", service: "read_property" } },
  },
  {
    title: "a who-is over IPv6",
    transport: "udp",
    serverPort: 47_808,
    messages: [[true, bytesOf(0x82, 2, u16(11), [0x12, 0x34, 0x56], [1, 0], [0x10, 8])]],
    name: "bacnet",
    facts: { bacnet: { function: "broadcast", service: "who_is" } },
  },
];
