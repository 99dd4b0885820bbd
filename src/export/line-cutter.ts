import { longestRecord } from "./read-flow-record.ts";

/** UTF-8 takes up to three bytes for what is one of a text's characters. */
const longestLine = longestRecord * 3;
const lineFeed = 0x0a;
const nothing = new Uint8Array(0);

/** Cuts bytes into lines. Holds one line at most; what is longer than any record is left out and counted. */
export class LineCutter {
  readonly #take: (line: string) => void;
  #held: Uint8Array = nothing;
  #skips = false;
  /** Lines that were too long. */
  skipped = 0;

  /** `take` gets each line without its end; what is no UTF-8 in it is replaced. */
  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** The bytes are only read during the call. */
  push(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      this.#append(bytes.subarray(from, end));
      this.end();
      from = end + 1;
    }
    if (from < bytes.length) this.#append(bytes.subarray(from));
    // The caller's buffer may change.
    this.#held = this.#held.slice();
  }

  /** The last line may have no end. */
  end(): void {
    const { buffer, byteOffset, length } = this.#held;
    const text = this.#skips || length === 0 ? "" : Buffer.from(buffer, byteOffset, length).toString("utf8");
    this.#held = nothing;
    this.#skips = false;
    if (text !== "") this.#take(text);
  }

  #append(piece: Uint8Array): void {
    if (this.#skips) return;
    if (this.#held.length + piece.length > longestLine) {
      this.#skips = true;
      this.#held = nothing;
      this.skipped++;
    } else if (this.#held.length === 0) this.#held = piece;
    else this.#held = Buffer.concat([this.#held, piece]);
  }
}
