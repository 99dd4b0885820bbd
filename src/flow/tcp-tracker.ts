import type { ConnectionState } from "../model/index.ts";

const flag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/**
 * A TCP connection followed by its packets, where no kernel tells: state of the local side (RFC 9293 section 3.3.2) and
 * the round trip of the handshake. SYN to SYN-ACK covers one side of the observer and SYN-ACK to ACK the other, so their
 * sum is the whole way wherever the capture was made. A SYN or SYN-ACK that was sent twice gives no sample (Karn).
 */
export class TcpTracker {
  state: ConnectionState = "UNKNOWN";
  reset = false;
  /** Milliseconds; -1: not known. */
  handshake = -1;
  /** Who sent the SYN: 1 local, 2 remote, 0 not seen. */
  opener: 0 | 1 | 2 = 0;
  #synTime = -1;
  #synAckTime = -1;
  /** A handshake packet came twice. */
  #ambiguous = false;
  /** Sequence number after each side's FIN, -1: none; and whether it was acknowledged. */
  #localFin = -1;
  #remoteFin = -1;
  #localFinAcked = false;
  #remoteFinAcked = false;
  #remoteFinFirst = false;
  /** Established, and nothing is awaited: a segment without SYN, FIN and RST changes nothing. */
  steady = false;

  /** The same connection so far, as the other side sees it. */
  get mirrored(): TcpTracker {
    const other = new TcpTracker();
    other.reset = this.reset;
    other.handshake = this.handshake;
    other.opener = this.opener === 0 ? 0 : this.opener === 1 ? 2 : 1;
    other.#synTime = this.#synTime;
    other.#synAckTime = this.#synAckTime;
    other.#ambiguous = this.#ambiguous;
    other.#localFin = this.#remoteFin;
    other.#remoteFin = this.#localFin;
    other.#localFinAcked = this.#remoteFinAcked;
    other.#remoteFinAcked = this.#localFinAcked;
    other.#remoteFinFirst = this.#localFin >= 0 && !this.#remoteFinFirst;
    other.steady = this.steady;
    const opens = this.state === "SYN_SENT" || this.state === "SYN_RECV";
    if (this.state !== "UNKNOWN") other.state = other.#next(opens ? flag.syn : 0);
    return other;
  }

  /** Both directions ended. */
  get finished(): boolean {
    return this.reset || (this.#localFin >= 0 && this.#remoteFin >= 0);
  }

  /** How it ended by what was seen; undefined: silence ended it. */
  get endReason(): "fin" | "rst" | undefined {
    if (this.reset) return "rst";
    return this.finished ? "fin" : undefined;
  }

  /** A segment at `time` (milliseconds) with `length` bytes of payload on the wire; numbers of 32 bits, signed or not. */
  packet(
    time: number,
    transmit: boolean,
    flags: number,
    sequence: number,
    acknowledgement: number,
    length: number,
  ): void {
    if (this.steady && (flags & (flag.syn | flag.fin | flag.rst)) === 0) return;
    if ((flags & flag.syn) !== 0) {
      this.#synchronize(time, transmit, (flags & flag.ack) !== 0);
    } else if (this.#synAckTime >= 0 && this.handshake < 0 && (flags & flag.ack) !== 0) {
      if (transmit === (this.opener === 1) && !this.#ambiguous) this.handshake = time - this.#synTime;
      this.#synAckTime = -1;
    }
    if ((flags & flag.rst) !== 0) this.reset = true;
    if ((flags & flag.fin) !== 0) {
      const after = (sequence + length + 1) >>> 0;
      if (transmit) this.#localFin = after;
      else {
        if (this.#localFin < 0) this.#remoteFinFirst = true;
        this.#remoteFin = after;
      }
    }
    if ((flags & flag.ack) !== 0) this.#acknowledge(transmit, acknowledgement);
    this.state = this.#next(flags);
    this.steady = this.state === "ESTABLISHED" && this.#synAckTime < 0;
  }

  /** Flags of many packets at once, as an in-kernel counter gathers them: no order, no numbers. */
  flags(transmit: boolean, flags: number): void {
    this.steady = false;
    if ((flags & flag.rst) !== 0) this.reset = true;
    if ((flags & flag.fin) !== 0) {
      if (transmit && this.#localFin < 0) this.#localFin = 0;
      if (!transmit && this.#remoteFin < 0) this.#remoteFin = 0;
    }
    if (this.finished) this.#localFinAcked = true;
    this.state = this.#next(flags);
  }

  #synchronize(time: number, transmit: boolean, acknowledges: boolean): void {
    if (!acknowledges) {
      if (this.#synTime >= 0) this.#ambiguous = true;
      else this.#synTime = time;
      if (this.opener === 0) this.opener = transmit ? 1 : 2;
      return;
    }
    if (this.opener === 0) this.opener = transmit ? 2 : 1;
    if (this.#synTime < 0) return;
    if (this.#synAckTime >= 0) this.#ambiguous = true;
    this.#synAckTime = time;
  }

  #acknowledge(transmit: boolean, acknowledgement: number): void {
    if (transmit && this.#remoteFin >= 0 && atOrAfter(acknowledgement, this.#remoteFin)) this.#remoteFinAcked = true;
    if (!transmit && this.#localFin >= 0 && atOrAfter(acknowledgement, this.#localFin)) this.#localFinAcked = true;
  }

  #next(flags: number): ConnectionState {
    if (this.reset) return "CLOSE";
    if (this.#localFin >= 0 && this.#remoteFin >= 0) {
      if (!this.#localFinAcked) return this.#remoteFinAcked ? "LAST_ACK" : "CLOSING";
      // Who closes second has nothing to wait for once its FIN is acknowledged.
      return this.#remoteFinFirst ? "CLOSE" : "TIME_WAIT";
    }
    if (this.#localFin >= 0) return this.#localFinAcked ? "FIN_WAIT2" : "FIN_WAIT1";
    if (this.#remoteFin >= 0) return "CLOSE_WAIT";
    if ((flags & flag.syn) !== 0 && this.state !== "ESTABLISHED") return this.opener === 2 ? "SYN_RECV" : "SYN_SENT";
    return "ESTABLISHED";
  }
}

/** `left` is `right` or after it, in sequence space (RFC 9293 section 3.4). */
const atOrAfter = (left: number, right: number): boolean => ((left - right) | 0) >= 0;

/** States of include/net/tcp_states.h by number. */
const kernelStates: readonly ConnectionState[] = [
  "UNKNOWN",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  // TCP_NEW_SYN_RECV: a request that has no full socket yet.
  "SYN_RECV",
];

/** Name of a kernel TCP state; unknown numbers are "UNKNOWN". */
export const kernelTcpState = (number: number): ConnectionState => kernelStates[number] ?? "UNKNOWN";
