import { readSync } from "node:fs";
import { LineCutter, readSidecarLine } from "../../export/index.ts";
import { errorCode } from "../../host/linux/file-problems.ts";
import type { RecordedFlow } from "../../model/index.ts";

/** Who wants to know what a sidecar tells. */
export interface SidecarTarget {
  flow(flow: RecordedFlow): void;
  localAddress(address: string): void;
}

/** Lines that may be read before the frames of their time: a sidecar of any length takes bounded memory. */
const aheadAtMost = 65_536;
const pieceBytes = 64 * 1024;

/** Reads a sidecar as its capture goes on, a bounded number of lines ahead of the frames. */
export class SidecarFile {
  readonly #descriptor: number;
  readonly #file: string;
  readonly #grows: boolean;
  readonly #target: SidecarTarget;
  readonly #cutter: LineCutter;
  readonly #piece = new Uint8Array(pieceBytes);
  /** Times of the lines ahead, as a ring. */
  readonly #times = new Float64Array(aheadAtMost);
  #first = 0;
  #ahead = 0;
  #time = 0;
  #position = 0;
  #ended = false;
  #lines = 0;
  #unknown = 0;
  #problem: string | undefined;
  /** Frames that were dropped while the capture was made, as far as it says. */
  dropped = 0;

  /** `grows`: at its end more may come. The descriptor is of a plain file and stays the caller's. */
  constructor(descriptor: number, file: string, grows: boolean, target: SidecarTarget) {
    this.#descriptor = descriptor;
    this.#file = file;
    this.#grows = grows;
    this.#target = target;
    this.#cutter = new LineCutter((line) => this.#line(line));
  }

  /** Reads on. `time`: the frames have come so far; milliseconds since the epoch. */
  read(time: number): void {
    this.#time = time;
    while (this.#ahead > 0 && this.#times[this.#first]! <= time) {
      this.#first = (this.#first + 1) % aheadAtMost;
      this.#ahead--;
    }
    // A piece holds less than 2,000 lines.
    while (!this.#ended && this.#ahead < aheadAtMost / 2) {
      const length = this.#readPiece();
      if (length === 0) {
        if (this.#grows) return;
        this.#ended = true;
        this.#cutter.end();
      } else this.#cutter.push(this.#piece.subarray(0, length));
    }
  }

  #readPiece(): number {
    try {
      const length = readSync(this.#descriptor, this.#piece, 0, pieceBytes, this.#position);
      this.#position += length;
      return length;
    } catch (error) {
      this.#problem = errorCode(error);
      this.#ended = true;
      return 0;
    }
  }

  #line(line: string): void {
    this.#lines++;
    const entry = readSidecarLine(line);
    if (entry === undefined) {
      this.#unknown++;
      return;
    }
    if (entry.kind === "flow") this.#target.flow(entry.flow);
    else if (entry.kind === "interface") {
      for (const address of entry.interface.addresses) this.#target.localAddress(address);
    } else if (entry.kind === "statistics") this.dropped += entry.statistics.dropped ?? 0;
    if (entry.time <= this.#time || this.#ahead === aheadAtMost) return;
    this.#times[(this.#first + this.#ahead) % aheadAtMost] = entry.time;
    this.#ahead++;
  }

  /** What there is to say of it in the end, a line each. */
  notes(): string[] {
    const notes = this.#problem === undefined ? [] : [`cannot read ${this.#file} to its end: ${this.#problem}`];
    const left = this.#unknown + this.#cutter.skipped;
    const lines = this.#lines + this.#cutter.skipped;
    if (left > 0) notes.push(`${this.#file}: ${left} of ${lines} lines tell nothing that Socklens knows`);
    return notes;
  }
}
