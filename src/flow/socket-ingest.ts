import {
  epochMillis,
  port,
  type EndReason,
  type PayloadSample,
  type ProcessEvent,
  type Quality,
  type SocketFlow,
  type SocketPlane,
  type SocketPlaneSink,
} from "../model/index.ts";
import { absent, isTcp, isUdp, type ConnectionRow } from "./connection-row.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { EngineParts } from "./engine-parts.ts";
import { kernelTcpState } from "./tcp-tracker.ts";
import { hasPorts, TupleKey } from "./tuple-key.ts";

const listen = 10;
const synSent = 2;
/** Milliseconds by which the clocks of kernel and tick may differ. */
const slack = 50;

type MutableQuality = { -readonly [Field in keyof Quality]: Quality[Field] };

/** Brings what the socket plane hands over into the table. */
export class SocketIngest implements SocketPlaneSink {
  /** Bytes of flows whose owner nobody knows. */
  unattributedBytes = 0;
  /** When the tick before began: what started later was counted from zero. */
  previous = 0;
  readonly #plane: SocketPlane;
  readonly #parts: EngineParts;
  /** The plane counts from the start of the program on; otherwise its counters may hold what passed long ago. */
  readonly #countsFromStart: boolean;
  readonly #rows: (ConnectionRow | undefined)[] = [];
  /** Generations of flows that are not to have a row, by slot. */
  readonly #refused: number[] = [];
  readonly #key = new TupleKey();

  constructor(plane: SocketPlane, parts: EngineParts, countsFromStart: boolean) {
    this.#plane = plane;
    this.#parts = parts;
    this.#countsFromStart = countsFromStart;
  }

  process(event: ProcessEvent): void {
    this.#parts.processes.apply(event);
  }

  flow(flow: SocketFlow): void {
    let row = this.#rows[flow.slot];
    if (row !== undefined && (row.generation !== flow.generation || this.#becameAnother(row, flow))) {
      // The place was given to another flow: nothing more will be heard of this one.
      this.#detach(row);
      this.#parts.table.close(row, "released", row.lastActivity);
      row = undefined;
    }
    if (row === undefined) {
      if (!isWorthARow(flow) || !this.#admits(flow)) {
        if (flow.released) this.#plane.release(flow.slot, flow.generation);
        return;
      }
      row = this.#open(flow);
      this.#update(row, flow);
      this.#parts.table.settle(row);
    } else this.#update(row, flow);
    if (flow.released) this.#parts.table.close(row, endReasonOf(flow), this.#endOf(row));
  }

  /** Decides once a flow: a refused one is remembered by its generation until its slot has another. */
  #admits(flow: SocketFlow): boolean {
    const { admits, interfaces } = this.#parts;
    if (admits === undefined) return true;
    if (this.#refused[flow.slot] === flow.generation) return false;
    const { protocolNumber, localAddress, localPort, remoteAddress, remotePort } = flow;
    const interfaceName = interfaces.nameFor(flow.interfaceIndex, localAddress) ?? interfaces.nameOf(localAddress);
    if (admits({ protocolNumber, localAddress, localPort, remoteAddress, remotePort, interfaceName })) return true;
    this.#refused[flow.slot] = flow.generation;
    this.#plane.stopSampling(flow.slot, flow.generation);
    return false;
  }

  sample(sample: PayloadSample): void {
    const row = this.#rows[sample.slot];
    if (row === undefined || row.generation !== sample.generation) return;
    const syn = (sample.tcpFlags & 2) !== 0;
    this.#parts.inspection.payload(row, sample.transmit, sample.sequence, syn, sample.bytes, sample.wireLength);
  }

  /** The row ended, for whatever reason: its place in the kernel's table is free again. */
  ended(row: ConnectionRow): void {
    if (!row.hasSocket) return;
    const { slot, generation } = row;
    this.#detach(row);
    this.#plane.release(slot, generation);
  }

  #detach(row: ConnectionRow): void {
    this.#rows[row.slot] = undefined;
    row.slot = -1;
  }

  /** A socket that had no peer has one now: a row's endpoints never change, so it is another row. */
  #becameAnother(row: ConnectionRow, flow: SocketFlow): boolean {
    return !row.hasPeer && hasPorts(row.protocolNumber) && !isUnspecified(flow.remoteAddress);
  }

  #open(flow: SocketFlow): ConnectionRow {
    const { translations } = this.#parts;
    const key = this.#key;
    key.setText(flow.localAddress, flow.localPort, flow.remoteAddress, flow.remotePort, flow.protocolNumber);
    const localIsFirst = !key.swapped;
    const row = this.#adopt(key, localIsFirst) ?? this.#create(key, flow, localIsFirst);
    row.networkNamespace = flow.networkNamespace;
    row.slot = flow.slot;
    row.generation = flow.generation;
    row.hadSocket = true;
    this.#rows[flow.slot] = row;
    if (!isUnspecified(flow.remoteAddress)) translations.begin(key);
    return row;
  }

  /** The wire plane was first: its row becomes the socket's, or gives way to it. */
  #adopt(key: TupleKey, localIsFirst: boolean): ConnectionRow | undefined {
    const { table } = this.#parts;
    for (let entry = table.index.find(key); entry >= 0; entry = table.index.next(entry)) {
      const row = table.index.value(entry)!;
      if (row.closed || row.hadSocket || row.tuple !== entry) continue;
      if (row.localIsFirst !== localIsFirst) continue;
      row.wire = undefined;
      row.tcp = undefined;
      return row;
    }
    return undefined;
  }

  #create(key: TupleKey, flow: SocketFlow, localIsFirst: boolean): ConnectionRow {
    const { table, names, inspection, services, interfaces } = this.#parts;
    const listening = isUnspecified(flow.remoteAddress);
    const row = table.create(
      key,
      {
        protocolNumber: flow.protocolNumber,
        local: { address: flow.localAddress, port: flow.localPort },
        remote: listening ? { address: "", port: port(0) } : { address: flow.remoteAddress, port: flow.remotePort },
        networkNamespace: flow.networkNamespace,
        start: flow.start > 0 ? flow.start : epochMillis(table.now),
      },
      localIsFirst,
    );
    row.localIsClient = flow.opener === 0 ? !listening && flow.localPort >= flow.remotePort : flow.opener === 1;
    const interfaceName = interfaces.nameFor(flow.interfaceIndex, flow.localAddress);
    if (interfaceName !== undefined) row.interfaceName = interfaceName;
    services.name(row);
    names.begin(row);
    inspection.begin(row);
    return row;
  }

  #update(row: ConnectionRow, flow: SocketFlow): void {
    const { table } = this.#parts;
    const before = row.txBytes + row.rxBytes;
    if (row.socketCounts) countSince(table, row, flow);
    else this.#countFirst(row, flow);
    const last = flow.lastActivity > 0 ? Math.min(flow.lastActivity, table.now) : table.now;
    if (last > row.lastActivity) row.lastActivity = epochMillis(last);
    if (flow.opener !== 0 && row.direction === "unknown") row.direction = flow.opener === 1 ? "outbound" : "inbound";
    this.#setOwner(row, flow);
    if (row.owner === undefined) this.unattributedBytes += Math.max(row.txBytes + row.rxBytes - before, 0);
    const state = isTcp(row) ? kernelTcpState(flow.tcpState) : "ACTIVE";
    if (flow.srtt > 0 || flow.retransmits > 0 || flow.congestionWindow > 0) setQuality(row, flow);
    if (state === row.state && row.liveliness === "live") return;
    row.state = state;
    table.settle(row);
  }

  /** The socket has counted nothing yet, or nothing is known of it yet: what the wire counted gives way. */
  #countFirst(row: ConnectionRow, flow: SocketFlow): void {
    const { table } = this.#parts;
    table.touch(row);
    if (flow.txPackets === 0 && flow.rxPackets === 0 && flow.txBytes === 0 && flow.rxBytes === 0) return;
    const { txBytes, rxBytes } = row;
    row.socketCounts = true;
    if (txBytes > 0 || rxBytes > 0) table.recount(row);
    table.count(row, flow.txBytes, flow.rxBytes, flow.txPackets, flow.rxPackets);
    if (!this.#countsFromStart && flow.start < this.previous - slack) table.unrate(row, flow.txBytes, flow.rxBytes);
    else if (txBytes > 0 || rxBytes > 0) table.unrate(row, txBytes, rxBytes);
  }

  #setOwner(row: ConnectionRow, flow: SocketFlow): void {
    const { processes } = this.#parts;
    row.attribution = flow.attribution;
    const unnamed = row.owner === undefined && flow.attribution !== "none";
    if (unnamed || row.ownerPid !== flow.ownerPid || row.ownerStamped !== flow.ownerStamped) {
      row.ownerPid = flow.ownerPid;
      row.ownerStamped = flow.ownerStamped;
      const owner = processes.ownerOf(flow);
      if (owner !== row.owner) {
        if (owner !== undefined) processes.hold(owner);
        if (row.owner !== undefined) processes.letGo(row.owner);
        row.owner = owner;
      }
    }
  }

  /** When the kernel let go: at its last packet if that was in this tick, else at some time within it. */
  #endOf(row: ConnectionRow): number {
    return row.lastActivity >= this.previous ? row.lastActivity : this.#parts.table.now;
  }
}

/** Counters of the plane are totals: the row holds what they were. */
function countSince(table: ConnectionTable, row: ConnectionRow, flow: SocketFlow): void {
  table.count(
    row,
    Math.max(flow.txBytes - row.txBytes, 0),
    Math.max(flow.rxBytes - row.rxBytes, 0),
    Math.max(flow.txPackets - row.txPackets, 0),
    Math.max(flow.rxPackets - row.rxPackets, 0),
  );
}

function isUnspecified(address: string): boolean {
  return address === "" || address === "0.0.0.0" || address === "::";
}

/** A TCP socket that neither listens nor has a peer, or a datagram socket without port and peer, is nothing to show. */
function isWorthARow(flow: SocketFlow): boolean {
  if (!isUnspecified(flow.remoteAddress)) return true;
  if (isTcp(flow)) return flow.tcpState === listen;
  if (isUdp(flow) && flow.localPort !== 0) return true;
  return flow.txBytes > 0 || flow.rxBytes > 0 || (!hasPorts(flow.protocolNumber) && !flow.released);
}

function endReasonOf(flow: SocketFlow): EndReason {
  if (!isTcp(flow)) return "released";
  if (flow.reset) return "rst";
  return flow.tcpState === listen || flow.tcpState === synSent ? "released" : "fin";
}

function setQuality(row: ConnectionRow, flow: SocketFlow): void {
  if (!row.ownQuality) {
    row.ownQuality = true;
    row.quality = { rtt: absent, minRtt: absent, retransmits: 0, congestionWindow: absent, lost: 0 };
  }
  const quality: MutableQuality = row.quality;
  if (flow.srtt > 0) quality.rtt = flow.srtt / 1000;
  if (flow.minRtt > 0) quality.minRtt = flow.minRtt / 1000;
  if (flow.congestionWindow > 0) quality.congestionWindow = flow.congestionWindow;
  quality.retransmits = flow.retransmits;
  quality.lost = flow.lost;
}
