import { bytesOf, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const init = bytesOf(
  u32(0x11223344),
  u32(0x55667788),
  u32(0),
  u32(0),
  33,
  0x20,
  34,
  8,
  u32(0),
  u32(60),
  new Uint8Array(32),
);
const facts = { ike: { version_major: 2, version_minor: 0, exchange_type: "ike_sa_init" } };

/** RFC 7296 section 3.1, RFC 3948 section 2.2. */
export const examples: readonly Example[] = [
  { title: "IKE_SA_INIT", transport: "udp", serverPort: 500, messages: [[true, init]], name: "ike", facts },
  {
    title: "IKE beside ESP",
    transport: "udp",
    serverPort: 4500,
    messages: [[true, bytesOf(u32(0), init)]],
    name: "ike",
    facts,
    needsPort: true,
  },
  {
    title: "ESP in UDP",
    transport: "udp",
    serverPort: 4500,
    messages: [1, 2].map(
      (sequence) => [true, bytesOf(u32(0xc0de_0001), u32(sequence), new Uint8Array(60).fill(0x5e))] as const,
    ),
    name: "esp",
    facts: { esp: { in_udp: true } },
    needsPort: true,
  },
  {
    title: "the beginning of a stream",
    transport: "tcp",
    serverPort: 4500,
    messages: [[true, bytesOf("IKETCP")]],
    name: "ike",
    facts: { ike: { transport: "tcp" } },
  },
];
