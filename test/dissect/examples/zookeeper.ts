import { bytesOf, prefixed, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const password = bytesOf(u32(16), new Uint8Array(16));
const session = bytesOf(u32(0x100_0000), u32(7));

/** zookeeper.jute, ConnectRequest and ConnectResponse. */
export const examples: readonly Example[] = [
  {
    title: "a session that is opened",
    transport: "tcp",
    serverPort: 2181,
    messages: [
      [true, prefixed(4, u32(0), u32(0), u32(0), u32(30_000), u32(0), u32(0), password, 0)],
      [false, prefixed(4, u32(0), u32(20_000), session, password, 0)],
    ],
    name: "zookeeper",
    facts: { zookeeper: { requested_timeout_ms: 30_000, timeout_ms: 20_000 } },
  },
  {
    title: "a four-letter word",
    transport: "tcp",
    serverPort: 2181,
    messages: [[true, bytesOf("ruok")]],
    name: "zookeeper",
    facts: { zookeeper: { command: "ruok" } },
    needsPort: true,
  },
  {
    title: "a session that goes on",
    transport: "tcp",
    serverPort: 2181,
    messages: [[true, bytesOf(u32(8), u32(0xffff_fffe), u32(11))]],
    name: "zookeeper",
    facts: { zookeeper: {} },
  },
];
