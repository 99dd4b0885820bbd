import { createPair, type Pair } from "./network.ts";
import { program } from "./programs.ts";
import { Task } from "./task.ts";

/** A pair of namespaces and the programs that a test starts there, for tests that start Socklens themselves. */
export class PairBed {
  readonly pair: Pair = createPair();
  readonly #tasks: Task[] = [];

  /** Starts a program; `close` ends it if nothing did before. */
  start(where: "left" | "right", words: readonly string[]): Task {
    const task = new Task(this.pair[where].command(words));
    this.#tasks.push(task);
    return task;
  }

  /** Starts a TCP server and waits until it listens. */
  async serve(where: "left" | "right", address: string, port: number): Promise<void> {
    await this.start(where, [program("tcp-server"), address, String(port)]).line(/ready/);
  }

  async close(): Promise<void> {
    for (const task of this.#tasks) await task.stop("SIGKILL");
    this.pair.network.remove();
  }
}
