import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createPair, executable, missing, program, Task, Terminal, type Pair } from "./harness/index.ts";

const skip = missing("tmux") ?? false;

/** The shell waits for a command: its prompt is the last thing on the screen. */
function isPrompt(lines: readonly string[]): boolean {
  return lines.findLast((line) => line.trim() !== "")?.trim() === "$";
}

describe("the screen in a real terminal", { skip }, () => {
  let pair: Pair;
  let server: Task;
  let client: Task;
  const port = 5901;

  before(async () => {
    pair = createPair(78);
    server = new Task(pair.right.command([program("tcp-server"), pair.right.ipv4, String(port)]));
    await server.line(/^ready$/m);
    const arguments_ = [pair.right.ipv4, String(port), "60000000", "0", "-d", "60"];
    client = new Task(pair.left.command([program("tcp-client"), ...arguments_]));
  });
  after(async () => {
    await client?.stop("SIGKILL");
    await server?.stop("SIGKILL");
    pair?.network.remove();
  });

  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    it(`shows a connection with its process at ${columns}x${rows}, and leaves a usable terminal`, async () => {
      const terminal = new Terminal(columns, rows);
      try {
        terminal.enter(executable);
        const isRow = (line: string): boolean => line.includes("tcp-client") && line.includes(pair.right.ipv4);
        const lines = await terminal.shows((all) => all.some(isRow), "the connection of tcp-client");
        assert.equal(terminal.fact("alternate_on"), "1", "the screen is its own");
        assert.ok(lines.every((line) => line.length <= columns));
        const row = lines.find(isRow) ?? "";
        if (columns >= 200) assert.match(row, new RegExp(`\\b${client.pid}\\b`), "pid");
        terminal.press("q");
        await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell again");
        terminal.enter("echo code-$? usable-$((40 + 2)); stty -a");
        const left = await terminal.shows((all) => / echo /.test(all.join(" ")) && isPrompt(all), "what was typed");
        const text = left.join(" ");
        assert.match(text, /code-0 usable-42/);
        assert.match(text, / icanon /, "lines are edited again");
        assert.match(text, / echo /, "what is typed is shown again");
        assert.equal(terminal.fact("cursor_flag"), "1", "the cursor is visible");
        assert.equal(terminal.fact("mouse_any_flag"), "0", "the mouse is the terminal's");
      } finally {
        terminal.close();
      }
    });
  }

  it("restores the terminal when it is interrupted", async () => {
    const terminal = new Terminal(80, 24);
    try {
      terminal.enter(executable);
      await terminal.shows(() => terminal.fact("alternate_on") === "1", "the screen");
      await terminal.shows((all) => all.some((line) => line.includes("tcp-client")), "the connection");
      terminal.press("C-c");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell again");
      terminal.enter("echo usable-$((40 + 2))");
      await terminal.shows((all) => all.some((line) => line.includes("usable-42")), "what was typed");
      assert.equal(terminal.fact("cursor_flag"), "1");
    } finally {
      terminal.close();
    }
  });
});
