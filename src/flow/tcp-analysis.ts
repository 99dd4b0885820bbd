/**
 * Quality of a TCP connection by its packets, for captures: round trips by RFC 6298 with Karn's rule, and segments that tell of
 * trouble, named and judged as Wireshark does it. Seen from one place on the way, which may be anywhere.
 */
import type { Quality, SegmentCounts } from "../model/index.ts";

const flag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** RFC 6298 section 2.3. */
const gain = 1 / 8;
/** A repeated segment right behind duplicate ACKs is a fast retransmission (milliseconds). */
const fastWithin = 20;
/** Without a round trip: what is later than this behind newer data was sent again, not overtaken (milliseconds). */
const reorderedWithin = 3;

/** What one side sent, and how the other answered. Numbers of sequence space are kept as signed 32 bits. */
class Side implements SegmentCounts {
  retransmits = 0;
  outOfOrder = 0;
  duplicateAcks = 0;
  zeroWindows = 0;
  /** Sequence number after the last byte, and when it was reached. */
  next = 0;
  nextTime = Number.NaN;
  begun = false;
  acknowledged = 0;
  acknowledgedTime = Number.NaN;
  acknowledges = false;
  window = -1;
  duplicatesInRow = 0;
  /** Its last segment only asked whether the other is there. */
  keepsAlive = false;
  /** The segment that is timed ends here; NaN: none is. One at a time, as RFC 6298 section 3 allows. */
  timedEnd = 0;
  timedSince = Number.NaN;
  /** From here to the other side and back, milliseconds; NaN: no sample yet. */
  smoothed = Number.NaN;
  shortest = Number.NaN;

  sample(roundTrip: number): void {
    if (!(roundTrip >= 0)) return;
    this.smoothed = this.smoothed >= 0 ? this.smoothed + gain * (roundTrip - this.smoothed) : roundTrip;
    if (!(this.shortest <= roundTrip)) this.shortest = roundTrip;
  }
}

/** `left` is before `right` in sequence space (RFC 9293 section 3.4). */
const before = (left: number, right: number): boolean => ((left - right) | 0) < 0;

/**
 * Follows both directions. `quality` is one object that is brought up to date: its `rtt` is the smoothed round trip of what the
 * local side sends, from here on, plus the shortest one of the way between here and the local side, so that it does not matter
 * where the capture was made, nor that the local side may delay its acknowledgements.
 */
export class TcpAnalysis {
  readonly quality: { -readonly [Key in keyof Quality]: Quality[Key] };
  readonly #local = new Side();
  readonly #remote = new Side();
  /** Of the handshake, milliseconds; NaN: not known. */
  #handshake = Number.NaN;

  constructor() {
    this.quality = { retransmits: 0, sent: this.#local, received: this.#remote };
  }

  /** The handshake's round trip, in milliseconds. */
  set handshake(milliseconds: number) {
    this.#handshake = milliseconds;
    this.quality.handshakeRtt = milliseconds;
  }

  /** A segment at `time` (milliseconds) with `length` bytes of payload on the wire; numbers of 32 bits. */
  packet(
    time: number,
    transmit: boolean,
    flags: number,
    sequence: number,
    acknowledgement: number,
    length: number,
    window: number,
  ): void {
    const from = transmit ? this.#local : this.#remote;
    const to = transmit ? this.#remote : this.#local;
    const first = sequence | 0;
    const control = flags & (flag.syn | flag.fin);
    const isPlain = (flags & (flag.syn | flag.fin | flag.rst)) === 0;
    // A connection that begins again on the same ports: numbers of the old one mean nothing.
    if (
      (flags & (flag.syn | flag.ack)) === flag.syn &&
      from.begun &&
      first !== ((from.next - 1) | 0) &&
      !before(first, from.next)
    ) {
      from.begun = false;
    }
    if (isPlain && window === 0 && !(length === 1 && to.window === 0)) from.zeroWindows++;
    const size = length + (control === 0 ? 0 : control === 3 ? 2 : 1);
    const keepsAlive = isPlain && length <= 1 && from.begun && first === ((from.next - 1) | 0);
    if ((flags & flag.ack) !== 0)
      this.#acknowledge(time, from, to, first, acknowledgement | 0, length, window, isPlain && !keepsAlive);
    if (size > 0 && (flags & flag.rst) === 0 && !keepsAlive) this.#send(time, from, to, first, size);
    else if (!from.begun && (flags & flag.rst) === 0) {
      from.begun = true;
      from.next = first;
    }
    from.keepsAlive = keepsAlive;
    if ((flags & flag.rst) === 0) from.window = window;
  }

  #send(time: number, from: Side, to: Side, first: number, size: number): void {
    const end = (first + size) | 0;
    if (from.begun && before(first, from.next)) this.#repeat(time, from, to, first, end);
    else if (!(from.timedSince >= 0)) {
      from.timedEnd = end;
      from.timedSince = time;
    }
    if (!from.begun || before(from.next, end)) {
      from.begun = true;
      from.next = end;
      from.nextTime = time;
    }
  }

  /** A segment begins before the newest byte: sent again, or overtaken on the way. */
  #repeat(time: number, from: Side, to: Side, first: number, end: number): void {
    const isFast = to.duplicatesInRow >= 2 && to.acknowledged === first && time - to.acknowledgedTime < fastWithin;
    const isKnown = to.acknowledges && !before(to.acknowledged, end);
    const threshold = this.#handshake >= 0 ? this.#handshake : reorderedWithin;
    if (!isFast && !isKnown && time - from.nextTime < threshold && from.next !== end) {
      from.outOfOrder++;
      return;
    }
    from.retransmits++;
    // Karn: an acknowledgement would not say of which of the two.
    from.timedSince = Number.NaN;
    if (from === this.#local) this.quality.retransmits = from.retransmits;
  }

  #acknowledge(
    time: number,
    from: Side,
    to: Side,
    first: number,
    acknowledgement: number,
    length: number,
    window: number,
    isPlain: boolean,
  ): void {
    if (from.acknowledges && acknowledgement === from.acknowledged) {
      const repeats = isPlain && length === 0 && window !== 0 && window === from.window && first === from.next;
      // The answer to a probe of an idle connection asks for nothing.
      if (repeats && !to.keepsAlive) {
        from.duplicateAcks++;
        from.duplicatesInRow++;
        from.acknowledgedTime = time;
      }
      return;
    }
    if (from.acknowledges && before(acknowledgement, from.acknowledged)) return;
    from.acknowledges = true;
    from.acknowledged = acknowledgement;
    from.acknowledgedTime = time;
    from.duplicatesInRow = 0;
    if (!(to.timedSince >= 0) || before(acknowledgement, to.timedEnd)) return;
    to.sample(time - to.timedSince);
    to.timedSince = Number.NaN;
    this.#measure();
  }

  #measure(): void {
    const { smoothed, shortest } = this.#local;
    const near = this.#remote.shortest;
    if (!(smoothed >= 0 && near >= 0)) return;
    this.quality.rtt = smoothed + near;
    this.quality.minRtt = shortest + near;
  }
}
