import { StyleTable } from "./style.ts";
import { isLight, type TerminalPort } from "./terminal.ts";
import { defaultLightTheme, defaultTheme, plainTheme, resolveTheme, type Styles, type Theme } from "./theme.ts";
import { themes } from "./themes.ts";

/** The theme in force. Until the person has chosen one, the terminal's background decides. */
export class Look {
  readonly table: StyleTable;
  /** All that can be chosen: a terminal without colours has the one that is made of attributes. */
  readonly themes: readonly Theme[];
  #theme: Theme;
  #styles: Styles;
  #chosen: boolean;

  constructor(terminal: TerminalPort, chosen: Theme | undefined, own: readonly Theme[]) {
    const colorless = terminal.colors === "none";
    this.table = new StyleTable(terminal.colors);
    this.themes = colorless ? [plainTheme] : [...themes, ...own];
    const byBackground = terminal.lightBackground === true ? defaultLightTheme : defaultTheme;
    this.#theme = colorless ? plainTheme : (chosen ?? byBackground);
    this.#styles = resolveTheme(this.#theme, this.table);
    this.#chosen = colorless || chosen !== undefined;
  }

  get theme(): Theme {
    return this.#theme;
  }

  get styles(): Styles {
    return this.#styles;
  }

  /** The person's choice. */
  choose(theme: Theme): void {
    this.#chosen = true;
    this.#use(theme);
  }

  /** The terminal's background, as it told. */
  background(rgb: number): void {
    if (!this.#chosen) this.#use(isLight(rgb) ? defaultLightTheme : defaultTheme);
  }

  #use(theme: Theme): void {
    this.#theme = theme;
    this.#styles = resolveTheme(theme, this.table);
  }
}
