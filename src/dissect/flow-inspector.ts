import { isPortOfAny, portHint, protocolsFor } from "./registry.ts";
import { StreamReassembly, streamLimits } from "./reassembly.ts";
import type { Protocol } from "./protocol.ts";
import type { ProtocolFacts } from "../model/index.ts";
import type { CreateInspectorFactory, FlowInspector, InspectorEnvironment } from "./inspector.ts";
import type {
  Cryptography,
  DissectContext,
  ExpectedFlow,
  FlowMemory,
  Identification,
  NameObservation,
  Verdict,
} from "./verdict.ts";

/**
 * When an inspector gives up. A flow costs at most two stream windows and what its protocol remembers (the largest:
 * QUIC's CRYPTO buffer, 16 KiB).
 */
export const inspectorLimits = {
  /** Bytes of a stream's direction that are looked at. */
  bytes: streamLimits.bytes,
  /** Segments or datagrams with payload, a direction, after which nothing more is expected. */
  segments: 24,
  /** As `segments`, of a direction no protocol recognises. */
  unknownSegments: 12,
  /** How often a direction of a stream that was joined in its middle is looked at anew, at the start of what it says next. */
  rejoins: 6,
  /** Changes of protocol within one stream. */
  handovers: 4,
  /** What a protocol remembers of a flow, at the most: QUIC's CRYPTO buffer. */
  memoryBytes: 16_384,
} as const;

type Match = Extract<Verdict, { kind: "match" }>;

/** A port that is nobody's. */
const noPort = 65_535;

/** What is known of one direction. */
class Side {
  readonly toServer: boolean;
  stream: StreamReassembly | undefined;
  /** Set once a protocol was recognised here or, as long as this side has none of its own, on the other side. */
  protocol: Protocol | undefined = undefined;
  /** Who said "more" last time; undefined: nobody was asked yet. */
  candidates: readonly Protocol[] | undefined = undefined;
  /** Bytes at the stream's start that belong to a protocol it has left. */
  base = 0;
  segments = 0;
  moves = 0;
  /** What there is before a hole was shown as the last there will be. */
  lastShown = false;
  /** Nothing more is to be learned from this direction. */
  done = false;
  /** Its SYN was seen: the first bytes are the stream's own. */
  begun = false;
  /** What it began with fitted nothing. */
  unknown = false;
  rejoins = 0;
  /** Sequence number of what was taken for the start; meaningless before the first bytes. */
  start = 0;

  constructor(toServer: boolean, isStream: boolean) {
    this.toServer = toServer;
    this.stream = isStream ? new StreamReassembly() : undefined;
  }
}

class Inspector implements FlowInspector, DissectContext {
  readonly transport: "tcp" | "udp";
  private readonly portOfClient: number;
  private readonly portOfServer: number;
  /** A protocol is asked what it would say elsewhere than on its port. */
  private elsewhere = false;
  /** A protocol looked at a port since this was last set to false. */
  private portsAsked = false;
  readonly crypto: Cryptography;
  readonly onName: ((observation: NameObservation) => void) | undefined;
  readonly onExpect: ((expected: ExpectedFlow) => void) | undefined;
  toServer = true;
  last = false;
  memory: FlowMemory = {};
  identification: Identification | undefined;
  finished = false;
  private readonly client: Side;
  private readonly server: Side;
  private handovers = 0;
  private lastSpeaker: Side | undefined = undefined;
  private originally: string | undefined = undefined;

  constructor(environment: InspectorEnvironment, transport: "tcp" | "udp", clientPort: number, serverPort: number) {
    this.transport = transport;
    this.portOfClient = clientPort;
    this.portOfServer = serverPort;
    this.crypto = environment.crypto;
    this.onName = environment.onName;
    this.onExpect = environment.onExpect;
    this.client = new Side(true, transport === "tcp");
    this.server = new Side(false, transport === "tcp");
    this.identification = portHint(transport, clientPort, serverPort);
  }

  /** As protocols see it. */
  get clientPort(): number {
    this.portsAsked = true;
    return this.elsewhere ? noPort : this.portOfClient;
  }

  get serverPort(): number {
    this.portsAsked = true;
    return this.elsewhere ? noPort : this.portOfServer;
  }

  get heldBytes(): number {
    const streams = (this.client.stream?.heldBytes ?? 0) + (this.server.stream?.heldBytes ?? 0);
    return isEmpty(this.memory) ? streams : streams + inspectorLimits.memoryBytes;
  }

  release(): void {
    this.client.stream?.drop();
    this.server.stream?.drop();
  }

  segment(toServer: boolean, sequence: number, syn: boolean, bytes: Uint8Array, wireLength: number): void {
    const side = toServer ? this.client : this.server;
    const stream = side.stream;
    if (this.finished || stream === undefined) return;
    if (syn) {
      stream.start(sequence);
      side.begun = true;
    }
    if (bytes.length === 0 && wireLength <= 0) return;
    side.segments++;
    if (side.segments === 1) side.start = sequence;
    // Another's turn is over, or the start comes late.
    const mayBegin = this.lastSpeaker !== side || ((sequence - side.start) | 0) < 0;
    if (mayBegin && side.done && mayRejoin(side)) {
      this.rejoin(side, sequence, bytes, wireLength);
      this.lastSpeaker = side;
      return;
    }
    this.lastSpeaker = side;
    if (!side.done) {
      const grown = stream.push(syn ? sequence + 1 : sequence, bytes, wireLength);
      this.readStream(side, stream, grown);
      if (side.done) stream.drop();
      else stream.settle();
    }
    this.finishIfSpent();
  }

  /**
   * A stream that was joined in its middle began with the rest of some message. What a side says once the other has spoken begins
   * one, as a rule, and so may what should have come before it: it is looked at as if the stream began there.
   */
  private rejoin(side: Side, sequence: number, bytes: Uint8Array, wireLength: number): void {
    const stream = new StreamReassembly();
    side.stream = stream;
    side.rejoins++;
    side.start = sequence;
    side.base = 0;
    side.moves = 0;
    side.candidates = undefined;
    side.lastShown = false;
    side.done = false;
    side.unknown = false;
    const grown = stream.push(sequence, bytes, wireLength);
    stream.anchor();
    this.readStream(side, stream, grown);
    if (side.done) stream.drop();
    else stream.settle();
    this.finishIfSpent();
  }

  datagram(toServer: boolean, bytes: Uint8Array, wireLength: number): void {
    const side = toServer ? this.client : this.server;
    if (this.finished || side.stream !== undefined || bytes.length === 0) return;
    side.segments++;
    this.toServer = toServer;
    this.last = bytes.length < wireLength;
    const settled = side.protocol;
    if (settled !== undefined) {
      if (!side.done || settled.endless === true) this.accept(side, settled, settled.parse(bytes, this), 0);
    } else {
      side.candidates = undefined;
      this.identify(side, bytes, 0);
    }
    this.finishIfSpent();
  }

  /** Looks at what is joined of a stream, and goes over its holes when nothing else is to be had. */
  private readStream(side: Side, stream: StreamReassembly, grown: boolean): void {
    if (side.moves !== stream.moves) {
      side.moves = stream.moves;
      side.candidates = undefined;
      if (side.protocol !== undefined) this.forget(side);
    }
    if (grown || (stream.ended && !side.lastShown)) this.readJoined(side, stream);
    // Each turn uses up one of the few kept pieces.
    while (!side.done && stream.ended && stream.hasMore && this.mayResume(side)) {
      if (!stream.skipHole()) return;
      side.base = 0;
      side.candidates = undefined;
      side.lastShown = false;
      this.readJoined(side, stream);
    }
    if (stream.ended && !stream.hasMore && stream.view().length >= inspectorLimits.bytes) side.done = true;
  }

  /** A protocol that is known by the other direction is looked for behind a hole too; one that was reading this one is not. */
  private mayResume(side: Side): boolean {
    return side.protocol === undefined || side.stream?.view().length === 0;
  }

  private readJoined(side: Side, stream: StreamReassembly): void {
    this.toServer = side.toServer;
    // Each further turn follows a handover.
    for (let turn = 0; turn <= inspectorLimits.handovers && !side.done && !this.finished; turn++) {
      const view = stream.view();
      if (view.length <= side.base) return;
      this.last = stream.ended;
      side.lastShown = this.last;
      const bytes = side.base === 0 ? view : view.subarray(side.base);
      const settled = side.protocol;
      const before = this.handovers;
      if (settled !== undefined) this.accept(side, settled, settled.parse(bytes, this), bytes.length);
      else this.identify(side, bytes, bytes.length);
      if (this.handovers === before) return;
    }
  }

  /**
   * Asks those protocols that can begin so: the ones whose port it is first. What these believe only because of the port gives
   * way to a protocol that knows the bytes on any port.
   */
  private identify(side: Side, bytes: Uint8Array, length: number): void {
    const asked = side.candidates ?? protocolsFor(this.transport, bytes[0]!);
    let undecided: Protocol[] | undefined;
    let byPort: Protocol | undefined;
    // Where nobody's port is, nobody is asked before the others.
    const hasFirst = isPortOfAny(this.transport, this.portOfServer) || isPortOfAny(this.transport, this.portOfClient);
    for (let pass = hasFirst ? 0 : 1; pass < 2; pass++) {
      for (const protocol of asked) {
        if (hasFirst && this.portFits(protocol) !== (pass === 0)) continue;
        this.portsAsked = false;
        const likeness = protocol.probe(bytes, this);
        if (likeness === "no") continue;
        if (likeness === "yes") {
          if (hasFirst && pass === 0 && !this.holdsElsewhere(protocol, bytes)) {
            byPort ??= protocol;
            continue;
          }
          const said = this.take(side, protocol, bytes, length);
          if (said === "match") return;
          if (said !== "needMore") continue;
        }
        (undecided ??= []).push(protocol);
      }
    }
    if (byPort !== undefined) {
      const said = this.take(side, byPort, bytes, length);
      if (said === "match") return;
      if (said === "needMore") (undecided ??= []).unshift(byPort);
    }
    if (undecided !== undefined && !this.last) side.candidates = undecided;
    else if (this.transport === "tcp") {
      side.done = true;
      side.unknown = true;
    }
  }

  /** Lets a protocol that knows the bytes read them; what it says of them. */
  private take(side: Side, protocol: Protocol, bytes: Uint8Array, length: number): Verdict["kind"] {
    const verdict = protocol.parse(bytes, this);
    if (verdict.kind !== "match") return verdict.kind;
    this.settleOn(side, protocol);
    this.accept(side, protocol, verdict, length);
    return "match";
  }

  /** Whether a protocol would know these bytes on ports that hint at nothing too. */
  private holdsElsewhere(protocol: Protocol, bytes: Uint8Array): boolean {
    // What looked at no port says the same on all of them.
    if (!this.portsAsked) return true;
    this.elsewhere = true;
    const likeness = protocol.probe(bytes, this);
    this.elsewhere = false;
    return likeness === "yes";
  }

  private portFits(protocol: Protocol): boolean {
    return protocol.ports.includes(this.portOfServer) || protocol.ports.includes(this.portOfClient);
  }

  private settleOn(side: Side, protocol: Protocol): void {
    side.protocol = protocol;
    const other = side === this.client ? this.server : this.client;
    // Bytes of the other side that fitted nothing may still say something to the one who knows what they are.
    other.protocol ??= protocol;
  }

  /** The start was taken for what it was not: what it was made of it is void. */
  private forget(side: Side): void {
    side.protocol = undefined;
    const other = side === this.client ? this.server : this.client;
    if (other.segments > 0 && other.protocol !== undefined) {
      side.protocol = other.protocol;
      return;
    }
    other.protocol = undefined;
    this.memory = {};
    this.identification = portHint(this.transport, this.portOfClient, this.portOfServer);
  }

  private accept(side: Side, protocol: Protocol, verdict: Verdict, length: number): void {
    if (verdict.kind !== "match") {
      if (verdict.kind === "malformed" && this.transport === "tcp") side.done = true;
      return;
    }
    this.identification = this.merge(verdict);
    if (
      verdict.handover !== undefined &&
      verdict.handover <= length &&
      this.handovers < inspectorLimits.handovers * 2
    ) {
      this.handOver(side, protocol, verdict);
      return;
    }
    if (verdict.done === true && protocol.endless !== true) side.done = true;
    if (verdict.complete && protocol.endless !== true) this.finished = true;
  }

  private handOver(side: Side, protocol: Protocol, verdict: Match): void {
    this.handovers++;
    this.originally = verdict.name;
    side.base += verdict.handover!;
    side.stream?.anchor();
    side.candidates = undefined;
    const other = side === this.client ? this.server : this.client;
    // Whoever hands over second goes on with what the first one's bytes turned out to be.
    side.protocol = other.protocol === protocol ? undefined : other.protocol;
  }

  private merge(verdict: Match): Identification {
    const before = this.identification?.by === "port" ? undefined : this.identification;
    const hostname = verdict.hostname ?? before?.hostname;
    const hostnameSource = verdict.hostname === undefined ? before?.hostnameSource : verdict.hostnameSource;
    const originally = this.originally !== verdict.name ? this.originally : undefined;
    // Most packets of a flow that is known say nothing new.
    if (
      before?.by === "payload" &&
      before.name === verdict.name &&
      before.hostname === hostname &&
      before.hostnameSource === hostnameSource &&
      before.originally === originally &&
      holdsAll(before.facts, verdict.facts)
    ) {
      return before;
    }
    const facts: Record<string, unknown> = { ...before?.facts };
    for (const name in verdict.facts) {
      const known = facts[name] as object | undefined;
      const found = verdict.facts[name] as object;
      facts[name] = known === undefined ? { ...found } : { ...known, ...found };
    }
    const merged: { -readonly [Key in keyof Identification]: Identification[Key] } = {
      name: verdict.name,
      by: "payload",
      facts,
    };
    if (originally !== undefined) merged.originally = originally;
    if (hostname !== undefined) merged.hostname = hostname;
    if (hostnameSource !== undefined) merged.hostnameSource = hostnameSource;
    return merged;
  }

  private finishIfSpent(): void {
    if (this.finished) return;
    this.finished = this.isSpent(this.client) && this.isSpent(this.server);
    if (this.finished) return;
    const known = this.client.protocol ?? this.server.protocol;
    if (known?.endless === true) return;
    const limit = known === undefined ? inspectorLimits.unknownSegments : inspectorLimits.segments;
    const most = Math.max(this.client.segments, this.server.segments);
    this.finished = most >= limit;
  }

  private isSpent(side: Side): boolean {
    if (side.protocol?.endless === true && this.transport === "udp") return false;
    return side.done && !mayRejoin(side);
  }
}

/** Whether what comes next on this side may be looked at anew. */
function mayRejoin(side: Side): boolean {
  return side.unknown && !side.begun && side.rejoins < inspectorLimits.rejoins;
}

function isEmpty(memory: FlowMemory): boolean {
  for (const _ in memory) return false;
  return true;
}

/** Whether all that `found` says is part of `known`: the same facts with the same values. */
function holdsAll(known: ProtocolFacts, found: ProtocolFacts): boolean {
  for (const name in found) {
    const before = known[name] as Readonly<Record<string, unknown>> | undefined;
    const now = found[name] as Readonly<Record<string, unknown>>;
    if (before === undefined) return false;
    for (const fact in now) if (now[fact] !== before[fact] || !(fact in before)) return false;
  }
  return true;
}

/** Makes the factory of flow inspectors; the environment is shared by all flows. */
export const createInspectorFactory: CreateInspectorFactory = (environment) => (transport, clientPort, serverPort) =>
  new Inspector(environment, transport, clientPort, serverPort);
