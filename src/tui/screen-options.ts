import type { Snapshot } from "../model/index.ts";
import type { Privacy } from "../privacy/index.ts";
import type { InputEvent } from "./input-parser.ts";
import type { Binding } from "./keys.ts";
import type { Language } from "./language.ts";
import type { ScreenEngine } from "./screen-engine.ts";
import type { ScreenStatistics } from "./screen-output.ts";
import type { Remembered, ScreenSettings } from "./screen-settings.ts";
import type { TerminalPort } from "./terminal.ts";
import type { Theme } from "./theme.ts";

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
  /** English when absent. */
  readonly language?: Language;
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

export interface Screen {
  /**
   * The state after a tick; draws one frame. The snapshot is read until the next call. With `restLater` the frame and what
   * is not on the screen may wait for `catchUp`: with a large table that lets keys in between.
   */
  update(snapshot: Snapshot, restLater?: boolean): void;
  /** Does a piece of what `update` left for later; true: there is more. Until then the state must not change. */
  catchUp(): boolean;
  /** A key, click or paste; draws one frame. For input that does not come from the terminal. */
  key(event: InputEvent): void;
  /** Draws now, whatever has changed. */
  draw(): void;
  /** The next state is of an earlier time than the last one: what was summed over ticks begins anew. Only in replay. */
  restart(): void;
  /** Shows a short message for a while. */
  say(text: string): void;
  statistics(): ScreenStatistics;
  /** What is worth keeping for the next run. */
  remembered(): Remembered;
  /** Gives the terminal back. */
  close(): void;
}
