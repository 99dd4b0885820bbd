/** Which flows of capture files match an expression, found by reading them once; a second reading takes their frames. */
import type { FlowEngine } from "../../flow/index.ts";
import { epochMillis, type Connection, type Endpoint } from "../../model/index.ts";
import type { Query } from "../../query/index.ts";
import type { Pass } from "../replay/pass.ts";

/** Milliseconds of the files' clock between two ticks. */
const tickPeriod = 1000;
const hashBits = 25;

/** A set of whole numbers from 0 on, one bit each. */
class NumberSet {
  #bits = new Uint8Array(1 << 16);

  add(number: number): void {
    const at = number >>> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[at] = this.#bits[at]! | (1 << (number & 7));
  }

  has(number: number): boolean {
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}

const endpoint = ({ address, port }: Endpoint): string => `${address} ${port}`;

/** The same for both directions. */
function tupleHash(protocol: string, one: Endpoint, other: Endpoint): number {
  const [first, second] = [endpoint(one), endpoint(other)].sort();
  return hashOf(`${protocol} ${first} ${second}`);
}

/** One of 2^25 numbers, so that two texts share one now and then. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return (hash ^ (hash >>> hashBits)) & ((1 << hashBits) - 1);
}

/** Flows that are wanted: by their numbers in the connection table, by tuples, as records name them, and by addresses. */
export class FlowSelection {
  readonly #query: Query | undefined;
  readonly #rows = new NumberSet();
  readonly #tuples = new NumberSet();
  readonly #addresses = new NumberSet();

  /** Without a query every flow is wanted. */
  constructor(query: Query | undefined) {
    this.#query = query;
  }

  /** The row as it is now: remembered when it is wanted. */
  judge(row: Connection, now: number): boolean {
    if (this.#query?.predicate(row, now) === false) return false;
    this.#rows.add(row.id);
    this.#tuples.add(tupleHash(row.protocol, row.local, row.remote));
    this.#addresses.add(hashOf(row.local.address));
    this.#addresses.add(hashOf(row.remote.address));
    return true;
  }

  hasRow(row: Connection): boolean {
    return this.#rows.has(row.id);
  }

  hasAddress(address: string): boolean {
    return this.#addresses.has(hashOf(address));
  }

  hasTuple(protocol: string, one: Endpoint, other: Endpoint): boolean {
    return this.#tuples.has(tupleHash(protocol, one, other));
  }
}

/** Ticks the table by the times of frames: two readings of the same files then give the same rows the same numbers. */
export class FrameClock {
  readonly #engine: FlowEngine;
  #nextTick = -Infinity;
  #latest = -Infinity;

  constructor(engine: FlowEngine) {
    this.#engine = engine;
  }

  /** Before a frame of `time` is taken in; rows that ended. */
  advance(time: number): readonly Connection[] {
    if (time <= this.#latest) return none;
    this.#latest = time;
    if (time < this.#nextTick) return none;
    this.#engine.tick(epochMillis(time));
    this.#nextTick = time + tickPeriod;
    return this.#engine.takeEnded();
  }

  get latest(): number {
    return Math.max(0, this.#latest);
  }
}

const none: readonly Connection[] = [];

/** Reads everything once. `update` is called after each batch; true: the run is to stop. */
export async function selectFlows(pass: Pass, query: Query | undefined, update: () => boolean): Promise<FlowSelection> {
  const selection = new FlowSelection(query);
  const { frames, gate, engine } = pass;
  const clock = new FrameClock(engine);
  reading: while (await pass.ready()) {
    while (frames.next()) {
      const verdict = gate.judge(frames);
      if (verdict === "leave") continue;
      if (verdict === "over") break reading;
      const frame = frames.frameInPlace();
      for (const row of clock.advance(frame.time)) selection.judge(row, frame.time);
      engine.ingestFrame(frame);
    }
    if (update()) break;
  }
  void frames.close();
  for (const row of engine.tick(epochMillis(clock.latest)).connections) selection.judge(row, clock.latest);
  for (const row of engine.takeEnded()) selection.judge(row, clock.latest);
  return selection;
}
