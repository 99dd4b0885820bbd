import { bytesOf, prefixed, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const signal = (type: number, reference: number, ...elements: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(8, 2, u16(reference), type, ...elements);
  return bytesOf(3, 0, u16(body.length + 4), body);
};
const bearer = bytesOf(4, prefixed(1, 0x88, 0x93, 0xa5));
const userUser = bytesOf(0x7e, prefixed(2, 5, 0x20, 0xa8, 6, 0, 8, 0x91, 0x4a, 0));

/** H.225.0 section 7.3, Q.931 section 4. */
export const examples: readonly Example[] = [
  {
    title: "a call that is set up",
    transport: "tcp",
    serverPort: 1720,
    messages: [
      [true, signal(5, 0x1234, bearer, userUser)],
      [false, signal(2, 0x9234, userUser)],
    ],
    name: "h323",
    facts: { h323: { message: "call_proceeding" } },
  },
  {
    title: "a registration with a gatekeeper",
    transport: "udp",
    serverPort: 1719,
    messages: [
      [true, bytesOf([0x0e, 0xc0], u16(41), 0x06, [0, 8, 0x91, 0x4a, 0, 4], [0x80, 1, 0], new Uint8Array(20))],
    ],
    name: "h323",
    facts: { h323: { ras_version: 4 } },
  },
];
