import { textWidth } from "../glyphs.ts";
import { keyLabel } from "../keys.ts";
import { LineEditor } from "../line-editor.ts";
import type { Messages } from "../messages.ts";
import type { Overlay } from "../overlay.ts";
import type { Playback } from "../playback.ts";
import { parseSeek, seekExamples } from "../seek-text.ts";
import { drawEditor } from "../widgets/editor.ts";
import type { Paint, Rectangle, Target } from "../widgets/paint.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialog-frame.ts";

export interface SeekDialogOptions {
  readonly messages: Messages;
  readonly playback: Playback;
}

/** Asks for a place in the file: a time, a way from here, a packet, or a share. */
export class SeekDialog implements Overlay {
  readonly #options: SeekDialogOptions;
  readonly #editor = new LineEditor("");
  #close: (() => void) | undefined;
  #problem: string | undefined;

  constructor(options: SeekDialogOptions) {
    this.#options = options;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, styles, buffer } = paint;
    const buttons: Button[] = [
      { key: keyLabel("enter"), label: messages.hintGo },
      { key: keyLabel("escape"), label: messages.hintCancel },
    ];
    const texts = [seekExamples, messages.seekProblem, messages.seekPipe].map(textWidth);
    const width = Math.max(buttonsWidth(paint, buttons), ...texts);
    const { inside } = drawDialog(paint, place, width, 3, messages.seekTitle);
    drawEditor(paint, inside.x, inside.y, inside.width, this.#editor);
    const [text, style] = this.#problem === undefined ? [seekExamples, styles.muted] : [this.#problem, styles.error];
    if (inside.height >= 3) buffer.text(inside.x, inside.y + 1, text, style, inside.width);
    drawButtons(paint, inside.x, inside.y + inside.height - 1, inside.x + inside.width, buttons);
  }

  key(key: string): void {
    if (key === "escape") this.#close?.();
    else if (key === "enter") this.#go();
    else if (this.#editor.key(key)) this.#problem = undefined;
  }

  click(target: Target): void {
    if (target.kind === "button") this.key(["enter", "escape"][target.index] ?? "");
  }

  wheel(): void {}

  paste(text: string): void {
    this.#editor.insert(text);
    this.#problem = undefined;
  }

  #go(): void {
    const { messages, playback } = this.#options;
    const target = parseSeek(this.#editor.text, playback.state());
    if (target === undefined) this.#problem = messages.seekProblem;
    else if (!playback.seek(target)) this.#problem = messages.seekPipe;
    else this.#close?.();
  }
}
