import { CellBuffer } from "./cell-buffer.ts";
import { FrameEncoder, type Scroll } from "./frame-encoder.ts";
import type { StyleTable } from "./style.ts";
import type { TerminalPort } from "./terminal.ts";

/** Bytes and frames written since the start. */
export interface ScreenStatistics {
  readonly frames: number;
  readonly bytes: number;
  readonly lastFrameBytes: number;
}

/** Frames to the terminal: what it shows, and what it takes to bring it to the next. */
export class ScreenOutput {
  readonly #terminal: TerminalPort;
  readonly #encoder: FrameEncoder;
  #shown: CellBuffer | undefined;
  #spare: CellBuffer;
  #frames = 0;
  #bytes = 0;
  #lastFrameBytes = 0;

  constructor(terminal: TerminalPort, table: StyleTable) {
    this.#terminal = terminal;
    this.#encoder = new FrameEncoder(table, terminal.unicode);
    this.#encoder.plainShapes = terminal.plainShapes === true;
    const { columns, rows } = terminal.size();
    this.#spare = new CellBuffer(columns, rows);
  }

  /** What the terminal shows is not known any more: the next frame is a whole one. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Whether a frame is one synchronised update. */
  set synchronised(value: boolean) {
    this.#encoder.synchronised = value;
  }

  /** Has `paint` draw on a blank buffer of `background`, and writes what differs; nothing while the terminal is stuck. */
  draw(background: number, paint: (buffer: CellBuffer) => Scroll | undefined): void {
    if (this.#terminal.congested) return;
    const { columns, rows } = this.#terminal.size();
    if (columns <= 0 || rows <= 0) return;
    if (this.#spare.columns !== columns || this.#spare.rows !== rows) this.#spare = new CellBuffer(columns, rows);
    if (this.#shown?.columns !== columns || this.#shown.rows !== rows) this.#shown = undefined;
    const next = this.#spare;
    next.clear(background);
    const scroll = paint(next);
    const bytes = this.#encoder.encode(this.#shown, next, scroll);
    this.#spare = this.#shown ?? new CellBuffer(columns, rows);
    this.#shown = next;
    if (bytes.length === 0) return;
    this.#terminal.write(bytes);
    this.#frames++;
    this.#bytes += bytes.length;
    this.#lastFrameBytes = bytes.length;
  }

  get statistics(): ScreenStatistics {
    return { frames: this.#frames, bytes: this.#bytes, lastFrameBytes: this.#lastFrameBytes };
  }
}
