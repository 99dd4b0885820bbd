import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { MmdbSource } from "./mmdb.ts";

const pageBytes = 4096;

/** A file that is read in pages as they are needed; those that were read first go when there are too many. */
export class PagedFile implements MmdbSource {
  readonly size: number;
  readonly #descriptor: number;
  readonly #most: number;
  readonly #pages = new Map<number, Uint8Array>();

  /** `most`: pages of 4 KiB that are kept. Throws what the system throws when the file cannot be opened. */
  constructor(path: string, most: number) {
    this.#descriptor = openSync(path, "r");
    this.size = fstatSync(this.#descriptor).size;
    this.#most = most;
  }

  byte(at: number): number {
    return this.#page(Math.floor(at / pageBytes))[at % pageBytes] ?? 0;
  }

  bytes(at: number, length: number): Uint8Array {
    const first = Math.floor(at / pageBytes);
    const offset = at % pageBytes;
    if (offset + length <= pageBytes) return this.#page(first).subarray(offset, offset + length);
    const out = new Uint8Array(length);
    this.#read(out, at);
    return out;
  }

  #page(number: number): Uint8Array {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    if (this.#pages.size >= this.#most) {
      for (const oldest of this.#pages.keys()) {
        this.#pages.delete(oldest);
        if (this.#pages.size <= this.#most >> 1) break;
      }
    }
    const page = new Uint8Array(pageBytes);
    this.#read(page, number * pageBytes);
    this.#pages.set(number, page);
    return page;
  }

  /** What the file does not have (it may be cut while it is read) is zero. */
  #read(out: Uint8Array, at: number): void {
    let done = 0;
    while (done < out.length) {
      let count = 0;
      try {
        count = readSync(this.#descriptor, out, done, out.length - done, at + done);
      } catch {
        return;
      }
      if (count === 0) return;
      done += count;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
