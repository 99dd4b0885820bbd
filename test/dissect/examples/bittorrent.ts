import { bytesOf } from "../build.ts";
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
];
