/**
 * The kernel's flow table, mapped into this process: reading it costs no system call. bpf/flow-table.h says how the
 * two sides agree without a lock.
 */
import { mapShared, pageSize, unmap } from "../system-calls.ts";
import { controlLayout, flowLayout } from "./built/layout.ts";

/** As in bpf/flow-table.h. */
export const flowSlots = 1 << 17;
const ringEntries = 1 << 18;
const slotBits = 17;
const tagMask = (1 << (32 - slotBits)) - 1;
/** Drains that an announced but unwritten entry is waited for, before the whole table is read instead. */
const patience = 4;

export const flowFlags = { released: 1, reset: 2, wire: 4, kernel: 8, old: 16 } as const;

/** Packets a direction whose payload a new flow shows, until its protocol is known. */
export const samplePackets = 16;

const roundToPage = (length: number): number => Math.ceil(length / pageSize) * pageSize;
const word = (offset: number): number => offset >>> 2;

/** Descriptors of the four maps that make the table. */
export interface FlowTableDescriptors {
  readonly flows: number;
  readonly controls: number;
  readonly dirty: number;
  readonly vacant: number;
}

/** Sets what the programs read, before any of them runs. False when the kernel refuses. */
export function initialiseControl(controls: number): boolean {
  const mapping = mapShared(controls, roundToPage(controlLayout.size), true);
  if (mapping === undefined) return false;
  const words = new Uint32Array(mapping, 0, controlLayout.size / 4);
  words[word(controlLayout.epoch)] = 1;
  words[word(controlLayout.samplePackets)] = samplePackets;
  words[word(controlLayout.limit)] = flowSlots;
  unmap(mapping);
  return true;
}

/**
 * Slots are mapped in pieces, when the first flow of a piece is met: a mapping counts as this process's memory from its first
 * moment, all of it, and most machines fill the first piece only.
 */
const pieceBits = 12;
const pieceSlots = 1 << pieceBits;
const pieceLength = pieceSlots * flowLayout.size;
const wordsPerSlot = flowLayout.size / 4;

interface Piece {
  readonly mapping: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
}

const piece = (mapping: ArrayBuffer): Piece => ({
  mapping,
  bytes: new Uint8Array(mapping),
  halves: new Uint16Array(mapping),
  words: new Uint32Array(mapping),
});

export class KernelFlowTable {
  /** Slots that the last `collect` found changed; only the first `changedCount` count. A slot may be there twice. */
  readonly changed = new Uint32Array(ringEntries + flowSlots);
  changedCount = 0;
  /** Descriptor of the array, for the pieces that are still to be mapped. */
  readonly #flows: number;
  readonly #pieces: (Piece | undefined)[] = [];
  readonly #mappings: ArrayBuffer[];
  readonly #control: Int32Array;
  readonly #counters: Uint32Array;
  readonly #dirty: Int32Array;
  readonly #vacant: Uint32Array;
  #epoch: number;
  #dirtyTail = 0;
  #waited = 0;
  /** Slots given back in this tick, and in the one before: those may go out again. */
  #resting: number[] = [];
  #rested: number[] = [];
  #planted: number[] = [];
  readonly #away = new Uint8Array(flowSlots);

  private constructor(flows: number, mappings: [ArrayBuffer, ArrayBuffer, ArrayBuffer]) {
    const [control, dirty, vacant] = mappings;
    this.#flows = flows;
    this.#mappings = mappings;
    this.#control = new Int32Array(control);
    this.#counters = new Uint32Array(control);
    this.#dirty = new Int32Array(dirty);
    this.#vacant = new Uint32Array(vacant);
    this.#epoch = Atomics.load(this.#control, word(controlLayout.epoch)) >>> 0;
  }

  /** Maps the table. Undefined when the kernel refuses. */
  static map(descriptors: FlowTableDescriptors): KernelFlowTable | undefined {
    const ringLength = ringEntries * 4;
    const control = mapShared(descriptors.controls, roundToPage(controlLayout.size), true);
    const dirty = mapShared(descriptors.dirty, ringLength, false);
    const vacant = mapShared(descriptors.vacant, ringLength, true);
    if (control === undefined || dirty === undefined || vacant === undefined) return undefined;
    return new KernelFlowTable(descriptors.flows, [control, dirty, vacant]);
  }

  #piece(slot: number): Piece {
    return this.#pieces[slot >>> pieceBits] ?? this.#mapPiece(slot >>> pieceBits);
  }

  /** Without memory for the mapping its flows stay unseen: all zero is no flow. */
  #mapPiece(index: number): Piece {
    const mapped = mapShared(this.#flows, pieceLength, true, index * pieceLength);
    const made = piece(mapped ?? new ArrayBuffer(pieceLength));
    if (mapped !== undefined) this.#mappings.push(mapped);
    this.#pieces[index] = made;
    return made;
  }

  /** The memory that holds a slot, which begins at `offsetOf(slot)`. */
  bytesOf(slot: number): Uint8Array {
    return this.#piece(slot).bytes;
  }

  offsetOf(slot: number): number {
    return (slot & (pieceSlots - 1)) * flowLayout.size;
  }

  #setWord(slot: number, offset: number, value: number): void {
    this.#piece(slot).words[(slot & (pieceSlots - 1)) * wordsPerSlot + (offset >>> 2)] = value;
  }

  /**
   * Begins a new epoch and gathers the slots that changed in the one before. Slots released before the previous call
   * are given out again: by now no program can still hold them.
   */
  collect(): void {
    this.#giveOut();
    this.#epoch = (this.#epoch + 1) >>> 0;
    Atomics.store(this.#control, word(controlLayout.epoch), this.#epoch | 0);
    const head = Atomics.load(this.#control, word(controlLayout.dirtyHead)) >>> 0;
    this.changedCount = 0;
    const waiting = (head - this.#dirtyTail) >>> 0;
    if (waiting > ringEntries || this.#waited > patience) this.#collectAll(head);
    else this.#collectAnnounced(head);
    for (const slot of this.#planted) this.changed[this.changedCount++] = slot;
    this.#planted = [];
  }

  /** An announcement is still to come, and those behind it wait: flows are in the table that nobody was told of. */
  get isBehind(): boolean {
    return this.#waited > 0;
  }

  #collectAnnounced(head: number): void {
    let tail = this.#dirtyTail;
    while (tail !== head) {
      const entry = Atomics.load(this.#dirty, tail & (ringEntries - 1)) >>> 0;
      // The entry is written after its place was taken: an old tag means that it is still to come.
      if (((this.#epoch - (entry >>> slotBits)) & tagMask) > 2) break;
      const slot = entry & (flowSlots - 1);
      if (this.holdsFlow(slot)) this.changed[this.changedCount++] = slot;
      tail = (tail + 1) >>> 0;
    }
    this.#waited = tail === head ? 0 : this.#waited + 1;
    this.#dirtyTail = tail;
  }

  /** Every slot that was ever given out counts as changed: after an overrun nobody knows which did. */
  #collectAll(head: number): void {
    const used = this.slotsUsed();
    for (let slot = 0; slot < used; slot++) if (this.holdsFlow(slot)) this.changed[this.changedCount++] = slot;
    this.#dirtyTail = head;
    this.#waited = 0;
  }

  /** False for a slot that was released and not given out again: what is announced of it is old. */
  holdsFlow(slot: number): boolean {
    return this.#away[slot] === 0 && this.word(slot, flowLayout.start) !== 0;
  }

  slotsUsed(): number {
    return Math.min(flowSlots, Atomics.load(this.#control, word(controlLayout.slotsUsed)) >>> 0);
  }

  /** Slots that can still be given out. */
  free(): number {
    const tail = Atomics.load(this.#control, word(controlLayout.freeTail)) >>> 0;
    const head = Atomics.load(this.#control, word(controlLayout.freeHead)) >>> 0;
    const resting = this.#resting.length + this.#rested.length;
    return flowSlots - this.slotsUsed() + ((tail - head) >>> 0) + resting;
  }

  /** Takes a slot for user space itself; -1 when there is none. Only before or between drains. */
  take(): number {
    const used = Atomics.add(this.#control, word(controlLayout.slotsUsed), 1) >>> 0;
    return used < flowSlots ? used : -1;
  }

  /** Has `collect` find a slot that user space filled. */
  announceByUser(slot: number): void {
    this.#planted.push(slot);
  }

  /** Takes a slot away from its flow. Programs that look it up from now on make another. */
  release(slot: number): void {
    this.#setWord(slot, flowLayout.generation, (this.word(slot, flowLayout.generation) + 1) >>> 0);
    this.#away[slot] = 1;
    this.#resting.push(slot);
  }

  #giveOut(): void {
    if (this.#rested.length > 0) {
      let tail = Atomics.load(this.#control, word(controlLayout.freeTail)) >>> 0;
      for (const slot of this.#rested) {
        // Nobody reads a free slot; a start of 0 says that it is one.
        this.#setWord(slot, flowLayout.start, 0);
        this.#away[slot] = 0;
        this.#vacant[tail & (ringEntries - 1)] = slot;
        tail = (tail + 1) >>> 0;
      }
      Atomics.store(this.#control, word(controlLayout.freeTail), tail | 0);
    }
    const empty = this.#rested;
    empty.length = 0;
    this.#rested = this.#resting;
    this.#resting = empty;
  }

  /** A 64-bit counter of a slot, as a number. Safe against an addition between the reads of its halves. */
  counter(slot: number, offset: number): number {
    const { words } = this.#piece(slot);
    const at = (slot & (pieceSlots - 1)) * wordsPerSlot + (offset >>> 2);
    for (;;) {
      const high = words[at + 1] ?? 0;
      const low = words[at] ?? 0;
      if (words[at + 1] === high) return high * 0x1_0000_0000 + low;
    }
  }

  word(slot: number, offset: number): number {
    return this.#piece(slot).words[(slot & (pieceSlots - 1)) * wordsPerSlot + (offset >>> 2)] ?? 0;
  }

  half(slot: number, offset: number): number {
    return this.#piece(slot).halves[((slot & (pieceSlots - 1)) * flowLayout.size + offset) >>> 1] ?? 0;
  }

  byte(slot: number, offset: number): number {
    return this.#piece(slot).bytes[(slot & (pieceSlots - 1)) * flowLayout.size + offset] ?? 0;
  }

  /** Payload of a direction is sampled while fewer packets than `packets` were counted. */
  sampleUntil(slot: number, transmit: boolean, packets: number): void {
    const offset = transmit ? flowLayout.txSampleUntil : flowLayout.rxSampleUntil;
    this.#setWord(slot, offset, Math.min(packets, 0xffff_ffff));
  }

  /** Tells the packet filter whether this machine forwards, and which interface to leave out (0: none). */
  configureFilter(forwarding: boolean, skipInterface: number): void {
    this.#counters[word(controlLayout.forwarding)] = forwarding ? 1 : 0;
    this.#counters[word(controlLayout.skipInterface)] = skipInterface;
  }

  #loss(offset: number): number {
    return (this.#counters[word(offset) + 1] ?? 0) * 0x1_0000_0000 + (this.#counters[word(offset)] ?? 0);
  }

  losses(): { tableFullPackets: number; tableFullBytes: number; samplesLost: number } {
    return {
      tableFullPackets: this.#loss(controlLayout.tableFullPackets),
      tableFullBytes: this.#loss(controlLayout.tableFullBytes),
      samplesLost: this.#loss(controlLayout.samplesLost),
    };
  }

  close(): void {
    for (const mapping of this.#mappings) unmap(mapping);
  }
}
