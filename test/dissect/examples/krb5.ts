import { bytesOf, prefixed } from "../build.ts";
import type { Example } from "../example.ts";

const integer = (context: number, value: number): Uint8Array => bytesOf(context, 3, 2, 1, value);
const body = bytesOf(0xa4, prefixed(1, 0x30, 0));
const request = bytesOf(0x6a, prefixed(1, 0x30, prefixed(1, integer(0xa1, 5), integer(0xa2, 10), body)));

/** RFC 4120 sections 5.4.1 and 7.2.2. */
export const examples: readonly Example[] = [
  {
    title: "an AS-REQ in a datagram",
    transport: "udp",
    serverPort: 88,
    messages: [[true, request]],
    name: "krb5",
    facts: { krb5: { msg_type: "KRB_AS_REQ" } },
  },
  {
    title: "an AS-REQ over TCP",
    transport: "tcp",
    serverPort: 88,
    messages: [[true, prefixed(4, request)]],
    name: "krb5",
    facts: { krb5: { msg_type: "KRB_AS_REQ" } },
  },
];
