import type { Binding, Command } from "../keys.ts";
import { stepOf, type Overlay } from "../overlay.ts";
import { drawHelp } from "../widgets/help.ts";
import type { Paint, Rectangle } from "../widgets/paint.ts";

/** Every key that holds in the tab it was called from. Any key that does not scroll it closes it, and so does a click. */
export class HelpOverlay implements Overlay {
  readonly #bindings: readonly Binding[];
  #close: (() => void) | undefined;
  #scroll = 0;
  #most = 0;

  constructor(bindings: readonly Binding[]) {
    this.#bindings = bindings;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    this.#most = drawHelp(paint, place.width, place.height, this.#bindings, this.#scroll);
  }

  key(_key: string, command: Command | undefined): void {
    const step = stepOf(command, 10);
    if (step === undefined || this.#most === 0) this.#close?.();
    else this.wheel(step);
  }

  click(): void {
    this.#close?.();
  }

  wheel(by: number): void {
    this.#scroll = Math.max(0, Math.min(this.#most, this.#scroll + by));
  }
}
