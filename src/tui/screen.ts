import type { Connection, Snapshot } from "../model/index.ts";
import { clipboardSequence, clipboardText } from "./clipboard.ts";
import { HelpOverlay } from "./dialogs/help-overlay.ts";
import { InputParser, type InputEvent, type KeyEvent, type MouseEvent, type ReportEvent } from "./input-parser.ts";
import { bindingsFor, bindingsOf, KeyMap, keyTable, type Command } from "./keys.ts";
import { defaultLanguage, languages, type Language } from "./language.ts";
import { fill, type Messages } from "./messages.ts";
import { OwnCost } from "./own-cost.ts";
import { OverlayStack, type Overlay } from "./overlay.ts";
import { ReplayControls } from "./replay-controls.ts";
import type { ScreenEngine } from "./screen-engine.ts";
import { confirmation, exportDialog, paletteOf, themePicker } from "./screen-dialogs.ts";
import { unusedKeyText } from "./binding-text.ts";
import { drawScreen } from "./screen-layout.ts";
import { Look } from "./screen-look.ts";
import { Mouse } from "./screen-mouse.ts";
import type { QueryWords } from "./query-words.ts";
import { ScreenOutput, type ScreenStatistics } from "./screen-output.ts";
import type { Screen, ScreenOptions, ScreenParts } from "./screen-options.ts";
import type { Remembered } from "./screen-settings.ts";
import { ShownFacts } from "./screen-facts.ts";
import { ShownState } from "./screen-state.ts";
import { createTabs, rememberedOf, type TabScreens } from "./tab-list.ts";
import { tabs, type TabHost, type TabId, type TabScreen } from "./tab-screen.ts";
import type { TerminalPort } from "./terminal.ts";
import type { Theme } from "./theme.ts";
import type { Hit, Target } from "./widgets/paint.ts";

/** An Escape key and the beginning of a sequence look the same for this long. */
const escapeMillis = 30;
const noticeMillis = 4000;

/** Opens the terminal and shows the overview. The screen has no timer: it draws when told of a tick or a key. */
export function createScreen(parts: ScreenParts): Screen {
  return new TerminalScreen(parts);
}

class TerminalScreen extends ShownFacts implements Screen, TabHost {
  #language: Language;
  readonly #terminal: TerminalPort;
  readonly #engine: ScreenEngine;
  readonly #look: Look;
  readonly #output: ScreenOutput;
  readonly ownCost: OwnCost;
  readonly #confirm: NonNullable<ScreenOptions["confirm"]>;
  readonly #keys: KeyMap;
  readonly #parser = new InputParser((event) => this.#handle(event));
  readonly #clock: () => number;
  readonly #mouse: Mouse;
  readonly #replay: ReplayControls | undefined;
  readonly #overlays = new OverlayStack();
  readonly #tabs: TabScreens;
  #hits: Hit[] = [];
  #tab: TabId = "overview";
  /** Tabs that have not got the last state yet. */
  #behind: TabId[] = [];
  /** False: the last state is not on the screen yet. */
  #isDrawn = true;
  #notice: { readonly text: string; readonly until: number } | undefined;
  #escapeTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #suspended = false;

  constructor({ terminal, engine, options = {} }: ScreenParts) {
    super(new ShownState(options.private ?? false, options.privacy), engine);
    this.#terminal = terminal;
    this.#engine = engine;
    this.#language = options.language ?? defaultLanguage;
    this.#look = new Look(terminal, options.theme, options.themes ?? []);
    this.#output = new ScreenOutput(terminal, this.#look.table);
    this.#clock = options.clock ?? (() => performance.now());
    this.#mouse = new Mouse(this.#clock);
    this.#replay = engine.playback && new ReplayControls(engine.playback, this);
    this.ownCost = new OwnCost(engine.cost?.bind(engine), this.#clock);
    this.#confirm = options.confirm ?? {};
    this.#keys = new KeyMap(bindingsFor(options.keys ?? keyTable, this.#replay !== undefined));
    const { filter = "", settings = {}, remembered = {} } = options;
    this.#tabs = createTabs(this, {
      filter,
      settings,
      remembered,
      network: { source: engine.network, vendorOf: engine.vendorOf },
      knowsCountries: engine.knowsCountries ?? false,
    });
    terminal.open({
      input: (bytes) => this.#input(bytes),
      resized: () => this.draw(),
      resumed: () => this.#resume(),
      drained: () => this.draw(),
    });
    this.draw();
  }

  update(snapshot: Snapshot, restLater = false): void {
    this.ownCost.update();
    this.#behind = [];
    if (this.state.update(snapshot)) {
      // A tab that is shown alone needs no others.
      if (restLater && this.#tab === "overview") this.#behind = tabs.map(({ id }) => id);
      else this.#updateTabs();
    }
    if (!this.#updateNext()) this.draw();
    else this.#isDrawn = false;
  }

  catchUp(): boolean {
    if (!this.#isDrawn) this.draw();
    else this.#updateNext();
    return this.#behind.length > 0;
  }

  /** Brings one tab up to date of those that wait; false: none does. The overview is the first one. */
  #updateNext(): boolean {
    const id = this.#behind.shift();
    const { shown } = this.state;
    if (id === undefined || shown === undefined) return false;
    this.#tabs[id].update(shown);
    if (id === "overview" && this.#tab === id) this.#tabs.overview.prepare();
    return true;
  }

  restart(): void {
    this.#behind = [];
    for (const { id } of tabs) (this.#tabs[id] as TabScreen).restart?.();
  }

  /** All tabs show the same state: a frozen screen stands still everywhere. */
  #updateTabs(): void {
    const { shown } = this.state;
    this.#behind = [];
    if (shown === undefined) return;
    for (const { id } of tabs) this.#tabs[id].update(shown);
  }

  key(event: InputEvent): void {
    this.#handle(event);
    this.draw();
  }

  statistics(): ScreenStatistics {
    return this.#output.statistics;
  }

  remembered(): Remembered {
    return rememberedOf(this.#tabs);
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
    this.#output.forget();
    this.draw();
  }

  draw(): void {
    this.#isDrawn = true;
    if (this.#closed || this.#suspended) return;
    if (this.#notice !== undefined && this.#now > this.#notice.until) this.#notice = undefined;
    const { styles, table } = this.#look;
    const { messages } = this;
    this.#output.draw(styles.text, (buffer) => {
      this.#hits = [];
      return drawScreen(
        {
          buffer,
          table,
          styles,
          messages,
          ascii: !this.#terminal.unicode,
          queryWords: this.queryWords,
          hits: this.#hits,
        },
        {
          active: this.#tab,
          tab: this.#active,
          snapshot: this.state.latest,
          private: this.state.private,
          overlays: this.#overlays,
          keys: this.#keys.table,
          playback: this.#replay?.state,
          notice: this.#notice?.text,
          problem: (this.#active.problem === undefined ? this.#tabs.overview : this.#active).problem?.(),
        },
      );
    });
  }

  get #active(): TabScreen {
    return this.#tabs[this.#tab];
  }

  #handle(event: InputEvent): void {
    const target = this.#overlays.top ?? this.#active;
    if (event.kind === "paste") target.paste?.(event.text);
    else if (event.kind === "report") this.#report(event);
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
    if (key === "escape" && this.#replay?.cancel() === true) return;
    const command = this.#keys.command(key, this.#tab);
    if (command !== undefined) this.run(command);
    else this.say(unusedKeyText(key, this.#keys.table, this.messages, !this.#terminal.unicode));
  }

  /** What the terminal has told of itself. */
  #report({ report }: ReportEvent): void {
    if (report.what === "keyboard") this.#terminal.enhanceKeyboard?.();
    else if (report.what === "background") this.#look.background(report.rgb);
    else if (report.mode === 2026) this.#output.synchronised = report.setting !== 0 && report.setting !== 4;
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
    else if (target?.kind === "timeline") this.#timeline(target, event);
    else if (target !== undefined) this.#active.click(target, event, double);
  }

  drag(target: Target, event: MouseEvent): void {
    if (this.#overlays.top !== undefined) return;
    if (target.kind !== "timeline") this.#active.drag?.(target, event);
    else if (event.action !== "release") this.#timeline(target, event);
  }

  #timeline({ x, width }: Extract<Target, { readonly kind: "timeline" }>, event: MouseEvent): void {
    this.#replay?.seekShare((event.x - x) / Math.max(1, width - 1));
  }

  /** What lies under the mouse is about to be something else. */
  #letGo(): void {
    const held = this.#mouse.letGo();
    if (held !== undefined) this.#active.drag?.(held, undefined);
  }

  run(command: Command): void {
    if (this.#replay?.run(command) === true) return;
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
        this.show(new HelpOverlay(bindingsOf(this.#tab, this.#keys.table), this.#tab));
        return;
      case "suspend":
        this.#suspended = true;
        this.#terminal.suspend();
        return;
      case "redraw":
        this.#output.forget();
        return;
      case "nextTab":
      case "previousTab":
        this.#stepTab(command === "nextTab" ? 1 : -1);
        return;
      case "copy":
        this.#copy();
        return;
      case "freeze":
        this.state.toggleFrozen();
        this.#updateTabs();
        return;
      case "privacy":
        this.state.togglePrivate();
        this.#updateTabs();
        this.say(this.state.private ? this.messages.privacyOn : this.messages.privacyOff);
        return;
      case "clear":
        this.#confirmed("clear", () => this.#clear());
        return;
      case "theme":
        this.show(
          themePicker(this.messages.themeTitle, this.#look.themes, this.#look.theme, (theme) => this.#setTheme(theme)),
        );
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
      ascii: !this.#terminal.unicode,
      context: this.#tab,
      bindings: this.#keys.table,
      themes: this.#look.themes,
      setTheme: (theme) => this.#setTheme(theme),
      // Other scripts than ASCII are question marks to a terminal that is not UTF-8.
      languages: this.#terminal.unicode ? languages : [defaultLanguage],
      setLanguage: (language) => (this.#language = language),
      filters: (this.#tabs.overview as TabScreen).filterHistory?.() ?? [],
    });
  }

  #export(): void {
    const dialog = exportDialog(this, this.#engine, this.#active.exportContent?.(), () => this.draw());
    if (dialog === undefined) this.say(this.messages.exportNothing);
    else this.show(dialog);
  }

  /** What the person reads, in the language in force. */
  get messages(): Messages {
    return this.#language.messages;
  }

  get queryWords(): QueryWords | undefined {
    return this.#language.query;
  }

  #setTheme(theme: Theme): void {
    this.#look.choose(theme);
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
    while (this.#updateNext());
    this.#letGo();
    this.#tab = tab;
    this.#active.opened?.(from);
  }

  show(overlay: Overlay): void {
    this.#letGo();
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
    this.#terminal.write(Buffer.from(clipboardSequence(clean, this.#terminal.multiplexer), "latin1"));
    this.#engine.copy?.(clean);
    this.say(this.messages.copied.replace("{what}", () => text));
  }

  say(text: string): void {
    this.#notice = { text, until: this.#now + noticeMillis };
  }

  /** A file's clock may stand still or run ahead. */
  get #now(): number {
    return this.#replay === undefined ? (this.state.latest?.time ?? 0) : this.#clock();
  }
}
