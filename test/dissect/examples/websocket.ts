import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const lines = (...text: readonly string[]): Uint8Array => bytesOf(text.map((line) => `${line}\r\n`));

/** RFC 6455 sections 1.2 and 5.7. */
export const examples: readonly Example[] = [
  {
    title: "an upgrade and a masked text frame",
    transport: "tcp",
    serverPort: 80,
    messages: [
      [true, lines("GET /chat HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade", "")],
      [false, lines("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "")],
      [true, bytesOf(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58)],
    ],
    name: "websocket",
    facts: {
      http: {
        http_method: "GET",
        url: "/chat",
        protocol: "HTTP/1.1",
        upgrade: "websocket",
        hostname: "server.example.com",
        status: 101,
      },
      websocket: {},
    },
    hostname: "server.example.com",
  },
];
