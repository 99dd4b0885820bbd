import { keyLabel } from "../keys.ts";
import { LineEditor } from "../line-editor.ts";
import { fill, type Messages } from "../messages.ts";
import type { Overlay } from "../overlay.ts";
import type { ExportFormat, ExportRequest, ExportResult } from "../screen-engine.ts";
import { formatBytes } from "../format.ts";
import { wrapLine } from "../glyphs.ts";
import { drawEditor } from "../widgets/editor.ts";
import { drawSpans, type Paint, type Rectangle, type Target } from "../widgets/paint.ts";
import { ConfirmDialog } from "./confirm-dialog.ts";
import { buttonsWidth, drawButtons, drawDialog, type Button } from "./dialog-frame.ts";

const formats: readonly { readonly format: ExportFormat; readonly name: string; readonly ending: string }[] = [
  { format: "json", name: "JSON", ending: ".json" },
  { format: "csv", name: "CSV", ending: ".csv" },
  { format: "plain", name: "TXT", ending: ".txt" },
];

export interface ExportDialogOptions {
  readonly messages: Messages;
  /** File name without its ending. */
  readonly name: string;
  readonly write: (request: Pick<ExportRequest, "path" | "format" | "overwrite">) => Promise<ExportResult>;
  readonly show: (overlay: Overlay) => void;
  readonly say: (text: string) => void;
  /** Something changed outside of a key. */
  readonly redraw: () => void;
}

const widest = 64;
/** Lines for what is wrong. */
const mostProblemLines = 3;

/** Name and format of a file; Tab goes through the formats. A file that is there is only replaced after a yes. */
export class ExportDialog implements Overlay {
  readonly #options: ExportDialogOptions;
  readonly #editor: LineEditor;
  #close: (() => void) | undefined;
  #problem: string | undefined;
  #busy = false;

  constructor(options: ExportDialogOptions) {
    this.#options = options;
    this.#editor = new LineEditor(`${options.name}${formats[0]?.ending ?? ""}`);
  }

  opened(close: () => void): void {
    this.#close = close;
  }

  /** The ending of the name decides the format; undefined for an ending that says nothing. */
  get #format(): ExportFormat | undefined {
    return formats.find(({ ending }) => this.#editor.text.toLowerCase().endsWith(ending))?.format;
  }

  draw(paint: Paint, place: Rectangle): void {
    const { messages, styles, buffer, hits } = paint;
    const buttons: Button[] = [
      { key: keyLabel("enter"), label: messages.hintWrite },
      { key: keyLabel("tab"), label: messages.hintFormat },
      { key: keyLabel("escape"), label: messages.hintCancel },
    ];
    const width = Math.max(buttonsWidth(paint, buttons), Math.min(widest, place.width - 4));
    const room = Math.min(width, place.width - 4);
    const problem = this.#problem === undefined ? [] : wrapLine(this.#problem, room).slice(0, mostProblemLines);
    const { inside } = drawDialog(paint, place, width, 3 + Math.max(1, problem.length), messages.exportTitle);
    drawEditor(paint, inside.x, inside.y, inside.width, this.#editor);
    let x = inside.x;
    formats.forEach(({ format, name }, index) => {
      const active = format === this.#format;
      const start = x;
      x = drawSpans(paint, x, inside.y + 1, inside.x + inside.width, [
        [active ? "● " : "  ", styles.accent],
        [name, active ? styles.tabActive : styles.tab],
      ]);
      hits.push({ x: start, y: inside.y + 1, width: x - start, height: 1, target: { kind: "item", index } });
      x += 3;
    });
    problem.forEach((line, index) => {
      if (index + 3 < inside.height) buffer.line(inside.x, inside.y + 2 + index, line, styles.error);
    });
    drawButtons(paint, inside.x, inside.y + inside.height - 1, inside.x + inside.width, buttons);
  }

  key(key: string): void {
    if (key === "escape") this.#close?.();
    else if (key === "enter") void this.#write(false);
    else if (key === "tab")
      this.#choose((formats.findIndex(({ format }) => format === this.#format) + 1) % formats.length);
    else if (this.#editor.key(key)) this.#problem = undefined;
  }

  click(target: Target): void {
    if (target.kind === "item") this.#choose(target.index);
    else if (target.kind === "button") this.key(["enter", "tab", "escape"][target.index] ?? "");
  }

  wheel(): void {}

  paste(text: string): void {
    this.#editor.insert(text);
  }

  /** Gives the name the ending of a format. */
  #choose(index: number): void {
    const chosen = formats[index];
    if (chosen === undefined) return;
    const old = formats.find(({ format }) => format === this.#format);
    const stem = old === undefined ? this.#editor.text : this.#editor.text.slice(0, -old.ending.length);
    this.#editor.set(stem + chosen.ending);
    this.#problem = undefined;
  }

  async #write(overwrite: boolean): Promise<void> {
    const { messages, write, say, redraw } = this.#options;
    const path = this.#editor.text.trim();
    const format = this.#format;
    if (this.#busy) return;
    if (format === undefined) {
      this.#problem = messages.exportEnding;
      return;
    }
    this.#busy = true;
    const result = await write({ path, format, overwrite });
    this.#busy = false;
    if (result.ok) {
      this.#close?.();
      say(fill(messages.exported, { path: result.path, bytes: formatBytes(result.bytes) }));
    } else if (result.exists) this.#ask(path);
    else this.#problem = result.problem;
    redraw();
  }

  #ask(path: string): void {
    const { messages, show } = this.#options;
    show(
      new ConfirmDialog({
        title: messages.exportTitle,
        question: fill(messages.exportExists, { path }),
        again: ["y"],
        confirm: () => void this.#write(true),
      }),
    );
  }
}
