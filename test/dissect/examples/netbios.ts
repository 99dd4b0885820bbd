import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 1001 section 14.1: 16 characters as 32 letters. */
const encoded = (name: string, suffix: number): Uint8Array => {
  const bytes = bytesOf(name.padEnd(15), suffix);
  return bytesOf(
    32,
    [...bytes].map((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]),
    0,
  );
};

/** RFC 1002 sections 4.2.2 and 4.4.2. */
export const examples: readonly Example[] = [
  {
    title: "a name registration",
    transport: "udp",
    serverPort: 137,
    messages: [
      [
        true,
        bytesOf(u16(7), u16(0x2910), u16(1), u16(0), u16(0), u16(0), encoded("WORKSTATION", 0), u16(0x20), u16(1)),
      ],
    ],
    name: "netbios-ns",
    facts: { netbios: { name: "WORKSTATION<00>" } },
  },
  {
    title: "a datagram",
    transport: "udp",
    serverPort: 138,
    messages: [
      [
        true,
        bytesOf(
          0x11,
          2,
          u16(9),
          u32(0xc0000201),
          u16(138),
          u16(80),
          u16(0),
          encoded("BOX", 0),
          encoded("GROUP", 0x1d),
          "data",
        ),
      ],
    ],
    name: "netbios-dgm",
    facts: { netbios: { name: "BOX<00>" } },
  },
];
