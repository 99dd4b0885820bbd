import type { Snapshot } from "../model/index.ts";
import { CellBuffer } from "./cell-buffer.ts";
import { clipboardSequence } from "./clipboard.ts";
import { DetailsScreen } from "./details-screen.ts";
import { FrameEncoder, type Scroll } from "./frame-encoder.ts";
import { InputParser, type InputEvent, type KeyEvent, type MouseEvent } from "./input-parser.ts";
import { bindingsOf, KeyMap, keyTable, type Command, type Context } from "./keys.ts";
import { english, fill, type Messages } from "./messages.ts";
import { OverviewScreen } from "./overview-screen.ts";
import { ProcessesScreen } from "./processes-screen.ts";
import { StyleTable } from "./style.ts";
import { tabs, type TabHost, type TabId, type TabScreen } from "./tab-screen.ts";
import type { TerminalPort } from "./terminal.ts";
import { defaultTheme, plainTheme, resolveTheme, type Styles, type Theme } from "./theme.ts";
import { themes } from "./themes.ts";
import { drawFilterLine, drawFooter } from "./widgets/footer.ts";
import { drawTitle } from "./widgets/header.ts";
import { drawHelp } from "./widgets/help.ts";
import type { Hit, Paint, Rectangle, Span } from "./widgets/paint.ts";

/** What the screen asks of the rest of the program. */
export interface ScreenEngine {
  /** Forgets the closed rows that are kept. */
  clearClosed(): void;
  /** The user wants to leave. The terminal is still the screen's: call `close`. */
  quit(): void;
}

export interface ScreenOptions {
  readonly theme?: Theme;
  readonly messages?: Messages;
  /** Filter in force from the start; one that does not parse is shown with its error. */
  readonly filter?: string;
  /** Milliseconds, for double clicks; the clock of the process when absent. */
  readonly clock?: () => number;
}

export interface ScreenParts {
  readonly terminal: TerminalPort;
  readonly engine: ScreenEngine;
  readonly options?: ScreenOptions;
}

/** Bytes and frames written since the start. */
export interface ScreenStatistics {
  readonly frames: number;
  readonly bytes: number;
  readonly lastFrameBytes: number;
}

export interface Screen {
  /** The state after a tick; draws one frame. The snapshot is read until the next call. */
  update(snapshot: Snapshot): void;
  /** A key, click or paste; draws one frame. For input that does not come from the terminal. */
  key(event: InputEvent): void;
  /** Draws now, whatever has changed. */
  draw(): void;
  statistics(): ScreenStatistics;
  /** Gives the terminal back. */
  close(): void;
}

/** An Escape key and the beginning of a sequence look the same for this long. */
const escapeMillis = 30;
const doubleClickMillis = 400;
const noticeMillis = 4000;

/** Opens the terminal and shows the overview. The screen has no timer: it draws when told of a tick or a key. */
export function createScreen(parts: ScreenParts): Screen {
  return new TerminalScreen(parts);
}

class TerminalScreen implements Screen, TabHost {
  readonly #terminal: TerminalPort;
  readonly #engine: ScreenEngine;
  readonly #messages: Messages;
  readonly #clock: () => number;
  readonly #table: StyleTable;
  #theme: Theme;
  #styles: Styles;
  readonly #encoder: FrameEncoder;
  readonly #keys = new KeyMap(keyTable);
  readonly #parser = new InputParser((event) => this.#handle(event));
  readonly #overview: OverviewScreen;
  readonly #details: DetailsScreen;
  readonly #tabs: Readonly<Record<TabId, TabScreen>>;
  #snapshot: Snapshot | undefined;
  #shown: CellBuffer | undefined;
  #spare: CellBuffer;
  #hits: Hit[] = [];
  #tab: TabId = "overview";
  #help = false;
  #helpScroll = 0;
  #helpMost = 0;
  #notice: { readonly text: string; readonly until: number } | undefined;
  #escapeTimer: NodeJS.Timeout | undefined;
  #lastClick = { time: -Infinity, x: -1, y: -1 };
  #closed = false;
  #suspended = false;
  #frames = 0;
  #bytes = 0;
  #lastFrameBytes = 0;

  constructor({ terminal, engine, options = {} }: ScreenParts) {
    this.#terminal = terminal;
    this.#engine = engine;
    this.#messages = options.messages ?? english;
    this.#clock = options.clock ?? (() => performance.now());
    this.#table = new StyleTable(terminal.colors);
    this.#theme = terminal.colors === "none" ? plainTheme : (options.theme ?? defaultTheme);
    this.#styles = resolveTheme(this.#theme, this.#table);
    this.#encoder = new FrameEncoder(this.#table, terminal.unicode);
    this.#overview = new OverviewScreen(options.filter ?? "", this);
    this.#details = new DetailsScreen();
    const processes = new ProcessesScreen((filter) => {
      this.#overview.showOnly(filter);
      this.open("overview");
    });
    this.#tabs = { overview: this.#overview, processes, details: this.#details };
    const { columns, rows } = terminal.size();
    this.#spare = new CellBuffer(columns, rows);
    terminal.open({
      input: (bytes) => this.#input(bytes),
      resized: () => this.draw(),
      resumed: () => this.#resume(),
      drained: () => this.draw(),
    });
    this.draw();
  }

  update(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#overview.update(snapshot);
    this.#updateOthers(snapshot);
    if (this.#notice !== undefined && snapshot.time > this.#notice.until) this.#notice = undefined;
    this.draw();
  }

  /** All tabs show what the overview shows: a frozen screen stands still everywhere. */
  #updateOthers(latest: Snapshot): void {
    const shown = this.#overview.snapshot ?? latest;
    for (const { id } of tabs) if (id !== "overview") this.#tabs[id].update(shown);
  }

  key(event: InputEvent): void {
    this.#handle(event);
    this.draw();
  }

  statistics(): ScreenStatistics {
    return { frames: this.#frames, bytes: this.#bytes, lastFrameBytes: this.#lastFrameBytes };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#escapeTimer);
    this.#terminal.close();
  }

  #input(bytes: Uint8Array): void {
    clearTimeout(this.#escapeTimer);
    this.#parser.feed(bytes);
    if (this.#parser.pendingEscape) {
      this.#escapeTimer = setTimeout(() => {
        this.#parser.flush();
        this.draw();
      }, escapeMillis);
    }
    this.draw();
  }

  #resume(): void {
    this.#suspended = false;
    this.#shown = undefined;
    this.draw();
  }

  draw(): void {
    if (this.#closed || this.#suspended || this.#terminal.congested) return;
    const { columns, rows } = this.#terminal.size();
    if (columns <= 0 || rows <= 0) return;
    if (this.#spare.columns !== columns || this.#spare.rows !== rows) this.#spare = new CellBuffer(columns, rows);
    if (this.#shown?.columns !== columns || this.#shown.rows !== rows) this.#shown = undefined;
    const next = this.#spare;
    next.clear(this.#styles.text);
    const scroll = this.#paint(next);
    const bytes = this.#encoder.encode(this.#shown, next, scroll);
    this.#spare = this.#shown ?? new CellBuffer(columns, rows);
    this.#shown = next;
    if (bytes.length === 0) return;
    this.#terminal.write(bytes);
    this.#frames++;
    this.#bytes += bytes.length;
    this.#lastFrameBytes = bytes.length;
  }

  #paint(buffer: CellBuffer): Scroll | undefined {
    this.#hits = [];
    const paint: Paint = {
      buffer,
      table: this.#table,
      styles: this.#styles,
      messages: this.#messages,
      hits: this.#hits,
    };
    const { columns: width, rows: height } = buffer;
    const top = height >= 4 ? 1 : 0;
    const bottom =
      height >= 5 || (this.#tab === "overview" && this.#overview.editor !== undefined && height >= 2) ? 1 : 0;
    if (top > 0) drawTitle(paint, 0, width, tabs, this.#tab, this.#snapshot);
    const scroll = this.#paintTab(paint, { x: 0, y: top, width, height: height - top - bottom });
    if (bottom > 0) this.#paintFooter(paint, height - 1, width);
    if (this.#help) {
      this.#hits.length = 0;
      this.#helpMost = drawHelp(paint, width, height, bindingsOf(this.#context()), tabs, this.#helpScroll);
    }
    return scroll;
  }

  #paintTab(paint: Paint, place: Rectangle): Scroll | undefined {
    const { buffer, styles, messages } = paint;
    const snapshot = this.#snapshot;
    if (snapshot === undefined) {
      buffer.text(place.x + 1, place.y + (place.height > 4 ? 1 : 0), messages.waiting, styles.muted, place.width - 1);
      return undefined;
    }
    return this.#tabs[this.#tab].draw(paint, place, snapshot);
  }

  #paintFooter(paint: Paint, y: number, width: number): void {
    const editor = this.#tab === "overview" ? this.#overview.editor : undefined;
    if (editor !== undefined) {
      drawFilterLine(paint, y, width, editor, this.#overview.filterStatus(paint));
      return;
    }
    const error = this.#overview.filterProblem(this.#messages);
    const right: Span[] =
      this.#notice !== undefined
        ? [[this.#notice.text, this.#styles.accent]]
        : error !== undefined
          ? [[error, this.#styles.error]]
          : [];
    drawFooter(paint, y, width, keyTable, this.#context(), right);
  }

  #context(): Context {
    return this.#tab;
  }

  #handle(event: InputEvent): void {
    if (event.kind === "paste") this.#overview.paste(event.text);
    else if (event.kind === "mouse") this.#mouse(event);
    else this.#key(event);
  }

  #key({ key }: KeyEvent): void {
    if (key === "ctrl-c") {
      this.#engine.quit();
      return;
    }
    if (this.#help) {
      this.#helpKey(this.#keys.command(key, this.#context()));
      return;
    }
    if (this.#overview.editor !== undefined && this.#tab === "overview" && this.#overview.editKey(key)) return;
    const command = this.#keys.command(key, this.#context());
    if (command !== undefined) this.#run(command);
  }

  #helpKey(command: Command | undefined): void {
    const steps: Partial<Record<Command, number>> = {
      up: -1,
      down: 1,
      pageUp: -10,
      pageDown: 10,
      halfUp: -5,
      halfDown: 5,
    };
    const step = command === undefined ? undefined : steps[command];
    if (step === undefined || this.#helpMost === 0) this.#help = false;
    else this.#helpScroll = Math.max(0, Math.min(this.#helpMost, this.#helpScroll + step));
  }

  #run(command: Command): void {
    switch (command) {
      case "quit":
        this.#engine.quit();
        return;
      case "help":
        this.#help = true;
        this.#helpScroll = 0;
        return;
      case "suspend":
        this.#suspended = true;
        this.#terminal.suspend();
        return;
      case "redraw":
        this.#shown = undefined;
        return;
      case "nextTab":
      case "previousTab":
        this.#stepTab(command === "nextTab" ? 1 : -1);
        return;
      case "copy":
        this.#copy();
        return;
      case "freeze":
        this.#overview.freeze(this.#snapshot);
        if (this.#snapshot !== undefined) this.#updateOthers(this.#snapshot);
        return;
      case "clear":
        this.#engine.clearClosed();
        this.#overview.clear();
        this.say(this.#messages.cleared);
        return;
      case "theme":
        this.#nextTheme();
        return;
      case "leave":
        this.open("overview");
        return;
      default: {
        const tab = tabs.find((one) => one.command === command);
        if (tab === undefined) this.#tabs[this.#tab].run(command);
        else this.open(tab.id);
        if (command === "reset") this.say(this.#messages.viewReset);
      }
    }
  }

  /** The next theme of the list; a terminal without colours keeps the one by attributes. */
  #nextTheme(): void {
    if (this.#terminal.colors !== "none") {
      const at = themes.findIndex((one) => one.name === this.#theme.name);
      this.#theme = themes[(at + 1) % themes.length] ?? defaultTheme;
      this.#styles = resolveTheme(this.#theme, this.#table);
    }
    this.say(fill(this.#messages.themeIs, { name: this.#theme.name }));
  }

  #stepTab(by: number): void {
    const at = tabs.findIndex((one) => one.id === this.#tab);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) this.open(next.id);
  }

  open(tab: TabId): void {
    if (tab === this.#tab) return;
    if (tab === "details" && this.#tab === "overview") {
      const row = this.#overview.chosenConnection();
      if (row !== undefined) this.#details.open(row, this.#overview.snapshot);
    }
    this.#tab = tab;
    this.#tabs[tab].opened?.();
  }

  #copy(): void {
    const text = this.#tabs[this.#tab].copyText();
    if (text === undefined) {
      this.say(this.#messages.nothingToCopy);
      return;
    }
    this.#terminal.write(Buffer.from(clipboardSequence(text), "latin1"));
    this.say(this.#messages.copied.replace("{what}", () => text));
  }

  say(text: string): void {
    const now = this.#snapshot?.time ?? 0;
    this.#notice = { text, until: now + noticeMillis };
  }

  #mouse(event: MouseEvent): void {
    if (event.action === "wheelup" || event.action === "wheeldown") {
      const by = event.action === "wheelup" ? -3 : 3;
      if (this.#help) this.#helpScroll = Math.max(0, Math.min(this.#helpMost, this.#helpScroll + by));
      else this.#tabs[this.#tab].wheel(by);
      return;
    }
    if (event.action !== "press" || event.button !== 0) return;
    if (this.#help) {
      this.#help = false;
      return;
    }
    const now = this.#clock();
    const { time, x, y } = this.#lastClick;
    const double = now - time < doubleClickMillis && x === event.x && y === event.y;
    this.#lastClick = { time: double ? -Infinity : now, x: event.x, y: event.y };
    const hit = this.#hits.findLast(
      (one) => event.x >= one.x && event.x < one.x + one.width && event.y >= one.y && event.y < one.y + one.height,
    );
    if (hit === undefined) return;
    if (hit.target.kind === "command") this.#run(hit.target.command);
    else this.#tabs[this.#tab].click(hit.target, event, double);
  }
}
