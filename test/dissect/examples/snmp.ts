import { bytesOf, prefixed } from "../build.ts";
import type { Example } from "../example.ts";

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => bytesOf(0x30, prefixed(1, ...parts));
const integer = (value: number): Uint8Array => bytesOf(2, 1, value);

/** RFC 3416 section 3, RFC 3412 section 6. */
export const examples: readonly Example[] = [
  {
    title: "a v2c request",
    transport: "udp",
    serverPort: 161,
    messages: [
      [
        true,
        sequence(
          integer(1),
          bytesOf(4, prefixed(1, "secret")),
          bytesOf(0xa1, prefixed(1, integer(7), integer(0), integer(0), sequence())),
        ),
      ],
    ],
    name: "snmp",
    facts: { snmp: { version: 2, pdu_type: "get_next_request" } },
  },
  {
    title: "a v3 message",
    transport: "udp",
    serverPort: 161,
    messages: [
      [
        true,
        sequence(
          integer(3),
          sequence(integer(9), bytesOf(2, 2, 0x05, 0xdc), bytesOf(4, 1, 4), integer(3)),
          bytesOf(4, 0),
          sequence(),
        ),
      ],
    ],
    name: "snmp",
    facts: { snmp: { version: 3 } },
  },
];
