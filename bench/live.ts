/**
 * What watching costs while the machine is busy: `bench/live.ts [--quick] [--rounds N] [--seconds N] [--load tcp|udp]
 * [--only NAME,NAME] [--build-peers]`, as root.
 * Two loads between two network namespaces: TCP as fast as veth gives (iperf3, four streams) and UDP of 64 bytes as
 * fast as one sender gives. Beside each load runs one program at a time, in turn, for several rounds; figures are
 * medians over the rounds. CPU and wake-ups are of all processes of a program.
 */
import { parseArgs } from "node:util";
import {
  Counters,
  createPair,
  findProgram,
  missing,
  Monitor,
  program,
  Task,
  type Pair,
} from "../test/kernel/harness/index.ts";
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
    load: { type: "string" },
    only: { type: "string" },
    "build-peers": { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const seconds = Number(options.seconds ?? (options.quick ? 2 : 6));

interface Sample {
  readonly cpu: number;
  readonly wakeUps: number;
  readonly memory: number;
  /** Gbit/s of TCP, or thousand packets a second of UDP. */
  readonly sent: number;
  readonly lost: string;
}

/** One load: runs for `seconds` and tells what it moved. */
interface Load {
  readonly name: string;
  readonly unit: string;
  run(pair: Pair): Promise<{ sent: number; pid: number; datagrams: number }>;
}

const address = (pair: Pair): string => pair.right.ipv4;

const tcp: Load = {
  name: "TCP, 4 streams",
  unit: "Gbit/s",
  async run(pair) {
    const server = new Task(pair.right.command(["iperf3", "-s", "-1", "-p", "5201", "--forceflush"]));
    await server.line(/listening/);
    const client = new Task(
      pair.left.command(["iperf3", "-c", address(pair), "-p", "5201", "-P", "4", "-t", String(seconds), "-J"]),
    );
    await client.finished((seconds + 20) * 1000);
    await server.stop();
    const report = JSON.parse(client.stdout) as {
      end: { sum_received: { bits_per_second: number } };
    };
    return { sent: report.end.sum_received.bits_per_second / 1e9, pid: client.pid, datagrams: 0 };
  },
};

const udp: Load = {
  name: "UDP, 64 bytes",
  unit: "kpacket/s",
  async run(pair) {
    const receiver = new Task(pair.right.command([program("udp-flood"), "receive", address(pair), "5301"]));
    await receiver.line(/^ready$/m);
    const sender = new Task(
      pair.left.command([program("udp-flood"), "send", address(pair), "5301", "64", String(seconds)]),
    );
    await sender.finished((seconds + 20) * 1000);
    const [, packets = 0, nanoseconds = 1] = (/sent (\d+) \d+ (\d+)/.exec(sender.stdout) ?? []).map(Number);
    await receiver.stop();
    return { sent: packets / (nanoseconds / 1e6), pid: sender.pid, datagrams: packets };
  },
};

async function sample(load: Load, candidate: Candidate | undefined, pair: Pair, round: number): Promise<Sample> {
  const account = new Account(`${round}-${(candidate?.name ?? "nothing").replace(/\W+/g, "-")}`);
  const command = candidate?.headless?.(pair.links.left);
  const task =
    command && new Task(pair.left.command(account.command(["sh", "-c", 'exec "$@" >/dev/null', "sh", ...command])));
  await new Promise((resolve) => setTimeout(resolve, task ? 2500 : 200));
  if (task && task.status !== undefined) throw new Error(`${candidate?.name} did not start: ${task.describe()}`);
  const memory = setInterval(() => account.memory(), 1000);
  const before = account.read();
  const { sent } = await load.run(pair);
  const cost = rate(before, account.read());
  clearInterval(memory);
  account.memory();
  await task?.stop("SIGINT");
  const lost = task ? (candidate?.lost?.(task.stderr) ?? "") : "";
  account.close();
  return { ...cost, memory: account.peakMemory, sent, lost };
}

/** IPv4 and TCP headers with the time stamp option, which every segment of an established connection carries. */
const tcpHeaders = 52;

/**
 * Socklens' own total of the sender against what nftables sees arrive, in a run of its own. The stack moves segments in
 * batches that nftables counts as one packet, so of TCP the payload is compared: headers are taken off both sides.
 */
async function unaccounted(load: Load, pair: Pair): Promise<{ missing: number; counted: number; carried: number }> {
  const counters = new Counters(pair.right);
  const monitor = await Monitor.start({ namespace: pair.left });
  const { pid, datagrams } = await load.run(pair);
  await monitor.settle();
  await monitor.stop();
  const [port, headers] = datagrams > 0 ? [5301, 0] : [5201, tcpHeaders];
  const arrived = counters.read({ destinationPort: port });
  counters.remove();
  let counted = 0;
  for (const { record, bytesToServer, packetsToServer } of monitor.credits) {
    if (record.process?.pid !== pid || record.dest_port !== port) continue;
    counted += bytesToServer - packetsToServer * headers;
  }
  // What the sender counts and a full queue drops never arrives: of UDP the sender's own count is the whole truth.
  const carried = datagrams > 0 ? datagrams * (64 + 28) : arrived.bytes - arrived.packets * headers;
  return { missing: Math.max(0, carried - counted), counted, carried };
}

async function compare(load: Load, candidates: readonly (Candidate | undefined)[], pair: Pair): Promise<void> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      const name = candidate?.name ?? "nothing";
      const taken = await sample(load, candidate, pair, round);
      samples.set(name, [...(samples.get(name) ?? []), taken]);
      console.error(
        `${load.name}, round ${round + 1}, ${name}: ${cell(taken.sent)} ${load.unit}, ${cell(taken.cpu)} %`,
      );
    }
  }
  const middle = (name: string, field: "cpu" | "wakeUps" | "memory" | "sent"): number =>
    median((samples.get(name) ?? []).map((one) => one[field]));
  const sleeping = sleeper(2).name;
  console.log(`## ${load.name}: medians of ${rounds} rounds of ${seconds} s, interleaved`);
  printTable(
    ["beside the load runs", "CPU %", "x socklens", "wake-ups/s", "peak PSS MB", load.unit, "x sleeper", "lost"],
    [...samples].map(([name, all]) => [
      name,
      name === "nothing" ? "" : cell(middle(name, "cpu")),
      name === "nothing" ? "" : cell(middle(name, "cpu") / middle("socklens", "cpu"), 1),
      name === "nothing" ? "" : cell(middle(name, "wakeUps"), 1),
      name === "nothing" ? "" : cell(middle(name, "memory") / 1e6, 1),
      cell(middle(name, "sent")),
      cell(middle(name, "sent") / middle(sleeping, "sent"), 3),
      all.at(-1)?.lost ?? "",
    ]),
  );
  if (!samples.has("socklens")) return;
  const { missing, counted, carried } = await unaccounted(load, pair);
  console.log(`accounted: ${counted} bytes; ${carried} were carried`);
  printTarget("CPU above the sleeper", middle("socklens", "cpu") - middle(sleeping, "cpu"), 1, "% of a core");
  printTarget("wake-ups of all processes", middle("socklens", "wakeUps"), 6, "a second", 1);
  printTarget("bytes unaccounted", missing, 0, "bytes", 0);
  const spread = samples.get(sleeping)?.map(({ sent }) => sent) ?? [];
  const slowed = 1 - middle("socklens", "sent") / middle(sleeping, "sent");
  console.log(
    `the sender beside socklens against beside the sleeper: ${cell(-slowed * 100)} % ` +
      `(its own spread beside the sleeper: ${cell((1 - Math.min(...spread) / Math.max(...spread)) * 100)} %)\n`,
  );
}

const reason = missing("iperf3");
if (reason !== undefined) {
  console.error(`bench/live: ${reason}`);
  process.exit(1);
}
if (options["build-peers"]) buildPeers();
printMachine("Cost while the machine is busy", `bench/live.ts, ${findProgram("iperf3")}`);
const wanted = options.only?.split(",");
const candidates = [undefined, sleeper(2), socklens, ...peers()].filter(
  (one) => wanted === undefined || one === undefined || one.name.startsWith("sleeper") || wanted.includes(one.name),
);
const pair = createPair(79, true);
try {
  for (const load of [tcp, udp]) {
    if (options.load !== undefined && !load.name.toLowerCase().startsWith(options.load)) continue;
    await compare(load, candidates, pair);
  }
} finally {
  pair.network.remove();
}
