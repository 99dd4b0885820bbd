import { bytesOf, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** BEP 3, handshake; BEP 5, the ping of its examples. */
export const examples: readonly Example[] = [
  {
    title: "a handshake",
    transport: "tcp",
    serverPort: 6881,
    messages: [
      [true, bytesOf("\x13BitTorrent protocol", new Uint8Array(8), new Uint8Array(20).fill(7), "-TR4040-abcdefghijkl")],
    ],
    name: "bittorrent",
    facts: { bittorrent: { client: "TR4040" } },
  },
  {
    title: "a ping of the DHT",
    transport: "udp",
    serverPort: 6881,
    messages: [[true, bytesOf("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")]],
    name: "bittorrent-dht",
    facts: { bittorrent_dht: { request_type: "ping" } },
  },
  {
    title: "a search on the own network",
    transport: "udp",
    serverPort: 6771,
    messages: [
      [
        true,
        bytesOf(
          "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\n",
          `Infohash: ${"0123456789".repeat(4)}\r\n\r\n\r\n`,
        ),
      ],
    ],
    name: "bittorrent",
    facts: { bittorrent: { search: "local" } },
  },
  {
    title: "requests on a connection that was joined later",
    transport: "tcp",
    serverPort: 6881,
    messages: [[true, bytesOf(u32(0), u32(5), 4, u32(77), u32(13), 6, u32(78), u32(0x8000), u32(0x4000))]],
    name: "bittorrent",
    facts: { bittorrent: {} },
  },
  {
    title: "a block on a connection that was joined later",
    transport: "tcp",
    serverPort: 6881,
    messages: [[false, bytesOf(u32(0x4009), 7, u32(3), u32(0x4000), new Uint8Array(100).fill(0x5a))]],
    name: "bittorrent",
    facts: { bittorrent: {} },
  },
];
