import { bytesOf, prefixed, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const frame = (version: number, opcode: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(...parts);
  return bytesOf(version, 0, u16(0), opcode, u32(body.length), body);
};
const pair = (key: string, value: string): Uint8Array => bytesOf(prefixed(2, key), prefixed(2, value));
/** Streams of versions 1 and 2 have one byte. */
const old = (version: number, opcode: number, body: Uint8Array): Uint8Array =>
  bytesOf(version, 0, 0, opcode, u32(body.length), body);
const authenticator = "org.apache.cassandra.auth.PasswordAuthenticator";

/** native_protocol_v4.spec sections 2 and 4. */
export const examples: readonly Example[] = [
  {
    title: "options, start and authentication",
    transport: "tcp",
    serverPort: 9042,
    messages: [
      [true, frame(4, 5)],
      [false, frame(0x84, 6, u16(1), prefixed(2, "CQL_VERSION"), u16(1), prefixed(2, "3.4.4"))],
      [true, frame(4, 1, u16(2), pair("CQL_VERSION", "3.0.0"), pair("DRIVER_NAME", "DataStax Python Driver"))],
      [false, frame(0x84, 3, prefixed(2, authenticator))],
    ],
    name: "cassandra",
    facts: {
      cassandra: { version: 4, cql_version: "3.0.0", driver_name: "DataStax Python Driver", authenticator },
    },
  },
  {
    title: "an authentication alone",
    transport: "tcp",
    serverPort: 9042,
    messages: [[false, frame(0x83, 3, prefixed(2, authenticator))]],
    name: "cassandra",
    facts: { cassandra: { version: 3, authenticator } },
  },
  {
    title: "a node that calls another",
    transport: "tcp",
    serverPort: 7000,
    messages: [[true, bytesOf(u32(0xca55_2dfa), u32(0x0c0a_0c11), [6, 198, 51, 100, 2])]],
    name: "cassandra",
    facts: { cassandra: { role: "node" } },
  },
  {
    title: "a start in version 1",
    transport: "tcp",
    serverPort: 9042,
    messages: [
      [true, old(1, 1, bytesOf(u16(1), pair("CQL_VERSION", "3.0.0")))],
      [false, old(0x81, 2, new Uint8Array(0))],
    ],
    name: "cassandra",
    facts: { cassandra: { version: 1, cql_version: "3.0.0" } },
  },
];
