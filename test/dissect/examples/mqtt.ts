import { bytesOf, prefixed, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const text = (value: string): Uint8Array => prefixed(2, value);

/** MQTT 3.1.1 section 3.1, MQTT 5.0 section 3.1. */
export const examples: readonly Example[] = [
  {
    title: "a CONNECT of 3.1.1",
    transport: "tcp",
    serverPort: 1883,
    messages: [
      [true, bytesOf(0x10, prefixed(1, text("MQTT"), 4, 0xc2, 0, 60, text("sensor-1"), text("user"), text("secret")))],
    ],
    name: "mqtt",
    facts: { mqtt: { protocol_version: "3.1.1", client_id: "sensor-1" } },
  },
  {
    title: "a CONNECT of 5",
    transport: "tcp",
    serverPort: 1883,
    messages: [
      [true, bytesOf(0x10, prefixed(1, text("MQTT"), 5, 2, 0, 60, prefixed(1, 0x11, 0, 0, 0, 10), text("five")))],
    ],
    name: "mqtt",
    facts: { mqtt: { protocol_version: "5", client_id: "five" } },
  },
  {
    title: "a message and the answer to a ping, their stream joined in the middle",
    transport: "tcp",
    serverPort: 1883,
    messages: [[false, bytesOf(0xd0, 0, 0x32, prefixed(1, text("garden/lamp"), 0, 9, "{}"))]],
    name: "mqtt",
    facts: { mqtt: {} },
  },
  {
    title: "a CONNACK alone",
    transport: "tcp",
    serverPort: 1883,
    messages: [[false, bytesOf(0x20, 2, 0, 0)]],
    name: "mqtt",
    facts: { mqtt: {} },
    needsPort: true,
  },
  {
    title: "a bridge of MQTT 3.1",
    transport: "tcp",
    serverPort: 1883,
    messages: [[true, bytesOf(0x10, 16, u16(6), "MQIsdp", 0x83, 2, u16(60), u16(2), "br")]],
    name: "mqtt",
    facts: { mqtt: { protocol_version: "3.1", client_id: "br" } },
  },
  {
    title: "a reason to leave, of MQTT 5",
    transport: "tcp",
    serverPort: 1883,
    messages: [[false, bytesOf(0xe0, 2, 0x8b, 0)]],
    name: "mqtt",
    facts: { mqtt: {} },
    needsPort: true,
  },
];
