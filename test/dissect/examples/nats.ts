import { bytesOf, clientHello, record } from "../build.ts";
import type { Example } from "../example.ts";

const info = (more: string): Uint8Array =>
  bytesOf(`INFO {"server_id":"NDX","server_name":"one","version":"2.10.0","proto":1${more}} \r\n`);

/** NATS client protocol, "INFO" and "CONNECT". */
export const examples: readonly Example[] = [
  {
    title: "a client that connects",
    transport: "tcp",
    serverPort: 4222,
    messages: [
      [false, info("")],
      [true, bytesOf('CONNECT {"verbose":false,"pass":"secret","lang":"go","version":"1.9"}\r\nPING\r\n')],
    ],
    name: "nats",
    facts: { nats: { server_version: "2.10.0", server_name: "one", client_version: "1.9", client_language: "go" } },
  },
  {
    title: "a server that wants TLS",
    transport: "tcp",
    serverPort: 4222,
    messages: [
      [false, info(',"tls_required":true')],
      [true, record(22, clientHello({ name: "nats.example.org" }))],
    ],
    name: "tls",
    facts: {
      nats: { server_version: "2.10.0", server_name: "one", tls_required: true },
      tls: {
        sni: "nats.example.org",
        ja3: "349640b9e304f8ea23a8e0f71dde2248",
        ja4: "t12d020100_c1929292aa6b_000000000000",
      },
    },
    hostname: "nats.example.org",
  },
  {
    title: "a message of a session that was joined later",
    transport: "tcp",
    serverPort: 14_222,
    messages: [[false, bytesOf("MSG weather.de 7 5\r\nsunny\r\n")]],
    name: "nats",
    facts: { nats: {} },
  },
];
