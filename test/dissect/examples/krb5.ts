import { bytesOf, prefixed, u16 } from "../build.ts";
import type { Example } from "../example.ts";

const integer = (context: number, value: number): Uint8Array => bytesOf(context, 3, 2, 1, value);
const body = bytesOf(0xa4, prefixed(1, 0x30, 0));
const request = bytesOf(0x6a, prefixed(1, 0x30, prefixed(1, integer(0xa1, 5), integer(0xa2, 10), body)));

const apRequest = bytesOf(0x6e, prefixed(1, 0x30, prefixed(1, integer(0xa0, 5), integer(0xa1, 14), body)));
const change = (length: number): Uint8Array => bytesOf(u16(length), u16(0xff80), prefixed(2, apRequest), "KRB-PRIV");
const changeLength = change(0).length;

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
  {
    title: "a password that is changed, in a datagram",
    transport: "udp",
    serverPort: 464,
    messages: [[true, change(changeLength)]],
    name: "krb5",
    facts: { krb5: { request: "kpasswd" } },
  },
  {
    title: "a password that is changed, over TCP",
    transport: "tcp",
    serverPort: 464,
    messages: [[true, prefixed(4, change(changeLength))]],
    name: "krb5",
    facts: { krb5: { request: "kpasswd" } },
  },
];
