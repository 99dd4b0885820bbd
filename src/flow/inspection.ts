import type { CreateInspectorFactory, InspectorFactory } from "../dissect/inspector.ts";
import type { Cryptography, Identification } from "../dissect/verdict.ts";
import type { Application, ApplicationEvidence, SocketPlane } from "../model/index.ts";
import { applicationOfProtocol } from "../wire/index.ts";
import { ArrivalQueue } from "./arrival-queue.ts";
import { isTcp, isUdp, type ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";
import { ExpectedFlows } from "./expected-flows.ts";
import { setName, type RowNames } from "./row-names.ts";

/** Flows that are followed at once; beyond, the one followed longest is given up. */
const inspectorsAtMost = 8192;
/** Bytes that all inspectors may hold together; beyond, those that are followed longest are given up. */
const heldAtMost = 64 * 1024 * 1024;
/** Samples asked for again, each direction, of a flow that goes on naming addresses. */
const samplesAgain = 8;
/** Rows of one tick that are looked at again at its end. */
const freshAtMost = 4096;
/** Flows for which that is done in one tick. */
const resumesPerTick = 256;
/** Protocols whose later datagrams may name addresses again, as long as the flow lives. */
const giveNames: ReadonlySet<string> = new Set(["dns", "mdns", "llmnr"]);

export interface InspectionOptions {
  readonly createInspectors?: CreateInspectorFactory;
  readonly crypto?: Cryptography;
  /** Bytes of undecided flows that are held at most; 64 MiB when absent. */
  readonly inspectedBytes?: number;
  /** What the ports alone suggest. */
  readonly portHint?: PortHint;
}

export interface PortHint {
  (transport: "tcp" | "udp", clientPort: number, serverPort: number): Identification | undefined;
}

/** Shows payload to the inspectors of flows and writes what they find into the rows. */
export class Inspection {
  readonly #table: ConnectionTable;
  readonly #names: RowNames;
  readonly #sockets: SocketPlane | undefined;
  readonly #factory: InspectorFactory | undefined;
  readonly #portHint: PortHint | undefined;
  readonly #heldAtMost: number;
  /** Rows that name addresses and spoke in this tick. */
  #resume: ConnectionRow[] = [];
  readonly #expected = new ExpectedFlows();
  /** The row whose payload is being shown. */
  #shown: ConnectionRow | undefined;
  /** Rows begun in this tick: what announces them may be seen after them. */
  #fresh: ConnectionRow[] = [];
  /** Rows with an inspector, the one that has it longest first. */
  readonly #following = new ArrivalQueue<ConnectionRow>((row, ticket) => (row.inspectorTicket = ticket));
  /** Sum of the bytes that they hold. */
  #held = 0;
  /** As many as there are names of protocols and tunnels. */
  readonly #applications = new Map<string, Application>();

  constructor(table: ConnectionTable, names: RowNames, sockets: SocketPlane | undefined, options: InspectionOptions) {
    this.#table = table;
    this.#names = names;
    this.#sockets = sockets;
    this.#portHint = options.portHint;
    this.#heldAtMost = options.inspectedBytes ?? heldAtMost;
    const { createInspectors, crypto } = options;
    if (createInspectors === undefined || crypto === undefined) return;
    this.#factory = createInspectors({
      crypto,
      onName: ({ address, name, ttl }) => this.#names.observe(address, name, ttl),
      onExpect: (expected) => {
        if (this.#shown !== undefined) this.#expected.add(expected, this.#shown, this.#table.now);
      },
    });
  }

  /** A row is there: what its protocol is, or what its ports suggest until its payload says better. */
  begin(row: ConnectionRow): void {
    if (row.application !== undefined) return;
    if (!isTcp(row) && !isUdp(row)) {
      const name = applicationOfProtocol(row.protocolNumber);
      if (name !== undefined) row.application = this.#plain(name, "payload");
      return;
    }
    if (row.remote.address === "") return;
    if (this.#infer(row)) return;
    if (this.#fresh.length < freshAtMost) this.#fresh.push(row);
    if (this.#portHint === undefined) return;
    const local = row.local.port;
    const remote = row.remote.port;
    const [client, server] = row.localIsClient ? [local, remote] : [remote, local];
    const hint = this.#portHint(isTcp(row) ? "tcp" : "udp", client, server);
    if (hint !== undefined) row.application = hint;
  }

  /** True: another flow announced the row, and nothing better is known of it. */
  #infer(row: ConnectionRow): boolean {
    const known = row.application;
    if (this.#expected.size === 0 || (known !== undefined && known.by !== "port")) return false;
    const name = this.#expected.find(row, this.#table.now);
    if (name === undefined) return false;
    row.application = this.#plain(name, "inferred");
    if (known !== undefined) this.#table.settle(row);
    return true;
  }

  /** Payload of a flow, in the order in which it was seen. Sequence numbers only for TCP. */
  payload(
    row: ConnectionRow,
    transmit: boolean,
    sequence: number,
    syn: boolean,
    bytes: Uint8Array,
    wireLength: number,
  ): void {
    if (row.inspected) return;
    const inspector = row.inspector ?? this.#follow(row);
    if (inspector === undefined) {
      this.stop(row);
      return;
    }
    row.inspector = inspector;
    const toServer = transmit === row.localIsClient;
    this.#shown = row;
    if (isTcp(row)) inspector.segment(toServer, sequence, syn, bytes, wireLength);
    else inspector.datagram(toServer, bytes, wireLength);
    this.#shown = undefined;
    this.#account(row, inspector.heldBytes);
    const found = inspector.identification;
    // A port's hint is worth less than what another flow announced.
    const isWorse = found?.by === "port" && row.application?.by === "inferred";
    if (found !== undefined && found !== row.application && !isWorse) this.#identify(row, found);
    if (inspector.finished) this.stop(row);
    else if (row.hasSocket && found !== undefined && giveNames.has(found.name) && !isTcp(row)) this.#resume.push(row);
  }

  /**
   * The row's payload has the form of a tunnel. By "payload" that is what it is, and nothing else is looked for, unless an inspector
   * has said better already; by "port" it is no more than a hint, which any inspector's answer replaces.
   */
  tunnel(row: ConnectionRow, name: string, by: ApplicationEvidence): void {
    const known = row.application;
    const isKnown = known !== undefined && known.by !== "port";
    // Without ports what is known is the protocol's number, and the tunnel is more exact (6in6, not 6in4).
    if (isKnown && (by === "port" || isTcp(row) || isUdp(row))) return;
    if (by === "payload") this.stop(row);
    if (known?.name === name && known.by === by) return;
    row.application = this.#plain(name, by);
    this.#table.settle(row);
  }

  /** An application of which no more than the name is known: one object for all rows. */
  #plain(name: string, by: ApplicationEvidence): Application {
    const key = `${name} ${by}`;
    let application = this.#applications.get(key);
    if (application === undefined) this.#applications.set(key, (application = { name, by, facts: {} }));
    return application;
  }

  /** No more payload of this row is wanted. */
  stop(row: ConnectionRow): void {
    this.drop(row);
    if (row.inspected) return;
    row.inspected = true;
    if (row.hasSocket) this.#sockets?.stopSampling(row.slot, row.generation);
  }

  /** Lets go of the row's inspector: the row ended. */
  drop(row: ConnectionRow): void {
    if (row.inspector === undefined) return;
    row.inspector.release();
    row.inspector = undefined;
    this.#held -= row.inspectorBytes;
    row.inspectorBytes = 0;
    this.#following.remove(row.inspectorTicket);
  }

  /** Bytes that inspectors hold, and how many there are. */
  get load(): { readonly bytes: number; readonly flows: number } {
    return { bytes: this.#held, flows: this.#following.size };
  }

  /** Takes note of what a row's inspector holds; gives up the oldest while all hold too much. */
  #account(row: ConnectionRow, held: number): void {
    // A row that was given up meanwhile is not followed.
    if (row.inspector === undefined || row.inspectorBytes === held) return;
    this.#held += held - row.inspectorBytes;
    row.inspectorBytes = held;
    while (this.#held > this.#heldAtMost && this.#following.size > 1) this.#giveUpOldest();
  }

  /** Asks for more of flows whose further answers name addresses. Once a tick, after the drain. */
  resume(): void {
    if (this.#expected.size > 0) for (const row of this.#fresh) if (!row.closed) this.#infer(row);
    this.#fresh = [];
    if (this.#resume.length === 0) return;
    let resumed = 0;
    const later: ConnectionRow[] = [];
    for (const row of new Set(this.#resume)) {
      if (row.closed || !row.hasSocket) continue;
      if (resumed === resumesPerTick) {
        // Its samples may be used up: forgotten, it would never be asked again.
        later.push(row);
        continue;
      }
      resumed++;
      this.#sockets?.resumeSampling(row.slot, row.generation, samplesAgain);
    }
    this.#resume = later;
  }

  #follow(row: ConnectionRow): ConnectionRow["inspector"] {
    if (this.#factory === undefined || (!isTcp(row) && !isUdp(row))) return undefined;
    if (this.#following.size >= inspectorsAtMost) this.#giveUpOldest();
    this.#following.add(row);
    const local = row.local.port;
    const remote = row.remote.port;
    const [client, server] = row.localIsClient ? [local, remote] : [remote, local];
    return this.#factory(isTcp(row) ? "tcp" : "udp", client, server);
  }

  #giveUpOldest(): void {
    const { oldest } = this.#following;
    if (oldest !== undefined) this.stop(oldest);
  }

  #identify(row: ConnectionRow, found: Identification): void {
    const application: Application = found;
    const renamed = row.application?.name !== application.name || row.application.by !== application.by;
    row.application = application;
    // What a client asks for names the server: of a connection that came in that is this machine, not the remote side.
    if (row.localIsClient && found.hostname !== undefined && found.hostnameSource !== undefined) {
      setName(row, found.hostname, found.hostnameSource);
    }
    if (renamed) this.#table.settle(row);
  }
}
