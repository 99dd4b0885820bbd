/**
 * From a key to the changed screen: `bench/keys.ts [--connections N] [--presses N]`, as root.
 * 5,000 TCP connections between two network namespaces, both ends of which Socklens shows; keys go into its terminal
 * (a pseudo-terminal of 200x50 that script(1) makes) one at a time, and the clock stops when the frame has arrived.
 * A control echoes the same bytes through the same kind of terminal: what it takes is not Socklens.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { parseArgs } from "node:util";
import { createPair, missing, program, Task, type Pair } from "../test/kernel/harness/index.ts";
import { cell, printMachine, printTable, printTarget, screenEnvironment } from "./measure/index.ts";

const { values: options } = parseArgs({
  options: { connections: { type: "string", default: "5000" }, presses: { type: "string", default: "200" } },
});
const presses = Number(options.presses);
/** A frame is over when nothing more came for so long. */
const quietMillis = 4;

/** A program in a terminal of its own, 200x50. */
class Pseudo {
  readonly #child: ChildProcess;
  #arrived = 0;
  #bytes = 0;

  constructor(pair: Pair, command: string) {
    const [file = "", ...args] = pair.left.command([
      "script",
      "--quiet",
      "--flush",
      "--return",
      "--command",
      `stty rows 50 cols 200; exec ${command}`,
      "/dev/null",
    ]);
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", "ignore"],
      env: screenEnvironment,
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#arrived = performance.now();
      this.#bytes += chunk.length;
    });
  }

  /** Milliseconds until what the key changed has arrived, and its bytes; undefined when nothing came. */
  async press(key: string): Promise<{ millis: number; bytes: number } | undefined> {
    await this.quiet(40);
    this.#bytes = 0;
    const start = performance.now();
    this.#child.stdin?.write(key);
    const deadline = start + 2000;
    while (this.#bytes === 0 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    await this.quiet(quietMillis);
    return this.#bytes === 0 ? undefined : { millis: this.#arrived - start, bytes: this.#bytes };
  }

  /** Waits until nothing has come for `millis`. */
  async quiet(millis: number): Promise<void> {
    while (performance.now() - this.#arrived < millis) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async until(bytes: number): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (this.#bytes < bytes && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  end(): void {
    this.#child.kill();
    this.#child.stdin?.destroy();
  }
}

interface Sequence {
  readonly name: string;
  /** Pressed once before. */
  readonly before: string;
  /** Pressed in turn. */
  readonly keys: readonly string[];
}

const sequences: readonly Sequence[] = [
  { name: "move (j, k)", before: "g", keys: ["j", "k"] },
  { name: "pages", before: "g", keys: ["\u001b[6~", "\u001b[5~"] },
  { name: "ends (G, g)", before: "g", keys: ["G", "g"] },
  { name: "sort (S)", before: "g", keys: ["S"] },
  { name: "group (a)", before: "g", keys: ["a"] },
  {
    name: "filter typed",
    before: "/",
    keys: ["p", "o", "r", "t", ":", "6", "\u007f", "\u007f", "\u007f", "\u007f", "\u007f", "\u007f"],
  },
  { name: "tabs (2, 1)", before: "\u0015\r", keys: ["2", "1"] },
];

async function measure(terminal: Pseudo, { before, keys }: Sequence): Promise<{ times: number[]; bytes: number }> {
  for (const key of before) await terminal.press(key);
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < presses; i++) {
    const taken = await terminal.press(keys[i % keys.length] ?? "");
    if (taken === undefined) continue;
    times.push(taken.millis);
    bytes += taken.bytes;
  }
  return { times: times.sort((a, b) => a - b), bytes: bytes / Math.max(1, times.length) };
}

for (const name of ["script", "tmux"]) {
  const reason = missing(name);
  if (reason === undefined) continue;
  console.error(`bench/keys: ${reason}`);
  process.exit(1);
}
printMachine("Key to changed screen", `bench/keys.ts, ${options.connections} connections, ${presses} presses each`);
const pair = createPair(84);
const rows: string[][] = [];
let worst = 0;
try {
  const sink = new Task(pair.right.command([program("many-flows"), "sink", "tcp", pair.right.ipv4, "6000"]));
  await sink.line(/^ready$/m);
  const active = String(Math.ceil(Number(options.connections) / 10));
  const flows = [pair.right.ipv4, "6000", options.connections, active, "500", "200"];
  const source = new Task(pair.left.command([program("many-flows"), "tcp", ...flows]));
  await source.line(/^ready$/m);
  const at = (times: readonly number[], share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  const note = (name: string, { times, bytes }: { times: number[]; bytes: number }): number => {
    rows.push([
      name,
      ...[0, 0.5, 0.95, 0.999].map((share) => cell(at(times, share))),
      cell(bytes, 0),
      String(times.length),
    ]);
    return at(times, 0.5);
  };
  const control = new Pseudo(pair, "cat");
  note("control (echo)", await measure(control, { name: "", before: "", keys: ["j"] }));
  control.end();
  // Ticks are rare, so that their frames are not taken for the answer to a key.
  const terminal = new Pseudo(
    pair,
    `${process.execPath} ${new URL("../src/app/main.ts", import.meta.url).pathname} -r 5000`,
  );
  await terminal.until(5000);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  for (const sequence of sequences) worst = Math.max(worst, note(sequence.name, await measure(terminal, sequence)));
  terminal.end();
  await source.stop();
  await sink.stop();
} finally {
  pair.network.remove();
}
printTable(["keys", "least ms", "median ms", "95 % ms", "most ms", "bytes/frame", "presses"], rows);
printTarget("slowest median", worst, 30, "ms");
process.exit(0);
