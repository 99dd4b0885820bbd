import { bytesOf, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const avp = (attribute: number, value: Uint8Array): Uint8Array =>
  bytesOf(u16(0x8000 | (value.length + 6)), u16(0), u16(attribute), value);
const message = (tunnel: number, ...avps: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(u16(tunnel), u16(0), u16(0), u16(0), ...avps);
  return bytesOf(0xc8, 2, u16(body.length + 4), body);
};
const names = (host: string): Uint8Array[] => [avp(7, bytesOf(host)), avp(9, u16(17))];

/** RFC 2661 sections 3.1 and 6. */
export const examples: readonly Example[] = [
  {
    title: "a tunnel that is opened",
    transport: "udp",
    serverPort: 1701,
    messages: [
      [true, message(0, avp(0, u16(1)), avp(2, u16(0x0100)), ...names("lac"), avp(8, bytesOf("xelerance.com")))],
      [false, message(17, avp(0, u16(2)), avp(2, u16(0x0100)), ...names("lns"))],
    ],
    name: "l2tp",
    facts: {
      l2tp: {
        version: 2,
        message: "sccrp",
        client_host: "lac",
        client_vendor: "xelerance.com",
        server_host: "lns",
      },
    },
  },
];
