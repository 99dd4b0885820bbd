import { ByteSink, type WriteBytes } from "./byte-sink.ts";
import type { FrameBatch } from "./frame-batch.ts";

/** Writes a pcap file of one link type out of frames where they lie in a batch. Little-endian. */
export class PcapCopyWriter {
  readonly #sink: ByteSink;
  readonly #coarse: boolean;
  /** Times that do not fit into 32 bits, written as the nearest that does. */
  clampedTimes = 0;
  /** Times of which microseconds say less than the frame did. */
  roundedTimes = 0;

  /** `microseconds`: as old readers want them; else nanoseconds. */
  constructor(write: WriteBytes, linkType: number, snapLength: number, microseconds: boolean) {
    this.#sink = new ByteSink(write);
    this.#coarse = microseconds;
    const sink = this.#sink;
    sink.u32(microseconds ? 0xa1b2c3d4 : 0xa1b23c4d);
    sink.u16(2);
    sink.u16(4);
    sink.u32(0);
    sink.u32(0);
    sink.u32(snapLength);
    sink.u32(linkType);
  }

  /** Frame `index` of the batch with its first `captured` bytes. */
  frame(batch: FrameBatch, index: number, captured: number): void {
    const sink = this.#sink;
    let seconds = batch.seconds[index]!;
    const nanoseconds = batch.nanoseconds[index]!;
    if (seconds < 0 || seconds > 0xffff_ffff) {
      this.clampedTimes++;
      seconds = seconds < 0 ? 0 : 0xffff_ffff;
    }
    if (this.#coarse && nanoseconds % 1000 !== 0) this.roundedTimes++;
    sink.u32(seconds);
    sink.u32(this.#coarse ? Math.floor(nanoseconds / 1000) : nanoseconds);
    sink.u32(captured);
    sink.u32(batch.wireLengths[index]!);
    const offset = batch.offsets[index]!;
    sink.range(batch.bytes, offset, offset + captured);
  }

  flush(): void {
    this.#sink.flush();
  }
}
