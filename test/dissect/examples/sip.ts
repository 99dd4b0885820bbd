import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const request = bytesOf(
  "OPTIONS sip:carol@chicago.com SIP/2.0\r\nVia: SIP/2.0/UDP pc33.atlanta.com\r\nUser-Agent: Softphone/1\r\n\r\n",
);
const ringing = bytesOf("SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP pc33.atlanta.com\r\n\r\n");
const response = bytesOf("SIP/2.0 200 OK\r\nServer: PBX 2\r\n\r\n");

/** RFC 3261 section 11; section 7.2: over UDP the final answer counts, not the provisional one before it. */
const overBoth: readonly Example[] = (["udp", "tcp"] as const).map((transport) => ({
  title: `OPTIONS over ${transport}`,
  transport,
  serverPort: 5060,
  messages: [[true, request], ...(transport === "udp" ? ([[false, ringing]] as const) : []), [false, response]],
  name: "sip",
  facts: { sip: { method: "OPTIONS", user_agent: "Softphone/1", code: 200, server: "PBX 2" } },
}));

export const examples: readonly Example[] = [
  ...overBoth,
  {
    title: "a stream that was kept open, and a request for what is no SIP address",
    transport: "tcp",
    serverPort: 5060,
    messages: [
      [true, bytesOf("\r\n\r\n")],
      [true, bytesOf("SUBSCRIBE im:bob@example.test SIP/2.0\r\nv: SIP/2.0/TCP 192.0.2.1\r\nl: 0\r\n\r\n")],
    ],
    name: "sip",
    facts: { sip: { method: "SUBSCRIBE" } },
  },
];
