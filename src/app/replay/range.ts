/** A part of a capture by time. */

/** A time as a person gives it: of the calendar, or seconds after the first frame. */
export type TimePoint =
  | { readonly kind: "absolute"; readonly millis: number }
  | { readonly kind: "relative"; readonly seconds: number };

export interface TimeRange {
  readonly from?: TimePoint;
  readonly to?: TimePoint;
}

/** Frames stand out of order by less than this (milliseconds): reading ends when one is so much behind the range. */
const disorder = 60_000;

/** Tells frames of the range from others; relative times count from the first frame that it is asked about. */
export class RangeSelection {
  readonly #range: TimeRange;
  #begun = false;
  #from = -Infinity;
  #to = Infinity;

  constructor(range: TimeRange) {
    this.#range = range;
  }

  /** "before" and "after" are left out; "over": so far after that nothing of the range follows. */
  place(millis: number): "inside" | "before" | "after" | "over" {
    if (!this.#begun) this.#begin(millis);
    if (millis < this.#from) return "before";
    if (millis <= this.#to) return "inside";
    return millis > this.#to + disorder ? "over" : "after";
  }

  #begin(first: number): void {
    this.#begun = true;
    const { from, to } = this.#range;
    const time = (point: TimePoint): number =>
      point.kind === "absolute" ? point.millis : first + point.seconds * 1000;
    if (from !== undefined) this.#from = time(from);
    if (to !== undefined) this.#to = time(to);
  }
}
