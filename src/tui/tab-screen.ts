import type { Connection, ConnectionId, KnownName, NetworkState, ProcessInfo, Snapshot } from "../model/index.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { MouseEvent } from "./input-parser.ts";
import type { Command } from "./keys.ts";
import type { MessageKey, Messages } from "./messages.ts";
import type { Overlay } from "./overlay.ts";
import type { OwnCost } from "./own-cost.ts";
import type { QueryWords } from "./query-words.ts";
import type { ExportContent } from "./screen-engine.ts";
import type { Paint, Rectangle, Target } from "./widgets/paint.ts";

export type TabId = "overview" | "processes" | "details" | "dashboard" | "graphs" | "network";

/** A tab of the bar: its key, its name, and the command that its key and a click give. */
export interface Tab {
  readonly id: TabId;
  readonly key: string;
  readonly title: MessageKey;
  readonly command: Command;
}

const tab = (number: 1 | 2 | 3 | 4 | 5 | 6 | 7, id: TabId, title: MessageKey): Tab => ({
  id,
  key: String(number),
  title,
  command: `tab${number}`,
});

/** The tabs in the order of the bar; the number gives key and command. `tab-list.ts` makes their screens. */
export const tabs: readonly Tab[] = [
  tab(1, "overview", "tabOverview"),
  tab(2, "processes", "tabProcesses"),
  tab(3, "details", "tabDetails"),
  tab(4, "dashboard", "tabDashboard"),
  tab(5, "graphs", "tabGraphs"),
  tab(6, "network", "tabNetwork"),
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
  /** The tab came to the front; `from` is the one that was there. */
  opened?(from: TabId): void;
  /** True while text is typed into the last line, which `footer` then draws in place of the key hints. */
  readonly typing?: boolean;
  footer?(paint: Paint, y: number, width: number): void;
  /** Takes a key while text is typed; false: the key table decides. */
  typed?(key: string): boolean;
  paste?(text: string): void;
  /** What is wrong, for the last line; undefined when nothing is. */
  problem?(): string | undefined;
  /**
   * The mouse moved with a button down, or the button came up, after a press on `target` of this tab; undefined: what was
   * held is let go without effect.
   */
  drag?(target: Target, event: MouseEvent | undefined): void;
  /** Filters of before, the last one first. */
  filterHistory?(): readonly string[];
  /** What comes next is of an earlier time: forgets what was summed over ticks. */
  restart?(): void;
  /** What is shown, for a file. */
  exportContent?(): ExportContent | undefined;
}

/** What a tab may ask of the screen around it. */
export interface TabHost {
  /** Brings a tab to the front. */
  open(tab: TabId): void;
  /** Shows a short message for a while. */
  say(text: string): void;
  /** Lays an overlay over the screen. */
  show(overlay: Overlay): void;
  /** Carries out a command as its key would. */
  run(command: Command): void;
  /** Brings up the connections that a filter selects. */
  showOnly(filter: string): void;
  /** The connection that is chosen in the overview. */
  chosen(): Connection | undefined;
  /** What is shown: the last one, or the copy that a frozen screen keeps. */
  readonly snapshot: Snapshot | undefined;
  /** When the screen was frozen; undefined when it is live. */
  readonly frozenAt: number | undefined;
  /** What the program itself costs. */
  readonly ownCost: OwnCost;
  readonly messages: Messages;
  readonly queryWords: QueryWords | undefined;
  /** The row as it may be shown: with aliases while privacy is on. Rows of `update` are so already. */
  view(row: Connection): Connection;
  /** The row behind one that is shown: what queries are about, and what is kept across a change of privacy. */
  real(row: Connection): Connection;
  /** The owner of a connection and its parents, the nearest first, as far as anybody knows them; not as they may be shown. */
  lineage(id: ConnectionId): readonly ProcessInfo[];
  /** What its remote address is called; not as it may be shown. */
  namesOf(id: ConnectionId): readonly KnownName[];
  /** A host name as it may be shown. */
  viewHost(name: string): string;
  /** A process as it may be shown. */
  viewProcess(process: ProcessInfo): ProcessInfo;
  /** The network as it may be shown. */
  viewNetwork(state: NetworkState): NetworkState;
  /** The name of a process, a unit or a container as it may be shown. */
  viewName(name: string): string;
  /** What `snapshot` is without aliases: for sums that go on across a change of privacy. */
  readonly unhidden: Snapshot | undefined;
  /** What a filter means in which aliases may stand. */
  meaning(filter: string): string;
}
