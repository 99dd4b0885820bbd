import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

/** Redis serialization protocol specification, "Sending commands to a Redis server". */
export const examples: readonly Example[] = [
  {
    title: "a command",
    transport: "tcp",
    serverPort: 6379,
    messages: [[true, bytesOf("*2\r\n$4\r\nllen\r\n$6\r\nmylist\r\n")]],
    name: "redis",
    facts: { redis: { command: "LLEN" } },
  },
  {
    title: "an answer alone",
    transport: "tcp",
    serverPort: 6379,
    messages: [[false, bytesOf("+PONG\r\n")]],
    name: "redis",
    facts: { redis: {} },
    needsPort: true,
  },
  {
    title: "a command that is typed",
    transport: "tcp",
    serverPort: 6379,
    messages: [[true, bytesOf("auth secret\r\n")]],
    name: "redis",
    facts: { redis: { command: "AUTH" } },
    needsPort: true,
  },
];
