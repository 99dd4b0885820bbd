import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";
import type { Message } from "../converse.ts";

const packet = (type: number, sequence: number, timestamp: number): Uint8Array =>
  bytesOf(0x80, type, u16(sequence), u32(timestamp), u32(0xcafe_0001), new Uint8Array(160).fill(0xd5));

const stream = (type: number, steps: readonly number[]): Message[] =>
  steps.map((step) => [true, packet(type, 0xfffe + step, 1000 + step * 160)] as const);

const source = (type: number, ssrc: number, sequence: number, timestamp: number): Uint8Array =>
  bytesOf(0x80, type, u16(sequence), u32(timestamp), u32(ssrc), new Uint8Array(90).fill(0xd5));

/** RFC 3550 section 5.1, RFC 3551 section 6. */
export const examples: readonly Example[] = [
  {
    title: "speech whose sequence numbers pass zero, with one packet lost",
    transport: "udp",
    serverPort: 16_384,
    messages: stream(8, [0, 1, 3, 4]),
    name: "rtp",
    facts: { rtp: { payload_type: 8, ssrc: 0xcafe_0001, codec: "PCMA" } },
  },
  {
    title: "speech and pictures by turns, pictures out of their order",
    transport: "udp",
    serverPort: 16_384,
    messages: [0, 1, 2, 3].flatMap((step) => [
      [true, source(111, 7, step, 1000 + step * 960)] as const,
      [true, source(96, 8, step, 9000 + [0, 9000, 3000, 6000][step]!)] as const,
    ]),
    name: "rtp",
    facts: { rtp: { payload_type: 111, ssrc: 7 } },
  },
];
