import { bytesOf, dnsName, prefixed, u16, u24, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const option = (code: number, value: Uint8Array): Uint8Array => bytesOf(u16(code), prefixed(2, value));
const duid = bytesOf(u16(1), u16(1), u32(0x1c39cf88), [8, 0, 0x27, 0xfe, 0x8f, 0x95]);
const solicit = bytesOf(
  bytesOf(1, u24(0x10_0874), option(1, duid), option(39, bytesOf(0, dnsName("host.example.org")))),
  bytesOf(option(6, bytesOf(u16(23), u16(24))), option(8, u16(0))),
);

/** RFC 8415 sections 8, 9 and 21. */
export const examples: readonly Example[] = [
  {
    title: "a solicitation and its reply",
    transport: "udp",
    serverPort: 547,
    messages: [
      [true, solicit],
      [false, bytesOf(7, u24(0x10_0874), option(1, duid), option(2, duid))],
    ],
    name: "dhcpv6",
    facts: { dhcpv6: { type: "reply", client_fqdn: "host.example.org" } },
  },
  {
    title: "a relayed message",
    transport: "udp",
    serverPort: 547,
    messages: [
      [true, bytesOf(12, 0, new Uint8Array(16).fill(0x20), new Uint8Array(16).fill(0xfe), option(9, solicit))],
    ],
    name: "dhcpv6",
    facts: { dhcpv6: { type: "relay-forward" } },
  },
];
