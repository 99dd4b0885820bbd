import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const parameters = bytesOf("user\0alice\0database\0shop\0application_name\0psql\0options\0secret\0", 0);

/** PostgreSQL documentation, "Message Formats": StartupMessage, SSLRequest. */
export const examples: readonly Example[] = [
  {
    title: "a start in clear",
    transport: "tcp",
    serverPort: 5432,
    messages: [[true, bytesOf(u32(8 + parameters.length), u16(3), u16(0), parameters)]],
    name: "pgsql",
    facts: { pgsql: { user: "alice", database: "shop", application_name: "psql" } },
  },
  {
    title: "encryption that is refused",
    transport: "tcp",
    serverPort: 5432,
    messages: [
      [true, bytesOf(u32(8), u32(80_877_103))],
      [false, bytesOf("N")],
      [true, bytesOf(u32(8 + parameters.length), u16(3), u16(0), parameters)],
    ],
    name: "pgsql",
    facts: { pgsql: { request: "ssl", user: "alice", database: "shop", application_name: "psql" } },
  },
  {
    title: "a request to cancel",
    transport: "tcp",
    serverPort: 5432,
    messages: [[true, bytesOf(u32(16), u32(80_877_102), u32(4711), u32(0x1234_5678))]],
    name: "pgsql",
    facts: { pgsql: { request: "cancel" } },
  },
  {
    title: "a startup of protocol 2",
    transport: "tcp",
    serverPort: 5432,
    messages: [[true, bytesOf(u32(296), u32(0x0002_0000), "shop", new Uint8Array(284))]],
    name: "pgsql",
    facts: { pgsql: { version: 2 } },
  },
];
