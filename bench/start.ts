/**
 * How long the start takes: `bench/start.ts [--quick] [--rounds N] [--sockets N]`, as root.
 * The time from the command to the first row in a terminal; and what it costs to learn the owners of sockets that were
 * there before: the time to the first record with that many sockets and without.
 */
import { parseArgs } from "node:util";
import {
  createPair,
  executable,
  missing,
  Monitor,
  program,
  Task,
  Terminal,
  until,
  type Pair,
} from "../test/kernel/harness/index.ts";
import { cell, field, median, printMachine, printTable, printTarget } from "./measure/index.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    sockets: { type: "string", default: "10000" },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 2 : 7));

async function timeToFirstRow(): Promise<{ row: number; screen: number; sleep: number }> {
  const terminal = new Terminal(200, 50);
  try {
    const start = performance.now();
    terminal.become([executable]);
    let screen = 0;
    const came = await until(
      () => {
        const lines = terminal.lines();
        if (screen === 0 && lines.some((line) => line.trim() !== "")) screen = performance.now() - start;
        return lines.some((line) => line.includes("tcp-client"));
      },
      20_000,
      5,
    );
    const row = came ? performance.now() - start : Number.NaN;
    const asleep = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { row, screen, sleep: performance.now() - asleep };
  } finally {
    terminal.close();
  }
}

async function timeToFirstRecord(): Promise<{ time: number; reported: number; monitor: Monitor }> {
  const start = performance.now();
  const monitor = await Monitor.start({ interval: 0.1 });
  const time = performance.now() - start;
  await monitor.settle();
  const reported = field(monitor.stats, "existing_sockets_ms");
  return { time, reported, monitor };
}

async function firstRows(pair: Pair): Promise<void> {
  const server = new Task(pair.right.command([program("tcp-server"), pair.right.ipv4, "6200"]));
  await server.line(/^ready$/m);
  const drip = [pair.right.ipv4, "6200", "1000000", "0", "-d", "600"];
  const client = new Task(pair.left.command([program("tcp-client"), ...drip]));
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    samples.push(await timeToFirstRow());
    console.error(`round ${round + 1}: first row after ${cell(samples.at(-1)?.row ?? 0, 0)} ms`);
  }
  await client.stop();
  await server.stop();
  const row = samples.map((one) => one.row);
  const screen = samples.map((one) => one.screen);
  printTable(
    ["from the command to", "best ms", "median ms", "worst ms"],
    (
      [
        ["anything on the screen", screen],
        ["the row of a connection", row],
        ["(a 50 ms sleep beside it)", samples.map((one) => one.sleep)],
      ] as const
    ).map(([what, times]) => [what, cell(Math.min(...times), 0), cell(median(times), 0), cell(Math.max(...times), 0)]),
  );
  printTarget("first row on screen", median(row), 700, "ms", 0);
}

async function existingSockets(pair: Pair): Promise<void> {
  const without: number[] = [];
  const within: number[] = [];
  const reported: number[] = [];
  const measure = async (times: number[]): Promise<Monitor> => {
    const { time, reported: own, monitor } = await timeToFirstRecord();
    times.push(time);
    if (times === within) reported.push(own);
    return monitor;
  };
  for (let round = 0; round < rounds; round++) await (await measure(without)).stop();
  const sink = new Task(pair.right.command([program("many-flows"), "sink", "tcp", pair.right.ipv4, "6300"]));
  await sink.line(/^ready$/m);
  // Both ends are on this machine: half as many connections are as many sockets.
  const connections = Number(options.sockets) / 2;
  const flows = [pair.right.ipv4, "6300", String(connections), String(connections), "1000", "100"];
  const source = new Task(pair.left.command([program("many-flows"), "tcp", ...flows]));
  await source.line(/^ready$/m, 60_000);
  let owned = 0;
  let seen = 0;
  for (let round = 0; round < rounds; round++) {
    const monitor = await measure(within);
    await monitor.settle();
    const records = [...monitor.flows.values()].filter(({ dest_port: port = 0 }) => port >= 6300 && port < 6364);
    seen = records.length;
    owned = records.filter(({ process }) => process?.pid === source.pid || process?.pid === sink.pid).length;
    await monitor.stop();
  }
  await source.stop();
  await sink.stop();
  printTable(
    ["from the command to the first record", "best ms", "median ms"],
    [
      ["with no more sockets than the machine has", cell(Math.min(...without), 0), cell(median(without), 0)],
      [`with ${options.sockets} sockets more`, cell(Math.min(...within), 0), cell(median(within), 0)],
    ],
  );
  console.log(`${owned} of ${seen} rows of these sockets have their owner; ${2 * connections} sockets are there`);
  console.log(`reported by the program itself (existing_sockets_ms): ${cell(median(reported))} ms`);
  const cost = Number.isFinite(median(reported)) ? median(reported) : Math.min(...within) - Math.min(...without);
  printTarget(`owners of ${options.sockets} sockets`, cost, 200, "ms", 0);
}

const reason = missing("tmux");
if (reason !== undefined) {
  console.error(`bench/start: ${reason}`);
  process.exit(1);
}
printMachine("Time of the start", `bench/start.ts, ${rounds} rounds`);
const pair = createPair(84);
try {
  await firstRows(pair);
  await existingSockets(pair);
} finally {
  pair.network.remove();
}
