import type { Binding, Command, Context } from "../keys.ts";
import { stepOf, type Overlay } from "../overlay.ts";
import { drawHelp } from "../widgets/help.ts";
import type { Paint, Rectangle } from "../widgets/paint.ts";

/** Every key that holds in the tab it was called from, its signs, and the mouse. Any key that does not scroll it closes it, and so does a click. */
export class HelpOverlay implements Overlay {
  readonly #bindings: readonly Binding[];
  readonly #context: Context;
  #close: (() => void) | undefined;
  #scroll = 0;
  /** How far it can be scrolled; not known before it was drawn. */
  #most = Infinity;

  constructor(bindings: readonly Binding[], context: Context) {
    this.#bindings = bindings;
    this.#context = context;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    this.#most = drawHelp(paint, place, this.#bindings, this.#context, this.#scroll);
    this.#scroll = Math.min(this.#scroll, this.#most);
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
