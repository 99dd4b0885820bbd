import assert from "node:assert/strict";
import { test } from "node:test";
import { InputParser, keyboardSetup, terminalQueries, terminalReset, type InputEvent } from "../../src/tui/index.ts";
import { asksNothing, isLight, isLightByEnvironment } from "../../src/tui/terminal.ts";
import { HeadlessTerminal } from "./headless-terminal.ts";
import { createScreen } from "../../src/tui/index.ts";
import { snapshotOf, story, threeRows } from "./story.ts";

function parse(text: string, pieces = text.length): InputEvent[] {
  const events: InputEvent[] = [];
  const parser = new InputParser((event) => events.push(event));
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += pieces) parser.feed(bytes.subarray(at, at + pieces));
  return events;
}

test("answers of terminals, whole and in pieces", () => {
  for (const [text, report] of [
    ["\x1b]11;rgb:ffff/8080/0000\x1b\\", { what: "background", rgb: 0xff8000 }],
    ["\x1b]11;rgb:f/8/0\x07", { what: "background", rgb: 0xff8800 }],
    ["\x1b]11;rgba:1e1e/1e1e/2e2e/ffff\x07", { what: "background", rgb: 0x1e1e2e }],
    ["\x1b[?2026;2$y", { what: "mode", mode: 2026, setting: 2 }],
    ["\x1b[?0u", { what: "keyboard", flags: 0 }],
  ] as const) {
    assert.deepEqual(parse(text), [{ kind: "report", report }], JSON.stringify(text));
    assert.deepEqual(parse(`a${text}b`, 1), [
      { kind: "key", key: "a" },
      { kind: "report", report },
      { kind: "key", key: "b" },
    ]);
  }
});

test("answers to what was not asked, and broken ones, are nothing", () => {
  for (const text of [
    "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "\x1b]11;#ffffff\x07",
    "\x1bP11;rgb:ff/ff/ff\x1b\\",
    `\x1b]11;rgb:${"f".repeat(100)}/0/0\x07`,
    "\x1b[?62;22c",
    "\x1b[?2026;2y",
  ]) {
    assert.deepEqual(parse(text), [], JSON.stringify(text));
  }
});

test("keys of the kitty protocol", () => {
  const keys = (text: string): string[] => parse(text).map((event) => (event.kind === "key" ? event.key : event.kind));
  assert.deepEqual(keys("\x1b[27u\x1b[99;5u\x1b[120;3u\x1b[9;2u"), ["escape", "ctrl-c", "alt-x", "shift-tab"]);
  assert.deepEqual(keys("\x1b[57414u\x1b[57400u\x1b[57419u\x1b[57421u\x1b[57413u"), [
    "enter",
    "1",
    "up",
    "pageup",
    "+",
  ]);
  assert.deepEqual(keys("\x1b[97:65;2u\x1b[106;129u"), ["A", "j"], "alternates, and NumLock");
});

test("a light background brings the light default theme, a chosen theme stays", async () => {
  const light = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\";
  const dark = "\x1b]11;rgb:0000/0000/0000\x1b\\";
  const one = story("80x24", snapshotOf(threeRows));
  const theme = async (): Promise<string> => /● ([\w-]+)/.exec((await one.keys("T")).slice(1).join("\n"))?.[1] ?? "";
  await one.keys(light);
  assert.equal(await theme(), "default-light");
  await one.keys("\x1b[27u");
  const chosen = story("80x24", snapshotOf(threeRows));
  await chosen.keys("T\r");
  await chosen.keys(light);
  assert.match((await chosen.keys("T")).slice(1).join("\n"), /● default /);
  const back = story("80x24", snapshotOf(threeRows));
  await back.keys(light + dark);
  assert.match((await back.keys("T")).slice(1).join("\n"), /● default /);
  const plain = story("80x24", snapshotOf(threeRows), { colors: "none" });
  assert.match((await plain.keys(`${light}T`)).slice(1).join("\n"), /● plain/);
});

test("light by COLORFGBG until the terminal answers", async () => {
  assert.equal(isLightByEnvironment({ COLORFGBG: "0;15" }), true);
  assert.equal(isLightByEnvironment({ COLORFGBG: "0;default;7" }), true);
  assert.equal(isLightByEnvironment({ COLORFGBG: "15;0" }), false);
  assert.equal(isLightByEnvironment({ COLORFGBG: "15;8" }), false);
  assert.equal(isLightByEnvironment({}), undefined);
  assert.ok(isLight(0xfdf6e3) && isLight(0xffffff) && !isLight(0x282a36) && !isLight(0x000000) && !isLight(0x5f5f5f));
  const terminal = Object.assign(new HeadlessTerminal({ columns: 80, rows: 24 }), { lightBackground: true });
  const screen = createScreen({ terminal, engine: { quit: () => undefined, clearClosed: () => undefined } });
  screen.update(snapshotOf(threeRows));
  terminal.type("T");
  assert.ok((await terminal.lines()).some((line) => line.includes("● default-light")));
});

test("a terminal without synchronised updates gets none from then on", async () => {
  const one = story("80x24", snapshotOf(threeRows));
  await one.keys("j");
  assert.match(one.terminal.writes.at(-1) ?? "", /\[\?2026h.*\[\?2026l/s);
  await one.keys("\x1b[?2026;0$yj");
  assert.doesNotMatch(one.terminal.writes.at(-1) ?? "", /2026/);
});

test("the kitty protocol is switched on once the terminal says that it knows it", () => {
  const one = story("80x24", snapshotOf(threeRows));
  let asked = 0;
  Object.assign(one.terminal, { enhanceKeyboard: () => void asked++ });
  one.terminal.type("jk");
  assert.equal(asked, 0);
  one.terminal.type("\x1b[?0u");
  assert.equal(asked, 1);
});

test("a real terminal understands the questions: nothing is shown, answers are answers", async () => {
  const terminal = new HeadlessTerminal({ columns: 40, rows: 3 });
  const events: InputEvent[] = [];
  const parser = new InputParser((event) => events.push(event));
  terminal.xterm.onData((text) => parser.feed(Buffer.from(text, "latin1")));
  terminal.write(Buffer.from(terminalQueries + keyboardSetup, "latin1"));
  assert.deepEqual(await terminal.lines(), ["", "", ""]);
  terminal.write(Buffer.from(terminalReset, "latin1"));
  assert.deepEqual(await terminal.lines(), ["", "", ""], "nor does taking it back show anything");
  assert.ok(events.length > 0 && events.every((event) => event.kind === "report"), JSON.stringify(events));
});

test("terminals that cannot answer are not asked", () => {
  for (const term of ["linux", "dumb", "", "vt100", "ansi"]) assert.ok(asksNothing(term), term);
  for (const term of ["xterm-256color", "tmux-256color", "screen", "xterm-kitty", "foot", "alacritty"]) {
    assert.ok(!asksNothing(term), term);
  }
});
