import { textWidth } from "../glyphs.ts";
import type { MouseEvent } from "../input-parser.ts";
import type { Command } from "../keys.ts";
import { LineEditor } from "../line-editor.ts";
import { stepOf, type Overlay } from "../overlay.ts";
import { fuzzyScore } from "../palette-match.ts";
import { drawEditor } from "../widgets/editor.ts";
import { drawScrollbar, type Paint, type Rectangle, type Target } from "../widgets/paint.ts";
import { drawDialog } from "./dialog-frame.ts";
import { drawItems } from "./list-dialog.ts";

export interface PaletteEntry {
  readonly label: string;
  /** Its key, or what kind of thing it is. */
  readonly detail: string;
  readonly run: () => void;
}

const mostRows = 16;

/** Type some letters of what is wanted: Enter runs the best match. */
export class Palette implements Overlay {
  readonly #title: string;
  readonly #nothing: string;
  readonly #all: readonly PaletteEntry[];
  readonly #editor = new LineEditor();
  #close: (() => void) | undefined;
  #matches: readonly PaletteEntry[];
  #selected = 0;
  #scroll = 0;
  #page = 1;

  /** `nothing`: shown when no entry matches. */
  constructor(title: string, nothing: string, entries: readonly PaletteEntry[]) {
    this.#title = title;
    this.#nothing = nothing;
    this.#all = entries;
    this.#matches = entries;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { buffer, styles } = paint;
    const widest = this.#all.reduce(
      (most, one) => Math.max(most, textWidth(one.label) + textWidth(one.detail) + 6),
      40,
    );
    // As high as all entries would make it, so that it stands still while one types.
    const rows = Math.min(this.#all.length, mostRows, Math.max(1, place.height - 5));
    const { box, inside } = drawDialog(paint, place, Math.min(widest, 76), rows + 1, this.#title);
    buffer.text(inside.x, inside.y, ":", styles.keyName, 1);
    drawEditor(paint, inside.x + 2, inside.y, inside.width - 2, this.#editor);
    const list = { ...inside, y: inside.y + 1, height: Math.max(0, inside.height - 1) };
    this.#page = Math.max(1, list.height);
    this.#scroll = Math.max(Math.min(this.#scroll, this.#selected), this.#selected - this.#page + 1, 0);
    if (this.#matches.length === 0 && list.height > 0) {
      buffer.text(list.x + 2, list.y, this.#nothing, styles.muted, list.width - 2);
    }
    drawItems(paint, list, this.#matches, this.#scroll, this.#selected);
    drawScrollbar(paint, box.x + box.width - 1, list.y, list.height, this.#scroll, this.#matches.length);
  }

  key(key: string, command: Command | undefined): void {
    if (key === "enter") this.#run(this.#selected);
    else if (key === "escape") this.#close?.();
    else if (key === "backspace" && this.#editor.text === "") this.#close?.();
    else if (/^(?:up|down|pageup|pagedown)$/.test(key)) this.wheel(stepOf(command, this.#page) ?? 0);
    else if (this.#editor.key(key)) this.#match();
  }

  click(target: Target, _event: MouseEvent): void {
    if (target.kind === "item") this.#run(target.index);
  }

  wheel(by: number): void {
    this.#selected = Math.max(0, Math.min(this.#selected + by, this.#matches.length - 1));
  }

  paste(text: string): void {
    this.#editor.insert(text);
    this.#match();
  }

  #match(): void {
    const { text } = this.#editor;
    this.#selected = 0;
    this.#scroll = 0;
    this.#matches = this.#all
      .map((entry) => ({ entry, score: fuzzyScore(text, entry.label) }))
      .filter((one): one is { entry: PaletteEntry; score: number } => one.score !== undefined)
      .sort((a, b) => b.score - a.score)
      .map(({ entry }) => entry);
  }

  #run(index: number): void {
    const entry = this.#matches[index];
    if (entry === undefined) return;
    this.#close?.();
    entry.run();
  }
}
