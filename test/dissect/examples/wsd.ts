import { bytesOf } from "../build.ts";
import type { Example } from "../example.ts";

const envelope = (namespace: string, message: string, body: string): Uint8Array =>
  bytesOf(
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" `,
    `xmlns:d="${namespace}"><s:Header><a:Action>${namespace}/${message}</a:Action></s:Header>`,
    `<s:Body>${body}</s:Body></s:Envelope>`,
  );
const submission = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
const standard = "http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01";

/** WS-Discovery 1.1 sections 5.2 and 5.3. */
export const examples: readonly Example[] = [
  {
    title: "a probe and its match",
    transport: "udp",
    serverPort: 3702,
    messages: [
      [true, envelope(submission, "Probe", "<d:Probe><d:Types>wsdp:Device</d:Types></d:Probe>")],
      [false, envelope(submission, "ProbeMatches", "<d:ProbeMatches/>")],
    ],
    name: "wsd",
    facts: { wsd: { action: "ProbeMatches", types: "wsdp:Device" } },
  },
  {
    title: "a hello of the standard",
    transport: "udp",
    serverPort: 3702,
    messages: [[true, envelope(standard, "Hello", "<d:Hello/>")]],
    name: "wsd",
    facts: { wsd: { action: "Hello" } },
  },
];
