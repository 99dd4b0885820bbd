import { fstatSync, ftruncateSync, writev } from "node:fs";

/** Pieces of one call at most. */
const mostParts = 16;
/** Of aligned pieces that go through the page cache, which may make a writer wait: then there is another choice soon. */
const mostCached = 4;
/** How much sooner the page cache is tried again with each direct write. */
const forgiving = 1.1;
/** What a direct write fails with that would go through the page cache. */
const refusals: ReadonlySet<string | undefined> = new Set(["EINVAL", "EFAULT", "EOPNOTSUPP"]);

/** Milliseconds between two attempts to write into a full pipe. */
const shortestPause = 1;
const longestPause = 32;

interface Piece {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly done: ((isWritten: boolean) => void) | undefined;
  readonly isAligned: boolean;
}

/** Writes past the page cache, for pieces that are aligned. */
export interface DirectWriting {
  /** Lets writes to the descriptor go past the cache, or not; false when its file system cannot. */
  readonly set: (fd: number, on: boolean) => boolean;
  /** With more bytes than these waiting the disk is behind, and the page cache takes what it can if that is faster. */
  readonly mostWaiting: number;
}

/** How fast aligned pieces went of late, in bytes a millisecond. */
class Speeds {
  #direct = 0;
  /** Not known yet: it is worth a try. */
  #cached = Infinity;

  note(isDirect: boolean, bytes: number, milliseconds: number): void {
    const speed = bytes / Math.max(milliseconds, 0.01);
    if (isDirect) {
      this.#direct = (this.#direct + speed) / 2;
      this.#cached *= forgiving;
    } else this.#cached = this.#cached === Infinity ? speed : (this.#cached + speed) / 2;
  }

  get isCacheFaster(): boolean {
    return this.#cached > this.#direct;
  }
}

/**
 * Writes pieces to files in their order, one at a time, without blocking: the thread that reads frames goes on while the
 * disk is busy. A piece's bytes must not change until its `done` is called.
 *
 * Aligned pieces go from their memory to the disk, without a copy in the page cache, as long as the disk keeps up, or is
 * faster than the page cache, which is bound to the disk, too, when it is full.
 */
export class WriteQueue {
  readonly #pieces: Piece[] = [];
  readonly #failed: (error: NodeJS.ErrnoException) => void;
  #direct: DirectWriting | undefined;
  readonly #speeds = new Speeds();
  /** The one descriptor whose writes go past the cache now. */
  #directTo: number | undefined;
  /** Pieces that are being written, and what of the first is left. */
  #writing = 0;
  #rest: Uint8Array | undefined;
  #waiting = 0;
  readonly #idle: (() => void)[] = [];
  readonly #salvages: boolean;
  #hasFailed = false;
  /** Milliseconds until a full pipe is written to again. */
  #pause = shortestPause;

  /**
   * `failed` is called once. A piece that is there in part is then taken out of its file again, and what has a `done` is given
   * up, from then on. With `salvages` pieces without one are still tried, each once: a full disk often has room for
   * them, at least for as much as was taken back.
   */
  constructor(failed: (error: NodeJS.ErrnoException) => void, direct?: DirectWriting, salvages = false) {
    this.#failed = failed;
    this.#direct = direct;
    this.#salvages = salvages;
  }

  /** Bytes that wait to be written. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether it is worth while to align pieces. */
  get takesAligned(): boolean {
    return this.#direct !== undefined;
  }

  /** `isAligned`: memory, length and place in the file are multiples of what direct writes ask for. */
  push(fd: number, bytes: Uint8Array, done?: (isWritten: boolean) => void, isAligned = false): void {
    this.#pieces.push({ fd, bytes, done, isAligned });
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
    if (this.#hasFailed) this.#giveUp();
    const first = this.#pieces[0];
    if (first === undefined) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const parts: Uint8Array[] = [this.#rest ?? first.bytes];
    const isDirect = this.#goesDirect(first);
    const most = first.isAligned && !isDirect ? mostCached : mostParts;
    while (parts.length < most) {
      const piece = this.#pieces[parts.length];
      if (piece === undefined || piece.fd !== first.fd || (isDirect && !piece.isAligned)) break;
      parts.push(piece.bytes);
    }
    this.#writing = parts.length;
    const begun = performance.now();
    writev(first.fd, parts, null, (error, written) => {
      this.#writing = 0;
      if (error === null) {
        if (first.isAligned) this.#speeds.note(isDirect, written, performance.now() - begun);
        this.#finish(written);
      } else if (isDirect && refusals.has(error.code)) {
        // The file system said yes to the flag and means no, or not from such memory: from now on as every other program writes.
        this.#setDirect(undefined);
        this.#direct = undefined;
      } else if (error.code === "EAGAIN") {
        this.#wait();
        return;
      } else {
        this.#fail(error);
      }
      this.#next();
    });
  }

  /**
   * Standard output may be a pipe that does not block (Node makes it so when its stream is looked at, and so may whoever reads
   * it): when it is full, its reader is given time.
   */
  #wait(): void {
    this.#writing = 1;
    setTimeout(() => {
      this.#writing = 0;
      this.#next();
    }, this.#pause);
    this.#pause = Math.min(longestPause, this.#pause * 2);
  }

  /** Puts the descriptor of the piece into the state in which it is to be written; true: past the cache. */
  #goesDirect(first: Piece): boolean {
    if (this.#direct === undefined) return false;
    const isBehind = this.#waiting > this.#direct.mostWaiting && this.#speeds.isCacheFaster;
    const wanted = first.isAligned && this.#rest === undefined && !isBehind;
    return this.#setDirect(wanted ? first.fd : undefined);
  }

  /** True: writes to `fd` go past the cache; without one those of none do. */
  #setDirect(fd: number | undefined): boolean {
    if (this.#directTo !== undefined && this.#directTo !== fd) {
      this.#direct?.set(this.#directTo, false);
      this.#directTo = undefined;
    }
    if (fd === undefined) return false;
    if (this.#directTo === undefined) {
      if (this.#direct?.set(fd, true) === true) this.#directTo = fd;
      else this.#direct = undefined;
    }
    return this.#directTo === fd;
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#takeBack();
    if (this.#hasFailed) this.#drop(this.#pieces.splice(0, 1));
    else {
      this.#hasFailed = true;
      this.#failed(error);
    }
  }

  /** Gives up what is not to be written after a failure. */
  #giveUp(): void {
    const all = this.#pieces.splice(0);
    const isTried = ({ done }: Piece): boolean => this.#salvages && done === undefined;
    this.#pieces.push(...all.filter(isTried));
    this.#drop(all.filter((piece) => !isTried(piece)));
  }

  #drop(pieces: readonly Piece[]): void {
    for (const { bytes, done } of pieces) {
      this.#waiting -= bytes.length;
      done?.(false);
    }
  }

  /** Takes the part of a piece that is in its file out of it: readers stumble over half a block. */
  #takeBack(): void {
    const [first] = this.#pieces;
    if (first === undefined || this.#rest === undefined) return;
    try {
      const facts = fstatSync(first.fd);
      if (facts.isFile()) ftruncateSync(first.fd, facts.size - (first.bytes.length - this.#rest.length));
    } catch {
      // The file may be gone as a whole: its failure is told.
    }
    this.#rest = undefined;
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
      first.done?.(true);
    }
  }
}
