import { bytesOf, u32le } from "../build.ts";
import type { Example } from "../example.ts";

const text = (value: string): Uint8Array => bytesOf(u32le(value.length), value);
const message = (type: string, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = bytesOf(...parts);
  return bytesOf(type, u32le(body.length + 8), body);
};
const buffers = bytesOf(u32le(0), u32le(65_535), u32le(65_535), u32le(0), u32le(0));
const policy = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";

/** OPC 10000-6 section 7.1.2. */
export const examples: readonly Example[] = [
  {
    title: "a hello, its acknowledgement and the secure channel",
    transport: "tcp",
    serverPort: 4840,
    messages: [
      [true, message("HELF", buffers, text("opc.tcp://plant.example.org:4840/line1"))],
      [false, message("ACKF", buffers)],
      [true, message("OPNF", u32le(0), text(policy), new Uint8Array(40))],
    ],
    name: "opcua",
    facts: { opcua: { endpoint_url: "opc.tcp://plant.example.org:4840/line1", security_policy: "Basic256Sha256" } },
  },
  {
    title: "an error",
    transport: "tcp",
    serverPort: 4840,
    messages: [[false, message("ERRF", u32le(0x8083_0000), text("bad endpoint"))]],
    name: "opcua",
    facts: { opcua: { error: "0x80830000" } },
  },
  {
    title: "a message of a channel that was joined later",
    transport: "tcp",
    serverPort: 4840,
    messages: [[true, message("MSGF", u32le(7), u32le(1), u32le(51), u32le(9), new Uint8Array(20))]],
    name: "opcua",
    facts: { opcua: {} },
  },
];
