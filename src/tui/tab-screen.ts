import type { Snapshot } from "../model/index.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import type { MessageKey } from "./messages.ts";
import type { Paint, Rectangle, Target } from "./widgets/paint.ts";

export type TabId = "overview" | "processes" | "details";

/** A tab of the bar: its key, its name, and the command that its key and a click give. */
export interface Tab {
  readonly id: TabId;
  readonly key: string;
  readonly title: MessageKey;
  readonly command: Command;
}

/** The tabs in the order of the bar. Key and command of the n-th are n. */
export const tabs: readonly Tab[] = [
  { id: "overview", key: "1", title: "tabOverview", command: "tab1" },
  { id: "processes", key: "2", title: "tabProcesses", command: "tab2" },
  { id: "details", key: "3", title: "tabDetails", command: "tab3" },
];

/** One tab of the screen. It draws only when it is shown, and works on what it last got with `update`. */
export interface TabScreen {
  /** The state after a tick. Comes also while another tab is shown: whatever can wait for `draw` waits. */
  update(snapshot: Snapshot): void;
  /** Draws into `place`; returns how rows moved since the last frame where that is known. */
  draw(paint: Paint, place: Rectangle, latest: Snapshot): Scroll | undefined;
  /** A command of the key table. */
  run(command: Command): void;
  /** A press on something that this tab drew. */
  click(target: Target, event: MouseEvent, double: boolean): void;
  /** The wheel, in rows: below 0 is up. */
  wheel(by: number): void;
  /** What `c` copies; undefined when there is nothing. */
  copyText(): string | undefined;
  /** The tab came to the front. */
  opened?(): void;
}

/** What a tab may ask of the screen around it. */
export interface TabHost {
  /** Brings a tab to the front. */
  open(tab: TabId): void;
  /** Shows a short message for a while. */
  say(text: string): void;
}
