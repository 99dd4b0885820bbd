import type { CaptureInterface, Damage, FormatParser } from "./format.ts";
import type { FrameBatch } from "./frame-batch.ts";
import type { CaptureObserver } from "./observer.ts";
import { pcapParser } from "./pcap-reader.ts";
import { pcapngParser } from "./pcapng-reader.ts";
import { Window } from "./window.ts";

export interface ReadOptions {
  /** Bytes read at a time; grows only for a single record that is longer. 1 MiB when absent. */
  readonly bufferBytes?: number;
  /** Is told what the file holds beside frames. */
  readonly observer?: CaptureObserver;
}

const noInterfaces: readonly CaptureInterface[] = [];
const noBlocks: ReadonlyMap<number, number> = new Map();

/** First bytes of what people hand over by mistake. */
const otherFiles: readonly (readonly [readonly number[], string])[] = [
  [[0x1f, 0x8b], "gzip data: decompress it first"],
  [[0x28, 0xb5, 0x2f, 0xfd], "Zstandard data: decompress it first"],
  [[0x04, 0x22, 0x4d, 0x18], "LZ4 data: decompress it first"],
  [[0xfd, 0x37, 0x7a, 0x58], "xz data: decompress it first"],
  [[0x42, 0x5a, 0x68], "bzip2 data: decompress it first"],
  [[0x73, 0x6e, 0x6f, 0x6f], "a snoop file, not pcap or pcapng"],
  [[0x58, 0x43, 0x50, 0x00], "a Sniffer file, not pcap or pcapng"],
];

/**
 * Turns the bytes of a pcap or pcapng file, given piece by piece, into batches of frames. Knows nothing of where the
 * bytes come from: fill `room()`, say how much by `filled`, say `finish` at the end, and call `next` for as long as it
 * gives "frames". Memory is bounded by the buffer and one record of at most 16 MiB.
 */
export class CaptureParser {
  private readonly window: Window;
  private readonly observer: CaptureObserver;
  private parser: FormatParser | undefined;
  private need = 4;
  private finished = false;
  private ended = false;
  /** A block was told since the last batch. */
  private told = false;
  /** Set when the file is cut or corrupt; every frame before it was handed over. */
  damage: Damage | undefined = undefined;
  /** The damage is only that the last record has not come wholly. */
  isCut = false;
  /** Frames handed over. */
  frames = 0;

  constructor(options: ReadOptions = {}) {
    this.window = new Window(Math.max(64, options.bufferBytes ?? 1024 * 1024));
    const { observer = {} } = options;
    this.observer =
      observer.block === undefined
        ? observer
        : {
            ...observer,
            block: (told) => {
              this.told = true;
              observer.block?.(told);
            },
          };
  }

  /** "pcap", "pcap (nanoseconds)", "pcapng", ...; undefined until the first bytes were seen. */
  get format(): string | undefined {
    return this.parser?.name;
  }

  /** Interfaces met so far. */
  get interfaces(): readonly CaptureInterface[] {
    return this.parser?.interfaces ?? noInterfaces;
  }

  /** How many pcapng blocks of each type were passed over; type -1 stands for all beyond 256 types. */
  get skippedBlocks(): ReadonlyMap<number, number> {
    return this.parser?.skippedBlocks ?? noBlocks;
  }

  /** Bytes of the file seen so far. */
  get bytesRead(): number {
    return this.window.base + this.window.end;
  }

  /** Where to put more bytes; ends the life of the last batch's bytes. Never empty. */
  room(): Uint8Array {
    this.window.makeRoom(Math.max(this.need, 64));
    return this.window.bytes.subarray(this.window.end);
  }

  /** `count` bytes were put into `room()`. */
  filled(count: number): void {
    this.window.end += count;
  }

  /** No more bytes will come. */
  finish(): void {
    this.finished = true;
    this.window.finished = true;
  }

  /**
   * "frames": `batch` holds at least one, or none where blocks were told to `observer.block`. "more": fill `room()` first. "end": the file is read, or `damage` says where it
   * breaks off; stays "end".
   */
  next(batch: FrameBatch): "frames" | "more" | "end" {
    batch.count = 0;
    if (this.ended) return "end";
    const window = this.window;
    if (this.parser === undefined) {
      if (window.available < 4) return this.wantMore();
      this.parser =
        pcapParser(window.bytes, window.position) ?? pcapngParser(window.bytes, window.position, this.observer);
      if (this.parser === undefined) return this.stop({ offset: 0, reason: describeStart(window) });
    }
    batch.bytes = window.bytes;
    const step = this.parser.parse(window, batch);
    this.frames += batch.count;
    if (typeof step === "object") this.stop(step);
    else if (step !== "full") this.need = step;
    if (batch.count > 0) return "frames";
    // Whoever copies blocks has to come to it before the next ones, however far the next frame is.
    if (this.told && !this.ended) {
      this.told = false;
      return "frames";
    }
    return this.ended ? "end" : this.wantMore();
  }

  private stop(damage: Damage): "end" {
    this.damage = damage;
    this.ended = true;
    return "end";
  }

  private wantMore(): "more" | "end" {
    if (!this.finished) return "more";
    const window = this.window;
    if (this.parser === undefined) {
      const reason = window.available === 0 ? "the file is empty" : `file magic: need 4, have ${window.available}`;
      return this.stop({ offset: 0, reason });
    }
    if (window.available > 0 || window.skip > 0) {
      this.isCut = true;
      return this.stop(this.parser.cut(window, this.need));
    }
    this.ended = true;
    return "end";
  }
}

function describeStart(window: Window): string {
  const { bytes, position } = window;
  const known = otherFiles.find(([magic]) => magic.every((byte, index) => bytes[position + index] === byte));
  if (known !== undefined) return known[1];
  const magic = [0, 1, 2, 3].map((index) => bytes[position + index]!.toString(16).padStart(2, "0")).join("");
  return `neither pcap nor pcapng: begins with ${magic}`;
}
