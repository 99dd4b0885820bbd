import { textWidth } from "../glyphs.ts";
import type { MouseEvent } from "../input-parser.ts";
import type { Command } from "../keys.ts";
import { stepOf, type Overlay } from "../overlay.ts";
import { drawRight, drawScrollbar, type Paint, type Rectangle, type Target } from "../widgets/paint.ts";
import { drawDialog } from "./dialog-frame.ts";

export interface ListItem {
  readonly label: string;
  /** Shown at the right end: a key, a value. */
  readonly detail?: string;
  /** In force at present. */
  readonly marked?: boolean;
}

export interface ListDialogOptions {
  readonly title: string;
  readonly items: readonly ListItem[];
  /** The item that is selected at first; the first when absent. */
  readonly selected?: number;
  /** Enter or a click on an item; the dialog is closed before. */
  readonly choose: (index: number) => void;
  /** The selection moved: to show at once what choosing it would do. */
  readonly preview?: (index: number) => void;
  /** Closed without a choice: takes back what `preview` did. */
  readonly cancel?: () => void;
}

/** A list to choose from: arrows and Enter, wheel and click; Esc or a click beside it closes it. */
export class ListDialog implements Overlay {
  readonly #options: ListDialogOptions;
  #close: (() => void) | undefined;
  #chosen = false;
  #selected: number;
  #scroll = 0;
  #page = 1;

  constructor(options: ListDialogOptions) {
    this.#options = options;
    this.#selected = Math.max(0, Math.min(options.selected ?? 0, options.items.length - 1));
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  closed(): void {
    if (!this.#chosen) this.#options.cancel?.();
  }

  draw(paint: Paint, place: Rectangle): void {
    const { items, title } = this.#options;
    const width = items.reduce(
      (most, one) => Math.max(most, textWidth(one.label) + (one.detail === undefined ? 0 : textWidth(one.detail) + 2)),
      textWidth(title) + 4,
    );
    const height = Math.min(items.length, Math.max(1, place.height - 4));
    const { box, inside } = drawDialog(paint, place, width + 3, height, title);
    this.#page = Math.max(1, inside.height);
    this.#scroll = Math.max(Math.min(this.#scroll, this.#selected), this.#selected - this.#page + 1, 0);
    drawItems(paint, inside, items, this.#scroll, this.#selected);
    drawScrollbar(paint, box.x + box.width - 1, inside.y, inside.height, this.#scroll, items.length);
  }

  key(key: string, command: Command | undefined): void {
    const step = stepOf(command, this.#page);
    if (key === "enter" || key === "space") this.#choose(this.#selected);
    else if (key === "escape" || command === "quit") this.#close?.();
    else if (step !== undefined) this.#select(this.#selected + step);
  }

  click(target: Target, _event: MouseEvent): void {
    if (target.kind === "item") this.#choose(target.index);
  }

  wheel(by: number): void {
    this.#select(this.#selected + by);
  }

  #select(index: number): void {
    const at = Math.max(0, Math.min(index, this.#options.items.length - 1));
    if (at === this.#selected) return;
    this.#selected = at;
    this.#options.preview?.(at);
  }

  #choose(index: number): void {
    if (this.#options.items[index] === undefined) return;
    this.#chosen = true;
    this.#close?.();
    this.#options.choose(index);
  }
}

/** Items one below the other, the selected one under the bar; each is a hit of kind "item" with its place in the list. */
export function drawItems(
  paint: Paint,
  place: Rectangle,
  items: readonly ListItem[],
  first: number,
  selected: number,
): void {
  const { buffer, styles, table, hits } = paint;
  for (let i = 0; i < place.height; i++) {
    const item = items[first + i];
    if (item === undefined) break;
    const y = place.y + i;
    const detail = item.detail === undefined ? 0 : Math.min(textWidth(item.detail), place.width >> 1);
    if (item.marked === true) buffer.text(place.x, y, "●", styles.accent, 1);
    buffer.text(place.x + 2, y, item.label, styles.text, Math.max(1, place.width - 3 - detail));
    if (item.detail !== undefined) {
      drawRight(paint, place.x + place.width - detail, y, detail, item.detail, styles.keyName);
    }
    if (first + i === selected) {
      buffer.restyle(place.x - 1, y, place.width + 2, (style) => table.over(style, styles.selection));
    }
    const target = { kind: "item", index: first + i } as const;
    hits.push({ x: place.x - 1, y, width: place.width + 2, height: 1, target });
  }
}
