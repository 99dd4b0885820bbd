import type { Connection } from "../model/index.ts";
import type { GraphName } from "./detail-field.ts";
import { Series } from "./rate-history.ts";

/** Seconds of round trip times that are kept. */
const rttSeconds = 600;
/** Seconds between two readings after which nothing is known of the time between them. */
const longestGap = 15;
/** Seconds in a cell of a graph: a graph that moves every other second costs half as many bytes to the terminal. */
export const cellSeconds = 2;

/** What one connection did in the last minutes, from when it was first looked at. Bounded: numbers in fixed places. */
export class ConnectionHistory {
  readonly #rtt = new Float32Array(rttSeconds);
  #series = new Series();
  #id = -1;
  #begin = 0;
  #time = 0;
  #rx = 0;
  #tx = 0;
  #rxPeak = 0;
  #txPeak = 0;

  /** Takes a reading at `time` (milliseconds since the epoch); that of another connection begins anew. */
  add(row: Connection, time: number): void {
    const elapsed = (time - this.#time) / 1000;
    if (row.id !== this.#id || elapsed < 0 || elapsed > rttSeconds) this.#restart(row, time);
    else if (elapsed === 0) return;
    else {
      const [rx, tx] = [Math.max(0, row.rxBytes - this.#rx), Math.max(0, row.txBytes - this.#tx)];
      this.#series.add(this.#time / 1000, time / 1000, rx, tx);
      this.#addRtt(row.quality.rtt ?? 0, elapsed, time);
    }
    this.#rxPeak = Math.max(this.#rxPeak, row.rxRate);
    this.#txPeak = Math.max(this.#txPeak, row.txRate);
    this.#time = time;
    this.#rx = row.rxBytes;
    this.#tx = row.txBytes;
  }

  #restart(row: Connection, time: number): void {
    this.#id = row.id;
    this.#begin = time;
    this.#rxPeak = 0;
    this.#txPeak = 0;
    this.#series = new Series();
    this.#rtt.fill(0);
    this.#addRtt(row.quality.rtt ?? 0, 0, time);
  }

  /** The value holds since the reading before, unless that was long ago. */
  #addRtt(value: number, elapsed: number, time: number): void {
    const last = Math.floor(time / 1000);
    const cells = this.#rtt;
    const first = Math.max(last - Math.max(0, Math.ceil(elapsed) - 1), last - rttSeconds + 1);
    for (let second = first; second <= last; second++) {
      cells[second % rttSeconds] = elapsed <= longestGap || second === last ? value : 0;
    }
  }

  /** The highest rate of any tick since it was first looked at, bytes a second: the bars are means, which are lower. */
  peak(graph: "received" | "sent"): number {
    return graph === "received" ? this.#rxPeak : this.#txPeak;
  }

  /** Milliseconds since it was first looked at. */
  get span(): number {
    return this.#time - this.#begin;
  }

  /**
   * The last `cells` values of a graph, the newest last: milliseconds or bytes a second. At most as many as have
   * been read; the newest may hold less time than the others.
   */
  values(graph: GraphName, cells: number): number[] {
    const now = this.#time / 1000;
    // A rate is of the time before, a round trip time is of now.
    const whole = graph === "rtt" ? Math.floor(now / cellSeconds) + 1 : Math.ceil(now / cellSeconds);
    const end = whole * cellSeconds;
    const first = Math.floor(this.#begin / 1000 / cellSeconds) * cellSeconds;
    const count = Math.max(0, Math.min(cells, Math.round((end - first) / cellSeconds)));
    const out = Array.from({ length: count }, () => 0);
    for (let cell = 0; cell < count; cell++) {
      const from = end - (count - cell) * cellSeconds;
      out[cell] = graph === "rtt" ? this.#highestRtt(from) : this.#rate(graph === "received" ? 0 : 1, from, now);
    }
    return out;
  }

  #rate(side: 0 | 1, from: number, now: number): number {
    let bytes = 0;
    let over = 0;
    for (let second = from; second < Math.min(from + cellSeconds, now); second++) {
      // Of the present second only a part is over.
      const part = Math.min(1, now - second);
      bytes += this.#series.mean(side, second, second + 1, now) * part;
      over += part;
    }
    return over > 0 ? bytes / over : 0;
  }

  #highestRtt(from: number): number {
    let highest = 0;
    for (let second = Math.max(0, from); second < from + cellSeconds; second++) {
      if (second * 1000 > this.#time || second <= this.#time / 1000 - rttSeconds) continue;
      highest = Math.max(highest, this.#rtt[second % rttSeconds] ?? 0);
    }
    return highest;
  }
}
