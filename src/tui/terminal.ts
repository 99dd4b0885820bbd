import type { ColorDepth } from "./style.ts";

/** The terminal as the screen needs it: bytes out, bytes and sizes in. */
export interface TerminalPort {
  readonly colors: ColorDepth;
  /** False: only ASCII can be shown. */
  readonly unicode: boolean;
  /** Inside of tmux, which passes on to the terminal only what is marked for it. */
  readonly tmux?: boolean;
  size(): { readonly columns: number; readonly rows: number };
  /** `bytes` is only valid during the call. */
  write(bytes: Uint8Array): void;
  /** True: what was written has not left yet; the screen skips frames until `drained`. */
  readonly congested: boolean;
  /** Raw input, alternate screen, mouse, paste marks. Calls `listener` from now on. */
  open(listener: TerminalListener): void;
  /** Puts the terminal back as it was. May be called at any time and more than once. */
  close(): void;
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
 * Undoes `terminalSetup` from any state, also in the middle of a frame: CAN ends a cut sequence, ST a cut string, then
 * synchronised update off, mouse and paste marks off, plain style, wrap and cursor on, back from the alternate screen.
 * Whoever outlives a killed screen process writes these bytes (and restores the line discipline: raw mode is not ours
 * to undo with bytes).
 */
export const terminalReset =
  "\x18\x1b\\\x1b[?2026l\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l\r";

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
