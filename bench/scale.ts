/**
 * Cost against the number of live flows: `bench/scale.ts [--quick] [--seconds N] [--flows N,N,N] [--active N]`, as root.
 * Real UDP sockets in a network namespace, each a flow; always the same number of them sends once a second. The cost
 * of a tick must follow those, not the flows that exist.
 */
import { parseArgs } from "node:util";
import { createPair, missing, Monitor, program, Task, type Pair } from "../test/kernel/harness/index.ts";
import { Account, cell, field, median, printMachine, printTable, printTarget, rate } from "./measure/index.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seconds: { type: "string" },
    flows: { type: "string", default: "1000,10000,100000" },
    active: { type: "string", default: "1000" },
  },
});
const seconds = Number(options.seconds ?? (options.quick ? 6 : 15));
const sizes = options.flows.split(",").map(Number);
const port = 6100;

interface Sample {
  readonly flows: number;
  /** What the program says its ticks took, in milliseconds: median and best. */
  readonly tick: number;
  readonly bestTick: number;
  readonly live: number;
  /** CPU milliseconds of all processes for each interval of a second. */
  readonly cpu: number;
  readonly wakeUps: number;
  readonly memory: number;
  readonly rows: number;
  readonly losses: string;
}

async function sample(pair: Pair, flows: number): Promise<Sample> {
  const account = new Account(`scale-${flows}`);
  const monitor = await Monitor.start({ prefix: (command) => account.command(command) });
  const target = [pair.right.ipv4, String(port), String(flows), options.active, "1000", "200", "10.83.0.10"];
  const source = new Task(pair.left.command([program("many-flows"), "udp", ...target]));
  try {
    await source.line(/^ready$/m, 120_000);
    // Two intervals for what opening the flows left to do.
    await monitor.settle();
    await monitor.settle();
    monitor.credits.length = 0;
    const ticks: number[] = [];
    const before = account.read();
    const from = monitor.intervals;
    let seen = from;
    await monitor.when(
      () => {
        if (monitor.intervals > seen) {
          seen = monitor.intervals;
          ticks.push(field(monitor.stats, "tick_ms"));
        }
        return seen >= from + seconds;
      },
      seconds * 2000 + 10_000,
    );
    const after = account.read();
    const cost = rate(before, after);
    account.memory();
    return {
      flows,
      tick: median(ticks),
      bestTick: Math.min(...ticks),
      live: field(monitor.stats, "live"),
      cpu: cost.cpu * 10,
      wakeUps: cost.wakeUps,
      memory: account.peakMemory,
      rows: monitor.credits.length / Math.max(1, seen - from),
      losses: JSON.stringify((monitor.stats as { stats?: { losses?: unknown } } | undefined)?.stats?.losses ?? {}),
    };
  } finally {
    await source.stop("SIGKILL");
    await monitor.task.stop("SIGINT", 20_000);
    account.close();
  }
}

const reason = missing();
if (reason !== undefined) {
  console.error(`bench/scale: ${reason}`);
  process.exit(1);
}
printMachine("Cost against the number of live flows", `bench/scale.ts, ${options.active} flows active each second`);
const pair = createPair(83);
const samples: Sample[] = [];
try {
  for (let host = 10; host < 20; host++) pair.left.ip("address", "add", `10.83.0.${host}/24`, "dev", pair.links.left);
  pair.left.run("sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=1024 65000");
  // Nobody answers and nobody refuses: the only sockets are the sender's.
  pair.right.tables(
    "table inet nobody {\nchain arriving { type filter hook prerouting priority -400;\nmeta l4proto udp drop\n}\n}\n",
  );
  for (const flows of sizes) {
    const taken = await sample(pair, flows);
    samples.push(taken);
    console.error(`${flows}: tick ${cell(taken.tick)} ms, ${cell(taken.cpu)} CPU ms a second`);
  }
} finally {
  pair.network.remove();
}
const [first] = samples;
printTable(
  ["flows", "live by stats", "tick ms", "best", "x first", "CPU ms/s", "x first", "wake-ups/s", "PSS MB", "records/s"],
  samples.map((one) => [
    String(one.flows),
    cell(one.live, 0),
    cell(one.tick),
    cell(one.bestTick),
    cell(one.tick / (first?.tick ?? 1)),
    cell(one.cpu, 1),
    cell(one.cpu / (first?.cpu ?? 1)),
    cell(one.wakeUps, 1),
    cell(one.memory / 1e6, 1),
    cell(one.rows, 0),
  ]),
);
const last = samples.at(-1);
console.log(`losses: ${last?.losses}`);
printTarget(`tick with ${last?.flows} live flows`, last?.tick ?? Number.NaN, 20, "ms");
