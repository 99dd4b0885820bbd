import { ftruncateSync } from "node:fs";
import type { WriteQueue } from "./write-queue.ts";

/** When a recording goes on in the next file, and how many there are. */
export interface RotationOptions {
  /** Bytes after which a file is full; it may pass them by the block that was being written. */
  readonly maximumBytes?: number;
  /** Milliseconds after which a file is full. */
  readonly maximumAge?: number;
}

/**
 * The files of a recording, opened by the broker beforehand: after the last one comes the first again, emptied. One file is
 * never left. The files beside them, where the format has some, take turns with them.
 */
export class RecordingFiles {
  readonly #descriptors: readonly number[];
  readonly #sidecars: readonly number[];
  readonly #queue: WriteQueue;
  readonly #options: RotationOptions;
  #current = 0;
  #bytes = 0;
  #since = 0;
  /** Files that were begun. */
  begun = 1;
  /** Bytes of all files, the overwritten ones too. */
  written = 0;

  constructor(
    descriptors: readonly number[],
    sidecars: readonly number[] | undefined,
    queue: WriteQueue,
    options: RotationOptions,
    now: number,
  ) {
    if (descriptors.length === 0) throw new Error("recording: no file");
    if (sidecars !== undefined && sidecars.length !== descriptors.length) {
      throw new Error(`recording: ${descriptors.length} files, ${sidecars.length} sidecars`);
    }
    this.#descriptors = descriptors;
    this.#sidecars = sidecars ?? [];
    this.#queue = queue;
    this.#options = options;
    this.#since = now;
  }

  /** `bytes` must not change until `done`; `write` copies nothing. `isAligned` as in `WriteQueue.push`. */
  write(bytes: Uint8Array, done?: (isWritten: boolean) => void, isAligned = false): void {
    this.#bytes += bytes.length;
    this.written += bytes.length;
    this.#queue.push(this.#descriptors[this.#current]!, bytes, done, isAligned);
  }

  /** Bytes from the end of the file to the next multiple of `alignment`. */
  toAlignment(alignment: number): number {
    return (alignment - (this.#bytes % alignment)) % alignment;
  }

  /** As `write`, to the file beside, whose bytes count for nothing. */
  writeBeside(bytes: Uint8Array): void {
    const descriptor = this.#sidecars[this.#current];
    if (descriptor === undefined) throw new Error("recording: no sidecar");
    this.#queue.push(descriptor, bytes);
  }

  /** True: the file has its size or age, and there is another. */
  isFull(now: number): boolean {
    if (this.#descriptors.length < 2) return false;
    const { maximumBytes = Infinity, maximumAge = Infinity } = this.#options;
    return this.#bytes >= maximumBytes || now - this.#since >= maximumAge;
  }

  /** Goes on in the next file; what was written before must be on its way to the disk. */
  async next(now: number): Promise<void> {
    await this.#queue.drained();
    this.#current = (this.#current + 1) % this.#descriptors.length;
    // Appending descriptors: emptied, they begin at 0 again.
    ftruncateSync(this.#descriptors[this.#current]!, 0);
    if (this.#sidecars.length > 0) ftruncateSync(this.#sidecars[this.#current]!, 0);
    this.#bytes = 0;
    this.#since = now;
    this.begun++;
  }
}
