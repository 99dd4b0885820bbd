import { bytesOf, u16le, u32, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const zeros = (count: number): Uint8Array => new Uint8Array(count);
const packet = (sequence: number, payload: Uint8Array): Uint8Array => {
  return bytesOf(payload.length, payload.length >> 8, 0, sequence, payload);
};
const greeting = bytesOf(
  bytesOf(10, "8.0.36-test\0", u32(17), "saltsalt", 0, u16le(0xffff), 45, u16le(2), u16le(0xdfff), 21),
  bytesOf(zeros(10), "moresaltmore\0", "caching_sha2_password\0"),
);

/** MySQL internals, "Handshake V10" and "HandshakeResponse41". */
export const examples: readonly Example[] = [
  {
    title: "a login in clear",
    transport: "tcp",
    serverPort: 3306,
    messages: [
      [false, packet(0, greeting)],
      [true, packet(1, bytesOf(u32le(0x0000a285), u32le(0x01000000), 45, zeros(23), "alice\0", 0))],
    ],
    name: "mysql",
    facts: { mysql: { version: "8.0.36-test" } },
  },
  {
    title: "a request for TLS",
    transport: "tcp",
    serverPort: 3306,
    messages: [[true, packet(1, bytesOf(u32le(0x0000aa85), u32le(0x01000000), 45, zeros(23)))]],
    name: "mysql",
    facts: { mysql: { ssl: true } },
  },
  {
    title: "a server that refuses a host",
    transport: "tcp",
    serverPort: 3306,
    messages: [
      [
        false,
        bytesOf(71, 0, 0, 0, 0xff, 0x6a, 0x04, "Host '192.0.2.1' is not allowed to connect to this MySQL server aaaa"),
      ],
    ],
    name: "mysql",
    facts: { mysql: { error: 1130 } },
  },
  {
    title: "a greeting of before version 4.1",
    transport: "tcp",
    serverPort: 3306,
    messages: [
      [
        false,
        bytesOf(
          ...[[43, 0, 0, 0, 10], "4.0.21-log\0", [5, 0, 0, 0], "abcdefgh\0", [0x2c, 0x20, 8, 2, 0]],
          new Uint8Array(13),
        ),
      ],
    ],
    name: "mysql",
    facts: { mysql: { version: "4.0.21-log" } },
  },
];
