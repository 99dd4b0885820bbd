import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import type { Paint, Rectangle, Target } from "./widgets/paint.ts";

/** What lies over the tabs: help, a dialog, the palette. While one is shown it gets all input. */
export interface Overlay {
  /** It was put on the screen; `close` takes it away again, with whatever lies above it. */
  opened(close: () => void): void;
  /** Draws over what is there; `place` is the whole screen. Presses on its hits come to `click`. */
  draw(paint: Paint, place: Rectangle): void;
  /** A key, and what the key table makes of it outside of any tab. */
  key(key: string, command: Command | undefined): void;
  /** A press on something that it drew. A press beside all of it closes it. */
  click(target: Target, event: MouseEvent, double: boolean): void;
  /** The wheel, in rows: below 0 is up. */
  wheel(by: number): void;
  paste?(text: string): void;
  /** It was taken from the screen, by itself or from outside. */
  closed?(): void;
}

/** The overlays of a screen, the last one on top. */
export class OverlayStack {
  readonly #overlays: Overlay[] = [];

  get top(): Overlay | undefined {
    return this.#overlays.at(-1);
  }

  show(overlay: Overlay): void {
    this.#overlays.push(overlay);
    overlay.opened(() => this.close(overlay));
  }

  close(overlay: Overlay): void {
    const at = this.#overlays.indexOf(overlay);
    if (at < 0) return;
    for (const one of this.#overlays.splice(at).reverse()) one.closed?.();
  }

  /** Draws all of them; only the top one answers to the mouse. */
  draw(paint: Paint, place: Rectangle): void {
    for (const overlay of this.#overlays) {
      paint.hits.length = 0;
      overlay.draw(paint, place);
    }
  }
}

/** How far the commands that move go in a list that shows `page` rows at a time; undefined for other commands. */
export function stepOf(command: Command | undefined, page: number): number | undefined {
  switch (command) {
    case "up":
      return -1;
    case "down":
      return 1;
    case "pageUp":
      return -page;
    case "pageDown":
      return page;
    case "halfUp":
      return -(page >> 1);
    case "halfDown":
      return page >> 1;
    case "first":
      return -Infinity;
    case "last":
      return Infinity;
    default:
      return undefined;
  }
}
