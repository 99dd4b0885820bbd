/** What the program has cost so far. */
export interface Cost {
  /** Microseconds of processor time since the start. */
  readonly cpu: number;
  /** Bytes in memory now. */
  readonly memory: number;
}

/** How long a mean goes back: milliseconds. Between two ticks processor time is too coarse to be read. */
const meanMillis = 10_000;

/** What the program itself costs, tick by tick. */
export class OwnCost {
  readonly #read: (() => Cost) | undefined;
  readonly #clock: () => number;
  readonly #samples: { readonly time: number; readonly cpu: number }[] = [];
  /** Share of one core over the last seconds, in percent; undefined where nobody knows. */
  cpu: number | undefined;
  memory: number | undefined;

  /** `clock` is the machine's, in milliseconds: snapshots of a capture file have another. */
  constructor(read: (() => Cost) | undefined, clock: () => number) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Looks at what there is to pay by now. */
  update(): void {
    const time = this.#clock();
    const cost = this.#read?.();
    if (cost === undefined) return;
    this.memory = cost.memory;
    this.#samples.push({ time, cpu: cost.cpu });
    while (this.#samples.length > 2 && time - this.#samples[0]!.time > meanMillis) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || time <= first.time) return;
    this.cpu = (cost.cpu - first.cpu) / ((time - first.time) * 10);
  }
}
