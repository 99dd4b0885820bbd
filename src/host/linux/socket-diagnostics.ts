/**
 * The socket plane without BPF: what NETLINK_SOCK_DIAG tells of every socket of this network namespace, with TCP's own
 * counters. Sockets that live between two drains are not seen; owners come late, from /proc. sock_diag(7).
 */
import { epochMillis, networkNamespace, pid as toPid, port } from "../../model/index.ts";
import type { Attribution, CgroupId, SocketFlow, SocketPlane, SocketPlaneSink } from "../../model/index.ts";
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  NETLINK_SOCKET,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLM_F_DUMP,
  netlinkRequest,
  walkMessages,
} from "./netlink.ts";
import { SocketRecord, addressesOf, parseSocketMessage, socketRequest } from "./socket-messages.ts";
import { closeDescriptor, receive, send, socket } from "./system-calls.ts";

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const ESTABLISHED = 1;
const TIME_WAIT = 6;
const CLOSE = 7;
const LISTEN = 10;
/** All TCP states but TIME_WAIT (nobody's any more), CLOSE and NEW_SYN_RECV. */
const TCP_STATES = 0xfff & ~(1 << TIME_WAIT) & ~(1 << CLOSE) & ~1;
/** Sockets kept; the kernel's own limits are lower on most machines. */
const CAPACITY = 262_144;
/** Times that an owner is looked for: an accepted socket has none until the process takes it. */
const OWNER_ATTEMPTS = 3;
const OWNERS_AT_ONCE = 1024;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** One socket over time; what the sink receives. */
class KnownSocket implements Writable<SocketFlow> {
  protocolNumber = 0;
  localAddress = "";
  localPort = port(0);
  remoteAddress = "";
  remotePort = port(0);
  networkNamespace = networkNamespace(0);
  interfaceIndex = 0;
  start = epochMillis(0);
  lastActivity = epochMillis(0);
  txBytes = 0;
  txPackets = 0;
  rxBytes = 0;
  rxPackets = 0;
  tcpState = 0;
  opener: 0 | 1 | 2 = 0;
  srtt = 0;
  minRtt = 0;
  retransmits = 0;
  congestionWindow = 0;
  lost = 0;
  released = false;
  reset = false;
  ownerPid = toPid(0);
  ownerName = "";
  ownerUserId = 0;
  ownerGroupId = 0;
  ownerCgroup = 0 as CgroupId;
  ownerStamped = epochMillis(0);
  attribution: Attribution = "none";
  readonly slot: number;
  readonly generation: number;
  readonly cookie: number;
  inode = 0;
  ownerAttempts = 0;
  /** The drain that saw it last. */
  seen = 0;
  /** The drain that reported it last. */
  reported = 0;

  constructor(slot: number, generation: number, cookie: number) {
    this.slot = slot;
    this.generation = generation;
    this.cookie = cookie;
  }
}

export interface SocketOwner {
  readonly inode: number;
  readonly pid: number;
  readonly name: string;
}

/** Finds who holds these sockets, at most `OWNERS_AT_ONCE` of them; unknown ones are left out. */
export type OwnerLookup = (inodes: readonly number[]) => Iterable<SocketOwner>;

interface Dump {
  readonly protocolNumber: number;
  readonly request: Uint8Array;
  /** Turns false when the kernel refuses: the module is not there. */
  supported: boolean;
}

function dump(family: number, protocolNumber: number): Dump {
  const isTcp = protocolNumber === IPPROTO_TCP;
  const body = socketRequest(family, protocolNumber, isTcp ? TCP_STATES : 1 << ESTABLISHED, isTcp);
  return { protocolNumber, request: netlinkRequest(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, body), supported: true };
}

export class SocketDiagnostics implements SocketPlane {
  readonly capacity = CAPACITY;
  readonly #fd: number;
  readonly #owners: OwnerLookup;
  readonly #buffer = new Uint8Array(65_536);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #record = new SocketRecord();
  readonly #dumps = [AF_INET, AF_INET6].flatMap((family) => [dump(family, IPPROTO_TCP), dump(family, IPPROTO_UDP)]);
  readonly #byCookie = new Map<number, KnownSocket>();
  readonly #bySlot: (KnownSocket | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #vacant: number[] = [];
  readonly #listening = new Set<number>();
  readonly #changed: KnownSocket[] = [];
  readonly #ownerless: KnownSocket[] = [];
  #drains = 0;

  private constructor(fd: number, owners: OwnerLookup) {
    this.#fd = fd;
    this.#owners = owners;
  }

  /** Opens the kernel's socket diagnostics, for which no right is needed; a text says why there is none. */
  static open(owners: OwnerLookup): SocketDiagnostics | string {
    const fd = socket(AF_NETLINK, NETLINK_SOCKET, NETLINK_SOCK_DIAG);
    return fd < 0 ? `sock_diag: errno ${-fd}` : new SocketDiagnostics(fd, owners);
  }

  drain(sink: SocketPlaneSink): void {
    this.#drains++;
    this.#changed.length = 0;
    this.#ownerless.length = 0;
    const now = Date.now();
    let complete = true;
    for (const each of this.#dumps) {
      if (each.supported && !this.#read(each, now)) complete = false;
    }
    // A cut dump does not tell that a socket is gone.
    if (complete) this.#markReleased(now);
    this.#findOwners(now);
    for (const known of this.#changed) sink.flow(known);
  }

  stopSampling(): void {
    // There are no samples without BPF.
  }

  resumeSampling(): void {
    // There are no samples without BPF.
  }

  release(slot: number, generation: number): void {
    const known = this.#bySlot[slot];
    if (known === undefined || known.generation !== generation) return;
    this.#bySlot[slot] = undefined;
    this.#vacant.push(slot);
    if (known.released) this.#byCookie.delete(known.cookie);
  }

  free(): number {
    return CAPACITY - this.#byCookie.size;
  }

  losses(): ReturnType<SocketPlane["losses"]> {
    return { tableFullPackets: 0, tableFullBytes: 0, samplesLost: 0, processEventsLost: 0 };
  }

  close(): void {
    closeDescriptor(this.#fd);
  }

  /** Reads one dump to its end; false when it was cut. */
  #read(each: Dump, now: number): boolean {
    if (send(this.#fd, each.request, 0) < 0) return false;
    for (let part = 0; part < CAPACITY; part++) {
      const length = receive(this.#fd, this.#buffer, MSG_DONTWAIT);
      if (length <= 0) return false;
      let done = false;
      walkMessages(this.#view, length, (type, start, end) => {
        done = type === NLMSG_DONE || type === NLMSG_ERROR;
        if (type === NLMSG_ERROR) each.supported = false;
        if (type !== SOCK_DIAG_BY_FAMILY) return !done;
        if (parseSocketMessage(this.#view, start, end, each.protocolNumber, this.#record)) this.#take(now);
        return true;
      });
      if (done) return true;
    }
    return false;
  }

  /** Brings the socket of the record up to date. */
  #take(now: number): void {
    const record = this.#record;
    if (record.state === LISTEN) {
      this.#listening.add(record.localPort);
      return;
    }
    let known = this.#byCookie.get(record.cookie);
    const isNew = known === undefined;
    if (known === undefined) {
      if (this.#byCookie.size >= CAPACITY) return;
      known = this.#add(now);
    }
    known.seen = this.#drains;
    if (known.inode === 0) known.inode = record.inode;
    if (known.ownerPid === 0 && known.inode !== 0 && known.ownerAttempts < OWNER_ATTEMPTS) this.#ownerless.push(known);
    if (update(known, record, now) || isNew) this.#report(known);
  }

  #add(now: number): KnownSocket {
    const record = this.#record;
    const slot = this.#vacant.pop() ?? this.#bySlot.length;
    const generation = (this.#generations[slot] ?? 0) + 1;
    this.#generations[slot] = generation;
    const known = new KnownSocket(slot, generation, record.cookie);
    const [local, remote] = addressesOf(this.#buffer, record);
    known.protocolNumber = record.protocolNumber;
    known.localAddress = local;
    known.localPort = port(record.localPort);
    known.remoteAddress = remote;
    known.remotePort = port(record.remotePort);
    known.interfaceIndex = record.interfaceIndex;
    known.start = epochMillis(now);
    known.ownerUserId = record.uid;
    this.#bySlot[slot] = known;
    this.#byCookie.set(record.cookie, known);
    return known;
  }

  #report(known: KnownSocket): void {
    // Evicted: nobody has a row of it any more, and its slot may be another's.
    if (this.#bySlot[known.slot] !== known) return;
    known.reported = this.#drains;
    this.#changed.push(known);
  }

  #markReleased(now: number): void {
    for (const known of this.#byCookie.values()) {
      if (known.seen === this.#drains || known.released) continue;
      known.released = true;
      known.lastActivity = epochMillis(now);
      // Nobody has a row of it any more.
      if (this.#bySlot[known.slot] !== known) this.#byCookie.delete(known.cookie);
      else this.#report(known);
    }
  }

  #findOwners(now: number): void {
    for (let from = 0; from < this.#ownerless.length; from += OWNERS_AT_ONCE) {
      const part = this.#ownerless.slice(from, from + OWNERS_AT_ONCE);
      const owners = new Map<number, SocketOwner>();
      for (const owner of this.#owners(part.map((known) => known.inode))) owners.set(owner.inode, owner);
      for (const known of part) {
        known.ownerAttempts++;
        const owner = owners.get(known.inode);
        if (owner === undefined) continue;
        known.ownerPid = toPid(owner.pid);
        known.ownerName = owner.name;
        known.ownerStamped = epochMillis(now);
        known.attribution = "procfs";
        if (known.reported !== this.#drains) this.#report(known);
      }
    }
    for (const known of this.#changed) {
      if (known.opener === 0 && known.protocolNumber === IPPROTO_TCP)
        known.opener = this.#listening.has(known.localPort) ? 2 : 1;
    }
  }
}

/** Copies counters and state; true when anything changed. */
function update(known: KnownSocket, record: SocketRecord, now: number): boolean {
  const tcpState = record.protocolNumber === IPPROTO_TCP ? record.state : 0;
  const txBytes = record.bytesSent + record.segmentsOut * record.headerLength;
  const rxBytes = record.bytesReceived + record.segmentsIn * record.headerLength;
  if (known.txBytes === txBytes && known.rxBytes === rxBytes && known.tcpState === tcpState) return false;
  known.tcpState = tcpState;
  known.lastActivity = epochMillis(now);
  if (!record.hasCounters) return true;
  // A socket that is closing may be described without its last counters: totals never go back.
  known.txBytes = Math.max(known.txBytes, txBytes);
  known.rxBytes = Math.max(known.rxBytes, rxBytes);
  known.txPackets = Math.max(known.txPackets, record.segmentsOut);
  known.rxPackets = Math.max(known.rxPackets, record.segmentsIn);
  known.srtt = record.srtt;
  known.minRtt = record.minRtt;
  known.retransmits = record.retransmits;
  known.congestionWindow = record.congestionWindow;
  known.lost = record.lost;
  return true;
}
