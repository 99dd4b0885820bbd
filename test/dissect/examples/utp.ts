import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const packet = (type: number, connection: number, sequence: number, acknowledged: number, payload = ""): Uint8Array =>
  bytesOf(
    (type << 4) | 1,
    0,
    u16(connection),
    u32(0x1234_5678),
    u32(0),
    u32(0x10_0000),
    u16(sequence),
    u16(acknowledged),
    payload,
  );

/** BEP 29 (uTP) and BEP 15 (trackers over UDP). */
export const examples: readonly Example[] = [
  {
    title: "a connection that is accepted",
    transport: "udp",
    serverPort: 6881,
    messages: [
      [true, packet(4, 1000, 9158, 0)],
      [false, packet(2, 1000, 77, 9158)],
    ],
    name: "utp",
    facts: { utp: {} },
  },
  {
    title: "data of both sides, begun before",
    transport: "udp",
    serverPort: 6881,
    messages: [
      [true, packet(0, 1001, 500, 80, "payload")],
      [false, packet(2, 1000, 80, 500)],
    ],
    name: "utp",
    facts: { utp: {} },
  },
  {
    title: "a tracker that is asked",
    transport: "udp",
    serverPort: 6969,
    messages: [[true, bytesOf(u32(0x417), u32(0x2710_1980), u32(0), u32(0xdead_beef))]],
    name: "bittorrent",
    facts: { bittorrent: { tracker: "udp" } },
  },
  {
    title: "data of one direction",
    transport: "udp",
    serverPort: 40_100,
    messages: [1, 2, 3, 4].map(
      (number) =>
        [
          true,
          bytesOf(
            ...[
              0x01,
              0,
              u16(0x5b1e),
              u32(0x1234_0000 + number * 5000),
              u32(777),
              u32(65_536),
              u16(900 + number),
              u16(40),
            ],
            new Uint8Array(30).fill(number * 57),
          ),
        ] as const,
    ),
    name: "utp",
    facts: { utp: {} },
  },
];
