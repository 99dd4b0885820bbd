import { writev } from "node:fs";

/** Pieces of one call at most. */
const mostParts = 16;

interface Piece {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly done: (() => void) | undefined;
}

/**
 * Writes pieces to files in their order, one at a time, without blocking: the thread that reads frames goes on while the
 * disk is busy. A piece's bytes must not change until its `done` is called.
 */
export class WriteQueue {
  readonly #pieces: Piece[] = [];
  readonly #failed: (error: NodeJS.ErrnoException) => void;
  /** Pieces that are being written, and what of the first is left. */
  #writing = 0;
  #rest: Uint8Array | undefined;
  #waiting = 0;
  readonly #idle: (() => void)[] = [];
  #failure: NodeJS.ErrnoException | undefined;

  /** `failed` is called once; what comes after it is not written, but still `done`. */
  constructor(failed: (error: NodeJS.ErrnoException) => void) {
    this.#failed = failed;
  }

  /** Bytes that wait to be written. */
  get waiting(): number {
    return this.#waiting;
  }

  push(fd: number, bytes: Uint8Array, done?: () => void): void {
    this.#pieces.push({ fd, bytes, done });
    this.#waiting += bytes.length;
    if (this.#writing === 0) this.#next();
  }

  /** Resolves when everything is written. */
  drained(): Promise<void> {
    if (this.#pieces.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Writes what waits for one file, up to a bound, with one call. */
  #next(): void {
    if (this.#failure !== undefined) this.#finish(Infinity);
    const first = this.#pieces[0];
    if (first === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const parts: Uint8Array[] = [this.#rest ?? first.bytes];
    while (parts.length < mostParts && this.#pieces[parts.length]?.fd === first.fd) {
      parts.push(this.#pieces[parts.length]!.bytes);
    }
    this.#writing = parts.length;
    writev(first.fd, parts, null, (error, written) => {
      this.#writing = 0;
      if (error === null) this.#finish(written);
      else {
        this.#failure = error;
        this.#failed(error);
      }
      this.#next();
    });
  }

  /** `written` bytes from the front are on their way to the disk. */
  #finish(written: number): void {
    let left = written;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      const bytes = this.#rest ?? first.bytes;
      if (left < bytes.length) {
        if (left > 0) this.#rest = bytes.subarray(left);
        return;
      }
      left -= bytes.length;
      this.#rest = undefined;
      this.#pieces.shift();
      this.#waiting -= first.bytes.length;
      first.done?.();
    }
  }
}
