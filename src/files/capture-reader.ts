import { readSync } from "node:fs";

import { CaptureParser, type ReadOptions } from "./capture-parser.ts";
import type { CaptureInterface, Damage } from "./format.ts";
import { FrameBatch } from "./frame-batch.ts";

/** What every reader of capture files tells beside the frames. */
export interface CaptureFacts {
  readonly format: string | undefined;
  readonly interfaces: readonly CaptureInterface[];
  readonly skippedBlocks: ReadonlyMap<number, number>;
  /** Frames handed over. */
  readonly frames: number;
  /** Bytes of the capture seen so far: decompressed, where it was compressed. */
  readonly bytesRead: number;
  /** Undefined until the end, and then when the file was whole. */
  readonly damage: Damage | undefined;
}

/** What the parser tells. */
abstract class ParsedCapture implements CaptureFacts {
  protected readonly parser: CaptureParser;
  protected failure: string | undefined = undefined;

  protected constructor(options: ReadOptions) {
    this.parser = new CaptureParser(options);
  }

  get format(): string | undefined {
    return this.parser.format;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.parser.interfaces;
  }

  get skippedBlocks(): ReadonlyMap<number, number> {
    return this.parser.skippedBlocks;
  }

  get frames(): number {
    return this.parser.frames;
  }

  get bytesRead(): number {
    return this.parser.bytesRead;
  }

  get damage(): Damage | undefined {
    if (this.failure === undefined) return this.parser.damage;
    return { offset: this.parser.bytesRead, reason: `read failed: ${this.failure}` };
  }
}

/**
 * Reads a capture from an open file descriptor, from its current position on, without promises: `next` reads as much as
 * the buffer holds and gives the frames in it. The caller owns and closes the descriptor. It blocks while a read does: for
 * pipes and terminals take `CaptureStreamReader`.
 */
export class CaptureFileReader extends ParsedCapture {
  private readonly descriptor: number;
  private position: number | null;

  /** With `position` it reads from there on and leaves the descriptor's own place alone: others may read beside it. */
  constructor(descriptor: number, options: ReadOptions & { readonly position?: number } = {}) {
    super(options);
    this.descriptor = descriptor;
    this.position = options.position ?? null;
  }

  /**
   * Fills `into` with the next frames, whose bytes live until the next call. False at the end; then `damage` tells whether it
   * was one. A read that fails (EIO, EISDIR) is damage too.
   */
  next(into: FrameBatch): boolean {
    for (;;) {
      const state = this.parser.next(into);
      if (state !== "more") return state === "frames";
      const room = this.parser.room();
      let count = 0;
      try {
        count = readSync(this.descriptor, room, 0, room.length, this.position);
        if (this.position !== null) this.position += count;
      } catch (error) {
        this.failure = error instanceof Error ? error.message : String(error);
      }
      if (count > 0) this.parser.filled(count);
      else this.parser.finish();
    }
  }
}

/**
 * Reads a capture from a Node stream (or anything that yields byte chunks): `for await (const batch of reader)`. One batch
 * object is given again and again; its bytes live until the next turn of the loop. One promise a chunk, none a frame.
 */
export class CaptureStreamReader extends ParsedCapture implements AsyncIterable<FrameBatch> {
  private readonly chunks: AsyncIterable<Uint8Array>;
  private readonly batch: FrameBatch;
  /** The source is still written to: that it ends amid a frame is no damage. */
  protected follows = false;
  private endsCleanly = false;

  constructor(chunks: AsyncIterable<Uint8Array>, options: ReadOptions & { readonly batchFrames?: number } = {}) {
    super({ ...options, bufferBytes: options.bufferBytes ?? 256 * 1024 });
    this.chunks = chunks;
    this.batch = new FrameBatch(options.batchFrames);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    const { parser, batch } = this;
    const iterator = this.chunks[Symbol.asyncIterator]();
    try {
      for (let chunk = await this.pull(iterator); chunk !== undefined; chunk = await this.pull(iterator)) {
        for (let taken = 0; taken < chunk.length;) {
          const room = parser.room();
          const part = chunk.subarray(taken, taken + room.length);
          room.set(part);
          parser.filled(part.length);
          taken += part.length;
          let state = parser.next(batch);
          for (; state === "frames"; state = parser.next(batch)) yield batch;
          if (state === "end") return;
        }
      }
    } finally {
      await iterator.return?.();
    }
    parser.finish();
    while (parser.next(batch) === "frames") yield batch;
    if (this.follows && this.failure === undefined && parser.format !== undefined) this.endsCleanly = parser.isCut;
  }

  /** The next chunk; undefined at the end or when the source failed, which `failure` then tells. */
  private async pull(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      const result = await iterator.next();
      return result.done === true ? undefined : result.value;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  override get damage(): Damage | undefined {
    return this.endsCleanly ? undefined : super.damage;
  }
}
