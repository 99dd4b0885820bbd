import xterm from "@xterm/headless";
import type { ColorDepth, TerminalListener, TerminalPort } from "../../src/tui/index.ts";

export interface HeadlessOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colors?: ColorDepth;
  readonly unicode?: boolean;
}

/** A terminal that a program reads back: what xterm would show for the bytes the screen wrote. */
export class HeadlessTerminal implements TerminalPort {
  readonly colors: ColorDepth;
  readonly unicode: boolean;
  readonly xterm: xterm.Terminal;
  congested = false;
  listener: TerminalListener | undefined;
  suspended = 0;
  closed = 0;
  /** Every write, one frame each, and its text. */
  readonly writes: string[] = [];

  constructor({ columns, rows, colors = "truecolor", unicode = true }: HeadlessOptions) {
    this.colors = colors;
    this.unicode = unicode;
    this.xterm = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  }

  size(): { columns: number; rows: number } {
    return { columns: this.xterm.cols, rows: this.xterm.rows };
  }

  write(bytes: Uint8Array): void {
    this.writes.push(Buffer.from(bytes).toString("utf8"));
    this.xterm.write(Uint8Array.from(bytes));
  }

  open(listener: TerminalListener): void {
    this.listener = listener;
  }

  close(): void {
    this.closed++;
  }

  suspend(): void {
    this.suspended++;
  }

  resize(columns: number, rows: number): void {
    this.xterm.resize(columns, rows);
    this.listener?.resized();
  }

  /** Types bytes as a person's terminal would send them. */
  type(text: string): void {
    this.listener?.input(Buffer.from(text, "utf8"));
  }

  /** Resolves when everything written so far is on the screen. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.xterm.write("", resolve));
  }

  /** The lines of the screen, without the blanks at their ends. */
  async lines(): Promise<string[]> {
    await this.settled();
    const { active } = this.xterm.buffer;
    return Array.from(
      { length: this.xterm.rows },
      (_, y) =>
        active
          .getLine(active.baseY + y)
          ?.translateToString(true)
          .trimEnd() ?? "",
    );
  }

  cell(x: number, y: number): xterm.IBufferCell | undefined {
    const { active } = this.xterm.buffer;
    return active.getLine(active.baseY + y)?.getCell(x);
  }
}
