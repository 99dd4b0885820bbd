import { bytesOf } from "../build.ts";
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
];
