import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const report = bytesOf(0x81, 201, u16(7), u32(0x1234), u32(0x5678), new Uint8Array(20));
const description = bytesOf(0x81, 202, u16(3), u32(0x1234), [1, 4], "host", [0, 0]);

/** RFC 3711 section 3.4: behind the source all but the index is enciphered. */
const secured = (index: number): Uint8Array =>
  bytesOf(
    0x80,
    200,
    u16(6),
    u32(0x5678),
    new Uint8Array(60).fill(0x9d * index),
    u32(0x8000_0000 + index),
    new Uint8Array(10),
  );

/** RFC 3550 section 6. */
export const examples: readonly Example[] = [
  {
    title: "reports of both sides",
    transport: "udp",
    serverPort: 5005,
    messages: [
      [true, bytesOf(0x80, 200, u16(6), u32(0x5678), new Uint8Array(20), description)],
      [false, bytesOf(report, description)],
    ],
    name: "rtcp",
    facts: { rtcp: { packets: ["receiver_report", "source_description"] } },
  },
  {
    title: "reports that are enciphered",
    transport: "udp",
    serverPort: 5005,
    messages: [1, 2].map((index) => [true, secured(index)] as const),
    name: "rtcp",
    facts: { rtcp: { secured: true } },
  },
  {
    title: "feedback alone",
    transport: "udp",
    serverPort: 5005,
    messages: [[false, bytesOf(0x81, 206, u16(2), u32(0x1234), u32(0x5678))]],
    name: "rtcp",
    facts: { rtcp: { packets: ["payload_feedback"] } },
  },
];
