import { type ColumnSettings } from "./column-settings.ts";
import type { ColumnId } from "./columns.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialogs/dialog-frame.ts";
import { textWidth } from "./glyphs.ts";
import type { MouseEvent } from "./input-parser.ts";
import { keyLabel, type Command } from "./keys.ts";
import type { Messages } from "./messages.ts";
import { stepOf, type Overlay } from "./overlay.ts";
import { drawRight, drawScrollbar, type Paint, type Rectangle, type Target } from "./widgets/paint.ts";

type Action = "toggle" | "earlier" | "later" | "narrower" | "wider" | "reset" | "close";

/** Shows, hides, orders and sizes columns; the table below follows at once. */
export class ColumnsDialog implements Overlay {
  readonly #settings: ColumnSettings;
  readonly #messages: Messages;
  /** The width that a column has on the screen; undefined: it is not there. */
  readonly #widthOf: (id: ColumnId) => number | undefined;
  #close: (() => void) | undefined;
  #selected = 0;
  #scroll = 0;
  #page = 1;

  constructor(settings: ColumnSettings, messages: Messages, widthOf: (id: ColumnId) => number | undefined) {
    this.#settings = settings;
    this.#messages = messages;
    this.#widthOf = widthOf;
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  get #buttons(): readonly (Button & { readonly action: Action })[] {
    const { columnsShow, columnsMove, columnsWidth, columnsReset, columnsClose } = this.#messages;
    return [
      { key: keyLabel("space"), label: columnsShow, action: "toggle" },
      { key: "K J", label: columnsMove, action: "later" },
      { key: "< >", label: columnsWidth, action: "wider" },
      { key: "r", label: columnsReset, action: "reset" },
      { key: keyLabel("escape"), label: columnsClose, action: "close" },
    ];
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, buffer, styles, table, hits } = paint;
    const columns = this.#settings.order;
    const buttons = this.#buttons;
    const names = Math.max(...columns.map(({ title }) => textWidth(messages[title])));
    const width = Math.max(
      names + 8 + Math.max(4, textWidth(messages.columnsNoRoom)),
      Math.min(buttonsWidth(paint, buttons), place.width - 4),
    );
    const height = Math.min(columns.length, Math.max(1, place.height - 5));
    const { box, inside } = drawDialog(paint, place, width, height + 1, messages.columnsTitle);
    this.#page = Math.max(1, inside.height - 1);
    this.#scroll = Math.max(Math.min(this.#scroll, this.#selected), this.#selected - this.#page + 1, 0);
    for (let i = 0; i < this.#page; i++) {
      const column = columns[this.#scroll + i];
      if (column === undefined) break;
      const y = inside.y + i;
      const shown = !this.#settings.isHidden(column.id);
      buffer.text(inside.x, y, shown ? "[x]" : "[ ]", shown ? styles.accent : styles.muted, 3);
      const fixed = this.#settings.width(column.id);
      const now = this.#widthOf(column.id);
      const text = now === undefined ? messages.columnsNoRoom : fixed === undefined ? String(now) : `=${fixed}`;
      const room = shown ? Math.max(5, textWidth(text)) : 5;
      buffer.text(inside.x + 4, y, messages[column.title], shown ? styles.text : styles.muted, inside.width - 5 - room);
      const look = now === undefined ? styles.faint : fixed === undefined ? styles.muted : styles.text;
      if (shown) drawRight(paint, inside.x + inside.width - room, y, room, text, look);
      if (this.#scroll + i === this.#selected) {
        buffer.restyle(inside.x - 1, y, inside.width + 2, (style) => table.over(style, styles.selection));
      }
      const target = { kind: "item", index: this.#scroll + i } as const;
      hits.push({ x: inside.x - 1, y, width: inside.width + 2, height: 1, target });
    }
    drawScrollbar(paint, box.x + box.width - 1, inside.y, this.#page, this.#scroll, columns.length);
    if (inside.height > 1) {
      drawButtons(paint, inside.x, inside.y + inside.height - 1, inside.x + inside.width, buttons);
    }
  }

  key(key: string, command: Command | undefined): void {
    const action = actions[key];
    if (action !== undefined) this.#do(action);
    else {
      const step = stepOf(command, this.#page);
      if (step !== undefined) this.#select(this.#selected + step);
    }
  }

  click(target: Target, _event: MouseEvent): void {
    if (target.kind === "item") {
      this.#select(target.index);
      this.#do("toggle");
    } else if (target.kind === "button") {
      const button = this.#buttons[target.index];
      if (button !== undefined) this.#do(button.action);
    }
  }

  wheel(by: number): void {
    this.#select(this.#selected + by);
  }

  #select(index: number): void {
    this.#selected = Math.max(0, Math.min(index, this.#settings.order.length - 1));
  }

  #do(action: Action): void {
    const id = this.#settings.order[this.#selected]?.id;
    if (action === "close") this.#close?.();
    else if (action === "reset") this.#settings.reset();
    else if (id === undefined) return;
    else if (action === "toggle") this.#settings.toggle(id);
    else if (action === "earlier" || action === "later") {
      const by = action === "earlier" ? -1 : 1;
      if (this.#settings.move(id, by)) this.#select(this.#selected + by);
    } else
      this.#settings.setWidth(id, (this.#widthOf(id) ?? this.#settings.preferred(id)) + (action === "wider" ? 1 : -1));
  }
}

/** Keys of the dialog; what moves the selection is the key table's. */
const actions: Readonly<Record<string, Action | undefined>> = {
  space: "toggle",
  K: "earlier",
  "shift-up": "earlier",
  J: "later",
  "shift-down": "later",
  "<": "narrower",
  left: "narrower",
  ">": "wider",
  right: "wider",
  r: "reset",
  escape: "close",
  enter: "close",
  q: "close",
};
