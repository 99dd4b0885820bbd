import { bytesOf, prefixed, u16, u24 } from "../build.ts";
import type { Example } from "../example.ts";

const body = bytesOf(
  bytesOf(u16(0xfefd), new Uint8Array(32).fill(7), 0, 0, prefixed(2, u16(0xc02b), u16(0xc02f)), 1, 0),
  prefixed(2, u16(0), prefixed(2, prefixed(2, 0, prefixed(2, "dtls.example.test")))),
);
const handshake = bytesOf(1, u24(body.length), u16(0), u24(0), u24(body.length), body);

/** The part of the same ClientHello from `from` to `to`, as the handshake message `sequence`, in a record of its own. */
const fragment = (sequence: number, from: number, to: number): Uint8Array => {
  const part = bytesOf(1, u24(body.length), u16(sequence), u24(from), u24(to - from), body.subarray(from, to));
  return bytesOf(22, u16(0xfefd), u16(0), new Uint8Array(6), prefixed(2, part));
};

/** RFC 6347 sections 4.1, 4.2.2 and 4.2.3. */
export const examples: readonly Example[] = [
  {
    title: "a ClientHello",
    transport: "udp",
    serverPort: 5684,
    messages: [[true, bytesOf(22, u16(0xfefd), u16(0), new Uint8Array(6), prefixed(2, handshake))]],
    name: "dtls",
    facts: {
      tls: {
        sni: "dtls.example.test",
        ja3: "cc9756b412bd960266847dcf025863f1",
        ja4: "dd2d020100_b6f57f3be927_000000000000",
      },
    },
    hostname: "dtls.example.test",
  },
  {
    title: "a ClientHello in fragments, the second first, the last twice, after one that was given up",
    transport: "udp",
    serverPort: 5684,
    messages: [
      [true, fragment(0, 0, 10)],
      [true, fragment(1, 30, 50)],
      [true, bytesOf(fragment(1, 0, 30), fragment(1, 45, body.length))],
      [true, fragment(1, 45, body.length)],
    ],
    name: "dtls",
    facts: {
      tls: {
        sni: "dtls.example.test",
        ja3: "cc9756b412bd960266847dcf025863f1",
        ja4: "dd2d020100_b6f57f3be927_000000000000",
      },
    },
    hostname: "dtls.example.test",
  },
  {
    title: "a record with the id of its connection",
    transport: "udp",
    serverPort: 5684,
    messages: [[true, bytesOf(25, [0xfe, 0xfd], u16(1), [0, 0, 0, 0, 0, 9], "conn", prefixed(2, new Uint8Array(40)))]],
    name: "dtls",
    facts: { tls: {} },
  },
];
