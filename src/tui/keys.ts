import type { MessageKey } from "./messages.ts";
import { tabs, type TabId } from "./tab-screen.ts";

/** Everything a person can ask of the screen. Keys, clicks and (later) the palette and configuration name these. */
export type Command =
  | "quit"
  | "help"
  | "nextTab"
  | "previousTab"
  | "tab1"
  | "tab2"
  | "tab3"
  | "tab4"
  | "tab5"
  | "tab6"
  | "tab7"
  | "sockets"
  | "back"
  | "leave"
  | "suspend"
  | "redraw"
  | "up"
  | "down"
  | "first"
  | "last"
  | "pageUp"
  | "pageDown"
  | "halfUp"
  | "halfDown"
  | "details"
  | "filter"
  | "sort"
  | "sortReverse"
  | "group"
  | "groupNext"
  | "columns"
  | "narrower"
  | "wider"
  | "sidebar"
  | "mark"
  | "unmark"
  | "kind"
  | "tree"
  | "toggleGroup"
  | "expand"
  | "collapse"
  | "closed"
  | "ports"
  | "names"
  | "freeze"
  | "clear"
  | "reset"
  | "copy"
  | "theme"
  | "palette"
  | "export"
  | "privacy"
  | "graphMode"
  | "graphWindow"
  | "graphCustom"
  | "graphScale"
  | "zoomIn"
  | "zoomOut"
  | "cursorLeft"
  | "cursorRight"
  | "playPause"
  | "faster"
  | "slower"
  | "stepPacket"
  | "stepPacketBack"
  | "stepTick"
  | "stepTickBack"
  | "skipForward"
  | "skipBack"
  | "seek"
  | "loop";

export type Section =
  | "sectionGeneral"
  | "sectionMove"
  | "sectionTable"
  | "sectionView"
  | "sectionDetails"
  | "sectionReplay";

/** Where a binding holds. `any` holds everywhere but while text is typed. */
export type Context = "any" | TabId;

export interface Binding {
  readonly command: Command;
  readonly keys: readonly string[];
  readonly context: Context;
  readonly section: Section;
  readonly help: MessageKey;
  /** Shown in the footer under this name. */
  readonly hint?: MessageKey;
  /**
   * Holds only while capture files are played: "first" wherever no text is typed, "after" where the tab has no other use for
   * the key.
   */
  readonly replay?: "first" | "after";
}

const bind = (
  command: Command,
  keys: string,
  context: Context,
  section: Section,
  help: MessageKey,
  hint?: MessageKey,
): Binding => ({ command, keys: keys.split(" "), context, section, help, ...(hint === undefined ? {} : { hint }) });

const bindReplay = (command: Command, keys: string, help: MessageKey): Binding => ({
  ...bind(command, keys, "any", "sectionReplay", help),
  replay: "after",
});

/** The one key table: dispatch, footer and help are made from it. Hints come in this order. */
export const keyTable: readonly Binding[] = [
  { ...bind("playPause", "space", "any", "sectionReplay", "keyPlayPause", "hintPlay"), replay: "first" },
  bind("leave", "escape", "details", "sectionDetails", "keyLeaveDetails", "hintBack"),
  bind("details", "enter", "overview", "sectionTable", "keyDetails", "hintDetails"),
  bind("sockets", "enter", "processes", "sectionTable", "keySockets", "hintSockets"),
  bind("sort", "s", "processes", "sectionTable", "keySort", "hintSort"),
  bind("sortReverse", "S", "processes", "sectionTable", "keySortReverse"),
  bind("mark", "space m", "processes", "sectionTable", "keyMark", "hintMark"),
  bind("unmark", "u", "processes", "sectionTable", "keyUnmark"),
  bind("kind", "v", "processes", "sectionView", "keyKind", "hintKind"),
  bind("tree", "t", "processes", "sectionView", "keyTree", "hintTree"),
  bind("expand", "right", "processes", "sectionView", "keyExpand"),
  bind("collapse", "left", "processes", "sectionView", "keyCollapse"),
  bind("copy", "c", "processes", "sectionTable", "keyCopyName", "hintCopy"),
  bind("reset", "r", "processes", "sectionView", "keyReset"),
  bind("leave", "escape", "processes", "sectionGeneral", "keyLeaveDetails", "hintBack"),
  bind("sockets", "enter", "network", "sectionTable", "keySocketsOf", "hintSockets"),
  bind("copy", "c", "network", "sectionTable", "keyCopyRow", "hintCopy"),
  bind("sort", "s", "network", "sectionTable", "keySort", "hintSort"),
  bind("sortReverse", "S", "network", "sectionTable", "keySortReverse"),
  bind("reset", "r", "network", "sectionView", "keyReset"),
  bind("leave", "escape", "network", "sectionGeneral", "keyLeaveDetails", "hintBack"),
  bind("leave", "escape", "dashboard", "sectionGeneral", "keyLeaveDetails", "hintBack"),
  bind("graphMode", "v", "graphs", "sectionView", "keyGraphMode", "hintGraphMode"),
  bind("graphWindow", "w", "graphs", "sectionView", "keyGraphWindow", "hintGraphWindow"),
  bind("graphCustom", "W", "graphs", "sectionView", "keyGraphCustom"),
  bind("zoomIn", "+ =", "graphs", "sectionView", "keyZoomIn"),
  bind("zoomOut", "-", "graphs", "sectionView", "keyZoomOut"),
  bind("graphScale", "l", "graphs", "sectionView", "keyGraphScale", "hintGraphScale"),
  bind("cursorLeft", "left", "graphs", "sectionMove", "keyCursorLeft"),
  bind("cursorRight", "right", "graphs", "sectionMove", "keyCursorRight"),
  bind("back", "escape", "graphs", "sectionGeneral", "keyGraphBack", "hintBack"),
  bind("filter", "/", "overview", "sectionTable", "keyFilter", "hintFilter"),
  bind("sort", "s", "overview", "sectionTable", "keySort", "hintSort"),
  bind("sortReverse", "S", "overview", "sectionTable", "keySortReverse"),
  bind("group", "a", "overview", "sectionView", "keyGroup", "hintGroup"),
  bind("groupNext", "A", "overview", "sectionView", "keyGroupNext"),
  bind("columns", "C", "overview", "sectionTable", "keyColumns"),
  bind("narrower", "<", "overview", "sectionTable", "keyNarrower"),
  bind("wider", ">", "overview", "sectionTable", "keyWider"),
  bind("sidebar", "i", "overview", "sectionView", "keySidebar"),
  bind("toggleGroup", "space", "overview", "sectionView", "keyToggleGroup"),
  bind("mark", "m", "overview", "sectionTable", "keyMark"),
  bind("unmark", "u", "overview", "sectionTable", "keyUnmark"),
  bind("expand", "right l", "overview", "sectionView", "keyExpand"),
  bind("collapse", "left", "overview", "sectionView", "keyCollapse"),
  bind("closed", "t", "overview", "sectionView", "keyClosed", "hintClosed"),
  bind("names", "d", "overview", "sectionView", "keyNames", "hintNames"),
  bind("ports", "p", "overview", "sectionView", "keyPorts", "hintPorts"),
  bind("freeze", "f", "any", "sectionView", "keyFreeze", "hintFreeze"),
  bind("clear", "x", "overview", "sectionTable", "keyClear"),
  bind("reset", "r", "overview", "sectionView", "keyReset"),
  bind("copy", "c", "overview", "sectionTable", "keyCopy", "hintCopy"),
  bind("copy", "c", "details", "sectionDetails", "keyCopyField", "hintCopy"),
  bind("cursorLeft", "left", "details", "sectionMove", "keyColumnLeft"),
  bind("cursorRight", "right", "details", "sectionMove", "keyColumnRight"),
  bind("up", "up k", "any", "sectionMove", "keyUp"),
  bind("down", "down j", "any", "sectionMove", "keyDown"),
  bind("first", "g home", "any", "sectionMove", "keyFirst"),
  bind("last", "G end", "any", "sectionMove", "keyLast"),
  bind("pageUp", "pageup ctrl-b", "any", "sectionMove", "keyPageUp"),
  bind("pageDown", "pagedown ctrl-f", "any", "sectionMove", "keyPageDown"),
  bind("halfUp", "ctrl-u", "any", "sectionMove", "keyHalfUp"),
  bind("halfDown", "ctrl-d", "any", "sectionMove", "keyHalfDown"),
  bind("back", "escape", "overview", "sectionGeneral", "keyBack"),
  bind("nextTab", "tab ]", "any", "sectionGeneral", "keyNextTab"),
  bind("previousTab", "shift-tab [", "any", "sectionGeneral", "keyPreviousTab"),
  ...tabs.map(({ command, key }) => bind(command, key, "any", "sectionGeneral", "keyTab")),
  bindReplay("faster", "+ = }", "keyFaster"),
  bindReplay("slower", "- {", "keySlower"),
  bindReplay("stepPacket", ".", "keyStepPacket"),
  bindReplay("stepPacketBack", ",", "keyStepPacketBack"),
  bindReplay("stepTick", ")", "keyStepTick"),
  bindReplay("stepTickBack", "(", "keyStepTickBack"),
  bindReplay("skipForward", "shift-right", "keySkipForward"),
  bindReplay("skipBack", "shift-left", "keySkipBack"),
  bindReplay("seek", ";", "keySeek"),
  bindReplay("loop", "L", "keyLoop"),
  bind("theme", "T", "any", "sectionView", "keyTheme"),
  bind("privacy", "P", "any", "sectionView", "keyPrivacy"),
  bind("export", "e", "any", "sectionGeneral", "keyExport"),
  bind("palette", ":", "any", "sectionGeneral", "keyPalette"),
  bind("redraw", "ctrl-l", "any", "sectionGeneral", "keyRedraw"),
  bind("suspend", "ctrl-z", "any", "sectionGeneral", "keySuspend"),
  bind("help", "h ? f1", "any", "sectionGeneral", "keyHelp", "hintHelp"),
  bind("quit", "q ctrl-c", "any", "sectionGeneral", "keyQuit", "hintQuit"),
];

const without = (binding: Binding, taken: ReadonlySet<string>): Binding =>
  binding.keys.some((key) => taken.has(key))
    ? { ...binding, keys: binding.keys.filter((key) => !taken.has(key)) }
    : binding;

/** What holds where files are played, or where they are not. */
export function bindingsFor(table: readonly Binding[], replays: boolean): readonly Binding[] {
  if (!replays) return table.filter((one) => one.replay === undefined);
  const taken = new Set(table.filter((one) => one.replay === "first").flatMap(({ keys }) => keys));
  return table.map((one) => (one.replay === "first" ? one : without(one, taken)));
}

/** What holds in a context: what the help of a tab lists. Keys that mean something else there are left out. */
export function bindingsOf(context: Context, table: readonly Binding[] = keyTable): Binding[] {
  const own = new Set(table.filter((one) => one.context === context).flatMap(({ keys }) => keys));
  return table.flatMap((one) => (one.context === context ? [one] : one.context === "any" ? [without(one, own)] : []));
}

/** Looks up what a key means. A binding of the context wins over one that holds anywhere. */
export class KeyMap {
  readonly table: readonly Binding[];
  readonly #commands = new Map<string, Command>();

  constructor(table: readonly Binding[]) {
    this.table = table;
    for (const binding of table) {
      for (const key of binding.keys) this.#commands.set(`${binding.context} ${key}`, binding.command);
    }
  }

  command(key: string, context: Context): Command | undefined {
    return this.#commands.get(`${context} ${key}`) ?? this.#commands.get(`any ${key}`);
  }
}

const shown: Readonly<Record<string, string>> = {
  enter: "Enter",
  escape: "Esc",
  space: "Space",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  "shift-left": "Shift-←",
  "shift-right": "Shift-→",
  f1: "F1",
};

/** Arrows in words: in ASCII their shapes are letters and signs, which are keys themselves. */
const arrowWords: Readonly<Record<string, string>> = {
  up: "Up",
  down: "Down",
  left: "Left",
  right: "Right",
  "shift-left": "Shift-Left",
  "shift-right": "Shift-Right",
};

/** A key as people write it: "Ctrl-C", "PgUp", "Enter"; with `ascii` arrows in words. */
export function keyLabel(key: string, ascii = false): string {
  const known = (ascii ? arrowWords[key] : undefined) ?? shown[key];
  if (known !== undefined) return known;
  return key.startsWith("ctrl-") ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}
