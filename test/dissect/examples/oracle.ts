import { bytesOf, u16, u32 } from "../build.ts";
import type { Example } from "../example.ts";

const packet = (type: number, body: Uint8Array): Uint8Array =>
  bytesOf(u16(body.length + 8), u16(0), type, 0, u16(0), body);
const descriptor =
  "(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=orcl)(CID=(PROGRAM=C:\\Users\\alice\\sqlplus.exe)(HOST=pc)(USER=alice))))";
const connect = bytesOf(
  bytesOf(u16(314), u16(300), u16(0x0c41), u16(8192), u16(32_767), u16(0x7f08), u16(0), u16(0x0100)),
  bytesOf(u16(descriptor.length), u16(58), u32(0), [0x41, 0x41], new Uint8Array(24), descriptor),
);

/** Connect, resend and accept as Oracle Net's trace files print them. */
export const examples: readonly Example[] = [
  {
    title: "a connect that is accepted",
    transport: "tcp",
    serverPort: 1521,
    messages: [
      [true, packet(1, connect)],
      [false, packet(11, new Uint8Array(0))],
    ],
    name: "oracle",
    facts: {
      oracle: { client_version: 314, service_name: "orcl", program: "sqlplus.exe", answer: "resend" },
    },
  },
  {
    title: "an answer alone",
    transport: "tcp",
    serverPort: 1521,
    messages: [[false, packet(2, bytesOf(u16(312), u16(0), u16(8192), u16(32_767), new Uint8Array(16)))]],
    name: "oracle",
    facts: { oracle: { answer: "accept", version: 312 } },
    needsPort: true,
  },
  {
    title: "data of a session that was joined later",
    transport: "tcp",
    serverPort: 1521,
    messages: [[true, packet(6, bytesOf(u16(0), 3, 0x5e, new Uint8Array(30)))]],
    name: "oracle",
    facts: { oracle: {} },
    needsPort: true,
  },
];
