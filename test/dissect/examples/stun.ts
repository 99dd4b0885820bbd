import { bytesOf, prefixed, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const request = bytesOf(u16(1), u16(8), u32(0x2112a442), new Uint8Array(12).fill(6), u16(6), prefixed(2, "abcd"));
const media = (sequence: number): Uint8Array =>
  bytesOf(0x80, 111, u16(sequence), u32(sequence * 960), u32(0x1234), new Uint8Array(40).fill(0x5a));

const success = bytesOf(
  ...[u16(0x0101), u16(12), u32(0x2112a442), new Uint8Array(12).fill(6)],
  ...[u16(0x8022), prefixed(2, "test 2"), 0, 0],
);

const oldId = bytesOf(...Array.from({ length: 16 }, (_, index) => index * 37));

/** RFC 8489 sections 5 and 14.14, RFC 3489 section 11, RFC 7983 section 7. */
export const examples: readonly Example[] = [
  {
    title: "a binding request",
    transport: "udp",
    serverPort: 3478,
    messages: [
      [
        true,
        bytesOf(u16(1), u16(12), u32(0x2112a442), new Uint8Array(12).fill(5), u16(0x8022), prefixed(2, "test 1"), 0, 0),
      ],
    ],
    name: "stun",
    facts: { stun: { method: "binding", software: "test 1" } },
  },
  {
    title: "a binding request of before the cookie",
    transport: "udp",
    serverPort: 3478,
    messages: [[true, bytesOf(u16(1), u16(8), new Uint8Array(16).fill(5), u16(3), u16(4), u32(6))]],
    name: "stun",
    facts: { stun: { method: "binding" } },
  },
  {
    title: "media that follow on the same flow",
    transport: "udp",
    serverPort: 50_000,
    messages: [[true, request], ...[1, 2, 3, 4].map((sequence) => [true, media(sequence)] as const), [false, request]],
    name: "rtp",
    facts: { stun: { method: "binding" }, rtp: { payload_type: 111, ssrc: 0x1234 } },
  },
  {
    title: "data of a channel",
    transport: "udp",
    serverPort: 3478,
    messages: [
      [true, request],
      [true, bytesOf(u16(0x4001), prefixed(2, "relayed!"))],
    ],
    name: "stun",
    facts: { stun: { method: "binding", channel_data: true } },
  },
  {
    title: "over TCP, with data of a channel behind it",
    transport: "tcp",
    serverPort: 3478,
    messages: [
      [true, request],
      [false, success],
      [true, bytesOf(u16(0x4001), prefixed(2, "relayed!"))],
    ],
    name: "stun",
    facts: { stun: { method: "binding", software: "test 2" } },
  },
  {
    title: "in frames of an ICE candidate over TCP",
    transport: "tcp",
    serverPort: 50_000,
    messages: [
      [true, prefixed(2, request)],
      [false, prefixed(2, success)],
    ],
    name: "stun",
    facts: { stun: { method: "binding", software: "test 2" } },
  },
  {
    title: "a binding request of before the cookie without attributes",
    transport: "udp",
    serverPort: 3478,
    messages: [[true, bytesOf(u16(1), u16(0), new Uint8Array(16).fill(5))]],
    name: "stun",
    facts: { stun: { method: "binding" } },
    needsPort: true,
  },
  {
    title: "a last attribute that is not padded",
    transport: "udp",
    serverPort: 3478,
    messages: [
      [true, bytesOf(u16(3), u16(10), u32(0x2112a442), new Uint8Array(12).fill(5), u16(0x4000), prefixed(2, "abcdef"))],
    ],
    name: "stun",
    facts: { stun: { method: "allocate" } },
  },
  {
    title: "Microsoft's cookie, and attributes that are not padded",
    transport: "udp",
    serverPort: 3478,
    messages: [
      [
        false,
        bytesOf(
          u16(0x115),
          u16(19),
          new Uint8Array(16).fill(5),
          u16(0xf),
          prefixed(2, u32(0x72c64bc6)),
          u16(0x13),
          prefixed(2, "1234567"),
        ),
      ],
    ],
    name: "stun",
    facts: { stun: {} },
  },
  {
    title: "a request without cookie and attributes, and the answer that repeats its bytes",
    transport: "udp",
    serverPort: 40_100,
    messages: [
      [true, bytesOf(u16(1), u16(0), oldId)],
      [false, bytesOf(u16(0x0101), u16(12), oldId, u16(1), prefixed(2, 0, 1, u16(40_000), u32(0xc000_0201)))],
    ],
    name: "stun",
    facts: { stun: { method: "binding" } },
  },
  {
    title: "data of a channel that was bound before",
    transport: "udp",
    serverPort: 40_100,
    messages: [1, 2, 3].map((sequence) => [true, bytesOf(u16(0x4001), prefixed(2, media(sequence)))] as const),
    name: "stun",
    facts: { stun: { channel_data: true } },
  },
  {
    title: "data of a channel on TURN's port",
    transport: "udp",
    serverPort: 3478,
    messages: [[false, bytesOf(u16(0x4fff), prefixed(2, "any data"))]],
    name: "stun",
    facts: { stun: { channel_data: true } },
    needsPort: true,
  },
];
