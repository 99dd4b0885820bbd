/**
 * From a key to the changed screen while a capture is played as fast as it goes: `bench/play.ts [--packets N] [--presses N]
 * [--file CAPTURE]`. The file is made of the project's fixtures unless one is given; it is played in a loop on a
 * pseudo-terminal of 200x50 that script(1) makes, and the clock stops when the palette's title has arrived. Also: how long
 * the file takes to its end, how long steps back from there take and going to its middle, until the place is on the screen,
 * and what the program's own pages come to.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import xterm from "@xterm/headless";
import { cell, printMachine, printTable, printTarget, screenEnvironment } from "./measure/index.ts";
import { writeMixedTraffic } from "./traffic/mixed.ts";

const { values: options } = parseArgs({
  options: {
    packets: { type: "string", default: "2000000" },
    presses: { type: "string", default: "60" },
    file: { type: "string" },
  },
});
const directory = mkdtempSync(join(tmpdir(), "socklens-play-"));
const main = join(import.meta.dirname, "../src/app/main.ts");

/** The program in a terminal of its own. */
class Player {
  readonly #child;
  /** What the screen shows. */
  readonly #screen = new xterm.Terminal({ cols: 200, rows: 50, allowProposedApi: true });
  #text = "";

  constructor(file: string, ...args: readonly string[]) {
    const command = `stty rows 50 cols 200; exec ${process.execPath} ${main} replay ${args.join(" ")} ${file}`;
    this.#child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: screenEnvironment,
    });
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("utf8");
      this.#screen.write(chunk);
    });
  }

  /** The line with the place in the file. */
  get #timeline(): string {
    return this.#screen.buffer.active.getLine(48)?.translateToString() ?? "";
  }

  /** Packets up to the place, and of the whole file. */
  get packets(): { readonly at: number; readonly total: number } {
    const [, at = "", total = ""] = /#([0-9,]+)\/([0-9,]+)/.exec(this.#timeline) ?? [];
    return { at: Number(at.replaceAll(",", "")), total: Number(total.replaceAll(",", "")) };
  }

  /** Presses keys that lead to a place in the file, and gives the milliseconds until it is on the screen. */
  async go(keys: string, packets: number): Promise<number> {
    const start = performance.now();
    this.#child.stdin.write(keys);
    while (this.packets.at !== packets || this.#timeline.includes("»")) {
      if (performance.now() - start > 600_000) throw new Error(`never came to #${packets}: ${this.#timeline}`);
      await pause(1);
    }
    return performance.now() - start;
  }

  /** Presses keys, and gives the milliseconds until `sign` has come. */
  async press(keys: string, sign: string, deadline = 60_000): Promise<number> {
    this.#text = "";
    const start = performance.now();
    this.#child.stdin.write(keys);
    while (!this.#text.includes(sign)) {
      if (performance.now() - start > deadline)
        throw new Error(`no ${JSON.stringify(sign)} after ${JSON.stringify(keys)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return performance.now() - start;
  }

  /** Megabytes of the engine's own pages. */
  get megabytes(): number {
    const pid = this.#child.pid;
    let most = 0;
    for (const one of descendants(pid ?? -1)) {
      const pss = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))?.[1];
      most = Math.max(most, Number(pss) / 1000);
    }
    return most;
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.write("q");
    await gone;
  }
}

function descendants(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(pid);
    } catch {
      return false;
    }
  });
  return children.flatMap((name) => [Number(name), ...descendants(Number(name))]);
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

try {
  const file = options.file ?? join(directory, "mixed.pcap");
  if (options.file === undefined)
    writeMixedTraffic(file, join(import.meta.dirname, "../test/dissect/fixtures"), Number(options.packets));
  printMachine("Keys while a capture is played", `bench/play.ts, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
  const player = new Player(file, "--speed", "max");
  const whole = await player.press("", "■", 600_000);
  const atEnd = player.megabytes;
  await pause(500);
  const { total } = player.packets;
  const middle = Math.floor(total / 2);
  const back = await player.go(",", total - 1);
  // Two at once, then one after another look.
  const again = await player.go(",", total - 2);
  await pause(4000);
  const later = await player.go(",", total - 3);
  const half = await player.go(`;#${middle}\r`, middle);
  const times: number[] = [];
  await player.press("L", "∞");
  await player.press(" ", "►");
  let most = 0;
  for (let index = 0; index < Number(options.presses); index++) {
    await pause(80 + ((index * 37) % 400));
    times.push(await player.press(":", "Commands"));
    if (index % 10 === 0) most = Math.max(most, player.megabytes);
    await pause(40);
    await player.press("\u001b[27u", "\u001b[");
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  printTable(
    ["", "least", "median", "95 %", "most"],
    [["key to changed screen, ms", ...[0, 0.5, 0.95, 1].map((share) => cell(at(share), 1))]],
  );
  printTable(
    ["", ""],
    [
      ["to the end, s", cell(whole / 1000)],
      ["a step back from there, s", cell(back / 1000)],
      ["another one at once, s", cell(again / 1000)],
      ["another one after 4 s, s", cell(later / 1000)],
      ["from there to the middle, s", cell(half / 1000)],
      ["own pages at the end, MB", cell(atEnd, 0)],
      ["own pages while it loops, MB", cell(most, 0)],
    ],
  );
  printTarget("median", at(0.5), 30, "ms");
  await player.end();
} finally {
  rmSync(directory, { recursive: true });
}
