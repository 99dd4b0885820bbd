import type { Snapshot } from "../model/index.ts";

/** Ticks that are remembered. */
const historyTicks = 240;

interface Counted {
  retransmits: number;
  lost: number;
  tick: number;
}

/** Appends to a history and forgets what is too old. */
export function remember(history: number[], value: number): void {
  history.push(value);
  if (history.length > historyTicks) history.shift();
}

/**
 * Segments that were sent again or lost in each tick, a second. Counters are of connections, and those go: what each grew
 * is what counts.
 */
export class LossHistory {
  /** A second, oldest first. */
  readonly retransmits: number[] = [];
  readonly lost: number[] = [];
  /** Only connections that lost something: few. */
  readonly #counted = new Map<number, Counted>();
  #time = -1;
  #tick = 0;

  update({ time, connections }: Snapshot): void {
    if (time === this.#time) return;
    const seconds = this.#time < 0 ? 0 : (time - this.#time) / 1000;
    this.#time = time;
    this.#tick++;
    let [again, gone] = [0, 0];
    for (const { id, quality } of connections) {
      const { retransmits = 0, lost = 0 } = quality;
      if (retransmits === 0 && lost === 0) continue;
      let counted = this.#counted.get(id);
      if (counted === undefined) this.#counted.set(id, (counted = { retransmits: 0, lost: 0, tick: 0 }));
      again += Math.max(0, retransmits - counted.retransmits);
      gone += Math.max(0, lost - counted.lost);
      counted.retransmits = retransmits;
      counted.lost = lost;
      counted.tick = this.#tick;
    }
    for (const [id, { tick }] of this.#counted) if (tick !== this.#tick) this.#counted.delete(id);
    // What is there at the first tick is old.
    if (seconds <= 0) return;
    remember(this.retransmits, again / seconds);
    remember(this.lost, gone / seconds);
  }
}
