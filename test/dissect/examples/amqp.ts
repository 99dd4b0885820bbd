import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** AMQP 0-9-1 section 4.2.2; AMQP 1.0 part 5 section 5.3. */
export const examples: readonly Example[] = [
  {
    title: "0-9-1",
    transport: "tcp",
    serverPort: 5672,
    messages: [[true, bytesOf("AMQP", 0, 0, 9, 1)]],
    name: "amqp",
    facts: { amqp: { version: "0-9-1" } },
  },
  {
    title: "1.0 behind SASL",
    transport: "tcp",
    serverPort: 5672,
    messages: [[true, bytesOf("AMQP", 3, 1, 0, 0)]],
    name: "amqp",
    facts: { amqp: { version: "1.0" } },
  },
  {
    title: "a message that is published, its stream joined in the middle",
    transport: "tcp",
    serverPort: 5672,
    messages: [[true, bytesOf(1, u16(1), u32(11), u16(60), u16(40), u16(0), 1, "x", 1, "k", 0, 0xce)]],
    name: "amqp",
    facts: { amqp: { method: "basic.publish" } },
  },
  {
    title: "a transfer of 1.0",
    transport: "tcp",
    serverPort: 5672,
    messages: [[true, bytesOf(u32(16), 2, 0, u16(0), 0, 0x53, 0x14, 0xc0, 3, 1, 0x43, 0)]],
    name: "amqp",
    facts: { amqp: { version: "1.0" } },
  },
];
