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

/** Places of one side's numbers among those of a connection; the remote side's follow the local one's. */
const perSide = 8;
const perConnection = perSide * 2;
/** Sequence number after the last byte. */
const next = 0;
const acknowledged = 1;
const window = 2;
const duplicatesInRow = 3;
/** The segment that is timed ends here. */
const timedEnd = 4;
const bits = 5;
/** Of times in milliseconds: when `next` was reached; NaN: never. */
const nextTime = 0;
const acknowledgedTime = 1;
/** When the timed segment was sent; NaN: none is timed. One at a time, as RFC 6298 section 3 allows. */
const timedSince = 2;
/** From here to the other side and back; NaN: no sample yet. */
const smoothed = 3;
const shortest = 4;

/** Values of `bits`. */
const begun = 1;
const acknowledges = 2;
/** Its last segment only asked whether the other is there. */
const keepsAlive = 4;

const noCounts: SegmentCounts = Object.freeze({ retransmits: 0, outOfOrder: 0, duplicateAcks: 0, zeroWindows: 0 });

/** When a segment passed, in milliseconds. */
export interface Moment {
  readonly time: number;
}

/** What of a segment counts; `payloadWireLength` in bytes, numbers of 32 bits. */
export interface Segment {
  readonly tcpFlags: number;
  readonly tcpSequence: number;
  readonly tcpAcknowledgement: number;
  readonly tcpWindow: number;
  readonly payloadWireLength: number;
}

/**
 * Numbers of both sides of all connections that are followed, in columns: nothing is allocated for one, and what a packet
 * needs lies together. Numbers of sequence space are kept as signed 32 bits.
 */
class Numbers {
  counts = new Int32Array(64 * perConnection);
  times = new Float64Array(64 * perConnection);
  readonly #unused: number[] = [];
  #used = 0;

  /** Where the numbers of a new connection begin. */
  take(): number {
    const at = this.#unused.pop() ?? this.#used++ * perConnection;
    if (at === this.counts.length) {
      this.counts = doubled(this.counts, new Int32Array(at * 2));
      this.times = doubled(this.times, new Float64Array(at * 2));
    }
    this.counts.fill(0, at, at + perConnection);
    this.counts[at + window] = -1;
    this.counts[at + perSide + window] = -1;
    this.times.fill(Number.NaN, at, at + perConnection);
    return at;
  }

  give(at: number): void {
    this.#unused.push(at);
  }
}

function doubled<Column extends Int32Array | Float64Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}

const numbers = new Numbers();

/** `left` is before `right` in sequence space (RFC 9293 section 3.4). */
const before = (left: number, right: number): boolean => ((left - right) | 0) < 0;

/**
 * Follows both directions. `quality` is one object that is brought up to date: its `rtt` is the smoothed round trip of what the
 * local side sends, from here on, plus the shortest one of the way between here and the local side, so that it does not matter
 * where the capture was made, nor that the local side may delay its acknowledgements.
 */
export class TcpAnalysis {
  readonly quality: { -readonly [Key in keyof Quality]: Quality[Key] } = {
    retransmits: 0,
    sent: noCounts,
    received: noCounts,
  };
  /** Where its numbers begin; -1: it is over. */
  #at = numbers.take();
  /** Of the handshake, milliseconds; NaN: not known. */
  #handshake = Number.NaN;

  /** The handshake's round trip, in milliseconds. */
  set handshake(milliseconds: number) {
    this.#handshake = milliseconds;
    this.quality.handshakeRtt = milliseconds;
  }

  /** The same connection so far, as the other side sees it. */
  get mirrored(): TcpAnalysis {
    const other = new TcpAnalysis();
    if (this.#at < 0) return other;
    const { counts, times } = numbers;
    for (let index = 0; index < perConnection; index++) {
      const from = this.#at + ((index + perSide) % perConnection);
      counts[other.#at + index] = counts[from]!;
      times[other.#at + index] = times[from]!;
    }
    const { sent, received, handshakeRtt } = this.quality;
    // Counts are objects that are brought up to date.
    if (sent !== noCounts) other.quality.received = { ...sent! };
    if (received !== noCounts) other.quality.sent = { ...received! };
    other.quality.retransmits = other.quality.sent!.retransmits;
    if (handshakeRtt !== undefined) other.handshake = handshakeRtt;
    other.#sample(other.#at, Number.NaN);
    return other;
  }

  /** No packet follows: `quality` stays as it is. */
  end(): void {
    if (this.#at >= 0) numbers.give(this.#at);
    this.#at = -1;
  }

  packet(moment: Moment, transmit: boolean, segment: Segment): void {
    if (this.#at < 0) return;
    const { counts } = numbers;
    const { tcpFlags: flags, tcpWindow: windowSize, payloadWireLength: length } = segment;
    const from = transmit ? this.#at : this.#at + perSide;
    const to = transmit ? this.#at + perSide : this.#at;
    const first = segment.tcpSequence | 0;
    const control = flags & (flag.syn | flag.fin);
    const isReset = (flags & flag.rst) !== 0;
    const isPlain = control === 0 && !isReset;
    // A connection that begins again on the same ports: numbers of the old one mean nothing.
    if (
      (flags & (flag.syn | flag.ack)) === flag.syn &&
      (counts[from + bits]! & begun) !== 0 &&
      first !== ((counts[from + next]! - 1) | 0) &&
      !before(first, counts[from + next]!)
    ) {
      counts[from + bits]! &= ~begun;
    }
    if (isPlain && windowSize === 0 && !(length === 1 && counts[to + window] === 0)) {
      this.#note(transmit, "zeroWindows");
    }
    const hasBegun = (counts[from + bits]! & begun) !== 0;
    const size = length + (control === 0 ? 0 : control === 3 ? 2 : 1);
    const isProbe = isPlain && length <= 1 && hasBegun && first === ((counts[from + next]! - 1) | 0);
    if ((flags & flag.ack) !== 0) {
      const repeats = isPlain && !isProbe && length === 0 && windowSize !== 0;
      this.#acknowledge(moment, transmit, from, to, segment, repeats);
    }
    if (isReset) {
      counts[from + bits]! &= ~keepsAlive;
      return;
    }
    if (size > 0 && !isProbe) this.#send(moment, transmit, from, to, first, size);
    else if (!hasBegun) {
      counts[from + bits]! |= begun;
      counts[from + next] = first;
    }
    if (isProbe) counts[from + bits]! |= keepsAlive;
    else counts[from + bits]! &= ~keepsAlive;
    counts[from + window] = windowSize;
  }

  #send(moment: Moment, transmit: boolean, from: number, to: number, first: number, size: number): void {
    const { counts, times } = numbers;
    const end = (first + size) | 0;
    const hasBegun = (counts[from + bits]! & begun) !== 0;
    if (hasBegun && before(first, counts[from + next]!)) this.#repeat(moment, transmit, from, to, first, end);
    else if (!(times[from + timedSince]! >= 0)) {
      counts[from + timedEnd] = end;
      times[from + timedSince] = moment.time;
    }
    if (!hasBegun || before(counts[from + next]!, end)) {
      counts[from + bits]! |= begun;
      counts[from + next] = end;
      times[from + nextTime] = moment.time;
    }
  }

  /** A segment begins before the newest byte: sent again, or overtaken on the way. */
  #repeat(moment: Moment, transmit: boolean, from: number, to: number, first: number, end: number): void {
    const { counts, times } = numbers;
    const isFast =
      counts[to + duplicatesInRow]! >= 2 &&
      counts[to + acknowledged] === first &&
      moment.time - times[to + acknowledgedTime]! < fastWithin;
    const isKnown = (counts[to + bits]! & acknowledges) !== 0 && !before(counts[to + acknowledged]!, end);
    const threshold = this.#handshake >= 0 ? this.#handshake : reorderedWithin;
    if (!isFast && !isKnown && moment.time - times[from + nextTime]! < threshold && counts[from + next] !== end) {
      this.#note(transmit, "outOfOrder");
      return;
    }
    this.#note(transmit, "retransmits");
    // Karn: an acknowledgement would not say of which of the two.
    times[from + timedSince] = Number.NaN;
    if (transmit) this.quality.retransmits = this.quality.sent!.retransmits;
  }

  /** `mayRepeat`: the segment holds nothing but its acknowledgement. */
  #acknowledge(
    moment: Moment,
    transmit: boolean,
    from: number,
    to: number,
    segment: Segment,
    mayRepeat: boolean,
  ): void {
    const { counts, times } = numbers;
    const acknowledgement = segment.tcpAcknowledgement | 0;
    const hasAcknowledged = (counts[from + bits]! & acknowledges) !== 0;
    if (hasAcknowledged && acknowledgement === counts[from + acknowledged]) {
      const repeats =
        mayRepeat && segment.tcpWindow === counts[from + window] && (segment.tcpSequence | 0) === counts[from + next];
      // The answer to a probe of an idle connection asks for nothing.
      if (repeats && (counts[to + bits]! & keepsAlive) === 0) {
        this.#note(transmit, "duplicateAcks");
        counts[from + duplicatesInRow]!++;
        times[from + acknowledgedTime] = moment.time;
      }
      return;
    }
    if (hasAcknowledged && before(acknowledgement, counts[from + acknowledged]!)) return;
    counts[from + bits]! |= acknowledges;
    counts[from + acknowledged] = acknowledgement;
    times[from + acknowledgedTime] = moment.time;
    counts[from + duplicatesInRow] = 0;
    if (!(times[to + timedSince]! >= 0) || before(acknowledgement, counts[to + timedEnd]!)) return;
    this.#sample(to, moment.time - times[to + timedSince]!);
    times[to + timedSince] = Number.NaN;
  }

  #sample(side: number, roundTrip: number): void {
    const { times } = numbers;
    if (roundTrip >= 0) {
      const mean = times[side + smoothed]!;
      times[side + smoothed] = mean >= 0 ? mean + gain * (roundTrip - mean) : roundTrip;
      if (!(times[side + shortest]! <= roundTrip)) times[side + shortest] = roundTrip;
    }
    const here = this.#at;
    const near = times[here + perSide + shortest]!;
    if (!(times[here + smoothed]! >= 0 && near >= 0)) return;
    this.quality.rtt = times[here + smoothed]! + near;
    this.quality.minRtt = times[here + shortest]! + near;
  }

  /** Counts a segment of trouble; the counts of a side are made for its first one. */
  #note(transmit: boolean, what: keyof SegmentCounts): void {
    const side = transmit ? "sent" : "received";
    const known = this.quality[side]!;
    const counts: { -readonly [Key in keyof SegmentCounts]: number } = known === noCounts ? { ...noCounts } : known;
    counts[what]++;
    this.quality[side] = counts;
  }
}
