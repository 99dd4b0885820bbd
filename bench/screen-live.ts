/**
 * What the screen costs: `bench/screen-live.ts [--quick] [--rounds N] [--seconds N] [--settle N] [--connections N]
 * [--only NAME,NAME] [--build-peers]`, as root.
 * 2,000 TCP connections between two network namespaces, of which 200 send twice a second; each program in turn shows
 * them in a terminal of 200x50, Socklens both ends of each: 4,000 rows, 400 of which change. Figures are of all
 * processes of a program; the terminal itself is not counted.
 */
import { parseArgs } from "node:util";
import { createPair, missing, program, Task, Terminal, type Pair } from "../test/kernel/harness/index.ts";
import {
  Account,
  buildPeers,
  cell,
  median,
  peers,
  printMachine,
  printTable,
  printTarget,
  rate,
  sleeper,
  socklens,
  type Candidate,
} from "./measure/index.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    settle: { type: "string" },
    connections: { type: "string", default: "2000" },
    only: { type: "string" },
    "build-peers": { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const seconds = Number(options.seconds ?? (options.quick ? 4 : 10));
/** Seconds before the count begins: a run-time compiler works for some ten seconds, a screen is open for hours. */
const settle = Number(options.settle ?? (options.quick ? 4 : 30));
const active = Math.ceil(Number(options.connections) / 10);
const ticks = 2;

interface Sample {
  readonly cpu: number;
  readonly wakeUps: number;
  readonly memory: number;
  readonly processes: number;
}

async function sample(candidate: Candidate, pair: Pair, round: number): Promise<Sample> {
  const account = new Account(`screen-${round}-${candidate.name.replace(/\W+/g, "-")}`);
  const terminal = new Terminal(200, 50);
  try {
    terminal.become(pair.left.command(account.command(candidate.screen?.(pair.links.left) ?? [])));
    await new Promise((resolve) => setTimeout(resolve, settle * 1000));
    if (account.pids().length === 0) throw new Error(`${candidate.name} did not stay`);
    const before = account.read();
    for (let second = 0; second < seconds; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const after = account.read();
    account.memory();
    return { ...rate(before, after), memory: account.peakMemory, processes: after.processes };
  } finally {
    terminal.close();
    account.close();
  }
}

const reason = missing("tmux");
if (reason !== undefined) {
  console.error(`bench/screen-live: ${reason}`);
  process.exit(1);
}
if (options["build-peers"]) buildPeers();
printMachine("Cost of the screen", `bench/screen-live.ts, ${options.connections} connections, ${active} active a tick`);
const wanted = options.only?.split(",");
const candidates = [sleeper(ticks), socklens, ...peers()].filter(
  (one) =>
    one.screen !== undefined && (one.name.startsWith("sleeper") || wanted === undefined || wanted.includes(one.name)),
);
const pair = createPair(82);
const samples = new Map<string, Sample[]>();
try {
  const sink = new Task(pair.right.command([program("many-flows"), "sink", "tcp", pair.right.ipv4, "6000"]));
  await sink.line(/^ready$/m);
  const flows = [pair.right.ipv4, "6000", options.connections, String(active), String(1000 / ticks), "200"];
  const source = new Task(pair.left.command([program("many-flows"), "tcp", ...flows]));
  await source.line(/^ready$/m);
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      const taken = await sample(candidate, pair, round);
      samples.set(candidate.name, [...(samples.get(candidate.name) ?? []), taken]);
      console.error(
        `round ${round + 1}, ${candidate.name}: ${cell(taken.cpu)} %, ${cell(taken.wakeUps, 1)} wake-ups/s`,
      );
    }
  }
  await source.stop();
  await sink.stop();
} finally {
  pair.network.remove();
}
const middle = (name: string, field: keyof Sample): number =>
  median((samples.get(name) ?? []).map((one) => one[field]));
console.log(`medians of ${rounds} rounds of ${seconds} s, interleaved; 200x50`);
printTable(
  ["screen of", "CPU %", "x socklens", "CPU ms/tick", "wake-ups/s", "peak PSS MB", "processes"],
  [...samples.keys()].map((name) => [
    name,
    cell(middle(name, "cpu")),
    cell(middle(name, "cpu") / middle("socklens", "cpu"), 1),
    cell((middle(name, "cpu") * 10) / ticks),
    cell(middle(name, "wakeUps"), 1),
    cell(middle(name, "memory") / 1e6, 1),
    cell(middle(name, "processes"), 0),
  ]),
);
if (samples.has("socklens")) {
  printTarget(
    "CPU above the sleeper",
    middle("socklens", "cpu") - middle(sleeper(ticks).name, "cpu"),
    1,
    "% of a core",
  );
  printTarget("peak PSS of all processes", middle("socklens", "memory") / 1e6, 120, "MB", 1);
}
