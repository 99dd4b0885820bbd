import { bytesOf, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const key = new Uint8Array(8).fill(0x7c);
const enciphered = bytesOf(key, new Uint8Array(16).fill(3), new Uint8Array(64).fill(9));
const plain = bytesOf(new Uint8Array(8), new Uint8Array(8).fill(0x51), u32le(20), new Uint8Array(20).fill(0xbe));

/** core.telegram.org/mtproto/mtproto-transports. */
export const examples: readonly Example[] = [
  {
    title: "an enciphered message in the abridged transport",
    transport: "tcp",
    serverPort: 443,
    messages: [[true, bytesOf(0xef, enciphered.length / 4, enciphered)]],
    name: "telegram",
    facts: { telegram: { transport: "abridged" } },
    needsPort: true,
  },
  {
    title: "a first message in the intermediate transport",
    transport: "tcp",
    serverPort: 80,
    messages: [[true, bytesOf(u32le(0xeeee_eeee), u32le(plain.length), plain)]],
    name: "telegram",
    facts: { telegram: { transport: "intermediate" } },
    needsPort: true,
  },
];
