import { bytesOf, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const message = (status: number, version: number): Uint8Array =>
  bytesOf("ES", u32(40), u32(0), u32(9), status, u32(version), new Uint8Array(27));

/** TcpHeader of Elasticsearch. */
export const examples: readonly Example[] = [
  {
    title: "a handshake of two nodes",
    transport: "tcp",
    serverPort: 9300,
    messages: [
      [true, message(8, 6_080_099)],
      [false, message(9, 7_100_299)],
    ],
    name: "elasticsearch",
    facts: { elasticsearch: { client_version: "6.8.0", server_version: "7.10.2" } },
  },
  {
    title: "a node of version 1.7, behind a ping",
    transport: "tcp",
    serverPort: 9300,
    messages: [
      [true, bytesOf("ES", u32(0xffff_ffff))],
      [false, bytesOf("ES", u32(40), u32(0), u32(9), 0x01, u32(1_070_399), new Uint8Array(27))],
    ],
    name: "elasticsearch",
    facts: { elasticsearch: { server_version: "1.7.3" } },
  },
];
