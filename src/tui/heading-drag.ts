/** Headings under the mouse: let go where it was pressed, one is clicked; taken elsewhere, its column is moved. */
import type { MouseEvent } from "./input-parser.ts";
import type { Paint } from "./widgets/paint.ts";

/** A heading on the screen; `x` counts from its left edge. */
export interface PlacedHeading<Id> {
  readonly id: Id;
  readonly x: number;
  readonly width: number;
}

/** What a press on a heading and what followed it mean. */
export type HeadingAction<Id> =
  | { readonly kind: "click"; readonly id: Id }
  /** The column goes to the left of `beside`, or to its right. */
  | { readonly kind: "move"; readonly id: Id; readonly beside: Id; readonly after: boolean };

/** Which gap between headings is nearest to `x`: 0 is before the first one. */
export const gapAt = (placed: readonly PlacedHeading<unknown>[], x: number): number =>
  placed.filter((one) => one.x + one.width / 2 <= x).length;

/** One table's heading that is held. */
export class HeadingDrag<Id> {
  #held: { readonly id: Id; readonly from: number; x: number; moved: boolean } | undefined;

  press(id: Id, { x }: MouseEvent): void {
    this.#held = { id, from: x, x, moved: false };
  }

  /** A move with the button down, or its release; undefined: it is let go without effect. */
  follow(event: MouseEvent | undefined, placed: readonly PlacedHeading<Id>[]): HeadingAction<Id> | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    if (event === undefined) {
      this.#held = undefined;
      return undefined;
    }
    held.x = event.x;
    held.moved ||= event.x !== held.from;
    if (event.action !== "release") return undefined;
    const gap = this.#gap(placed);
    this.#held = undefined;
    if (!held.moved) return { kind: "click", id: held.id };
    if (gap === undefined) return undefined;
    const next = placed[gap];
    const last = placed.at(-1);
    if (next !== undefined) return { kind: "move", id: held.id, beside: next.id, after: false };
    return last === undefined ? undefined : { kind: "move", id: held.id, beside: last.id, after: true };
  }

  /** The gap that the held heading would go to; undefined where that changes nothing. */
  #gap(placed: readonly PlacedHeading<Id>[]): number | undefined {
    const held = this.#held;
    const own = placed.findIndex(({ id }) => id === held?.id);
    if (held === undefined || !held.moved || own < 0) return undefined;
    const gap = gapAt(placed, held.x);
    return gap === own || gap === own + 1 ? undefined : gap;
  }

  /** Marks the heading that is being moved, and the gap it goes to. The gap before the first one needs a free cell. */
  draw(paint: Paint, y: number, placed: readonly PlacedHeading<Id>[]): void {
    const { buffer, styles, table } = paint;
    const held = this.#held;
    const own = placed.find(({ id }) => id === held?.id);
    if (held === undefined || !held.moved || own === undefined) return;
    buffer.restyle(own.x, y, own.width, (style) => table.over(style, styles.selection));
    const gap = this.#gap(placed);
    if (gap === undefined) return;
    const next = placed[gap];
    const last = placed.at(-1);
    const x = next !== undefined ? next.x - 1 : last === undefined ? -1 : last.x + last.width;
    buffer.put(x, y, 0x2503, table.over(styles.headingSorted, styles.accent));
  }
}
