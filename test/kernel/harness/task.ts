/** A program that a test runs beside itself: started with a pipe to each side, ended by pid. */
import { spawn, type ChildProcess } from "node:child_process";
import { until } from "../../until.ts";

const running = new Set<Task>();
process.on("exit", () => {
  for (const task of running) task.kill("SIGKILL");
});

export interface TaskOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export class Task {
  readonly command: readonly string[];
  readonly pid: number;
  stdout = "";
  stderr = "";
  /** Exit status, or the signal that ended it; undefined while it runs. */
  status: number | string | undefined;
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;

  constructor(command: readonly string[], options: TaskOptions = {}) {
    const [program = "", ...rest] = command;
    this.command = command;
    this.#child = spawn(program, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    running.add(this);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        running.delete(this);
        this.stderr += error.message;
        this.status = "not started";
        resolve(this.status);
      });
      const end = (code: number | null, signal: string | null): void => {
        if (this.status !== undefined) return;
        running.delete(this);
        this.status = code ?? signal ?? "unknown";
        resolve(this.status);
      };
      this.#child.once("close", end);
      // A child of the program may hold its pipes for ever: what it says after this moment is not waited for.
      this.#child.once("exit", (code, signal) => {
        setTimeout(() => {
          for (const pipe of this.#child.stdio) pipe?.destroy();
          end(code, signal);
        }, 1000).unref();
      });
    });
  }

  /** Waits for a line of standard output that matches; throws with everything the program said when it does not come. */
  async line(pattern: RegExp, deadline = 30_000): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    await until(
      () => {
        found = pattern.exec(this.stdout);
        return found !== null || this.status !== undefined;
      },
      deadline,
      10,
    );
    found ??= pattern.exec(this.stdout);
    if (found === null) throw new Error(`${this.command.join(" ")}: ${String(pattern)} never came: ${this.describe()}`);
    return found;
  }

  /** Writes one line to its standard input. */
  go(text = ""): void {
    this.#child.stdin?.write(`${text}\n`);
  }

  /** Ends its standard input. */
  close(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    if (this.status === undefined && this.pid > 0) this.#child.kill(signal);
  }

  /** Ends the program and waits until it is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM", patience = 5_000): Promise<number | string> {
    this.kill(signal);
    if (!(await until(() => this.status !== undefined, patience, 10))) this.kill("SIGKILL");
    return this.ended;
  }

  /** Waits for the end and throws unless it was a good one. */
  async finished(deadline = 60_000): Promise<void> {
    await until(() => this.status !== undefined, deadline, 10);
    if (this.status !== 0) throw new Error(`${this.command.join(" ")}: ${this.describe()}`);
  }

  describe(): string {
    const state = this.status === undefined ? "still running" : `ended with ${this.status}`;
    return `${state}; stdout ${JSON.stringify(this.stdout.slice(-400))}, stderr ${JSON.stringify(this.stderr.slice(-400))}`;
  }
}
