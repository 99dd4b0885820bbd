import { mapShared, pageSize, unmap } from "../system-calls.ts";

const busy = 0x8000_0000;
const discarded = 0x4000_0000;
const headerSize = 8;

/**
 * Consumer of a BPF ring buffer (kernel/bpf/ringbuf.c), read in place. Positions only grow; the data is mapped twice in
 * a row by the kernel, so that a record never wraps. Nothing wakes us: records wait for the next drain.
 */
export class RingBuffer {
  /** The ring's data, twice in a row; record offsets are into it. */
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly #consumerMapping: ArrayBuffer;
  readonly #producerMapping: ArrayBuffer;
  readonly #consumer: Int32Array;
  readonly #producer: Int32Array;
  readonly #words: Int32Array;
  readonly #mask: number;

  private constructor(consumer: ArrayBuffer, producer: ArrayBuffer, size: number) {
    this.#consumerMapping = consumer;
    this.#producerMapping = producer;
    this.#consumer = new Int32Array(consumer, 0, 2);
    this.#producer = new Int32Array(producer, 0, 2);
    this.#words = new Int32Array(producer, pageSize, (2 * size) / 4);
    this.view = new DataView(producer, pageSize, 2 * size);
    this.bytes = new Uint8Array(producer, pageSize, 2 * size);
    this.#mask = size - 1;
  }

  /** Maps the ring of `size` bytes (a power of two). Undefined when the kernel refuses. */
  static map(descriptor: number, size: number): RingBuffer | undefined {
    const consumer = mapShared(descriptor, pageSize, true);
    const producer = mapShared(descriptor, pageSize + 2 * size, false, pageSize);
    if (consumer === undefined || producer === undefined) return undefined;
    return new RingBuffer(consumer, producer, size);
  }

  /** Where the producers are now: a bound for `drain`. The low 32 bits: differences are what counts. */
  position(): number {
    return Atomics.load(this.#producer, 0) >>> 0;
  }

  /**
   * Calls `record(offset, length)` for each record before `until`, oldest first, and gives the room back. A record
   * that is still being written ends the drain. `record` must not throw and must not keep views.
   */
  drain(until: number, record: (offset: number, length: number) => void): void {
    let low = Atomics.load(this.#consumer, 0) >>> 0;
    let high = this.#consumer[1] ?? 0;
    for (;;) {
      const distance = (until - low) >>> 0;
      if (distance === 0 || distance > this.#mask + 1) break;
      const offset = low & this.#mask;
      const header = Atomics.load(this.#words, offset >>> 2) >>> 0;
      if ((header & busy) !== 0) break;
      const length = header & ~discarded & 0x3fff_ffff;
      if ((header & discarded) === 0) record(offset + headerSize, length);
      const next = (low + headerSize + ((length + 7) & ~7)) >>> 0;
      if (next < low) high++;
      low = next;
    }
    this.#consumer[1] = high;
    Atomics.store(this.#consumer, 0, low | 0);
  }

  close(): void {
    unmap(this.#consumerMapping);
    unmap(this.#producerMapping);
  }
}
