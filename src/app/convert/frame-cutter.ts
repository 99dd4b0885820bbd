import type { FrameBatch } from "../../files/index.ts";
import { FrameRedactor, headersEnd, type Pseudonyms } from "../../redact/index.ts";
import { decode, isKnownLinkType, linkTypeName, Packet } from "../../wire/index.ts";
import type { LeftOut } from "./left-out.ts";

export interface FrameCutterOptions {
  /** Bytes kept behind the headers; all when absent. */
  readonly payload?: number;
  /** Addresses are replaced by these. */
  readonly pseudonyms?: Pseudonyms;
  readonly keepPayload: boolean;
  readonly leftOut: LeftOut;
}

/** Says how much of a frame is written, and takes out of it what is not to be told. */
export class FrameCutter {
  readonly #payload: number | undefined;
  readonly #redactor: FrameRedactor | undefined;
  readonly #leftOut: LeftOut;
  readonly #packet = new Packet();
  readonly #quoted = new Packet();
  /** Frames that were cut before something that nobody understands. */
  notUnderstood = 0;

  constructor({ payload, pseudonyms, keepPayload, leftOut }: FrameCutterOptions) {
    this.#payload = payload;
    this.#redactor = pseudonyms && new FrameRedactor({ pseudonyms, keepPayload });
    this.#leftOut = leftOut;
  }

  /** How many bytes of the frame are written; -1: it is left out. Changes its bytes where they are redacted. */
  cut(batch: FrameBatch, index: number): number {
    const captured = batch.capturedLengths[index]!;
    const limit = this.#payload === undefined ? captured : this.#limit(batch, index, this.#payload);
    if (this.#redactor === undefined) return limit;
    const link = batch.linkTypes[index]!;
    const kept = this.#redactor.redact(link, batch.bytes, batch.offsets[index]!, captured, batch.wireLengths[index]!);
    if (this.#redactor.isCut) this.notUnderstood++;
    if (kept >= 0) return Math.min(kept, limit);
    const name = linkTypeName(link) ?? `link type ${link}`;
    this.#leftOut.add(`packet of ${name} that cannot be redacted`, `packets of ${name} that cannot be redacted`);
    return -1;
  }

  /** Where the payload begins, and so many bytes more. */
  #limit(batch: FrameBatch, index: number, payload: number): number {
    const captured = batch.capturedLengths[index]!;
    const link = batch.linkTypes[index]!;
    if (!isKnownLinkType(link)) return captured;
    const offset = batch.offsets[index]!;
    decode(link, batch.bytes, captured, batch.wireLengths[index]!, this.#packet, offset);
    return Math.min(captured, Math.max(0, headersEnd(this.#packet, this.#quoted) - offset) + payload);
  }
}
