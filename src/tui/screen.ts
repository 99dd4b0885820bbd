import type { Connection, Snapshot } from "../model/index.ts";
import { Privacy } from "../privacy/index.ts";
import { CellBuffer } from "./cell-buffer.ts";
import { clipboardSequence, clipboardText } from "./clipboard.ts";
import { HelpOverlay } from "./dialogs/help-overlay.ts";
import { FrameEncoder } from "./frame-encoder.ts";
import { copySnapshot } from "./freeze.ts";
import { InputParser, type InputEvent, type KeyEvent, type MouseEvent } from "./input-parser.ts";
import { bindingsOf, KeyMap, keyTable, type Binding, type Command } from "./keys.ts";
import { english, fill, type Messages } from "./messages.ts";
import { OverlayStack, type Overlay } from "./overlay.ts";
import type { ScreenEngine } from "./screen-engine.ts";
import { confirmation, exportDialog, paletteOf, themePicker } from "./screen-dialogs.ts";
import { drawScreen } from "./screen-layout.ts";
import { Mouse } from "./screen-mouse.ts";
import type { Remembered, ScreenSettings } from "./screen-settings.ts";
import { StyleTable } from "./style.ts";
import { createTabs, type TabScreens } from "./tab-list.ts";
import { tabs, type TabHost, type TabId, type TabScreen } from "./tab-screen.ts";
import type { TerminalPort } from "./terminal.ts";
import { defaultTheme, plainTheme, resolveTheme, type Styles, type Theme } from "./theme.ts";
import { themes } from "./themes.ts";
import type { Hit, Target } from "./widgets/paint.ts";

export interface ScreenOptions {
  readonly theme?: Theme;
  /** The user's own themes: they stand in the list beside ours. */
  readonly themes?: readonly Theme[];
  /** Begins with addresses, names and users hidden. */
  readonly private?: boolean;
  /** The aliases, where others use them too. */
  readonly privacy?: Privacy;
  /** What asks before it is done. */
  readonly confirm?: { readonly quit?: boolean; readonly clear?: boolean };
  readonly messages?: Messages;
  /** Filter in force from the start; one that does not parse is shown with its error. */
  readonly filter?: string;
  readonly settings?: ScreenSettings;
  /** What `remembered` said at the end of an earlier run. */
  readonly remembered?: Remembered;
  /** The key table in force; the program's own when absent. */
  readonly keys?: readonly Binding[];
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
  /** What is worth keeping for the next run. */
  remembered(): Remembered;
  /** Gives the terminal back. */
  close(): void;
}

/** An Escape key and the beginning of a sequence look the same for this long. */
const escapeMillis = 30;
const noticeMillis = 4000;

/** Opens the terminal and shows the overview. The screen has no timer: it draws when told of a tick or a key. */
export function createScreen(parts: ScreenParts): Screen {
  return new TerminalScreen(parts);
}

class TerminalScreen implements Screen, TabHost {
  readonly messages: Messages;
  readonly #terminal: TerminalPort;
  readonly #engine: ScreenEngine;
  readonly #table: StyleTable;
  readonly #confirm: NonNullable<ScreenOptions["confirm"]>;
  readonly #allThemes: readonly Theme[];
  #theme: Theme;
  #styles: Styles;
  readonly #encoder: FrameEncoder;
  readonly #keys: KeyMap;
  readonly #parser = new InputParser((event) => this.#handle(event));
  readonly #mouse: Mouse;
  readonly #overlays = new OverlayStack();
  readonly #tabs: TabScreens;
  readonly #privacy: Privacy;
  #private: boolean;
  #latest: Snapshot | undefined;
  /** The latest state as it may be shown. */
  #visible: Snapshot | undefined;
  #frozen: Snapshot | undefined;
  #shown: CellBuffer | undefined;
  #spare: CellBuffer;
  #hits: Hit[] = [];
  #tab: TabId = "overview";
  #notice: { readonly text: string; readonly until: number } | undefined;
  #escapeTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #suspended = false;
  #frames = 0;
  #bytes = 0;
  #lastFrameBytes = 0;

  constructor({ terminal, engine, options = {} }: ScreenParts) {
    this.#terminal = terminal;
    this.#engine = engine;
    this.messages = options.messages ?? english;
    this.#mouse = new Mouse(options.clock ?? (() => performance.now()));
    this.#table = new StyleTable(terminal.colors);
    this.#privacy = options.privacy ?? new Privacy();
    this.#private = options.private ?? false;
    this.#confirm = options.confirm ?? {};
    this.#allThemes = [...themes, ...(options.themes ?? [])];
    this.#theme = terminal.colors === "none" ? plainTheme : (options.theme ?? defaultTheme);
    this.#styles = resolveTheme(this.#theme, this.#table);
    this.#encoder = new FrameEncoder(this.#table, terminal.unicode);
    this.#keys = new KeyMap(options.keys ?? keyTable);
    const { filter = "", settings = {}, remembered = {} } = options;
    this.#tabs = createTabs(this, { filter, settings, remembered });
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
    this.#latest = snapshot;
    this.#visible = this.#viewed(snapshot);
    if (this.#frozen === undefined) this.#updateTabs(this.#visible);
    if (this.#notice !== undefined && snapshot.time > this.#notice.until) this.#notice = undefined;
    this.draw();
  }

  /** All tabs show the same state: a frozen screen stands still everywhere. */
  #updateTabs(shown: Snapshot): void {
    for (const { id } of tabs) this.#tabs[id].update(shown);
  }

  #viewed(snapshot: Snapshot): Snapshot {
    return this.#private ? this.#privacy.snapshot(snapshot) : snapshot;
  }

  get snapshot(): Snapshot | undefined {
    return this.#frozen === undefined ? this.#visible : this.#viewed(this.#frozen);
  }

  view(row: Connection): Connection {
    return this.#private ? this.#privacy.connection(row) : row;
  }

  real(row: Connection): Connection {
    return this.#privacy.real(row);
  }

  meaning(filter: string): string {
    return this.#private ? this.#privacy.filter(filter) : filter;
  }

  get frozenAt(): number | undefined {
    return this.#frozen?.time;
  }

  key(event: InputEvent): void {
    this.#handle(event);
    this.draw();
  }

  statistics(): ScreenStatistics {
    return { frames: this.#frames, bytes: this.#bytes, lastFrameBytes: this.#lastFrameBytes };
  }

  remembered(): Remembered {
    return this.#tabs.overview.remembered;
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
    this.#hits = [];
    const { messages } = this;
    const paint = { buffer: next, table: this.#table, styles: this.#styles, messages, hits: this.#hits };
    const scroll = drawScreen(paint, {
      active: this.#tab,
      tab: this.#active,
      snapshot: this.#visible,
      private: this.#private,
      overlays: this.#overlays,
      keys: this.#keys.table,
      notice: this.#notice?.text,
      problem: (this.#active.problem === undefined ? this.#tabs.overview : this.#active).problem?.(messages),
    });
    const bytes = this.#encoder.encode(this.#shown, next, scroll);
    this.#spare = this.#shown ?? new CellBuffer(columns, rows);
    this.#shown = next;
    if (bytes.length === 0) return;
    this.#terminal.write(bytes);
    this.#frames++;
    this.#bytes += bytes.length;
    this.#lastFrameBytes = bytes.length;
  }

  get #active(): TabScreen {
    return this.#tabs[this.#tab];
  }

  #handle(event: InputEvent): void {
    const target = this.#overlays.top ?? this.#active;
    if (event.kind === "paste") target.paste?.(event.text);
    else if (event.kind === "mouse") this.#mouse.handle(event, this.#hits, this);
    else this.#key(event);
  }

  #key({ key }: KeyEvent): void {
    if (key === "ctrl-c") {
      this.#engine.quit();
      return;
    }
    const overlay = this.#overlays.top;
    if (overlay !== undefined) {
      overlay.key(key, this.#keys.command(key, "any"));
      return;
    }
    if (this.#active.typed?.(key) === true) return;
    const command = this.#keys.command(key, this.#tab);
    if (command !== undefined) this.run(command);
  }

  wheel(by: number): void {
    (this.#overlays.top ?? this.#active).wheel(by);
  }

  press(target: Target | undefined, event: MouseEvent, double: boolean): void {
    const overlay = this.#overlays.top;
    if (overlay !== undefined) {
      if (target === undefined) this.#overlays.close(overlay);
      else overlay.click(target, event, double);
    } else if (target?.kind === "command") this.run(target.command);
    else if (target !== undefined) this.#active.click(target, event, double);
  }

  drag(target: Target, event: MouseEvent): void {
    if (this.#overlays.top === undefined) this.#active.drag?.(target, event);
  }

  run(command: Command): void {
    switch (command) {
      case "quit":
        this.#confirmed("quit", () => this.#engine.quit());
        return;
      case "palette":
        this.show(this.#palette());
        return;
      case "export":
        this.#export();
        return;
      case "help":
        this.show(new HelpOverlay(bindingsOf(this.#tab, this.#keys.table)));
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
        this.#freeze();
        return;
      case "privacy":
        this.#private = !this.#private;
        this.#refresh();
        this.say(this.#private ? this.messages.privacyOn : this.messages.privacyOff);
        return;
      case "clear":
        this.#confirmed("clear", () => this.#clear());
        return;
      case "theme":
        this.show(themePicker(this.messages.themeTitle, this.#themes, this.#theme, (theme) => this.#setTheme(theme)));
        return;
      case "leave":
        this.open("overview");
        return;
      default: {
        const tab = tabs.find((one) => one.command === command);
        if (tab === undefined) this.#active.run(command);
        else this.open(tab.id);
        if (command === "reset") this.say(this.messages.viewReset);
      }
    }
  }

  /** Keeps a copy of what is shown until it is called again. */
  #freeze(): void {
    if (this.#latest === undefined) return;
    this.#frozen = this.#frozen === undefined ? copySnapshot(this.#latest) : undefined;
    this.#refresh();
  }

  /** Everything anew from the same state. */
  #refresh(): void {
    this.#visible = this.#latest && this.#viewed(this.#latest);
    const shown = this.snapshot;
    if (shown !== undefined) this.#updateTabs(shown);
  }

  #confirmed(command: "quit" | "clear", then: () => void): void {
    if (this.#confirm[command] === true) this.show(confirmation(command, this.#keys.table, this.messages, then));
    else then();
  }

  #clear(): void {
    this.#engine.clearClosed();
    this.#tabs.overview.clear();
    this.say(this.messages.cleared);
  }

  #palette(): Overlay {
    return paletteOf({
      host: this,
      context: this.#tab,
      bindings: this.#keys.table,
      themes: this.#themes,
      setTheme: (theme) => this.#setTheme(theme),
      filters: (this.#tabs.overview as TabScreen).filterHistory?.() ?? [],
    });
  }

  #export(): void {
    const dialog = exportDialog(this, this.#engine, this.#active.exportContent?.(), () => this.draw());
    if (dialog === undefined) this.say(this.messages.exportNothing);
    else this.show(dialog);
  }

  get #themes(): readonly Theme[] {
    // A terminal without colours has the one theme that is made of attributes.
    return this.#terminal.colors === "none" ? [plainTheme] : this.#allThemes;
  }

  #setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#styles = resolveTheme(theme, this.#table);
    this.say(fill(this.messages.themeIs, { name: theme.name }));
  }

  #stepTab(by: number): void {
    const at = tabs.findIndex((one) => one.id === this.#tab);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) this.open(next.id);
  }

  open(tab: TabId): void {
    if (tab === this.#tab) return;
    const from = this.#tab;
    this.#tab = tab;
    this.#active.opened?.(from);
  }

  show(overlay: Overlay): void {
    this.#overlays.show(overlay);
  }

  showOnly(filter: string): void {
    this.#tabs.overview.showOnly(filter);
    this.open("overview");
  }

  chosen(): Connection | undefined {
    return this.#tabs.overview.chosenConnection();
  }

  #copy(): void {
    const text = this.#active.copyText();
    if (text === undefined) {
      this.say(this.messages.nothingToCopy);
      return;
    }
    const clean = clipboardText(text);
    this.#terminal.write(Buffer.from(clipboardSequence(clean, this.#terminal.tmux === true), "latin1"));
    this.#engine.copy?.(clean);
    this.say(this.messages.copied.replace("{what}", () => text));
  }

  say(text: string): void {
    const now = this.#latest?.time ?? 0;
    this.#notice = { text, until: now + noticeMillis };
  }
}
