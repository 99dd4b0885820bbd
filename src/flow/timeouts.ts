import type { Application, ConnectionState, Liveliness } from "../model/index.ts";
import { isTcp, isUdp, never, type ConnectionRow } from "./connection-row.ts";

const second = 1000;
const minute = 60 * second;

/** Milliseconds without a packet after which a flow counts as gone. */
export const timeouts = {
  http: 10 * minute,
  ssh: 30 * minute,
  tcp: 5 * minute,
  /** Opening or closing handshakes that do not get on. */
  handshake: minute,
  timeWait: 30 * second,
  closed: 15 * second,
  quic: 3 * minute,
  quicInitial: minute,
  dns: 30 * second,
  udp: minute,
  other: minute,
  /** UDP without a packet for so long is IDLE. */
  idle: 10 * second,
} as const;

/** Shares of the timeout after which a row is stale, and critical. */
export interface Shares {
  readonly stale: number;
  readonly critical: number;
}

export const standardShares: Shares = { stale: 0.75, critical: 0.9 };

/** The timeout of the row as it stands: it changes with its state and with what is known of its protocol. */
export function timeoutOf(row: ConnectionRow): number {
  if (isTcp(row)) return tcpTimeout(row, row.state);
  if (!isUdp(row)) return timeouts.other;
  const name = protocolName(row.application);
  if (name === "dns" || (name === undefined && usesPort(row, 53))) return timeouts.dns;
  if (name !== "quic") return timeouts.udp;
  return row.txPackets > 0 && row.rxPackets > 0 ? timeouts.quic : timeouts.quicInitial;
}

function tcpTimeout(row: ConnectionRow, state: ConnectionState): number {
  switch (state) {
    case "LISTEN":
      return never;
    case "TIME_WAIT":
      return timeouts.timeWait;
    case "CLOSE":
      return timeouts.closed;
    case "SYN_SENT":
    case "SYN_RECV":
    case "FIN_WAIT1":
    case "FIN_WAIT2":
    case "LAST_ACK":
    case "CLOSING":
      return timeouts.handshake;
    default:
      return establishedTimeout(row);
  }
}

function establishedTimeout(row: ConnectionRow): number {
  const name = protocolName(row.application);
  if (name === "ssh" || (name === undefined && usesPort(row, 22))) return timeouts.ssh;
  if (name === "http" || name === "tls" || name === "http2") return timeouts.http;
  if (name === undefined && (usesPort(row, 80) || usesPort(row, 443))) return timeouts.http;
  return timeouts.tcp;
}

const protocolName = (application: Application | undefined): string | undefined => application?.name;

const usesPort = (row: ConnectionRow, port: number): boolean => row.local.port === port || row.remote.port === port;

/**
 * True: silence ends the row. A TCP socket, one without a peer and one that counts nothing (where no kernel counts, silence
 * cannot be told from speech) live as long as the kernel keeps them.
 */
export function endsByTimeout(row: ConnectionRow): boolean {
  return !row.hasSocket || (!isTcp(row) && row.hasPeer && row.socketCounts);
}

/** How far the row has got through its timeout. */
export function livelinessAfter(row: ConnectionRow, idle: number, { stale, critical }: Shares): Liveliness {
  if (row.timeout === never) return "live";
  if (idle >= row.timeout * critical) return "critical";
  return idle >= row.timeout * stale ? "stale" : "live";
}

/** State of a UDP row after `idle` milliseconds of silence. */
export function datagramState(row: ConnectionRow, idle: number, { stale }: Shares): ConnectionState {
  if (idle >= row.timeout * stale) return "STALE";
  return idle >= timeouts.idle ? "IDLE" : "ACTIVE";
}

/** The next idle time at which something about the row changes; Infinity: nothing will. */
export function nextThreshold(row: ConnectionRow, idle: number, { stale, critical }: Shares): number {
  if (!isTcp(row) && idle < timeouts.idle) return timeouts.idle;
  if (row.timeout === never) return Infinity;
  if (idle < row.timeout * stale) return row.timeout * stale;
  if (idle < row.timeout * critical) return row.timeout * critical;
  return endsByTimeout(row) ? row.timeout : Infinity;
}
