/** Seconds a window reaches back, and buckets it has: a power of two that holds them and the one in work. */
export const windowSeconds = 60;
const buckets = 64;
const perChunk = 512;
const floatsPerWindow = buckets * 2;

/**
 * Bytes per second of the clock, for the rows that were active in the last minute: a pool of rings of one-second
 * buckets, so that an idle row holds none. Means over 10 and 60 s are sums of true buckets, made when somebody asks;
 * nothing is to be done for a row that is idle.
 */
export class RateWindows {
  readonly #chunks: Float32Array[] = [];
  /** The newest second each window has counted. */
  readonly #newest: number[] = [];
  readonly #unused: number[] = [];
  /** The clock, in milliseconds: the end of all means. */
  now = 0;

  /** Windows in use. */
  get size(): number {
    return this.#newest.length - this.#unused.length;
  }

  /** A window without bytes. */
  take(): number {
    const window = this.#unused.pop() ?? this.#newest.length;
    const chunk = Math.floor(window / perChunk);
    if (chunk === this.#chunks.length) this.#chunks.push(new Float32Array(perChunk * floatsPerWindow));
    const at = (window % perChunk) * floatsPerWindow;
    this.#chunks[chunk]!.fill(0, at, at + floatsPerWindow);
    this.#newest[window] = 0;
    return window;
  }

  /** The second (since the epoch) that was counted last. */
  newest(window: number): number {
    return this.#newest[window]!;
  }

  give(window: number): void {
    this.#unused.push(window);
  }

  /** Adds bytes that passed evenly between `from` and `until` (milliseconds; a minute back at most). */
  add(window: number, from: number, until: number, tx: number, rx: number): void {
    const chunk = this.#chunks[Math.floor(window / perChunk)]!;
    const at = (window % perChunk) * floatsPerWindow;
    const last = Math.floor(until / 1000);
    this.#clearBetween(chunk, at, this.#newest[window]!, last);
    this.#newest[window] = last;
    const begin = Math.max(from, until - windowSeconds * 1000);
    const span = until - begin;
    if (span <= 0 || Math.floor(begin / 1000) === last) {
      put(chunk, at, last, tx, rx);
      return;
    }
    for (let second = Math.floor(begin / 1000); second <= last; second++) {
      const share = (Math.min(until, second * 1000 + 1000) - Math.max(begin, second * 1000)) / span;
      if (share > 0) put(chunk, at, second, tx * share, rx * share);
    }
  }

  /** Mean bytes a second over the last `seconds`; `direction` 0: transmit, 1: receive. */
  mean(window: number, seconds: number, direction: 0 | 1): number {
    const chunk = this.#chunks[Math.floor(window / perChunk)]!;
    const at = (window % perChunk) * floatsPerWindow + direction;
    const current = Math.floor(this.now / 1000);
    const newest = Math.min(this.#newest[window]!, current);
    const oldest = current - seconds;
    let sum = 0;
    for (let second = newest; second > oldest; second--) sum += chunk[at + (second & (buckets - 1)) * 2]!;
    // The second in work is not whole: the oldest one stands for the rest of it.
    if (newest >= oldest) sum += chunk[at + (oldest & (buckets - 1)) * 2]! * (1 - (this.now / 1000 - current));
    return sum / seconds;
  }

  #clearBetween(chunk: Float32Array, at: number, newest: number, last: number): void {
    // A clock that was set back: nothing of what is there belongs to this minute.
    const count = last < newest ? buckets : Math.min(last - newest, buckets);
    for (let step = 0; step < count; step++) {
      const bucket = at + ((last - step) & (buckets - 1)) * 2;
      chunk[bucket] = 0;
      chunk[bucket + 1] = 0;
    }
  }
}

function put(chunk: Float32Array, at: number, second: number, tx: number, rx: number): void {
  const bucket = at + (second & (buckets - 1)) * 2;
  chunk[bucket]! += tx;
  chunk[bucket + 1]! += rx;
}
