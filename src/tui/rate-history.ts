import type { Activity } from "./process-rates.ts";

/** Two grids: a second for ten minutes, ten seconds for an hour. */
const fineSeconds = 600;
const coarseStep = 10;
const coarseCells = 360;
/** Series kept; the one that was quiet longest makes room. 2 x (600 + 360) numbers of 4 bytes each: 2 MB together. */
export const mostSeries = 256;

/** Bytes in cells of equal time: a ring that is cleared as time goes on. */
class Grid {
  readonly #cells: Float32Array;
  readonly #step: number;
  #last = -1;

  constructor(cells: number, step: number) {
    this.#cells = new Float32Array(cells);
    this.#step = step;
  }

  add(second: number, bytes: number): void {
    const cell = Math.floor(second / this.#step);
    const cells = this.#cells;
    if (cell > this.#last) {
      const from = Math.max(this.#last + 1, cell - cells.length + 1);
      for (let at = from; at <= cell; at++) cells[at % cells.length] = 0;
      this.#last = cell;
    }
    if (cell > this.#last - cells.length) cells[cell % cells.length]! += bytes;
  }

  /** Bytes a second in the cell that holds `second`, of which at `now` only a part may be over; 0 where nothing is known. */
  rate(second: number, now: number): number {
    const cell = Math.floor(second / this.#step);
    if (cell > this.#last || cell <= this.#last - this.#cells.length || cell < 0) return 0;
    const over = Math.min(this.#step, now - cell * this.#step);
    return over <= 0 ? 0 : this.#cells[cell % this.#cells.length]! / over;
  }
}

/** What one subject moved over the last hour, each direction. */
export class Series {
  readonly #fine = [new Grid(fineSeconds, 1), new Grid(fineSeconds, 1)] as const;
  readonly #coarse = [new Grid(coarseCells, coarseStep), new Grid(coarseCells, coarseStep)] as const;
  /** Second in which something was added last. */
  seen = 0;

  /** Bytes that were moved between `from` and `to`, in seconds since the epoch: spread evenly over them. */
  add(from: number, to: number, rx: number, tx: number): void {
    this.seen = to;
    const first = Math.floor(from);
    const last = Math.max(first, Math.ceil(to) - 1);
    const length = to - from;
    for (let second = Math.max(first, last - fineSeconds); second <= last; second++) {
      const share = length <= 0 ? 1 : (Math.min(to, second + 1) - Math.max(from, second)) / length;
      if (share <= 0) continue;
      [rx, tx].forEach((bytes, side) => {
        this.#fine[side]!.add(second, bytes * share);
        this.#coarse[side]!.add(second, bytes * share);
      });
    }
  }

  /** Mean rate from `from` to `to` (seconds since the epoch); `side` 0 receives, 1 transmits. */
  mean(side: 0 | 1, from: number, to: number, now: number): number {
    const isFine = now - from <= fineSeconds - 1;
    const grid = isFine ? this.#fine[side] : this.#coarse[side];
    const step = isFine ? 1 : coarseStep;
    let sum = 0;
    let count = 0;
    for (let second = Math.floor(from); second < Math.max(to, Math.floor(from) + 1); second += step) {
      sum += grid.rate(second, now);
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }
}

/** Series of the whole machine and of its processes, fed once a tick with what moved. */
export class RateHistory {
  readonly total = new Series();
  readonly #series = new Map<string, { series: Series; name: string }>();
  #time = -1;
  /** When it began: milliseconds. Nothing is known of before. */
  since = Infinity;

  /** `time` in milliseconds; means are of the time since the call before. `begin`: from when on what moved is known. */
  update(time: number, activities: readonly Activity[], begin = time): void {
    const [from, to] = [this.#time / 1000, time / 1000];
    const isFirst = this.#time < 0 || time <= this.#time;
    this.#time = time;
    this.since = Math.min(this.since, begin);
    if (isFirst) return;
    let [rx, tx] = [0, 0];
    for (const { key, name, rxMean, txMean } of activities) {
      if (rxMean === 0 && txMean === 0) continue;
      rx += rxMean;
      tx += txMean;
      this.#of(key, name).add(from, to, rxMean * (to - from), txMean * (to - from));
    }
    this.total.add(from, to, rx * (to - from), tx * (to - from));
  }

  #of(key: string, name: string): Series {
    let known = this.#series.get(key);
    if (known === undefined) {
      if (this.#series.size >= mostSeries) this.#forgetOne();
      this.#series.set(key, (known = { series: new Series(), name }));
    }
    return known.series;
  }

  #forgetOne(): void {
    let oldest: string | undefined;
    let seen = Infinity;
    for (const [key, { series }] of this.#series) {
      if (series.seen < seen) [oldest, seen] = [key, series.seen];
    }
    if (oldest !== undefined) this.#series.delete(oldest);
  }

  find(key: string): { readonly series: Series; readonly name: string } | undefined {
    return this.#series.get(key);
  }

  /** Keys of those that moved most within the last `seconds`, at most `count`. */
  busiest(count: number, seconds: number): string[] {
    const now = this.#time / 1000;
    return [...this.#series]
      .map(([key, { series }]) => ({
        key,
        rate: series.mean(0, now - seconds, now, now) + series.mean(1, now - seconds, now, now),
      }))
      .filter(({ rate }) => rate > 0)
      .sort((a, b) => b.rate - a.rate)
      .slice(0, count)
      .map(({ key }) => key);
  }
}
