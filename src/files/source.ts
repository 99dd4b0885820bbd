/** Bytes of a capture: from a file, a pipe or a file that still grows, decompressed. */
import { createReadStream, fstatSync, read as readCallback, readSync, type Stats } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";

import type { ReadOptions } from "./capture-parser.ts";
import { CaptureFileReader, type CaptureFacts, CaptureStreamReader } from "./capture-reader.ts";
import { type Compression, compressionOf, decompressed } from "./compression.ts";
import { FrameBatch } from "./frame-batch.ts";

const read = promisify(readCallback);

export interface FollowOptions {
  /** Waits until the file may have grown; false: it is over, what has not come will not come. */
  wait(): Promise<boolean>;
}

export interface OpenOptions extends ReadOptions {
  /** Frames of a batch at most; 4,096 when absent. */
  readonly batchFrames?: number;
  /** At the end of a regular file: wait for more instead of ending. Its end amid a frame is then no damage. */
  readonly follow?: FollowOptions;
}

/** A capture that is being read. */
export interface OpenCapture extends CaptureFacts {
  readonly compression: Compression | undefined;
  /** Bytes of the file, as it lies on the disk; undefined where nobody can know. */
  readonly totalBytes: number | undefined;
  /** Bytes of the file, as it lies on the disk, that were read so far. */
  readonly readBytes: number;
  /** The frames. One batch is given again and again; its bytes live until the next is asked for. To be walked over once. */
  readonly batches: AsyncIterable<FrameBatch>;
}

/**
 * Opens the capture behind a descriptor: pcap or pcapng, plain or in gzip or Zstandard, a regular file, which is read from
 * its beginning, or anything that can be read in order. The descriptor stays the caller's, but that of a pipe or socket is
 * closed after reading. Never throws for what the file holds: `damage` tells it after the last batch.
 */
export function openCapture(descriptor: number, options: OpenOptions = {}): OpenCapture {
  const status = fstatSync(descriptor);
  if (!status.isFile()) return new StreamCapture(pipeChunks(descriptor, status), undefined, undefined, options);
  const start = new Uint8Array(4);
  let compression: Compression | undefined;
  try {
    compression = compressionOf(start.subarray(0, readSync(descriptor, start, 0, 4, 0)));
  } catch {
    // The reader meets the same error and tells it.
  }
  if (options.follow === undefined && compression === undefined) {
    return new FileCapture(descriptor, status.size, options);
  }
  const chunks = fileChunks(descriptor, options.follow);
  const total = options.follow === undefined ? status.size : undefined;
  return new StreamCapture(chunks, total, compression, options);
}

/** A regular file from its beginning on: read without promises but for one a batch, so that others get their turn. */
class FileCapture extends CaptureFileReader implements OpenCapture {
  readonly compression = undefined;
  readonly totalBytes: number;
  private readonly batchFrames: number | undefined;

  constructor(descriptor: number, totalBytes: number, options: OpenOptions) {
    super(descriptor, { ...options, position: 0 });
    this.totalBytes = totalBytes;
    this.batchFrames = options.batchFrames;
  }

  get readBytes(): number {
    return this.bytesRead;
  }

  get batches(): AsyncIterable<FrameBatch> {
    return this.walk();
  }

  private async *walk(): AsyncGenerator<FrameBatch, void, undefined> {
    const batch = new FrameBatch(this.batchFrames);
    while (this.next(batch)) {
      yield batch;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

class StreamCapture extends CaptureStreamReader implements OpenCapture {
  readonly totalBytes: number | undefined;
  private readonly counted: CountedChunks;

  constructor(
    chunks: AsyncIterable<Uint8Array>,
    totalBytes: number | undefined,
    compression: Compression | undefined,
    options: OpenOptions,
  ) {
    const counted = new CountedChunks(chunks, compression);
    super(counted, options);
    this.counted = counted;
    this.totalBytes = totalBytes;
    this.follows = options.follow !== undefined;
  }

  get compression(): Compression | undefined {
    return this.counted.compression;
  }

  get readBytes(): number {
    return this.counted.bytes;
  }

  get batches(): AsyncIterable<FrameBatch> {
    return this;
  }
}

/** Counts what comes from the file, and decompresses it when its first bytes ask for that. */
class CountedChunks implements AsyncIterable<Uint8Array> {
  bytes = 0;
  compression: Compression | undefined;
  private readonly chunks: AsyncIterable<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>, compression: Compression | undefined) {
    this.chunks = chunks;
    this.compression = compression;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = this.count();
    try {
      let start = new Uint8Array(0);
      while (start.length < 4) {
        const next = await iterator.next();
        if (next.done === true) break;
        const joined = new Uint8Array(start.length + next.value.length);
        joined.set(start);
        joined.set(next.value, start.length);
        start = joined;
      }
      this.compression = compressionOf(start);
      const whole = prepend(start, iterator);
      yield* this.compression === undefined ? whole : decompressed(whole, this.compression);
    } finally {
      await iterator.return();
    }
  }

  private async *count(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.chunks) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

async function* prepend(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first;
  yield* rest;
}

/**
 * A pipe or socket is waited for by the event loop: a thread that reads it would hold up the end of the process for as long as
 * nothing comes. What else can be read in order (a terminal) is read by a thread.
 */
function pipeChunks(descriptor: number, status: Stats): AsyncIterable<Uint8Array> {
  if (status.isFIFO() || status.isSocket()) return new Socket({ fd: descriptor, readable: true, writable: false });
  return createReadStream("", { fd: descriptor, autoClose: false, highWaterMark: 256 * 1024 });
}

/** A regular file from its beginning on. One buffer is used again and again. */
async function* fileChunks(
  descriptor: number,
  follow: FollowOptions | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(256 * 1024);
  for (let position = 0; ;) {
    const { bytesRead } = await read(descriptor, buffer, 0, buffer.length, position);
    if (bytesRead > 0) {
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
      continue;
    }
    if (follow === undefined) return;
    const { size } = fstatSync(descriptor);
    if (size < position) throw new Error(`the file was cut from ${position} to ${size} bytes while it was followed`);
    if (!(await follow.wait())) return;
  }
}
