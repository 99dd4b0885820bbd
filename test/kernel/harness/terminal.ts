/** A terminal that a test types into and reads: a tmux server of its own. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { until } from "../../until.ts";
import { attempt, run } from "./run.ts";

const open = new Set<Terminal>();
process.on("exit", () => {
  for (const terminal of open) terminal.close();
});

export class Terminal {
  readonly #socket = `socklens-${process.pid}-${randomBytes(3).toString("hex")}`;

  /** Opens a terminal of so many cells with a plain shell in it. */
  constructor(columns: number, rows: number) {
    open.add(this);
    // Nothing below /dev/null can be: no test begins with, or leaves, what somebody configured or a screen remembered.
    const nowhere = ["-e", "XDG_CONFIG_HOME=/dev/null", "-e", "XDG_STATE_HOME=/dev/null"];
    const size = ["-x", String(columns), "-y", String(rows)];
    this.#tmux("-f", "/dev/null", "new-session", "-d", ...nowhere, ...size, "PS1='$ ' sh");
  }

  /** The server keeps the environment of the first command: in it everything is English, whatever the machine speaks. */
  #tmux(...command: readonly string[]): string {
    return run(["env", "-u", "NO_COLOR", "LC_ALL=C.UTF-8", "tmux", "-L", this.#socket, ...command]);
  }

  /** Runs a command in place of the shell; the terminal goes with it. */
  become(command: readonly string[]): void {
    this.#tmux("respawn-pane", "-k", ...command);
  }

  /** Types text and presses Enter. */
  enter(text: string): void {
    this.#tmux("send-keys", "-l", text);
    this.#tmux("send-keys", "Enter");
  }

  /** Types text. */
  type(text: string): void {
    this.#tmux("send-keys", "-l", text);
  }

  /** Presses and releases the left button of the mouse on a cell, counted from 0 (SGR, xterm's mode 1006). */
  mouse(x: number, y: number): void {
    const bytes = Buffer.from(`\u001B[<0;${x + 1};${y + 1}M\u001B[<0;${x + 1};${y + 1}m`);
    this.#tmux("send-keys", "-H", ...Array.from(bytes, (byte) => byte.toString(16)));
  }

  /** Presses on a cell, moves over the row to another and lets go there. */
  drag(from: number, to: number, y: number): void {
    const row = y + 1;
    const bytes = Buffer.from(`\u001B[<0;${from + 1};${row}M\u001B[<32;${to + 1};${row}M\u001B[<0;${to + 1};${row}m`);
    this.#tmux("send-keys", "-H", ...Array.from(bytes, (byte) => byte.toString(16)));
  }

  /** The newest buffer of tmux: what was copied; empty when there is none. */
  buffer(): string {
    const { status, stdout } = spawnSync("tmux", ["-L", this.#socket, "show-buffer"], { encoding: "utf8" });
    return status === 0 ? stdout : "";
  }

  /** Presses one key, by tmux's name of it. */
  press(key: string): void {
    this.#tmux("send-keys", key);
  }

  lines(): string[] {
    return this.#tmux("capture-pane", "-p").split("\n");
  }

  /** The screen with its escape sequences for colours and attributes. */
  styledLines(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  /** A fact of the pane in tmux's words: alternate_on, cursor_flag, mouse_any_flag, pane_pid. */
  fact(name: string): string {
    return this.#tmux("display-message", "-p", `#{${name}}`).trim();
  }

  /** Waits until the screen holds what is looked for; throws with the screen when it does not come. */
  async shows(condition: (lines: readonly string[]) => boolean, what: string, deadline = 60_000): Promise<string[]> {
    let lines: string[] = [];
    const came = await until(() => condition((lines = this.lines())), deadline, 30);
    if (!came) throw new Error(`the screen never showed ${what}:\n${lines.join("\n")}`);
    return lines;
  }

  close(): void {
    open.delete(this);
    attempt(["tmux", "-L", this.#socket, "kill-server"]);
  }
}
