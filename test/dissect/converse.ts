import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory } from "../../src/dissect/index.ts";
import type { FlowInspector, NameObservation } from "../../src/dissect/index.ts";

/** To the server or not, the bytes, and their length on the wire when they are a prefix. */
export type Message = readonly [toServer: boolean, bytes: Uint8Array, wireLength?: number];

export interface Conversation {
  readonly clientPort?: number;
  readonly serverPort?: number;
  readonly onName?: (observation: NameObservation) => void;
}

/** Shows messages to a fresh inspector, each as one segment or datagram; on ports that hint at nothing unless told. */
export function inspectMessages(
  transport: "tcp" | "udp",
  messages: readonly Message[],
  { clientPort = 40_000, serverPort = 40_001, onName }: Conversation = {},
): FlowInspector {
  const environment = onName === undefined ? { crypto: cryptography } : { crypto: cryptography, onName };
  const inspector = createInspectorFactory(environment)(transport, clientPort, serverPort);
  const next = { client: 1000, server: 9000 };
  for (const [toServer, bytes, wireLength = bytes.length] of messages) {
    const side = toServer ? "client" : "server";
    if (transport === "tcp") inspector.segment(toServer, next[side], false, bytes, wireLength);
    else inspector.datagram(toServer, bytes, wireLength);
    next[side] += wireLength;
  }
  return inspector;
}
