import type { RateCells } from "../../tui/index.ts";

/** A power of two: two cells become one when time outgrows them. */
const cells = 1024;

/** Bytes over time without knowing how long it will be: cells grow, their number stays. */
export class GrowingRate implements RateCells {
  readonly bytes = new Float64Array(cells);
  width = 1;

  /** Adds bytes at `place`, in milliseconds from the beginning. */
  add(place: number, bytes: number): void {
    let cell = Math.floor(place / this.width);
    while (cell >= cells) {
      this.#halve();
      cell = Math.floor(place / this.width);
    }
    this.bytes[cell]! += bytes;
  }

  #halve(): void {
    const all = this.bytes;
    for (let cell = 0; cell < cells / 2; cell++) all[cell] = all[cell * 2]! + all[cell * 2 + 1]!;
    all.fill(0, cells / 2);
    this.width *= 2;
  }
}
