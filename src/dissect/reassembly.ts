/**
 * One direction of a TCP stream, put together from its first bytes, within fixed bounds.
 *
 * The stream is a window of `streamLimits.bytes` from its start; what lies beyond is not kept. Bytes that came first
 * win over later ones at the same place. In the common case, where one segment in order already says everything,
 * nothing is copied: `view` is then the caller's own bytes, valid until `settle`.
 */

/** Bounds of one direction. Memory a direction: `bytes` at the most, and `ranges` pairs of numbers. */
export const streamLimits = {
  /** Bytes from the stream's start that are looked at. */
  bytes: 16_384,
  /** Pieces with holes between them that are kept; further ones are dropped. */
  ranges: 8,
  /** Segments that may come after a hole before it is given up. */
  holeSegments: 6,
} as const;

/** What happened to a stream on its way; each number only grows. */
export interface StreamAnomalies {
  /** Segments that came before one with a lower sequence number. */
  outOfOrder: number;
  /** Segments of which every byte was already known. */
  retransmitted: number;
  /** Segments that repeat some known bytes and bring some new ones. */
  overlapping: number;
  /** Overlaps and retransmissions whose bytes differ from those that came first. */
  conflicting: number;
  /** Holes that were given up: what follows is not joined to what came before. */
  holes: number;
  /** The stream's first bytes were never seen. */
  missingFirst: boolean;
}

const empty = new Uint8Array(0);
/** Stands for an empty list of pieces until there is one; never written to. */
const noRanges: number[] = [];

/** Size of a window's first buffer: most streams say what they are within it. */
const firstBuffer = 1024;
/** Buffers of streams that are over, for those to come: memory outside the heap is dear to get. At most 64 of each size. */
const spare: readonly Uint8Array[][] = Array.from({ length: streamLimits.bytes / firstBuffer + 1 }, () => []);
const spareOfEach = 64;

function takeBuffer(size: number): Uint8Array {
  return spare[size / firstBuffer]?.pop() ?? new Uint8Array(size);
}

function giveBuffer(buffer: Uint8Array): void {
  const list = buffer.length === 0 ? undefined : spare[buffer.length / firstBuffer];
  if (list !== undefined && list.length < spareOfEach) list.push(buffer);
}

export class StreamReassembly {
  private counted: StreamAnomalies | undefined = undefined;
  /** Sequence number of the window's first byte; meaningless until `placed`. */
  private base = 0;
  private placed = false;
  /** The base is certain: a SYN said so, or bytes from it on have been used up. */
  private anchored = false;
  /** The caller's bytes, not yet copied; their place is the start of the window. */
  private direct: Uint8Array | undefined = undefined;
  private buffer: Uint8Array = empty;
  /** Known pieces, sorted and apart from each other: start, end, start, end. Without `direct`. */
  private ranges: number[] = noRanges;
  /** Offset from which on bytes were cut off by the capture, or -1. */
  private cutAt = -1;
  private stalled = 0;
  private readonly maxRanges: number;
  /** How often the start turned out to lie before what had been taken for it: whatever was made of it is void. */
  moves = 0;

  constructor(maxRanges: number = streamLimits.ranges) {
    this.maxRanges = maxRanges;
  }

  /** Most streams have none: made for the first one. */
  get anomalies(): StreamAnomalies {
    return (this.counted ??= {
      outOfOrder: 0,
      retransmitted: 0,
      overlapping: 0,
      conflicting: 0,
      holes: 0,
      missingFirst: false,
    });
  }

  /** A SYN with this sequence number was seen: the stream's first byte has the next one. */
  start(synSequence: number): void {
    if (this.placed) return;
    this.base = (synSequence + 1) | 0;
    this.placed = true;
    this.anchored = true;
  }

  /**
   * Adds a segment. Returns true when the joined bytes at the start grew, so that looking again is worth while.
   * `bytes` must stay unchanged until `settle`.
   */
  push(sequence: number, bytes: Uint8Array, wireLength: number): boolean {
    if (bytes.length === 0 && wireLength === 0) return false;
    if (!this.placed) {
      this.base = sequence | 0;
      this.placed = true;
    }
    let at = (sequence - this.base) | 0;
    const moved = at < 0 && !this.anchored && at > -streamLimits.bytes && bytes.length > 0;
    if (moved) {
      this.moveStart(-at);
      this.anomalies.outOfOrder++;
      at = 0;
    }
    const end = at + bytes.length;
    const before = this.joined();
    const pieces = this.ranges;
    const highest = pieces.length === 0 ? before : Math.max(before, pieces[pieces.length - 1]!);
    if (at > before) this.stalled++;
    if (wireLength > bytes.length && end >= before && (this.cutAt < before || end < this.cutAt)) this.cutAt = end;
    const from = Math.max(at, 0);
    const to = Math.min(end, streamLimits.bytes);
    if (from >= to) {
      if (end <= 0 && end > at) this.anomalies.retransmitted++;
      return false;
    }
    const part = from === at && to === end ? bytes : bytes.subarray(from - at, to - at);
    if (before === 0 && from === 0 && this.ranges.length === 0) this.direct = part;
    else {
      this.settle();
      if (!moved && from < highest && !this.covers(from)) this.anomalies.outOfOrder++;
      this.insert(from, to, part);
    }
    const grown = moved || this.joined() > before;
    if (grown) this.stalled = 0;
    return grown;
  }

  /** The joined bytes from the stream's start; valid until the next `push`, `settle` or `skipHole`. */
  view(): Uint8Array {
    if (this.direct !== undefined) return this.direct;
    const end = this.joined();
    return end === 0 ? empty : this.buffer.subarray(0, end);
  }

  /** No more bytes will join `view()`: the window is full, the capture cut the bytes off, or the hole was given up. */
  get ended(): boolean {
    const end = this.joined();
    return end >= streamLimits.bytes || (end > 0 && end === this.cutAt) || this.stalled >= streamLimits.holeSegments;
  }

  /** Whether something lies after a hole: `skipHole` would bring it to the start. */
  get hasMore(): boolean {
    return this.ranges.length > (this.ranges[0] === 0 ? 2 : 0);
  }

  /** Bytes of memory that the window takes up. */
  get heldBytes(): number {
    return this.buffer.length;
  }

  /** Copies what still lies in the caller's bytes: to be called before they go away, if they are still wanted. */
  settle(): void {
    const direct = this.direct;
    if (direct === undefined) return;
    this.direct = undefined;
    this.insert(0, direct.length, direct);
  }

  /** Forgets the kept bytes: nobody wants them any more, and no view of them may be used. The place in the stream stays known. */
  drop(): void {
    this.direct = undefined;
    giveBuffer(this.buffer);
    this.buffer = empty;
    this.ranges = noRanges;
  }

  /**
   * Gives up what is missing and starts anew at the first bytes after the hole; false when there are none.
   * `missingFirst` when nothing came before the hole.
   */
  skipHole(): boolean {
    this.settle();
    const ranges = this.ranges;
    if (!this.hasMore) return false;
    if (ranges[0] === 0) {
      ranges.splice(0, 2);
      this.anomalies.holes++;
    } else this.anomalies.missingFirst = true;
    const offset = ranges[0]!;
    this.buffer.copyWithin(0, offset, ranges.at(-1));
    for (let index = 0; index < ranges.length; index++) ranges[index]! -= offset;
    this.base = (this.base + offset) | 0;
    this.anchored = true;
    this.cutAt = this.cutAt >= offset ? this.cutAt - offset : -1;
    this.stalled = 0;
    return true;
  }

  /** From now on nothing may come before the window's start: bytes from there on have been taken for what they are. */
  anchor(): void {
    this.anchored = true;
  }

  private joined(): number {
    if (this.direct !== undefined) return this.direct.length;
    return this.ranges[0] === 0 ? this.ranges[1]! : 0;
  }

  private covers(at: number): boolean {
    for (let index = 0; index < this.ranges.length; index += 2) {
      if (at >= this.ranges[index]! && at < this.ranges[index + 1]!) return true;
    }
    return false;
  }

  /** Moves the window's start `count` bytes towards lower sequence numbers. */
  private moveStart(count: number): void {
    this.settle();
    this.base = (this.base - count) | 0;
    this.moves++;
    const ranges = this.ranges;
    while (ranges.length > 0 && ranges.at(-2)! + count >= streamLimits.bytes) ranges.length -= 2;
    if (this.cutAt >= 0) this.cutAt += count;
    const end = ranges.at(-1);
    if (end === undefined) return;
    const kept = Math.min(end, streamLimits.bytes - count);
    this.reserve(kept + count);
    this.buffer.copyWithin(count, 0, kept);
    for (let index = 0; index < ranges.length; index++) {
      ranges[index] = Math.min(ranges[index]! + count, streamLimits.bytes);
    }
  }

  private reserve(length: number): void {
    if (this.buffer.length >= length) return;
    let capacity = Math.max(this.buffer.length, firstBuffer);
    while (capacity < length) capacity *= 2;
    const grown = takeBuffer(capacity);
    if (this.buffer.length > 0) grown.set(this.buffer);
    giveBuffer(this.buffer);
    this.buffer = grown;
  }

  /** Copies `bytes` to [from, to) except where something is known already, and joins the pieces it touches. */
  private insert(from: number, to: number, bytes: Uint8Array): void {
    const ranges = this.ranges;
    if (ranges.length === 0) {
      this.reserve(to);
      this.buffer.set(bytes, from);
      this.ranges = [from, to];
      return;
    }
    if (ranges.length === 2 && from === ranges[1]) {
      this.reserve(to);
      this.buffer.set(bytes, from);
      ranges[1] = to;
      return;
    }
    let first = 0;
    while (first < ranges.length && ranges[first + 1]! < from) first += 2;
    let last = first;
    while (last < ranges.length && ranges[last]! <= to) last += 2;
    if (first === last && ranges.length >= this.maxRanges * 2) return;
    this.reserve(to);
    let known = 0;
    let conflicting = false;
    let at = from;
    for (let index = first; index < last; index += 2) {
      const start = Math.max(ranges[index]!, from);
      const end = Math.min(ranges[index + 1]!, to);
      if (start > at) this.buffer.set(bytes.subarray(at - from, start - from), at);
      for (let place = start; place < end; place++) {
        known++;
        if (this.buffer[place] !== bytes[place - from]) conflicting = true;
      }
      at = Math.max(at, end);
    }
    if (at < to) this.buffer.set(bytes.subarray(at - from), at);
    if (known > 0) {
      if (known === to - from) this.anomalies.retransmitted++;
      else this.anomalies.overlapping++;
      if (conflicting) this.anomalies.conflicting++;
    }
    const start = first < last ? Math.min(from, ranges[first]!) : from;
    const end = first < last ? Math.max(to, ranges[last - 1]!) : to;
    ranges.splice(first, last - first, start, end);
  }
}
