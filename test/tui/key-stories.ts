/**
 * A story for every binding of the key table: what is there before, and what the key changes. `every-key.test.ts` tells
 * each of them for each of its keys at every size, and fails for a binding that has none.
 */
import assert from "node:assert/strict";
import type { Binding, Command } from "../../src/tui/index.ts";
import type { Story } from "./story.ts";

export interface KeyStory {
  /** Keys typed before, in the tab of the binding's context (the overview for those that hold anywhere). */
  readonly before?: string;
  /** What the screen shows after the key and did not show before; absent: it is another one than before. */
  readonly shows?: RegExp;
  /** What the screen showed before and does not show after. */
  readonly hides?: RegExp;
  /** More that is to be true after the key. */
  readonly check?: (one: Story, binding: Binding) => void | Promise<void>;
  /** The screen may stay as it is: the key does something else, which `check` looks at. */
  readonly still?: boolean;
}

type StoryKey = `${Binding["context"]} ${Command}`;

const position = (at: number): RegExp => new RegExp(String.raw`\b${at}\/\d`);

/** Bytes that a terminal sends for a key that is more than a character. */
export const bytesOf: Readonly<Record<string, string>> = {
  enter: "\r",
  escape: "\x1b[27u",
  space: " ",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  pageup: "\x1b[5~",
  pagedown: "\x1b[6~",
  tab: "\t",
  "shift-tab": "\x1b[Z",
  "shift-left": "\x1b[1;2D",
  "shift-right": "\x1b[1;2C",
  f1: "\x1bOP",
};

/** What `c` copies, as the last line says. */
async function copies(one: Story, expected: RegExp): Promise<void> {
  assert.match((await one.keys("c")).at(-1) ?? "", expected);
}

export const stories: Partial<Record<StoryKey, KeyStory>> = {
  "overview details": { before: "j", hides: /by ↓ Rate/ },
  "network sockets": { before: "Gk", shows: /ip:192\.0\.2\.77|Filter|Overview/, still: true },
  "network copy": { before: "G", still: true },
  "network sort": { shows: /Name▲/ },
  "network sortReverse": { shows: /Name▼/ },
  "network reset": { before: "s", hides: /Name▲/ },
  "network leave": {},
  "dashboard leave": {},
  "graphs graphMode": { shows: /processes/ },
  "graphs graphWindow": { shows: /10 min/ },
  "graphs graphCustom": { shows: /Time shown/ },
  "graphs zoomIn": { shows: /30 s/ },
  "graphs zoomOut": { shows: /2 min/ },
  "graphs graphScale": { shows: /logarithmic/ },
  "graphs cursorLeft": {},
  "graphs cursorRight": {},
  "graphs back": {},
  "overview filter": { shows: /Filter/ },
  "overview sort": { hides: /by ↓ Rate/ },
  "overview sortReverse": { shows: /↓ Rate ▲/ },
  "overview group": { shows: /grouped|by process/i },
  "overview groupNext": {},
  "overview columns": { shows: /Columns/i },
  "overview narrower": {},
  "overview wider": {},
  "overview sidebar": {},
  "overview toggleGroup": { before: "aj", shows: /▾/ },
  "overview mark": { before: "j", shows: /1 marked/ },
  "overview unmark": { before: "j m", hides: /2 marked/ },
  "overview expand": { before: "aj", shows: /▾/ },
  "overview collapse": { before: "ajl", hides: /▾/ },
  "overview closed": { shows: /with closed/ },
  "overview names": {},
  "overview ports": {},
  "overview clear": { shows: /Closed connections cleared/, check: (one) => assert.equal(one.engine.clears, 1) },
  "overview reset": { before: "S", shows: /View reset/ },
  "overview copy": { before: "j", shows: /Copied / },
  "overview back": { before: "/tcp\r", hides: /filter tcp/ },
  "processes sockets": { before: "j", shows: /Connections/ },
  "processes sort": {},
  "processes sortReverse": {},
  "processes mark": { before: "j" },
  "processes unmark": { before: "j " },
  "processes kind": {},
  "processes tree": { shows: /tree, with sums of children/ },
  "processes expand": { before: "tgj\x1b[D", hides: /▸/ },
  "processes collapse": { before: "tgj", shows: /▸/ },
  "processes copy": { before: "j", shows: /Copied / },
  "processes reset": { before: "ss", shows: /by ↓ Rate ▼/ },
  "processes leave": { shows: /Connections/ },
  "details leave": { shows: /Connections \d/ },
  // In one column to the card before and to the next: what is copied tells where the cursor is.
  "details cursorLeft": { before: "\x1b[C", still: true, check: (one) => copies(one, /Copied \S+:\d+$/m) },
  "details cursorRight": { still: true, check: (one) => copies(one, /Copied .*\(\d+\)/) },
  "details copy": { shows: /Copied / },
  "any freeze": { shows: /FROZEN/ },
  "any up": { before: "jj", shows: position(1) },
  "any down": { before: "j", shows: position(2) },
  "any first": { before: "jjj", shows: position(1) },
  "any last": { before: "j", shows: /(\d+)\/\1\b/ },
  "any pageUp": { before: "jG" },
  "any pageDown": { before: "j" },
  "any halfUp": { before: "jG" },
  "any halfDown": { before: "j" },
  "any nextTab": {},
  "any previousTab": {},
  "any playPause": { hides: /►/, shows: /║/ },
  "any faster": { shows: / 2x / },
  "any slower": { shows: / 0\.5x / },
  "any stepPacket": { shows: /║ 1x 12:00:00\.200 .*#601/ },
  "any stepPacketBack": { shows: /║ 1x 11:59:59\.800 .*#599/ },
  "any stepTick": { shows: /║ 1x 12:00:00\.500/ },
  "any stepTickBack": { shows: /║ 1x 11:59:59\.500/ },
  "any skipForward": { shows: /12:00:12\.000/ },
  "any skipBack": { shows: /11:59:48\.000/ },
  "any seek": { shows: /Go to/ },
  "any loop": { shows: /∞/ },
  "any theme": { shows: /● default/ },
  "any privacy": { shows: /private/ },
  "any export": { shows: /Write to a file/ },
  "any palette": { shows: /─ Commands ─/ },
  "any redraw": {
    still: true,
    check: (one) => assert.match(one.terminal.writes.at(-1) ?? "", /\[2J/),
  },
  "any suspend": { still: true, check: (one) => assert.equal(one.terminal.suspended, 1) },
  "any help": { shows: /Keys \(Esc closes\)/ },
  "any quit": { still: true, check: (one) => assert.equal(one.engine.quits, 1) },
};
