/**
 * Speed of replay with all analysis: `bench/identify.ts [--packets N] [--rounds N] [--file FILE] [--captures DIR]
 * [--only NAME,NAME] [--profile]`, as root.
 * One file of mixed traffic is read by each program in turn, for several rounds; figures are medians (of tshark, which takes a minute, there is one round). The traffic is made of
 * the project's fixtures (or, with --captures, of the captures in DIR and DIR/pcap), played again and again with other
 * addresses, 256 conversations at a time, some of which go on with a large transfer; --file takes a file as it is.
 * Processor time is that of all threads of a program: on a machine that others use, compare that. --profile also says
 * where the time goes, by folder.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { findProgram } from "../test/kernel/harness/requirements.ts";
import { run } from "../test/kernel/harness/run.ts";
import { Account, cell, median, printMachine, printTable, readProfile } from "./measure/index.ts";
import { writeMixedTraffic } from "./traffic/mixed.ts";

const root = dirname(import.meta.dirname);
const fixtures = join(root, "test/dissect/fixtures");
const { values: options } = parseArgs({
  options: {
    packets: { type: "string", default: "2000000" },
    rounds: { type: "string", default: "3" },
    file: { type: "string" },
    captures: { type: "string" },
    only: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});
const packets = positive(options.packets, "--packets");
const rounds = positive(options.rounds, "--rounds");

function positive(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`identify: ${name} needs a positive whole number, not "${text}"\n`);
  process.exit(2);
}

interface Contender {
  readonly name: string;
  readonly program: string;
  /** Reads `file`; what it finds goes to `output`, or to standard output, which is `output` too. */
  command(file: string, output: string): readonly string[];
  /** Takes so long that one round has to do. */
  readonly once?: boolean;
  /** How many flows the output tells of. */
  flows?(output: string): number;
}

const lines = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const runtime = [process.execPath, "--disable-warning=ExperimentalWarning"];
const here = join(import.meta.dirname, "traffic/replay-here.ts");

const contenders: readonly Contender[] = [
  {
    name: "control: only read the file",
    program: "dd",
    command: (file) => ["dd", `if=${file}`, "of=/dev/null", "bs=1M"],
  },
  {
    name: "control: socklens on a file of 24 packets",
    program: join(root, "bin/socklens"),
    command: () => [join(root, "bin/socklens"), "replay", join(fixtures, "dns.pcap"), "--json"],
  },
  {
    name: "ndpiReader -v 2 -w",
    program: "ndpiReader",
    command: (file, output) => ["sh", "-c", 'exec ndpiReader -i "$1" -v 2 -w "$2.labels"', "sh", file, output],
    flows: (output) => Number(/Unique flows:\s+(\d+)/.exec(output)?.[1] ?? Number.NaN),
  },
  {
    name: "socklens replay --json",
    program: join(root, "bin/socklens"),
    command: (file) => [join(root, "bin/socklens"), "replay", file, "--json"],
    flows: (output) => lines(output, /"event_type":"flow"/g),
  },
  {
    name: "counters only: the same engine, no payload",
    program: process.execPath,
    command: (file) => [...runtime, here, file, "--counters"],
    flows: (output) => lines(output, /\n/g),
  },
  {
    name: "tshark -q -z conv,tcp -z conv,udp",
    program: "tshark",
    once: true,
    command: (file) => ["tshark", "-n", "-r", file, "-q", "-z", "conv,tcp", "-z", "conv,udp"],
    flows: (output) => lines(output, /<->/g),
  },
  {
    name: "tshark -q -z io,phs (identifies)",
    program: "tshark",
    once: true,
    command: (file) => ["tshark", "-n", "-r", file, "-q", "-z", "io,phs"],
  },
];

interface Sample {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
  readonly flows: number;
}

async function sample(contender: Contender, file: string, scratch: string): Promise<Sample> {
  const output = join(scratch, "output");
  const descriptor = openSync(output, "w");
  const account = new Account("identify");
  const [program = "", ...parameters] = account.command(contender.command(file, output));
  const before = account.read();
  const child = spawn(program, parameters, { stdio: ["ignore", descriptor, "pipe"] });
  let messages = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (messages += text));
  const memory = setInterval(() => account.memory(), 200);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const after = account.read();
  clearInterval(memory);
  account.close();
  closeSync(descriptor);
  if (code !== 0) throw new Error(`${contender.name} ended with ${code ?? "a signal"}: ${messages.trim().slice(-500)}`);
  return {
    wall: (after.time - before.time) / 1000,
    cpu: (after.cpu - before.cpu) / 1000,
    memory: account.peakMemory,
    flows: contender.flows?.(readFileSync(output, "latin1")) ?? Number.NaN,
  };
}

/** Packets of a capture, by the tool that everybody has for it. */
function countPackets(file: string): number {
  return Number(/^Number of packets:?\s+(\d+)$/m.exec(run(["capinfos", "-c", "-M", file]))?.[1]);
}

async function compare(file: string, count: number, scratch: string): Promise<void> {
  const wanted = options.only?.split(",");
  const there = contenders.filter(({ name, program }) => {
    if (wanted !== undefined && !wanted.some((word) => name.includes(word))) return false;
    if (program.includes("/") || findProgram(program) !== undefined) return true;
    process.stderr.write(`peer not here: ${program}\n`);
    return false;
  });
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of there) {
      if (contender.once === true && round > 0) continue;
      const taken = await sample(contender, file, scratch);
      samples.set(contender.name, [...(samples.get(contender.name) ?? []), taken]);
      process.stderr.write(
        `round ${round + 1}, ${contender.name}: ${cell(taken.wall)} s, ${cell(taken.cpu)} s of CPU\n`,
      );
    }
  }
  const middle = (name: string, field: keyof Sample): number =>
    median((samples.get(name) ?? []).map((one) => one[field]));
  const [, start, ndpi, ours, counters, conversations] = contenders.map(({ name }) => name) as [string, ...string[]];
  printTable(
    [
      "reads the file",
      "wall s",
      "CPU s",
      "packets/s",
      "packets/CPU s",
      "x ndpiReader",
      "flows",
      "flows/CPU s",
      "peak PSS MB",
    ],
    there.map(({ name }) => {
      const works = name !== start;
      return [
        name,
        cell(middle(name, "wall")),
        cell(middle(name, "cpu")),
        works ? thousands(count / middle(name, "wall")) : "",
        works ? thousands(count / middle(name, "cpu")) : "",
        works ? cell(middle(ndpi!, "cpu") / middle(name, "cpu")) : "",
        works ? thousands(middle(name, "flows")) : "",
        works ? thousands(middle(name, "flows") / middle(name, "cpu")) : "",
        cell(middle(name, "memory") / 1e6, 1),
      ];
    }),
  );
  atLeast("packets per CPU second against ndpiReader", middle(ndpi!, "cpu") / middle(ours!, "cpu"), 1);
  atLeast(
    "the same without what starting costs",
    middle(ndpi!, "cpu") / (middle(ours!, "cpu") - middle(start!, "cpu")),
    1,
  );
  atLeast("counters only against tshark -z conv", middle(conversations!, "cpu") / middle(counters!, "cpu"), 3);
  atLeast("all analysis against tshark -z conv", middle(conversations!, "cpu") / middle(ours!, "cpu"), 3);
  const spread = there.map(({ name }) => {
    const all = (samples.get(name) ?? []).map(({ cpu }) => cpu);
    return `${name} ${cell((Math.max(...all) / Math.min(...all) - 1) * 100, 0)} %`;
  });
  console.log(`spread of CPU time over the rounds: ${spread.join("; ")}\n`);
}

const thousands = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString("en") : "-");

function atLeast(what: string, ratio: number, limit: number): void {
  const verdict = Number.isFinite(ratio) ? (ratio >= limit ? "reached" : "MISSED") : "not measured";
  console.log(`target: ${what} ≥ ${limit} x: ${cell(ratio)} x: ${verdict}`);
}

/** Replays in one process under the profiler and prints where its time went. */
function profile(file: string, scratch: string): void {
  const folder = join(scratch, "profile");
  run(
    ["sh", "-c", 'exec "$@" >/dev/null', "sh", ...runtime, "--cpu-prof", `--cpu-prof-dir=${folder}`, here, file],
    undefined,
    6e5,
  );
  const [written] = readdirSync(folder);
  if (written === undefined) throw new Error("the profiler wrote nothing");
  const { total, folders, functions } = readProfile(join(folder, written));
  const share = ([name, time]: readonly [string, number]): string[] => [
    name,
    cell(time, 0),
    cell((100 * time) / total, 1),
  ];
  printTable(["where the time goes", "ms", "%"], folders.slice(0, 14).map(share));
  printTable(["functions with the most time of their own", "ms", "%"], functions.slice(0, 20).map(share));
}

const scratch = mkdtempSync(join(tmpdir(), "socklens-identify-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
printMachine("Replay with all analysis", `bench/identify.ts ${process.argv.slice(2).join(" ")}`);
let file = options.file;
let count = 0;
if (file === undefined) {
  file = join(scratch, "mixed.pcap");
  const given = options.captures === undefined ? fixtures : options.captures;
  const folder = existsSync(join(given, "pcap")) ? join(given, "pcap") : given;
  const made = writeMixedTraffic(file, folder, packets);
  count = made.packets;
  console.log(
    `${thousands(made.packets)} packets, ${cell(made.bytes / 1e6, 0)} MB, ${thousands(made.conversations)} plays of ` +
      `${made.fixtures} captures of ${options.captures === undefined ? "the project" : "--captures"}; medians of ${rounds} rounds\n`,
  );
} else {
  count = countPackets(file);
  console.log(`${thousands(count)} packets, ${cell(statSync(file).size / 1e6, 0)} MB; medians of ${rounds} rounds\n`);
}
await compare(file, count, scratch);
if (options.profile) profile(file, scratch);
