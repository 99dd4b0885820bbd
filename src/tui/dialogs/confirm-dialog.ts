import { textWidth } from "../glyphs.ts";
import { keyLabel } from "../keys.ts";
import type { Overlay } from "../overlay.ts";
import type { Paint, Rectangle, Target } from "../widgets/paint.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialog-frame.ts";

export interface ConfirmDialogOptions {
  readonly title: string;
  readonly question: string;
  /** Keys that mean yes beside Enter: the one that asked, so that pressing it twice does it. */
  readonly again: readonly string[];
  /** Yes; the dialog is closed before. */
  readonly confirm: () => void;
}

/** A question with yes and no. Enter or the key that asked again says yes, any other key no. */
export class ConfirmDialog implements Overlay {
  readonly #options: ConfirmDialogOptions;
  #close: (() => void) | undefined;

  constructor(options: ConfirmDialogOptions) {
    this.#options = options;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, styles, buffer } = paint;
    const { title, question } = this.#options;
    const buttons: Button[] = [
      { key: keyLabel("enter"), label: messages.hintYes },
      { key: keyLabel("escape"), label: messages.hintNo },
    ];
    const width = Math.max(textWidth(title) + 4, textWidth(question), buttonsWidth(paint, buttons));
    const { inside } = drawDialog(paint, place, width, 2, title);
    buffer.text(inside.x, inside.y, question, styles.text, inside.width, "middle");
    drawButtons(paint, inside.x, inside.y + inside.height - 1, inside.x + inside.width, buttons);
  }

  key(key: string): void {
    this.#close?.();
    if (key === "enter" || this.#options.again.includes(key)) this.#options.confirm();
  }

  click(target: Target): void {
    if (target.kind !== "button") return;
    this.#close?.();
    if (target.index === 0) this.#options.confirm();
  }

  wheel(): void {}
}
