import { closeSync, openSync } from "node:fs";
import { cryptography } from "../../src/app/cryptography.ts";
import { createInspectorFactory } from "../../src/dissect/index.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import { formatAddress } from "../../src/model/index.ts";
import { applicationOfProtocol, decode, Packet, protocolNumberOf } from "../../src/wire/index.ts";
import type { FlowInspector, NameObservation } from "../../src/dissect/index.ts";

/** One segment or datagram as the wire had it. */
export interface Payload {
  readonly toServer: boolean;
  readonly sequence: number;
  readonly syn: boolean;
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

/** A flow of a capture; `client` and `server` are "address port". */
export interface RecordedFlow {
  readonly transport: "tcp" | "udp";
  readonly client: string;
  readonly server: string;
  readonly payloads: Payload[];
}

/** What an inspector made of a flow. */
export interface InspectedFlow extends Omit<RecordedFlow, "payloads"> {
  readonly inspector: FlowInspector;
  /** Packets with payload until it had finished. */
  readonly inspected: number;
  readonly names: readonly NameObservation[];
}

function record(packet: Packet, flows: Map<string, RecordedFlow>): void {
  const transport = packet.protocolNumber === 6 ? "tcp" : packet.protocolNumber === 17 ? "udp" : undefined;
  if (transport === undefined || packet.transportOffset < 0 || packet.payloadOffset < 0) return;
  const { bytes, addressLength } = packet;
  const source = `${formatAddress(bytes, packet.sourceAddressOffset, addressLength)} ${packet.sourcePort}`;
  const target = `${formatAddress(bytes, packet.destinationAddressOffset, addressLength)} ${packet.destinationPort}`;
  const key = [transport, source, target].sort().join(" | ");
  const syn = transport === "tcp" && (packet.tcpFlags & 2) !== 0;
  let flow = flows.get(key);
  if (flow === undefined) {
    const isAnswer = syn && (packet.tcpFlags & 16) !== 0;
    flow = isAnswer
      ? { transport, client: target, server: source, payloads: [] }
      : { transport, client: source, server: target, payloads: [] };
    flows.set(key, flow);
  }
  const length = Math.max(packet.payloadLength, 0);
  if (length === 0 && !syn) return;
  flow.payloads.push({
    toServer: source === flow.client,
    sequence: packet.tcpSequence,
    syn,
    bytes: bytes.slice(packet.payloadOffset, packet.payloadOffset + length),
    wireLength: packet.payloadWireLength,
  });
}

/** All TCP and UDP flows of a capture file, tunnels opened, in the order they began. */
export function readFlows(path: string): RecordedFlow[] {
  const flows = new Map<string, RecordedFlow>();
  eachPacket(path, (packet) => record(packet, flows));
  return [...flows.values()];
}

/** Shows the innermost packet of each frame; the same object each time. */
function eachPacket(path: string, show: (packet: Packet) => void): void {
  const descriptor = openSync(path, "r");
  try {
    const reader = new CaptureFileReader(descriptor);
    const batch = new FrameBatch();
    const packet = new Packet();
    while (reader.next(batch)) {
      for (let index = 0; index < batch.count; index++) {
        const frame = batch.frame(index);
        decode(frame.linkType, frame.bytes, frame.bytes.length, frame.wireLength, packet);
        let inner: Packet = packet;
        while (inner.hasInner && inner.inner !== undefined) inner = inner.inner;
        show(inner);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

const portOf = (end: string): number => Number(end.split(" ")[1]);

/** Shows `payloads` (those of the flow when absent) to a fresh inspector. */
export function inspect(flow: RecordedFlow, payloads: readonly Payload[] = flow.payloads): InspectedFlow {
  const names: NameObservation[] = [];
  const create = createInspectorFactory({ crypto: cryptography, onName: (name) => names.push(name) });
  const inspector = create(flow.transport, portOf(flow.client), portOf(flow.server));
  let inspected = 0;
  for (const { toServer, sequence, syn, bytes, wireLength } of payloads) {
    if (inspector.finished) break;
    if (wireLength > 0) inspected++;
    if (flow.transport === "tcp") inspector.segment(toServer, sequence, syn, bytes, wireLength);
    else inspector.datagram(toServer, bytes, wireLength);
  }
  const { transport, client, server } = flow;
  return { transport, client, server, inspector, inspected, names };
}

/** How many frames of a capture hold no TCP and no UDP, by what they are. */
function otherFrames(path: string): unknown[] {
  const counts = new Map<string, number>();
  eachPacket(path, (packet) => {
    const name = applicationOfProtocol(protocolNumberOf(packet));
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return Array.from(counts, ([name, frames]) => ({ identification: { name }, frames }));
}

/** What a golden file holds of a capture. */
export function goldenOf(path: string): unknown {
  const flows = readFlows(path).map((flow) => {
    const { transport, client, server, inspector, inspected, names } = inspect(flow);
    const identification = inspector.identification ?? null;
    return { transport, client, server, identification, finished: inspector.finished, inspected, names };
  });
  return [...flows, ...otherFrames(path)];
}
