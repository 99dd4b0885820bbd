import type { RecordedColumns } from "../../model/index.ts";

/** What frames wait in while nobody can tell whether their flow is wanted. */
export interface HeldLimits {
  /** Bytes of all frames, and how many there may be. */
  readonly bytes: number;
  readonly frames: number;
}

export const heldLimits: HeldLimits = { bytes: 32 << 20, frames: 65_536 };

/**
 * So long (milliseconds) what is wanted waits for frames before it of which nobody can tell, so that the file is in the order of
 * time; and until so much of all room is in use.
 */
export const orderPatience = 1000;
const orderShare = 0.5;

/** Room before each frame that is given back: what block writers need. */
const reserve = 96;
/** A block of frames that are given back has about this many bytes at most. */
const blockBytes = 1 << 20;

/** Frames that are given back, laid out as in a ring's block: their memory is theirs alone. */
export interface ReleasedBlock {
  readonly columns: RecordedColumns;
  readonly flows: Uint32Array;
  /** Where what is written over the memory may begin and must end. */
  readonly start: number;
  readonly end: number;
}

/**
 * Keeps copies of frames in the order in which they came, until their flow is decided, and of frames that are wanted behind
 * them. Both bytes and number are bounded: the oldest are let go for new ones, but none that is wanted. Frames that are gone
 * leave holes, which are free again when the frames before them are gone, too.
 */
export class HeldFrames {
  readonly #limits: HeldLimits;
  /** Made when the first frame is to be held. */
  #store: Store | undefined;
  /** Place of the oldest in the columns, how many there are (holes too), and where the next one's bytes begin. */
  #first = 0;
  #count = 0;
  #write = 0;
  /** Frames for which there was no room. */
  letGo = 0;
  /** Frames that are wanted and wait for others. */
  waiting = 0;

  constructor(limits: HeldLimits = heldLimits) {
    this.#limits = limits;
  }

  /** Copies frame `index` of the columns, of this flow (not 0), or its first bytes. `now` never goes back. */
  add(columns: RecordedColumns, index: number, flow: number, now: number, most = Infinity): void {
    if (!this.#add(columns, index, flow, now, most)) this.letGo++;
  }

  /** Copies a frame that is wanted, to stand behind what came before it; false: there is no room. */
  addWanted(columns: RecordedColumns, index: number, flow: number, now: number): boolean {
    if (!this.#add(columns, index, flow, now, Infinity)) return false;
    this.#store!.wanted[(this.#first + this.#count - 1) % this.#limits.frames] = 1;
    this.waiting++;
    return true;
  }

  /** What is wanted next has to stand behind frames that are held: nobody can tell of them yet, and they came just now. */
  mustWait(now: number): boolean {
    const store = this.#store;
    if (store === undefined || this.#isCrowded(store)) return false;
    for (let nth = this.#count - 1; nth >= 0; nth--) {
      const place = (this.#first + nth) % this.#limits.frames;
      if (store.flows[place] === 0) continue;
      return store.wanted[place] === 1 || now - store.arrived[place]! < orderPatience;
    }
    return false;
  }

  #isCrowded(store: Store): boolean {
    const { bytes, frames } = this.#limits;
    if (this.#count > frames * orderShare) return true;
    const oldest = this.#count === 0 ? this.#write : store.offsets[this.#first]!;
    return (this.#write - oldest + bytes) % bytes > bytes * orderShare;
  }

  #add(columns: RecordedColumns, index: number, flow: number, now: number, most: number): boolean {
    const store = (this.#store ??= newStore(this.#limits));
    const length = Math.min(most, columns.capturedLengths[index]!);
    const offset = this.#room(store, length);
    if (offset < 0) return false;
    const place = (this.#first + this.#count) % this.#limits.frames;
    const from = columns.offsets[index]!;
    store.bytes.set(columns.bytes.subarray(from, from + length), offset);
    this.#write = offset + length;
    this.#count++;
    store.flows[place] = flow;
    store.wanted[place] = 0;
    store.arrived[place] = now;
    copyColumns(columns, index, store, place);
    store.capturedLengths[place] = length;
    store.offsets[place] = offset;
    return true;
  }

  /** Where `length` bytes have room now; the oldest make way. -1: they have none. */
  #room(store: Store, length: number): number {
    const { bytes, frames } = this.#limits;
    if (length > bytes) return -1;
    for (;;) {
      this.#passHoles(store);
      if (this.#count === 0) return (this.#write = 0);
      const oldest = store.offsets[this.#first]!;
      if (this.#count < frames) {
        const wraps = this.#write < oldest;
        if (!wraps && length <= bytes - this.#write) return this.#write;
        if (!wraps && length < oldest) return 0;
        if (wraps && length < oldest - this.#write) return this.#write;
      }
      if (store.wanted[this.#first] === 1) return -1;
      store.flows[this.#first] = 0;
      this.letGo++;
    }
  }

  #passHoles(store: Store): void {
    while (this.#count > 0 && store.flows[this.#first] === 0) {
      this.#first = (this.#first + 1) % this.#limits.frames;
      this.#count--;
    }
  }

  /** Forgets the frames of these flows that were not wanted before; how many there were. */
  drop(flows: ReadonlySet<number>): number {
    const store = this.#store;
    if (store === undefined || flows.size === 0) return 0;
    let dropped = 0;
    for (const place of this.#places(flows)) {
      if (store.wanted[place] === 1) continue;
      store.flows[place] = 0;
      dropped++;
    }
    this.#passHoles(store);
    return dropped;
  }

  /**
   * Frames that were added as of flow `stranger` go to the flow that `find` names, which gets their columns and place: 0,
   * they are not wanted; `stranger`, nobody knows yet. How many of these there are.
   */
  assign(stranger: number, find: (columns: RecordedColumns, place: number) => number): number {
    const store = this.#store;
    if (store === undefined) return 0;
    let left = 0;
    const columns: RecordedColumns = { ...store, count: this.#limits.frames };
    for (const place of this.#places(new Set([stranger]))) {
      const flow = find(columns, place);
      store.flows[place] = flow;
      if (flow === stranger) left++;
    }
    this.#passHoles(store);
    return left;
  }

  /** Frames of these flows are wanted. */
  want(flows: ReadonlySet<number>): void {
    const store = this.#store;
    if (store === undefined || flows.size === 0) return;
    for (const place of this.#places(flows)) {
      if (store.wanted[place] === 0) this.waiting++;
      store.wanted[place] = 1;
    }
  }

  /**
   * Gives back what is wanted, in the order in which it came, and forgets it: what stands behind a frame of which nobody can
   * tell yet waits with it, but not for longer than `orderPatience`, nor when much is held; nothing waits when `all` is to go.
   */
  release(now: number, all = false): ReleasedBlock[] {
    const store = this.#store;
    if (store === undefined) return [];
    const wanted: number[] = [];
    const isPatient = !all && !this.#isCrowded(store);
    for (let nth = 0; nth < this.#count; nth++) {
      const place = (this.#first + nth) % this.#limits.frames;
      if (store.flows[place] === 0) continue;
      if (store.wanted[place] === 0) {
        if (isPatient && now - store.arrived[place]! < orderPatience) break;
        continue;
      }
      wanted.push(place);
    }
    const blocks = inBlocks(store, wanted);
    for (const place of wanted) store.flows[place] = 0;
    this.waiting -= wanted.length;
    this.#passHoles(store);
    return blocks;
  }

  *#places(flows: ReadonlySet<number>): Generator<number> {
    const store = this.#store!;
    for (let nth = 0; nth < this.#count; nth++) {
      const place = (this.#first + nth) % this.#limits.frames;
      if (store.flows[place] !== 0 && flows.has(store.flows[place]!)) yield place;
    }
  }
}

type Columns = Omit<RecordedColumns, "count" | "bytes" | "words">;

/** Columns of `count` frames. */
const newColumns = (count: number): Columns => ({
  offsets: new Int32Array(count),
  capturedLengths: new Int32Array(count),
  wireLengths: new Int32Array(count),
  linkTypes: new Uint16Array(count),
  interfaceIndexes: new Int32Array(count),
  directions: new Uint8Array(count),
  seconds: new Float64Array(count),
  nanoseconds: new Int32Array(count),
  vlans: new Int32Array(count),
});

function copyColumns(from: Columns, index: number, to: Columns, place: number): void {
  to.capturedLengths[place] = from.capturedLengths[index]!;
  to.wireLengths[place] = from.wireLengths[index]!;
  to.linkTypes[place] = from.linkTypes[index]!;
  to.interfaceIndexes[place] = from.interfaceIndexes[index]!;
  to.directions[place] = from.directions[index]!;
  to.seconds[place] = from.seconds[index]!;
  to.nanoseconds[place] = from.nanoseconds[index]!;
  to.vlans[place] = from.vlans[index]!;
}

/** All that is held, as columns over one piece of memory. A flow of 0: a hole. */
interface Store extends Columns {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly flows: Uint32Array;
  /** 1: it is wanted, and waits for those before it. */
  readonly wanted: Uint8Array;
  /** When it was put in, milliseconds since the epoch. */
  readonly arrived: Float64Array;
}

function newMemory(bytes: number): Pick<RecordedColumns, "bytes" | "words"> {
  const memory = new ArrayBuffer((bytes + 3) & ~3);
  return { bytes: new Uint8Array(memory, 0, bytes), words: new Int32Array(memory) };
}

const newStore = ({ bytes, frames }: HeldLimits): Store => ({
  ...newColumns(frames),
  ...newMemory(bytes),
  flows: new Uint32Array(frames),
  wanted: new Uint8Array(frames),
  arrived: new Float64Array(frames),
});

/** Bytes of a frame in a block, with the room before it; a multiple of 4. */
const spaceOf = (length: number): number => (reserve + length + 3) & ~3;

function inBlocks(store: Store, all: readonly number[]): ReleasedBlock[] {
  const blocks: ReleasedBlock[] = [];
  let places: number[] = [];
  let bytes = 0;
  for (const place of all) {
    const size = spaceOf(store.capturedLengths[place]!);
    if (places.length > 0 && bytes + size > blockBytes) {
      blocks.push(layOut(store, places, bytes));
      places = [];
      bytes = 0;
    }
    places.push(place);
    bytes += size;
  }
  if (places.length > 0) blocks.push(layOut(store, places, bytes));
  return blocks;
}

function layOut(store: Store, places: readonly number[], size: number): ReleasedBlock {
  const memory = newMemory(size + reserve);
  const { bytes } = memory;
  const own = newColumns(places.length);
  const flows = new Uint32Array(places.length);
  let at = 0;
  for (const [index, place] of places.entries()) {
    const from = store.offsets[place]!;
    const length = store.capturedLengths[place]!;
    copyColumns(store, place, own, index);
    flows[index] = store.flows[place]!;
    own.offsets[index] = at + reserve;
    bytes.set(store.bytes.subarray(from, from + length), at + reserve);
    at += spaceOf(length);
  }
  return { columns: { ...own, ...memory, count: places.length }, flows, start: 0, end: bytes.length };
}
