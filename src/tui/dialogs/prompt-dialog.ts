import { textWidth } from "../glyphs.ts";
import { keyLabel } from "../keys.ts";
import { LineEditor } from "../line-editor.ts";
import type { Messages } from "../messages.ts";
import type { Overlay } from "../overlay.ts";
import { drawEditor } from "../widgets/editor.ts";
import type { Paint, Rectangle, Target } from "../widgets/paint.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialog-frame.ts";

export interface PromptOptions {
  readonly messages: Messages;
  readonly title: string;
  /** What stands in the line at first. */
  readonly text: string;
  /** What may be typed. */
  readonly hint: string;
  /** Takes what was typed, or says what is wrong with it. */
  readonly take: (text: string) => string | undefined;
}

/** Asks for one line of text. */
export class PromptDialog implements Overlay {
  readonly #options: PromptOptions;
  readonly #editor: LineEditor;
  #close: (() => void) | undefined;
  #problem: string | undefined;

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#editor = new LineEditor(options.text);
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, styles, buffer } = paint;
    const { title, hint } = this.#options;
    const buttons: Button[] = [
      { key: keyLabel("enter"), label: messages.hintApply },
      { key: keyLabel("escape"), label: messages.hintCancel },
    ];
    const width = Math.min(place.width - 4, Math.max(buttonsWidth(paint, buttons), textWidth(hint), 24));
    const { inside } = drawDialog(paint, place, width, 3, title);
    const lines = Math.min(3, inside.height);
    if (lines > 0) drawEditor(paint, inside.x, inside.y, inside.width, this.#editor);
    if (lines > 1) {
      const style = this.#problem === undefined ? styles.muted : styles.error;
      buffer.text(inside.x, inside.y + 1, this.#problem ?? hint, style, inside.width);
    }
    if (lines > 2) drawButtons(paint, inside.x, inside.y + 2, inside.x + inside.width, buttons);
  }

  key(key: string): void {
    if (key === "escape") this.#close?.();
    else if (key === "enter") {
      this.#problem = this.#options.take(this.#editor.text);
      if (this.#problem === undefined) this.#close?.();
    } else if (this.#editor.key(key)) this.#problem = undefined;
  }

  click(target: Target): void {
    if (target.kind === "button") this.key(target.index === 0 ? "enter" : "escape");
  }

  wheel(): void {}

  paste(text: string): void {
    this.#editor.insert(text);
    this.#problem = undefined;
  }
}
