import { bytesOf, prefixed, u16le } from "../build.ts";
import type { Example } from "../example.ts";

const header = (command: number, flags: number): Uint8Array =>
  bytesOf(0xfe, "SMB", u16le(64), u16le(0), new Uint8Array(4), u16le(command), u16le(1), flags, new Uint8Array(47));

/** [MS-SMB2] sections 2.2.3 and 2.2.4. */
export const examples: readonly Example[] = [
  {
    title: "a NEGOTIATE",
    transport: "tcp",
    serverPort: 445,
    messages: [
      [true, bytesOf(0, prefixed(3, header(0, 0), u16le(36), u16le(1), new Uint8Array(32), u16le(0x0311)))],
      [false, bytesOf(0, prefixed(3, header(0, 1), u16le(65), u16le(1), u16le(0x0311), new Uint8Array(59)))],
    ],
    name: "smb",
    facts: { smb: { version: "2/3", dialect: "3.11" } },
  },
];
