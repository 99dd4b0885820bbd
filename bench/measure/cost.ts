/** What a program costs, with everything it started: CPU time, wake-ups, memory, as the kernel accounts them. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from "node:fs";

const root = existsSync("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";

/** Totals at one moment. */
export interface Cost {
  /** Milliseconds since some start, by a clock that only goes on. */
  readonly time: number;
  /** CPU milliseconds of all processes, ended ones included. */
  readonly cpu: number;
  /** Voluntary context switches of all threads that live. */
  readonly wakeUps: number;
  readonly processes: number;
}

/** A cgroup of its own for the program measured: nothing it starts can leave the account. */
export class Account {
  readonly #path: string;
  readonly #onExit = (): void => {
    this.close();
  };
  #peak = 0;

  constructor(name: string) {
    this.#path = `${root}/socklens-bench-${process.pid}-${name}`;
    mkdirSync(this.#path, { recursive: true });
    process.once("exit", this.#onExit);
  }

  /** The command that runs `command` inside the account, under the same pid. */
  command(command: readonly string[]): string[] {
    return ["sh", "-c", `echo $$ > "${this.#path}/cgroup.procs" && exec "$@"`, "sh", ...command];
  }

  pids(): number[] {
    return readFileSync(`${this.#path}/cgroup.procs`, "utf8").trim().split("\n").filter(Boolean).map(Number);
  }

  read(): Cost {
    const pids = this.pids();
    const usage = /^usage_usec (\d+)$/m.exec(readFileSync(`${this.#path}/cpu.stat`, "utf8"))?.[1] ?? "0";
    let wakeUps = 0;
    for (const pid of pids) wakeUps += switches(pid);
    return { time: performance.now(), cpu: Number(usage) / 1000, wakeUps, processes: pids.length };
  }

  /** Proportional set size of all processes together, in bytes; remembers the largest. */
  memory(): number {
    let sum = 0;
    for (const pid of this.pids()) {
      const text = attemptRead(`/proc/${pid}/smaps_rollup`);
      sum += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
    }
    this.#peak = Math.max(this.#peak, sum);
    return sum;
  }

  get peakMemory(): number {
    return this.#peak;
  }

  close(): void {
    process.removeListener("exit", this.#onExit);
    if (!existsSync(this.#path)) return;
    for (const pid of this.pids()) {
      // Whatever is still in here was started by this bench.
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        continue;
      }
    }
    for (let turn = 0; turn < 200 && this.pids().length > 0; turn++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    try {
      rmdirSync(this.#path);
    } catch {
      return;
    }
  }
}

function switches(pid: number): number {
  let sum = 0;
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0;
  }
  for (const thread of threads) {
    const text = attemptRead(`/proc/${pid}/task/${thread}/status`);
    sum += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  }
  return sum;
}

function attemptRead(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The cost of a stretch of time. */
export interface Rate {
  /** Percent of one core. */
  readonly cpu: number;
  /** Voluntary context switches a second. */
  readonly wakeUps: number;
}

export function rate(from: Cost, to: Cost): Rate {
  const seconds = (to.time - from.time) / 1000;
  return { cpu: (to.cpu - from.cpu) / seconds / 10, wakeUps: Math.max(0, to.wakeUps - from.wakeUps) / seconds };
}
