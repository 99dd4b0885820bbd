import {
  epochMillis,
  networkNamespace,
  port,
  type Direction,
  type Endpoint,
  type EndReason,
  type Frame,
  type WireFlow,
  type WirePlaneSink,
} from "../model/index.ts";
import { decode, decodePlain, innerPacket, Packet, protocolName, protocolNumberOf } from "../wire/index.ts";
import { isTcp, isUdp, type ConnectionRow } from "./connection-row.ts";
import type { EngineParts } from "./engine-parts.ts";
import { AddressTexts } from "./address-texts.ts";
import { FragmentCache } from "./fragment-cache.ts";
import { isServerPort, openerOf } from "./opener.ts";
import { arp, outermost, scopeInside, setPacketKey } from "./packet-key.ts";
import { analyse, copyFindings, OtherEnds } from "./other-ends.ts";
import { TcpAnalysis } from "./tcp-analysis.ts";
import { TcpTracker } from "./tcp-tracker.ts";
import { hasPorts, isMac, TupleKey } from "./tuple-key.ts";
import { WireRows } from "./wire-rows.ts";
import { addFlowTotals, addFrame, countTotals, newWireTotals } from "./wire-totals.ts";

/** Protocols of the recorded flows that are looked for behind their first frame. */
const protocolNumbers: ReadonlyMap<string, number> = new Map(
  [1, 6, 17, 33, 47, 58, 132, 136].map((number) => [protocolName(number), number]),
);
/** LINKTYPE_ of the pcap registry. */
const ethernet = 1;
const syn = 2;
const acknowledge = 16;
/** FIN, SYN and RST: what changes the state of a connection that is established. */
const notSteady = 7;
/** Milliseconds by which both ends of one connection may have been seen first. */
const sameConnection = 1000;

/** What is known of how a frame came by, beside its bytes. */
type Passage = Frame["direction"];

/**
 * Brings frames and the flows that the packet filter counted into the table. What belongs to a socket only adds MAC
 * addresses, VLAN and interface; everything else gets rows of its own.
 */
export class WireIngest implements WirePlaneSink {
  /** Frames of which nothing could be made. */
  undecoded = 0;
  /** Rows of the last frame. */
  get counted(): readonly ConnectionRow[] {
    const outermost = this.#outermost;
    if (outermost === undefined) return [];
    const { otherEnd } = outermost;
    return otherEnd === undefined ? [outermost, ...this.#inside] : [outermost, otherEnd, ...this.#inside];
  }
  #outermost: ConnectionRow | undefined;
  /** Those of packets inside it; empty for nearly all frames. */
  #inside: ConnectionRow[] = [];
  /** Rows ended early to stay within bounds. */
  get evicted(): number {
    return this.#wireRows.evicted;
  }
  /** Rows of other ends: only in replay. */
  readonly otherEnds: OtherEnds | undefined;
  readonly #parts: EngineParts;
  readonly #wireRows: WireRows;
  /** Live: bytes of IP packets, beside the packet filter's totals. Replay: bytes of frames. */
  readonly #live: boolean;
  /** Level without exact counters: a socket row whose socket counts nothing is counted here. */
  readonly #countForSockets: boolean;
  readonly #localHints: ReadonlySet<string>;
  readonly #packet = new Packet();
  readonly #key = new TupleKey();
  readonly #wildcard = new TupleKey();
  /** Of the row that `#resolve` found: whether in `#key` the local side stands first. */
  #resolvedLocalFirst: boolean | undefined = undefined;
  readonly #fragments = new FragmentCache();
  readonly #texts = new AddressTexts();

  constructor(
    parts: EngineParts,
    options: { live: boolean; countForSockets: boolean; localHints: ReadonlySet<string>; rows: number },
  ) {
    this.#parts = parts;
    this.#live = options.live;
    this.#countForSockets = options.countForSockets;
    this.#localHints = options.localHints;
    this.#wireRows = new WireRows(parts.table, options.rows);
    this.otherEnds = parts.recorded && new OtherEnds(parts, parts.recorded, this.#wireRows);
  }

  frame(frame: Frame): void {
    if (!this.#live && frame.linkType === ethernet && this.#countPlain(frame)) return;
    const packet = this.#packet;
    this.#outermost = undefined;
    if (this.#inside.length > 0) this.#inside = [];
    const { bytes, capturedLength = bytes.length, offset = 0 } = frame;
    decode(frame.linkType, bytes, capturedLength, frame.wireLength, packet, offset);
    let counted = this.#count(packet, frame, outermost, undefined);
    let scope = outermost;
    let outer = packet;
    for (let inner = innerPacket(outer); inner !== undefined; inner = innerPacket(outer)) {
      scope = scopeInside(outer, scope);
      if (this.#count(inner, frame, scope, outer)) counted = true;
      outer = inner;
    }
    if (!counted) this.undecoded++;
  }

  /**
   * The short way for a packet of a flow of which its payload tells no more, and whose links are known. False: nothing
   * was counted, and the frame must go the long way.
   */
  #countPlain(frame: Frame): boolean {
    const packet = this.#packet;
    const { bytes, capturedLength = bytes.length, offset = 0 } = frame;
    if (!decodePlain(bytes, capturedLength, frame.wireLength, packet, offset)) return false;
    setPacketKey(this.#key, packet, outermost);
    const entry = this.#liveEntry();
    if (entry < 0) return false;
    const row = this.#parts.table.index.value(entry)!;
    if (!row.inspected || !row.linkSeen || row.hadSocket || frame.time - row.lastActivity > row.timeout) return false;
    // Two ends to count.
    if (row.otherEnd !== undefined) return false;
    if (row.tcp !== undefined && (packet.tcpFlags & syn) !== 0) return false;
    this.#outermost = row;
    if (this.#inside.length > 0) this.#inside = [];
    this.#countFrame(row, packet, frame, row.localFirstIn(entry) !== this.#key.swapped);
    return true;
  }

  /** Counts a packet of the frame to its flow; `outer` is the packet around it. False when it has no tuple. */
  #count(packet: Packet, frame: Frame, scope: number, outer: Packet | undefined): boolean {
    if (!setPacketKey(this.#key, packet, scope)) return false;
    const { table } = this.#parts;
    let entry = -1;
    let row: ConnectionRow | undefined;
    this.#resolvedLocalFirst = undefined;
    if (packet.fragmentOffset > 0) row = this.#fragments.find(packet, scope, frame.time);
    if (row === undefined || row.position < 0) {
      entry = this.#liveEntry();
      row = entry < 0 ? undefined : table.index.value(entry);
      if (row !== undefined && !row.hadSocket && this.#isOver(row, packet, frame)) row = undefined;
      if (row === undefined && outer === undefined) row = this.#resolve(frame.time, packet.tcpFlags);
      row ??= this.#create(packet, frame, outer);
      if (row === undefined) return true;
      if (packet.moreFragments && packet.fragmentOffset === 0) this.#fragments.remember(packet, scope, row, frame.time);
    }
    const localFirst = entry >= 0 ? row.localFirstIn(entry) : (this.#resolvedLocalFirst ?? row.localIsFirst);
    const transmit = localFirst !== this.#key.swapped;
    if (this.#outermost === undefined) this.#outermost = row;
    else this.#inside.push(row);
    // MAC addresses and VLAN are those of the frame, which a flow inside it does not have.
    if (outer === undefined && !row.linkSeen) this.#addLink(row, packet, frame, transmit);
    const { otherEnd } = row;
    if (otherEnd === undefined) this.#countFrame(row, packet, frame, transmit);
    else this.#countBothEnds(row, otherEnd, packet, frame, transmit);
    return true;
  }

  #countBothEnds(row: ConnectionRow, otherEnd: ConnectionRow, packet: Packet, frame: Frame, transmit: boolean): void {
    if (!otherEnd.linkSeen) this.#addLink(otherEnd, packet, frame, !transmit);
    // What payload tells is known before the end that mirrors it asks.
    const [first, second] = row.mirrors ? [otherEnd, row] : [row, otherEnd];
    this.#countFrame(first, packet, frame, (first === row) === transmit);
    this.#countFrame(second, packet, frame, (second === row) === transmit);
  }

  /**
   * The row of the packet's tuple that is live, or was a socket's a moment ago; one of this network namespace if there is
   * one, since the packet was seen here. With `other` the second one of this namespace: the other end on loopback, if one of
   * them is.
   */
  connectionOf(packet: Packet, other: boolean): ConnectionRow | undefined {
    if (!setPacketKey(this.#key, packet, outermost)) return undefined;
    const { index } = this.#parts.table;
    const entry = this.#liveEntry();
    const newest = entry < 0 ? undefined : index.value(entry)!;
    if (newest === undefined || (!other && newest.interfaceName !== undefined)) return newest;
    let first: ConnectionRow | undefined = newest.interfaceName === undefined ? undefined : newest;
    let side = newest.localFirstIn(entry);
    let second: ConnectionRow | undefined;
    for (let at = index.find(this.#key); at >= 0; at = index.next(at)) {
      const row = index.value(at)!;
      // An older connection of the same ports may still be kept.
      const isSame = (row.hasSocket || row.hadSocket) && Math.abs(row.start - newest.start) < sameConnection;
      if (row === newest || !isSame || row.interfaceName === undefined) continue;
      if (!other) return row;
      if (first === undefined) {
        first = row;
        side = row.localFirstIn(at);
      } else if (!hasPorts(row.protocolNumber) || row.localFirstIn(at) !== side) return row;
      // One end may have two rows: a socket that was there before is known in another way once it has sent.
      else second ??= row;
    }
    return other ? second : newest;
  }

  /** Live rows between two endpoints; `protocol` as rows have it ("TCP"). */
  rowsBetween(protocol: string, one: Endpoint, other: Endpoint): ConnectionRow[] {
    const number = protocolNumbers.get(protocol);
    if (number === undefined) return [];
    this.#key.setText(one.address, one.port, other.address, other.port, number);
    const { index } = this.#parts.table;
    const rows: ConnectionRow[] = [];
    for (let entry = index.find(this.#key); entry >= 0; entry = index.next(entry)) rows.push(index.value(entry)!);
    return rows;
  }

  /** The row ended or became a socket's: it takes no room here. */
  forget(row: ConnectionRow): void {
    this.#wireRows.remove(row);
    row.tcpAnalysis?.end();
    row.tcpAnalysis = undefined;
  }

  flow(flow: WireFlow): void {
    this.#key.setText(
      flow.sourceAddress,
      flow.sourcePort,
      flow.destinationAddress,
      flow.destinationPort,
      flow.protocolNumber,
    );
    const { table } = this.#parts;
    const entry = this.#liveEntry();
    let row = entry < 0 ? undefined : table.index.value(entry);
    this.#resolvedLocalFirst = undefined;
    row ??= this.#resolve(flow.lastActivity, 0) ?? this.#createForFlow(flow);
    if (row === undefined) return;
    const localFirst = entry >= 0 ? row.localFirstIn(entry) : (this.#resolvedLocalFirst ?? row.localIsFirst);
    this.#countFlow(row, flow, localFirst !== this.#key.swapped);
  }

  /** The entry of the tuple whose row is live, else of one that a socket left a moment ago; -1: neither. */
  #liveEntry(): number {
    const { index } = this.#parts.table;
    let lingering = -1;
    for (let entry = index.find(this.#key); entry >= 0; entry = index.next(entry)) {
      const row = index.value(entry)!;
      if (!row.closed) return entry;
      if (row.hadSocket && lingering < 0) lingering = entry;
    }
    return lingering;
  }

  /** True, and the row is closed: the packet begins another connection, or comes after the timeout. */
  #isOver(row: ConnectionRow, packet: Packet, frame: Frame): boolean {
    const reopens = (packet.tcpFlags & (syn | acknowledge)) === syn && row.tcp?.finished === true;
    if (!reopens && frame.time - row.lastActivity <= row.timeout) return false;
    for (const end of row.otherEnd === undefined ? [row] : [row, row.otherEnd]) {
      const reason: EndReason = end.tcp?.endReason ?? "timeout";
      this.#parts.table.close(end, reason, end.lastActivity);
    }
    return true;
  }

  /** A row that is known under another tuple: translated, or a socket bound to no address. */
  #resolve(time: number, flags: number): ConnectionRow | undefined {
    const { table, translations } = this.#parts;
    const translated = translations.resolve(this.#key);
    if (translated !== undefined) {
      const entry = translations.entryOf(translated, this.#key);
      if (entry >= 0) this.#resolvedLocalFirst = translated.localFirstIn(entry);
      return translated;
    }
    if (!this.#live) return undefined;
    for (const which of [0, 1] as const) {
      const wildcard = this.#wildcard;
      wildcard.copyFrom(this.#key);
      wildcard.clearAddress(which);
      for (let entry = table.index.find(wildcard); entry >= 0; entry = table.index.next(entry)) {
        const row = table.index.value(entry)!;
        if (!row.hadSocket || (row.closed && time > row.lastActivity && (flags & syn) !== 0)) continue;
        table.alias(row, this.#key, which === 0);
        this.#resolvedLocalFirst = which === 0;
        return row;
      }
    }
    return undefined;
  }

  #create(packet: Packet, frame: Frame, outer: Packet | undefined): ConnectionRow | undefined {
    const { bytes } = packet;
    const isArp = packet.ipVersion === 0 && packet.arpSenderAddressOffset >= 0;
    const length = isArp ? 4 : packet.addressLength;
    const source = isArp ? packet.arpSenderAddressOffset : packet.sourceAddressOffset;
    const destination = isArp ? packet.arpTargetAddressOffset : packet.destinationAddressOffset;
    return this.#add(
      source < 0 ? "" : this.#texts.address(bytes, source, length),
      destination < 0 ? "" : this.#texts.address(bytes, destination, length),
      packet.sourcePort,
      packet.destinationPort,
      isArp ? arp : protocolNumberOf(packet),
      frame.time,
      frame.interfaceIndex,
      frame.direction,
      packet.tcpFlags,
      outer === undefined ? undefined : outer.tunnel || protocolName(protocolNumberOf(outer)).toLowerCase(),
    );
  }

  #createForFlow(flow: WireFlow): ConnectionRow | undefined {
    const { sourceAddress, destinationAddress } = flow;
    const below = flow.protocolNumber > 0xffff;
    const row = this.#add(
      below && isMac(sourceAddress) ? "" : sourceAddress,
      below && isMac(destinationAddress) ? "" : destinationAddress,
      flow.sourcePort,
      flow.destinationPort,
      flow.protocolNumber,
      flow.lastActivity,
      flow.interfaceIndex,
      flow.transmit ? "out" : "unknown",
      // Flags of all packets together say nothing of who began.
      0,
      undefined,
    );
    if (row !== undefined && below && isMac(sourceAddress)) {
      const localSends = row.localIsFirst !== this.#key.swapped;
      row.localMac = localSends ? sourceAddress : destinationAddress;
      row.remoteMac = localSends ? destinationAddress : sourceAddress;
    }
    return row;
  }

  #add(
    source: string,
    destination: string,
    sourcePort: number,
    destinationPort: number,
    protocolNumber: number,
    time: number,
    interfaceIndex: number,
    passage: Passage,
    flags: number,
    tunnel: string | undefined,
  ): ConnectionRow | undefined {
    const { table, names, inspection, services, interfaces, admits } = this.#parts;
    const ports = hasPorts(protocolNumber);
    const from = { address: source, port: port(ports ? sourcePort : 0) };
    const to = { address: destination, port: port(ports ? destinationPort : 0) };
    const opener = openerOf(flags);
    const sourceIsServer = opener === "destination" || (opener === "unknown" && isServerPort(from.port, to.port));
    const localIsSource = this.#localIsSource(source, destination, passage, sourceIsServer);
    const local = localIsSource ? from : to;
    const remote = localIsSource ? to : from;
    const facts = { localAddress: local.address, localPort: local.port, remoteAddress: remote.address };
    const interfaceName = interfaces.name(interfaceIndex);
    if (admits?.({ ...facts, protocolNumber, remotePort: remote.port, interfaceName }) === false) return undefined;
    const row = table.create(
      this.#key,
      {
        protocolNumber,
        local,
        remote,
        networkNamespace: networkNamespace(0),
        start: epochMillis(time),
      },
      localIsSource !== this.#key.swapped,
    );
    if (tunnel !== undefined) row.tunnel = tunnel;
    row.localIsClient = localIsSource !== sourceIsServer;
    if (opener !== "unknown") row.direction = this.#directionOf(row);
    row.interfaceIndex = interfaceIndex;
    if (interfaceName !== undefined) row.interfaceName = interfaceName;
    if (this.#live) row.wire = newWireTotals();
    if (isTcp(row)) {
      row.tcp = new TcpTracker();
      if (!this.#live) analyse(row, new TcpAnalysis());
    }
    this.#wireRows.add(row);
    if (this.#live && ports && tunnel === undefined && interfaces.isLocal(row.local.address)) this.#takeOwner(row);
    services.name(row);
    names.begin(row);
    this.#parts.recorded?.apply(row, this.#parts.processes);
    inspection.begin(row);
    this.otherEnds?.join(row);
    return row;
  }

  /** The row belongs to who holds the socket that is bound to its local port, if there is one. */
  #takeOwner(row: ConnectionRow): void {
    const { table, processes } = this.#parts;
    const key = this.#wildcard;
    for (const address of [row.local.address, ""]) {
      key.setText(address, row.local.port, "", 0, row.protocolNumber);
      const entry = table.index.find(key);
      const bound = entry < 0 ? undefined : table.index.value(entry);
      if (bound?.owner === undefined || bound.closed) continue;
      processes.hold(bound.owner);
      row.owner = bound.owner;
      row.attribution = bound.attribution;
      return;
    }
  }

  /** Which side is this machine, or in a file the side to look from: the one that opened the flow. */
  #localIsSource(source: string, destination: string, passage: Passage, sourceIsServer: boolean): boolean {
    const isLocal = (address: string): boolean =>
      (this.#localHints.size > 0 && this.#localHints.has(address)) ||
      (this.#live && this.#parts.interfaces.isLocal(address));
    const sourceLocal = isLocal(source);
    if (sourceLocal !== isLocal(destination)) return sourceLocal;
    if (this.#live && passage === "out") return true;
    if (this.#live && passage === "in" && !sourceLocal) return false;
    return !sourceIsServer;
  }

  /** Forwarded connections are neither in- nor outbound. */
  #directionOf(row: ConnectionRow): Direction {
    const ours =
      !this.#live || this.#localHints.has(row.local.address) || this.#parts.interfaces.isLocal(row.local.address);
    if (!ours) return "unknown";
    return row.localIsClient ? "outbound" : "inbound";
  }

  #countFrame(row: ConnectionRow, packet: Packet, frame: Frame, transmit: boolean): void {
    if (row.closed || (row.hadSocket && (row.socketCounts || !this.#countForSockets))) return;
    // The same packet passes bridge, veth and uplink: it counts on one of them. In a file all frames count.
    if (row.interfaceIndex < 0) row.interfaceIndex = frame.interfaceIndex;
    if (this.#live && row.interfaceIndex !== frame.interfaceIndex && !row.hadSocket) return;
    const { table } = this.#parts;
    if (this.#live) {
      const bytes = packet.ipVersion === 0 ? packet.wireLength : packet.ipLength;
      const wire = (row.wire ??= newWireTotals());
      addFrame(wire, bytes, transmit);
      countTotals(table, row, wire);
    } else if (transmit) table.count(row, frame.wireLength, 0, 1, 0);
    else table.count(row, 0, frame.wireLength, 0, 1);
    if (frame.time > row.lastActivity) row.lastActivity = frame.time;
    if (row.tcp !== undefined) this.#follow(row, row.tcp, packet, frame, transmit);
    else if (row.state !== "ACTIVE" && isUdp(row)) table.settle(row);
    if (row.liveliness !== "live") table.settle(row);
    if (row.inspected) return;
    if (row.mirrors) copyFindings(row, row.otherEnd!, table);
    else this.#inspect(row, packet, transmit);
  }

  /** The frame and the packet are handed on as they are: a number that is no small integer, as an argument, is a new object. */
  #follow(row: ConnectionRow, tracker: TcpTracker, packet: Packet, frame: Frame, transmit: boolean): void {
    const { tcpAnalysis } = row;
    if (!tracker.steady || (packet.tcpFlags & notSteady) !== 0) {
      const { tcpFlags, tcpSequence, tcpAcknowledgement, payloadWireLength } = packet;
      tracker.packet(frame.time, transmit, tcpFlags, tcpSequence, tcpAcknowledgement, payloadWireLength);
      if (tracker.state !== row.state) {
        row.state = tracker.state;
        this.#parts.table.settle(row);
      }
      if (tcpAnalysis !== undefined && tracker.handshake >= 0 && tcpAnalysis.quality.handshakeRtt === undefined)
        tcpAnalysis.handshake = tracker.handshake;
    }
    if (tcpAnalysis !== undefined) {
      // Without its whole header a segment has no numbers.
      if (packet.tcpHeaderLength > 0) tcpAnalysis.packet(frame, transmit, packet);
      return;
    }
    if (tracker.handshake >= 0 && !row.ownQuality) {
      row.ownQuality = true;
      row.quality = { rtt: tracker.handshake, minRtt: tracker.handshake };
    }
  }

  #inspect(row: ConnectionRow, packet: Packet, transmit: boolean): void {
    if (packet.fragmentOffset > 0) return;
    if (packet.tunnel !== "" && packet.tunnelBy === "payload") {
      this.#parts.inspection.tunnel(row, packet.tunnel, "payload");
      if (row.inspected) return;
    }
    if (packet.payloadOffset < 0) return;
    const isSyn = (packet.tcpFlags & syn) !== 0;
    if (packet.payloadLength === 0 && !isSyn) return;
    if (row.tcp === undefined && !isUdp(row)) {
      row.inspected = true;
      return;
    }
    const bytes = packet.bytes.subarray(packet.payloadOffset, packet.payloadOffset + packet.payloadLength);
    this.#parts.inspection.payload(row, transmit, packet.tcpSequence, isSyn, bytes, packet.payloadWireLength);
    if (packet.tunnel !== "") this.#parts.inspection.tunnel(row, packet.tunnel, packet.tunnelBy);
  }

  #addLink(row: ConnectionRow, packet: Packet, frame: Frame, transmit: boolean): void {
    row.linkSeen = true;
    const { bytes, sourceMacOffset, destinationMacOffset } = packet;
    const source = sourceMacOffset < 0 ? "" : this.#texts.mac(bytes, sourceMacOffset);
    const destination = destinationMacOffset < 0 ? "" : this.#texts.mac(bytes, destinationMacOffset);
    const local = transmit ? source : destination;
    const remote = transmit ? destination : source;
    if (local !== "") row.localMac = local;
    if (remote !== "") row.remoteMac = remote;
    const vlan = frame.vlan !== 0 ? frame.vlan & 0xfff : packet.outerVlan;
    if (vlan >= 0) row.vlan = vlan;
    if (row.interfaceName !== undefined) return;
    const name = this.#parts.interfaces.name(frame.interfaceIndex);
    if (name !== undefined) row.interfaceName = name;
  }

  #countFlow(row: ConnectionRow, flow: WireFlow, transmit: boolean): void {
    if (row.interfaceName === undefined) {
      const name = this.#parts.interfaces.name(flow.interfaceIndex);
      if (name !== undefined) row.interfaceName = name;
    }
    if (row.closed || (row.hadSocket && (row.socketCounts || !this.#countForSockets))) return;
    if (row.interfaceIndex < 0) row.interfaceIndex = flow.interfaceIndex;
    if (row.interfaceIndex !== flow.interfaceIndex && !row.hadSocket) return;
    const wire = (row.wire ??= newWireTotals());
    addFlowTotals(wire, flow, transmit);
    const { table } = this.#parts;
    countTotals(table, row, wire);
    const time = Math.min(flow.lastActivity, table.now);
    if (time > row.lastActivity) row.lastActivity = epochMillis(time);
    if (row.tcp !== undefined) {
      row.tcp.flags(transmit, flow.tcpFlags);
      row.state = row.tcp.state;
    }
    table.settle(row);
  }
}
