import { textWidth } from "../glyphs.ts";
import { keyLabel } from "../keys.ts";
import { LineEditor } from "../line-editor.ts";
import type { Overlay } from "../overlay.ts";
import { drawEditor } from "../widgets/editor.ts";
import type { Paint, Rectangle, Target } from "../widgets/paint.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialog-frame.ts";

export interface TextDialogOptions {
  readonly title: string;
  /** What the line holds at first. */
  readonly text?: string;
  /** What is wrong with a text; undefined when it will do. Shown below the line. */
  readonly check?: (text: string) => string | undefined;
  /** Enter on a text that will do; the dialog is closed before. */
  readonly accept: (text: string) => void;
}

const widest = 72;

/** One line to type: Enter accepts, Esc or a click beside it closes it. */
export class TextDialog implements Overlay {
  readonly #options: TextDialogOptions;
  readonly #editor: LineEditor;
  #close: (() => void) | undefined;

  constructor(options: TextDialogOptions) {
    this.#options = options;
    this.#editor = new LineEditor(options.text ?? "");
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, styles, buffer } = paint;
    const { title } = this.#options;
    const buttons: Button[] = [
      { key: keyLabel("enter"), label: messages.hintApply },
      { key: keyLabel("escape"), label: messages.hintCancel },
    ];
    const width = Math.max(textWidth(title) + 4, buttonsWidth(paint, buttons), Math.min(widest, place.width - 4));
    const { inside } = drawDialog(paint, place, width, 3, title);
    drawEditor(paint, inside.x, inside.y, inside.width, this.#editor);
    const problem = this.#options.check?.(this.#editor.text);
    if (problem !== undefined && inside.height > 1) {
      buffer.text(inside.x, inside.y + 1, problem, styles.error, inside.width);
    }
    if (inside.height > 2) drawButtons(paint, inside.x, inside.y + 2, inside.x + inside.width, buttons);
  }

  key(key: string): void {
    if (key === "enter") this.#accept();
    else if (key === "escape") this.#close?.();
    else this.#editor.key(key);
  }

  click(target: Target): void {
    if (target.kind !== "button") return;
    if (target.index === 0) this.#accept();
    else this.#close?.();
  }

  wheel(): void {}

  paste(text: string): void {
    this.#editor.insert(text);
  }

  #accept(): void {
    const { text } = this.#editor;
    if (this.#options.check?.(text) !== undefined) return;
    this.#close?.();
    this.#options.accept(text);
  }
}
