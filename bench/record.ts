/**
 * What recording costs and loses: `bench/record.ts [--rounds N] [--seconds N] [--load tcp|udp]`, as root.
 * Two loads between two network namespaces: TCP as fast as veth gives (iperf3, four streams), and UDP of 64 bytes as fast as
 * one sender gives. Beside each load one program at a time records all frames into a file in the temporary directory, which is
 * removed after each run; medians over the rounds, interleaved. CPU is of all processes of a program, from before the load to the program's end; what starting costs is not in it.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  createPair,
  executable,
  findProgram,
  missing,
  program,
  Task,
  type Pair,
} from "../test/kernel/harness/index.ts";
import { Account, cell, median, printMachine, printTable, printTarget } from "./measure/index.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    load: { type: "string" },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);

interface Recorder {
  readonly name: string;
  /** Of the file: what it is recorded as. */
  readonly ending: ".pcapng" | ".pcap";
  command(link: string, file: string): readonly string[];
  /** Frames it saw and frames that were dropped, from what it prints at its end. */
  counts(output: string): readonly [recorded: number, dropped: number];
}

const number = (text: string | undefined): number => Number((text ?? "0").replaceAll(",", ""));

const socklens = {
  command: (link: string, file: string) => [executable, "record", "-i", link, "-w", file],
  counts(output: string): readonly [number, number] {
    const [, recorded, dropped] = /([\d,]+) packets .*, ([\d,]+) dropped/.exec(output) ?? [];
    return [number(recorded), number(dropped)];
  },
};

const recorders: readonly Recorder[] = [
  { name: "socklens record", ending: ".pcapng", ...socklens },
  { name: "socklens record, pcap", ending: ".pcap", ...socklens },
  {
    name: "tcpdump -w",
    ending: ".pcap",
    command: (link, file) => ["tcpdump", "-Z", "root", "-s", "262144", "-i", link, "-w", file],
    counts(output) {
      const [, recorded] = /(\d+) packets captured/.exec(output) ?? [];
      const [, dropped] = /(\d+) packets dropped by kernel/.exec(output) ?? [];
      return [number(recorded), number(dropped)];
    },
  },
  {
    name: "dumpcap",
    ending: ".pcapng",
    command: (link, file) => ["dumpcap", "-q", "-i", link, "-w", file],
    counts(output) {
      const [, recorded, dropped] = /received\/dropped on interface .*: (\d+)\/(\d+)/.exec(output) ?? [];
      return [number(recorded), number(dropped)];
    },
  },
];

/** Runs a load for `seconds`; what it moved, in Gbit/s or thousand packets a second. */
interface Load {
  readonly name: string;
  readonly unit: string;
  run(pair: Pair): Promise<number>;
}

const loads: readonly Load[] = [
  {
    name: "TCP, 4 streams",
    unit: "Gbit/s",
    async run(pair) {
      const server = new Task(pair.right.command(["iperf3", "-s", "-1", "-p", "5201", "--forceflush"]));
      await server.line(/listening/);
      const words = ["iperf3", "-c", pair.right.ipv4, "-p", "5201", "-P", "4", "-t", String(seconds), "-J"];
      const client = new Task(pair.left.command(words));
      await client.finished((seconds + 30) * 1000);
      await server.stop();
      const report = JSON.parse(client.stdout) as { end: { sum_received: { bits_per_second: number } } };
      return report.end.sum_received.bits_per_second / 1e9;
    },
  },
  {
    name: "UDP, 64 bytes",
    unit: "kpacket/s",
    async run(pair) {
      const receiver = new Task(pair.right.command([program("udp-flood"), "receive", pair.right.ipv4, "5301"]));
      await receiver.line(/^ready$/m);
      const words = [program("udp-flood"), "send", pair.right.ipv4, "5301", "64", String(seconds)];
      const sender = new Task(pair.left.command(words));
      await sender.finished((seconds + 30) * 1000);
      const [, packets = 0, nanoseconds = 1] = (/sent (\d+) \d+ (\d+)/.exec(sender.stdout) ?? []).map(Number);
      await receiver.stop();
      return packets / (nanoseconds / 1e6);
    },
  },
];

interface Sample {
  readonly moved: number;
  /** Seconds of CPU from before the load to the program's end. */
  readonly cpu: number;
  readonly recorded: number;
  readonly dropped: number;
  readonly megabytes: number;
  readonly memory: number;
}

async function sample(load: Load, recorder: Recorder | undefined, pair: Pair, directory: string): Promise<Sample> {
  if (recorder === undefined)
    return { moved: await load.run(pair), cpu: 0, recorded: 0, dropped: 0, megabytes: 0, memory: 0 };
  const file = join(directory, `${Math.random().toString(36).slice(2)}${recorder.ending}`);
  const account = new Account(`record-${recorder.name.replace(/\W+/g, "-")}`);
  const task = new Task(pair.left.command(account.command([...recorder.command(pair.links.left, file)])));
  await new Promise((resolve) => setTimeout(resolve, 2500));
  if (task.status !== undefined) throw new Error(`${recorder.name} did not start: ${task.describe()}`);
  const memory = setInterval(() => account.memory(), 500);
  const before = account.read();
  const moved = await load.run(pair);
  await task.stop("SIGINT");
  clearInterval(memory);
  const after = account.read();
  account.close();
  const [recorded, dropped] = recorder.counts(`${task.stdout}\n${task.stderr}`);
  const megabytes = statSync(file).size / 1e6;
  rmSync(file);
  rmSync(`${file}.jsonl`, { force: true });
  return { moved, cpu: (after.cpu - before.cpu) / 1000, recorded, dropped, megabytes, memory: account.peakMemory };
}

async function compare(load: Load, pair: Pair, directory: string): Promise<void> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const recorder of [undefined, ...recorders]) {
      const name = recorder?.name ?? "nothing";
      const taken = await sample(load, recorder, pair, directory);
      samples.set(name, [...(samples.get(name) ?? []), taken]);
      console.error(
        `${load.name}, round ${round + 1}, ${name}: ${cell(taken.moved)} ${load.unit}, ${cell(taken.cpu)} s, ${taken.dropped} dropped`,
      );
    }
  }
  const middle = (name: string, field: keyof Sample): number =>
    median((samples.get(name) ?? []).map((one) => one[field]));
  const share = (name: string): number =>
    (100 * middle(name, "dropped")) / Math.max(1, middle(name, "recorded") + middle(name, "dropped"));
  const perFrame = (name: string): number => (middle(name, "cpu") * 1e9) / Math.max(1, middle(name, "recorded"));
  console.log(`## ${load.name}: medians of ${rounds} rounds of ${seconds} s, interleaved`);
  printTable(
    [
      "beside the load records",
      load.unit,
      "recorded",
      "dropped",
      "dropped %",
      "CPU s",
      "CPU s a GB",
      "CPU ns a frame",
      "file MB",
      "peak PSS MB",
    ],
    [...samples.keys()].map((name) => [
      name,
      cell(middle(name, "moved")),
      ...(name === "nothing"
        ? ["", "", "", "", "", "", "", ""]
        : [
            cell(middle(name, "recorded"), 0),
            cell(middle(name, "dropped"), 0),
            cell(share(name), 1),
            cell(middle(name, "cpu")),
            cell(middle(name, "cpu") / (middle(name, "megabytes") / 1000)),
            cell(perFrame(name), 0),
            cell(middle(name, "megabytes"), 0),
            cell(middle(name, "memory") / 1e6, 1),
          ]),
    ]),
  );
  printTarget("dropped against tcpdump", share("socklens record") - share("tcpdump -w"), 0, "percentage points", 1);
  for (const [name, other] of [
    ["socklens record", "tcpdump -w"],
    ["socklens record, pcap", "tcpdump -w"],
    ["socklens record", "dumpcap"],
  ] as const) {
    printTarget(`CPU, ${name} against ${other}`, middle(name, "cpu") / middle(other, "cpu"), 1, "x");
    printTarget(`CPU a recorded frame, ${name} against ${other}`, perFrame(name) / perFrame(other), 1, "x");
  }
  const dropped = samples.get("socklens record")?.map((one) => one.dropped) ?? [];
  console.log(`dropped by socklens over the rounds: ${dropped.join(", ")}\n`);
}

const reason = missing("iperf3", "tcpdump", "dumpcap");
if (reason !== undefined) {
  console.error(`bench/record: ${reason}`);
  process.exit(1);
}
printMachine("Recording at the highest rate", `bench/record.ts, ${findProgram("tcpdump")}`);
const pair = createPair(83, true);
const directory = mkdtempSync(join(tmpdir(), "socklens-record-"));
try {
  for (const load of loads) {
    if (options.load === undefined || load.name.toLowerCase().startsWith(options.load))
      await compare(load, pair, directory);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
  pair.network.remove();
}
