import type { MouseEvent } from "./input-parser.ts";
import type { Hit, Target } from "./widgets/paint.ts";

const doubleClickMillis = 400;
const wheelRows = 3;

/** Who answers to the mouse. */
export interface MouseListener {
  wheel(by: number): void;
  /** A press; `target` is undefined where nothing was drawn that answers. */
  press(target: Target | undefined, event: MouseEvent, double: boolean): void;
  /** A move with the button down, or the button coming up, after a press on `target`. */
  drag(target: Target, event: MouseEvent): void;
}

/** Tells clicks from double clicks and drags, and finds what lies under them. */
export class Mouse {
  readonly #clock: () => number;
  #lastClick = { time: -Infinity, x: -1, y: -1 };
  #held: Target | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  handle(event: MouseEvent, hits: readonly Hit[], listener: MouseListener): void {
    if (event.action === "wheelup" || event.action === "wheeldown") {
      listener.wheel(event.action === "wheelup" ? -wheelRows : wheelRows);
    } else if (event.action === "press") {
      if (event.button === 0) this.#press(event, hits, listener);
    } else {
      if (this.#held !== undefined) listener.drag(this.#held, event);
      if (event.action === "release") this.#held = undefined;
    }
  }

  /** Forgets what is held, and returns it. */
  letGo(): Target | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  #press(event: MouseEvent, hits: readonly Hit[], listener: MouseListener): void {
    const now = this.#clock();
    const { time, x, y } = this.#lastClick;
    const double = now - time < doubleClickMillis && x === event.x && y === event.y;
    this.#lastClick = { time: double ? -Infinity : now, x: event.x, y: event.y };
    const target = hits.findLast(
      (one) => event.x >= one.x && event.x < one.x + one.width && event.y >= one.y && event.y < one.y + one.height,
    )?.target;
    this.#held = target;
    listener.press(target, event, double);
  }
}
