import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { minute, pcapOf } from "../replay/rig.ts";
import { executable, missing, Terminal } from "./harness/index.ts";

const skip = missing("tmux") ?? false;
const shots = minute();
const count = shots.length;

const has =
  (text: string | RegExp) =>
  (lines: readonly string[]): boolean =>
    lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));
const isPrompt = (lines: readonly string[]): boolean => lines.findLast((line) => line.trim() !== "")?.trim() === "$";

/** Packets that were taken in, as the timeline has it. */
const packetsOf = (lines: readonly string[]): number => Number(/#(\d+)(?:\/\d+)? /.exec(lines.join("\n"))?.[1]);

describe("playing capture files in tmux", { skip }, () => {
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "socklens-play-"));
    file = join(directory, "minute.pcap");
    writeFileSync(file, pcapOf(shots));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  function open(columns: number, rows: number, command: string): Terminal {
    const terminal = new Terminal(columns, rows);
    terminal.enter(command);
    return terminal;
  }
  const replay = (rest: string): string => `TZ=UTC ${executable} replay ${rest}`;

  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    it(`${columns}x${rows}: plays, pauses, steps, seeks, finds what is over, and gives the terminal back`, async () => {
      const terminal = open(columns, rows, replay(file));
      try {
        await terminal.shows(has(/► 1x .* 22:13:20 .*22:14:18/), "the timeline");
        terminal.press("Space");
        let lines = await terminal.shows(has(/║ 1x /), "the pause");
        const at = packetsOf(lines);
        terminal.type("...");
        await terminal.shows((all) => packetsOf(all) === at + 3, "three packets more");
        terminal.type(",");
        await terminal.shows((all) => packetsOf(all) === at + 2, "one less");
        terminal.type(")");
        await terminal.shows(has(/║ 1x 22:13:\d\d\.[05]00 /), "a tick");
        terminal.type(":");
        await terminal.shows(has("─ Commands ─"), "the palette");
        terminal.type("go to a time");
        terminal.press("Enter");
        await terminal.shows(has("─ Go to ─"), "the dialog");
        terminal.type("22:13:50.25");
        terminal.press("Enter");
        lines = await terminal.shows(has(/║ 1x 22:13:50\.250 /), "the time");
        const line = lines.findLast((one) => one.includes("║ 1x")) ?? "";
        terminal.mouse(line.indexOf("22:13:20 ") + "22:13:20 ".length, lines.indexOf(line));
        await terminal.shows(has(/║ 1x 22:13:20\.000 /), "the beginning");
        terminal.type("}}}}}}");
        terminal.press("Space");
        await terminal.shows(has(/■ max .*22:14:18/), "the end");
        assert.equal(packetsOf(terminal.lines()), count);
        terminal.type("/port:40003 is:closed");
        terminal.press("Enter");
        await terminal.shows(has("198.51.100.7"), "the connection that ended in the middle");
        await terminal.shows(has(/1 of 24/), "that it is one");
        terminal.type("q");
        await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell");
      } finally {
        terminal.close();
      }
    });
  }

  it("plays a pipe, with the keys of the terminal", async () => {
    const terminal = open(80, 24, `cat ${file} | ${replay("--speed max -")}`);
    try {
      await terminal.shows(has(new RegExp(`■ max .*#${count}`)), "the end");
      terminal.type(",");
      await terminal.shows(has("A pipe cannot be read again"), "that it cannot go back");
      terminal.type("q");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell");
      terminal.enter("echo usable-$((40 + 2))");
      await terminal.shows(has("usable-42"), "what was typed");
    } finally {
      terminal.close();
    }
  });

  it("plays in a loop, suspends and comes back to where it was", async () => {
    const terminal = open(80, 24, replay(`--speed 100 ${file}`));
    try {
      terminal.type("L");
      await terminal.shows(has("100x ∞"), "the loop");
      const loops = async (): Promise<void> => {
        await terminal.shows((all) => packetsOf(all) > count / 2, "the second half");
        await terminal.shows((all) => packetsOf(all) < count / 2, "the beginning again");
      };
      await loops();
      terminal.press("Space");
      const before = await terminal.shows(has("║ 100x"), "the pause");
      terminal.press("C-z");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && has(/Stopped|\$/)(all), "the shell");
      terminal.enter("fg");
      const back = await terminal.shows(has("║ 100x"), "the screen again");
      assert.equal(packetsOf(back), packetsOf(before));
      terminal.press("Space");
      await loops();
    } finally {
      terminal.close();
    }
  });

  it("what is damaged is played up to there and told, what is no capture needs no screen", async () => {
    const cut = join(directory, "cut.pcap");
    writeFileSync(cut, pcapOf(shots).subarray(0, -5));
    const text = join(directory, "text.pcap");
    writeFileSync(text, "this is no capture");
    const terminal = open(200, 24, replay(`--speed max ${cut}; echo code-$?`));
    try {
      await terminal.shows(has(new RegExp(`■ max .*#${count - 1}`)), "the end");
      await terminal.shows(has(/is damaged after \d+ frames/), "the damage");
      terminal.type("q");
      const lines = await terminal.shows(has("code-1"), "the exit code");
      assert.ok(has(/^socklens: .*cut\.pcap is damaged after \d+ frames, at byte \d+/)(lines), lines.join("\n"));
      terminal.enter(replay(`${text}; echo code-$((0 + $?))`));
      await terminal.shows(has("text.pcap is not a capture file"), "what it is not");
      await terminal.shows((all) => all.filter((line) => line === "code-1").length === 2, "the exit code");
      assert.equal(terminal.fact("alternate_on"), "0");
    } finally {
      terminal.close();
    }
  });
});
