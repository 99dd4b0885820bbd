import { clockJump } from "../../flow/index.ts";
import { epochMillis, type EpochMillis } from "../../model/index.ts";

/**
 * Time since the first frame, in milliseconds, that never goes back: where a file's clock is set back, as in one that was put
 * together from several, it goes on from there.
 */
export class PlayingTime {
  #base = Number.NaN;
  #latest = 0;

  /** Where a frame of this time stands. Asked for each frame, in order. */
  place(time: number): number {
    if (Number.isNaN(this.#base)) this.#base = time;
    const at = time - this.#base;
    if (at >= this.#latest) return (this.#latest = at);
    // The same rule as the engine's: less than a jump is a frame that came late.
    if (at >= this.#latest - clockJump) return Math.max(0, at);
    this.#base = time - this.#latest;
    return this.#latest;
  }

  /** What the file's clock shows at a place; undefined before the first frame. */
  clock(place: number): EpochMillis | undefined {
    return Number.isNaN(this.#base) ? undefined : epochMillis(this.#base + place);
  }
}
