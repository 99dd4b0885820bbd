import { bytesOf, u16 } from "../build.ts";
import type { Example } from "../example.ts";

/** RFC 1001 section 14.1. */
const encoded = (name: string, suffix: number): Uint8Array => {
  const plain = bytesOf(name.padEnd(15), suffix);
  const letters = [...plain].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)]);
  return bytesOf(32, letters, 0);
};
const request = bytesOf(0x81, 0, u16(68), encoded("SERVER", 0x20), encoded("CLIENT", 0));

/** RFC 1002 section 4.3. */
export const examples: readonly Example[] = [
  {
    title: "a session that is refused",
    transport: "tcp",
    serverPort: 139,
    messages: [
      [true, request],
      [false, bytesOf(0x83, 0, u16(1), 0x82)],
    ],
    name: "netbios-ssn",
    facts: { netbios: { name: "SERVER<20>", error: "called_name_not_present" } },
  },
];
