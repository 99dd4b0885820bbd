import type { Multiplexer } from "./clipboard.ts";
import type { ColorDepth } from "./style.ts";

/** The terminal as the screen needs it: bytes out, bytes and sizes in. */
export interface TerminalPort {
  readonly colors: ColorDepth;
  /** False: only ASCII can be shown. */
  readonly unicode: boolean;
  /** The Linux console: few shapes, no wide characters. */
  readonly plainShapes?: boolean;
  /** Known without asking: the terminal's background is light, or dark. */
  readonly lightBackground?: boolean | undefined;
  /** What stands between us and the terminal. */
  readonly multiplexer?: Multiplexer | undefined;
  size(): { readonly columns: number; readonly rows: number };
  /** `bytes` is only valid during the call. */
  write(bytes: Uint8Array): void;
  /** True: what was written has not left yet; the screen skips frames until `drained`. */
  readonly congested: boolean;
  /** Raw input, alternate screen, mouse, paste marks. Calls `listener` from now on. */
  open(listener: TerminalListener): void;
  /** Puts the terminal back as it was. May be called at any time and more than once. */
  close(): void;
  /** The terminal speaks the kitty keyboard protocol: has keys told apart that look the same otherwise. */
  enhanceKeyboard?(): void;
  /** Gives the terminal back to the shell (Ctrl-Z) and returns; `resumed` follows when the user comes back. */
  suspend(): void;
}

export interface TerminalListener {
  input(bytes: Uint8Array): void;
  resized(): void;
  resumed(): void;
  drained(): void;
}

/** Alternate screen, no wrap at the edge, mouse buttons and drags as SGR, marked pastes; the title is left alone. */
export const terminalSetup =
  "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[0m\x1b[2J\x1b[H";

/**
 * Questions to the terminal; none waits for an answer: the background's colour (OSC 11), synchronised updates (DECRQM of
 * mode 2026), the kitty keyboard protocol.
 */
export const terminalQueries = "\x1b]11;?\x1b\\\x1b[?2026$p\x1b[?u";

/** Switches the kitty keyboard protocol on: escape codes that no other key has. `terminalReset` takes it back. */
export const keyboardSetup = "\x1b[>1u";

/** Terminals that show part of a question as text, or none that could answer. */
export const asksNothing = (term: string): boolean => /^(?:linux|dumb|vt\d+|cons\d+|sun|ansi|)(?:-|$)/.test(term);

/** COLORFGBG (rxvt, Konsole): the background as one of the 16 colours; undefined when it does not say. */
export function isLightByEnvironment(environment: Readonly<Record<string, string | undefined>>): boolean | undefined {
  const background = /;(\d{1,2})$/.exec(environment["COLORFGBG"] ?? "")?.[1];
  if (background === undefined) return undefined;
  return background === "7" || Number(background) > 8;
}

/** Whether dark text reads better on it (relative luminance, WCAG 2). */
export function isLight(rgb: number): boolean {
  const linear = (byte: number): number => (byte / 255) ** 2.2;
  return 0.2126 * linear(rgb >> 16) + 0.7152 * linear((rgb >> 8) & 255) + 0.0722 * linear(rgb & 255) > 0.18;
}

/**
 * Undoes `terminalSetup` from any state, also in the middle of a frame: CAN ends a cut sequence, ST a cut string, then
 * synchronised update off, keyboard protocol, mouse and paste marks off, plain style, wrap and cursor on, back from the alternate screen.
 * That is emptied before: tmux that was made larger meanwhile leaves lines of it above the shell's, and a console without a
 * second screen would keep all of them. `47` makes sure that it is not the shell's own that is emptied.
 * Whoever outlives a killed screen process writes these bytes (and restores the line discipline: raw mode is not ours
 * to undo with bytes).
 */
export const terminalReset =
  "\x18\x1b\\\x1b[?2026l\x1b[<u\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?47h\x1b[2J\x1b[H\x1b[?1049l\r";

/** What decides about colour, strongest first. */
export interface ColorEnvironment {
  /** `--no-color`. */
  readonly noColorOption?: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How many colours to use: `--no-color`, NO_COLOR (no-color.org), COLORTERM, TERM. */
export function detectColors({ noColorOption, environment }: ColorEnvironment): ColorDepth {
  const term = environment["TERM"] ?? "";
  if (noColorOption === true || (environment["NO_COLOR"] ?? "") !== "" || term === "dumb" || term === "") return "none";
  if (/^(?:truecolor|24bit)$/i.test(environment["COLORTERM"] ?? "") || term.endsWith("-direct")) return "truecolor";
  if (/256|kitty|alacritty|ghostty|wezterm|foot/.test(term)) return "256";
  return /^vt(?:52|100|102|220)/.test(term) || /-mono$|-m$/.test(term) ? "none" : "16";
}

/** True when the locale's characters are UTF-8 (POSIX order: LC_ALL, LC_CTYPE, LANG). */
export function detectUnicode(environment: Readonly<Record<string, string | undefined>>): boolean {
  for (const name of ["LC_ALL", "LC_CTYPE", "LANG"]) {
    const value = environment[name];
    if (value !== undefined && value !== "") return /utf-?8/i.test(value);
  }
  return false;
}
