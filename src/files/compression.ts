/** gzip (RFC 1952) and Zstandard (RFC 8878) around a capture, by its first bytes. */
import type { Transform } from "node:stream";
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from "node:zlib";

export type Compression = "gzip" | "zstd";

const gzipMagic = [0x1f, 0x8b];
const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];
/** Zstandard's skippable frames, 0x184d2a50 to 0x184d2a5f: pzstd and seekable files begin with one. */
const skippable = [0x4d, 0x2a, 0x18];

/** What the file is compressed with, by its first bytes; undefined: not, or too few bytes to tell. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
  const begins = (magic: readonly number[], from = 0): boolean =>
    magic.every((value, index) => bytes[from + index] === value);
  if (begins(gzipMagic)) return "gzip";
  const isSkippable = begins(skippable, 1) && (bytes[0] ?? 0) >> 4 === 5;
  return begins(zstdMagic) || isSkippable ? "zstd" : undefined;
}

/** Decompressed bytes that wait for whoever reads them, at most this many pieces of `pieceBytes`. */
const piecesWaiting = 4;
const pieceBytes = 64 * 1024;

/**
 * Decompresses `chunks`. Memory is bounded by a few pieces and the decompressor's window (at most 128 MiB for Zstandard, 32
 * KiB for gzip), whatever the file expands to. What was decompressed before damage is given; then it throws an error
 * that names the compression.
 */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  const options = { chunkSize: pieceBytes };
  const transform: Transform = compression === "gzip" ? createGunzip(options) : createZstdDecompress(options);
  const pieces: Uint8Array[] = [];
  let failure: Error | undefined;
  let ended = false;
  let wake = (): void => {};
  transform.on("data", (piece: Uint8Array) => {
    pieces.push(piece);
    if (pieces.length >= piecesWaiting) transform.pause();
    wake();
  });
  transform.on("error", (error) => {
    failure ??= new Error(`${compression} data: ${error.message}`);
    ended = true;
    wake();
  });
  transform.on("end", () => {
    ended = true;
    wake();
  });
  const fed = feed(chunks, transform).catch((error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    transform.destroy();
    ended = true;
    wake();
  });
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        continue;
      }
      if (ended) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      transform.resume();
      await promise;
    }
  } finally {
    transform.destroy();
    await fed;
  }
  if (failure !== undefined) throw failure;
}

/** Hands the chunks to the decompressor as it takes them; stops when that ended. */
async function feed(chunks: AsyncIterable<Uint8Array>, transform: Transform): Promise<void> {
  const over = new Promise<void>((resolve) => transform.once("close", resolve));
  for await (const chunk of chunks) {
    if (transform.destroyed || transform.writableEnded) return;
    // A copy: the decompressor reads it later, when the source may have used the buffer again.
    if (transform.write(chunk.slice())) continue;
    const { promise: drained, resolve } = Promise.withResolvers<void>();
    transform.once("drain", resolve);
    await Promise.race([drained, over]);
    transform.off("drain", resolve);
  }
  if (!transform.destroyed) transform.end();
}

/** Compresses what is written to it, in order. */
export interface Compressor {
  /** Takes bytes, which must not change afterwards. */
  write(bytes: Uint8Array): void;
  /** Resolves when the compressor has taken what it was given: wait for it, so that memory stays bounded. */
  taken(): Promise<void>;
  /** Resolves when `out` has been given everything. */
  end(): Promise<void>;
}

/** `out` is given compressed bytes, which are its own. */
export function compressor(compression: Compression, out: (bytes: Uint8Array) => void): Compressor {
  const transform: Transform = compression === "gzip" ? createGzip() : createZstdCompress();
  let full = false;
  transform.on("data", (piece: Uint8Array) => out(piece));
  return {
    write(bytes) {
      full = !transform.write(bytes);
    },
    async taken() {
      if (!full) return;
      full = false;
      await new Promise<void>((resolve) => transform.once("drain", resolve));
    },
    end() {
      return new Promise((resolve, reject) => {
        transform.once("end", resolve);
        transform.once("error", reject);
        transform.end();
      });
    },
  };
}
