import type { Clock } from "../../src/app/headless.ts";
import type { Output } from "../../src/app/output.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { type Connection, epochMillis, type Snapshot } from "../../src/model/index.ts";

/** A clock that a test moves. `run` goes on from timer to timer as long as there is one, at most to `end`. */
export class FakeClock implements Clock {
  time = 0;
  #timers: { at: number; callback: () => void }[] = [];
  readonly epoch = 1_700_000_000_000;

  now(): number {
    return this.epoch + this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.time + delay, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async run(end: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.time = Math.max(this.time, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.callback();
    }
    this.time = end;
  }
}

/** An output that holds what was written; `reading` false: nothing is taken. */
export class FakeOutput implements Output {
  text = "";
  waiting = 0;
  most = 0;
  reading = true;
  ended: string | undefined;
  width = Infinity;
  readonly #callbacks: (() => void)[] = [];
  readonly #waiters: (() => void)[] = [];

  write(text: string): void {
    if (this.ended !== undefined) return;
    this.text += text;
    if (!this.reading) this.waiting += text.length;
    this.most = Math.max(this.most, this.waiting);
  }

  read(): void {
    this.waiting = 0;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  drained(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  onEnd(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  end(reason: string): void {
    this.ended = reason;
    this.read();
    for (const callback of this.#callbacks) callback();
  }

  get lines(): string[] {
    return this.text.split(/\r?\n/).slice(0, -1);
  }
}

export interface Step {
  readonly live?: readonly Connection[];
  readonly ended?: readonly Connection[];
  readonly changed?: readonly Connection[];
}

/** An engine whose tick `n` brings `steps[n]`; the last step stays. */
export class FakeEngine {
  readonly times: number[] = [];
  closed = false;
  readonly #steps: readonly Step[];
  readonly #base = sampleSnapshot(0);
  #step: Step = {};

  constructor(...steps: readonly Step[]) {
    this.#steps = steps;
  }

  tick(now: number): Snapshot {
    const index = this.times.push(now) - 1;
    const known = this.#steps[index];
    this.#step = known ?? { live: this.#steps.at(-1)?.live ?? [] };
    const connections = [...(this.#step.live ?? []), ...(this.#step.ended ?? [])];
    return {
      ...this.#base,
      time: epochMillis(now),
      start: epochMillis(this.times[0] ?? now),
      tick: index,
      connections,
    };
  }

  takeEnded(): readonly Connection[] {
    return this.#step.ended ?? [];
  }

  close(): void {
    this.closed = true;
  }

  changed(): readonly Connection[] {
    return this.#step.changed ?? [];
  }
}
