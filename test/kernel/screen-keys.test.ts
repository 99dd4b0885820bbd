import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createPair, executable, missing, program, Task, Terminal, type Pair } from "./harness/index.ts";

const skip = missing("tmux") ?? false;
/** Its own, so that the filter shows no row of the same test that runs beside it in namespaces of its own. */
const port = 20_000 + (process.pid % 10_000);

const isPrompt = (lines: readonly string[]): boolean => lines.findLast((line) => line.trim() !== "")?.trim() === "$";

const has =
  (text: string | RegExp) =>
  (lines: readonly string[]): boolean =>
    lines.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));

/** Presses the left button where `text` stands. */
function click(terminal: Terminal, lines: readonly string[], text: string): void {
  const y = lines.findIndex((line) => line.includes(text));
  assert.ok(y >= 0, `${text} is not on the screen`);
  terminal.mouse((lines[y] ?? "").indexOf(text) + 1, y);
}

/** Drags one heading to another. A notice may come in between and move the table down a line: then once more. */
async function dragHeading(terminal: Terminal, title: string, to: string, order: RegExp): Promise<void> {
  for (let tries = 1; ; tries++) {
    const lines = terminal.lines();
    const y = lines.findIndex((line) => /Process +PID/.test(line));
    const heading = lines[y] ?? "";
    assert.ok(heading.includes(title) && heading.includes(to), lines.join("\n"));
    terminal.drag(heading.indexOf(title), heading.indexOf(to), y);
    try {
      await terminal.shows(has(order), "the columns in another order", 5000);
      return;
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

describe("driving the screen in tmux, on real traffic", { skip }, () => {
  let pair: Pair;
  let server: Task;
  let client: Task;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "socklens-screen-"));
    pair = createPair(79);
    server = new Task(pair.right.command([program("tcp-server"), pair.right.ipv4, String(port)]));
    await server.line(/^ready$/m);
    const arguments_ = [pair.right.ipv4, String(port), "600000000", "0", "-d", "300"];
    client = new Task(pair.left.command([program("tcp-client"), ...arguments_]));
  });
  after(async () => {
    await client?.stop("SIGKILL");
    await server?.stop("SIGKILL");
    pair?.network.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  const remote = (): string => `${pair.right.ipv4}:${port}`;
  const isRow = (lines: readonly string[]): boolean =>
    lines.some((line) => line.includes("tcp-client") && line.includes(pair.right.ipv4));

  async function open(columns: number, rows: number, options = ""): Promise<Terminal> {
    const terminal = new Terminal(columns, rows);
    // The files are to be root's, also when sudo started the tests.
    terminal.enter(
      `env -u SUDO_UID -u SUDO_GID ${executable} --filter 'process:tcp-client and port:${port}' ${options}`,
    );
    return terminal;
  }

  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    it(`${columns}x${rows}: palette, details, filter, tabs, theme, help`, async () => {
      const terminal = await open(columns, rows);
      try {
        await terminal.shows(isRow, "the connection");
        terminal.press("j");
        terminal.type(":");
        await terminal.shows(has("─ Commands ─"), "the palette");
        terminal.type("detofth");
        await terminal.shows(has("details of the connection"), "the match");
        terminal.press("Enter");
        // The address alone stands in the table too: a click is judged by what is painted, so the test must have seen it.
        await terminal.shows(has(`─ tcp-client → ${remote()}`), "the details");
        terminal.press("Escape");
        let lines = await terminal.shows(has("─ Connections"), "the overview");
        click(terminal, lines, " 2 ");
        await terminal.shows((all) => has("tcp-client")(all) && has(/─ Processes \d/)(all), "the processes");
        terminal.type("1/");
        await terminal.shows(has(/─ Connections/), "the overview again");
        terminal.type(" and port:1");
        await terminal.shows((all) => !isRow(all), "no row");
        terminal.press("Escape");
        await terminal.shows(isRow, "the row again");
        terminal.type("T");
        lines = await terminal.shows(has(" nord"), "the themes");
        click(terminal, lines, "nord");
        await terminal.shows(has("Theme nord"), "the theme's name");
        terminal.type("?");
        lines = await terminal.shows(has("Keys (Esc closes)"), "the help");
        terminal.mouse(0, 0);
        await terminal.shows((all) => !has("Keys (Esc closes)")(all), "no help");
        terminal.type("q");
        await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell");
      } finally {
        terminal.close();
      }
    });
  }

  it("a heading is dragged to its place and stands there in the next run; marked connections are drawn", async () => {
    const state = join(directory, "state");
    const terminal = new Terminal(120, 40);
    const start = (): void =>
      terminal.enter(
        `env -u SUDO_UID -u SUDO_GID XDG_STATE_HOME=${state} ${executable} --filter 'port:${port} and not is:listen'`,
      );
    const order = /Process +PID +State +Remote/;
    try {
      start();
      await terminal.shows(isRow, "the connection");
      await dragHeading(terminal, "State", "Remote", order);
      terminal.type("gm");
      await terminal.shows(has("1 marked"), "a mark");
      terminal.type("m");
      await terminal.shows(has("2 marked"), "both ends of the connection");
      terminal.type("5");
      await terminal.shows(has(/━A━ tcp-\S+ .*━B━ tcp-\S+ .*[kM]B\/s/), "a curve for each");
      terminal.type("W");
      await terminal.shows(has("Time shown"), "the dialog");
      terminal.press("C-u");
      terminal.type("90");
      terminal.press("Enter");
      await terminal.shows(has("1 min 30 s"), "the span that was typed");
      terminal.type("1q");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell");
      start();
      await terminal.shows((all) => isRow(all) && has(order)(all), "the order of before");
    } finally {
      terminal.close();
    }
  });

  it("details tell whose child the owner is and draw what it does; the tree nests it below its parents", async () => {
    const terminal = await open(140, 50);
    try {
      await terminal.shows(isRow, "the connection");
      terminal.press("j");
      terminal.press("Enter");
      await terminal.shows(has(/└─ tcp-client \(\d+\)/), "the owner below its parent");
      const lines = await terminal.shows(has(/RTT +\S+ µ?m?s .*· \d+s/), "the graph of round trips");
      // This process made it.
      assert.ok(has(`(${process.pid})`)(lines), "this process is among its parents");
      assert.ok(has(`Directory    ${process.cwd().slice(0, 40)}`)(lines), "its directory");
      assert.ok(has(/Process +stamped by the kernel/)(lines), "the evidence");
      terminal.type("2t");
      await terminal.shows(has("▾"), "the tree");
      await terminal.shows(has(/^ {4,}tcp-client/), "the client in it");
    } finally {
      terminal.close();
    }
  });

  it("privacy hides the address that is there without it, also in the file", async () => {
    const terminal = await open(120, 40);
    try {
      await terminal.shows(isRow, "the connection");
      terminal.type("P");
      const lines = await terminal.shows(has("198.18.0."), "an alias");
      assert.ok(!lines.some((line) => line.includes(pair.right.ipv4) || line.includes(pair.left.ipv4)));
      assert.ok(has("tcp-client")(lines));
      const path = join(directory, "private.json");
      terminal.type("e");
      await terminal.shows(has("Write to a file"), "the dialog");
      terminal.press("C-u");
      terminal.type(path);
      terminal.press("Enter");
      await terminal.shows(has(/Wrote .* to /), "that it was written");
      const text = readFileSync(path, "utf8");
      assert.match(text, /"tcp-client"/);
      assert.ok(!text.includes(pair.right.ipv4) && !text.includes(pair.left.ipv4));
    } finally {
      terminal.close();
    }
  });

  it("exports: a file of mode 0600 with the row; replaced only after a yes; refused where it does not belong", async () => {
    const terminal = await open(120, 40);
    try {
      await terminal.shows(isRow, "the connection");
      const path = join(directory, "rows.json");
      const write = async (to: string): Promise<void> => {
        terminal.type("e");
        await terminal.shows(has("Write to a file"), "the dialog");
        terminal.press("C-u");
        terminal.type(to);
        terminal.press("Enter");
      };
      await write(path);
      await terminal.shows(has(/Wrote .* to /), "that it was written");
      assert.equal(statSync(path).mode & 0o777, 0o600);
      const records = readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const [flow] = records;
      assert.equal(records.length, 2, "the row that is shown, and the losses");
      assert.equal(flow?.["dest_ip"], pair.right.ipv4);
      assert.equal((flow?.["process"] as { pid: number } | undefined)?.pid, client.pid);
      const { mtimeMs } = statSync(path);
      await write(path);
      await terminal.shows(has("Replace "), "the question");
      terminal.press("Escape");
      await terminal.shows((all) => !has("Replace ")(all), "the dialog again");
      assert.equal(statSync(path).mtimeMs, mtimeMs);
      terminal.press("Enter");
      await terminal.shows(has("Replace "), "the question");
      terminal.press("Enter");
      await terminal.shows((all) => !has("Write to a file")(all), "the screen");
      assert.notEqual(statSync(path).mtimeMs, mtimeMs);
      await write("/etc/socklens-test.json");
      await terminal.shows(has("write to your home"), "the refusal");
    } finally {
      terminal.close();
    }
  });

  it("copies to the buffer of tmux, suspends and comes back, and says nothing that tmux does not understand", async () => {
    const terminal = await open(120, 40);
    try {
      const first = await terminal.shows(isRow, "the connection");
      assert.match(first[0] ?? "", /^ (Socklens|1)/, "no answer or question is left on the screen");
      terminal.type("jc");
      await terminal.shows(has("Copied "), "that it was copied");
      await terminal.shows(() => terminal.buffer() === remote(), "the address in the buffer");
      terminal.press("C-z");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && has(/Stopped|\$/)(all), "the shell");
      terminal.enter("fg");
      await terminal.shows(isRow, "the screen again");
      terminal.type("q");
      await terminal.shows((all) => terminal.fact("alternate_on") === "0" && isPrompt(all), "the shell");
      terminal.enter("echo usable-$((40 + 2))");
      await terminal.shows(has("usable-42"), "what was typed");
    } finally {
      terminal.close();
    }
  });

  it("begins private, and without colours", async () => {
    const terminal = await open(80, 24, "--private --no-color");
    try {
      const lines = await terminal.shows(has("198.18.0."), "an alias");
      assert.ok(!lines.some((line) => line.includes(pair.right.ipv4)));
      assert.doesNotMatch(
        terminal.styledLines(),
        new RegExp(String.raw`${"\u001B"}\[[\d;]*(?:[34][0-8]|9\d|10\d)(?:;[\d;]*)?m`),
      );
    } finally {
      terminal.close();
    }
  });
});
