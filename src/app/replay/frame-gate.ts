import type { MergedFrames } from "../../files/index.ts";
import { runClassicFilter } from "../../host/linux/flow-admission.ts";
import { isKnownLinkType, linkTypeName } from "../../wire/index.ts";
import { RangeSelection, type TimeRange } from "./range.ts";

/** Which frames of the files are wanted; all when empty. */
export interface FrameSelection {
  /** Which times. */
  readonly range?: TimeRange;
  /** Capture filter by link type, compiled to classic BPF; a frame of another link type does not match. */
  readonly filters?: ReadonlyMap<number, Uint8Array>;
}

/** Frames by what became of them. */
export class FrameGate {
  readonly #range: RangeSelection | undefined;
  readonly #filters: ReadonlyMap<number, Uint8Array> | undefined;
  /** Frames of link types that nobody decodes, by type. */
  readonly skipped = new Map<number, number>();
  #lastKnown = -1;

  constructor({ range, filters }: FrameSelection) {
    this.#range = range && new RangeSelection(range);
    this.#filters = filters;
  }

  /** "over": nothing that is wanted follows. */
  judge(frames: MergedFrames): "take" | "leave" | "over" {
    const { batch, index } = frames;
    if (this.#range !== undefined) {
      const place = this.#range.place(batch.millis(index));
      if (place !== "inside") return place === "over" ? "over" : "leave";
    }
    const link = batch.linkTypes[index]!;
    if (link !== this.#lastKnown) {
      if (!isKnownLinkType(link)) {
        this.skipped.set(link, (this.skipped.get(link) ?? 0) + 1);
        return "leave";
      }
      this.#lastKnown = link;
    }
    return this.#filters === undefined || this.#matches(this.#filters, batch, index) ? "take" : "leave";
  }

  #matches(filters: ReadonlyMap<number, Uint8Array>, batch: MergedFrames["batch"], index: number): boolean {
    const program = filters.get(batch.linkTypes[index]!);
    if (program === undefined) return false;
    const at = batch.offsets[index]!;
    const bytes = batch.bytes.subarray(at, at + batch.capturedLengths[index]!);
    return runClassicFilter(program, bytes, batch.wireLengths[index]!) > 0;
  }

  /** One line a link type that was passed over. */
  notes(): string[] {
    return [...this.skipped].map(([link, count]) => {
      const name = linkTypeName(link);
      return `${count} frames of link type ${link}${name === undefined ? "" : ` (${name})`} were skipped: they hold no network packets that Socklens decodes`;
    });
  }
}

/** Programs as the broker hands them over, in base64. */
export function decodeFilters(filters: Readonly<Record<string, string>>): ReadonlyMap<number, Uint8Array> {
  return new Map(Object.entries(filters).map(([link, program]) => [Number(link), Buffer.from(program, "base64")]));
}
