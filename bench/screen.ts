/**
 * What a tick costs the screen in every tab: sort, filter, draw, difference, bytes; back to back, without a terminal.
 * `node bench/screen.ts [rows=2000] [changed=200] [columns=200] [lines=50]`
 */
import { createSampleSource, FakeNetwork } from "../src/host/fake/index.ts";
import type { ProcessInfo, Snapshot } from "../src/model/index.ts";
import { createScreen, type TerminalListener, type TerminalPort } from "../src/tui/index.ts";

const [rows = 2000, changed = 200, columns = 200, lines = 50] = process.argv.slice(2).map(Number);
const warmUp = 300;
const rounds = 1000;

/** Takes the bytes and forgets them. */
class Sink implements TerminalPort {
  readonly colors = "truecolor";
  readonly unicode = true;
  readonly congested = false;
  listener: TerminalListener | undefined;
  size(): { columns: number; rows: number } {
    return { columns, rows: lines };
  }
  write(): void {}
  open(listener: TerminalListener): void {
    this.listener = listener;
  }
  close(): void {}
  suspend(): void {}
}

interface Case {
  readonly name: string;
  readonly keys: string;
  readonly filter?: string;
  /** Keys that are pressed in turn, one a round, in place of the tick. */
  readonly press?: string;
}

const cases: readonly Case[] = [
  { name: "1 overview, by rate", keys: "" },
  { name: "1 by process", keys: "sssss" },
  { name: "1 grouped by process", keys: "a" },
  { name: "1 filtered", keys: "", filter: "proto:tcp and (port:443 or host:/example/) and not dst:10.0.0.0/8" },
  { name: "1 private", keys: "P" },
  { name: "2 processes", keys: "2" },
  { name: "2 as a tree", keys: "2t" },
  { name: "3 details", keys: "j\r" },
  { name: "3 details, private", keys: "Pj\r" },
  { name: "4 dashboard", keys: "4" },
  { name: "5 graphs, machine", keys: "5" },
  { name: "5 graphs, processes", keys: "5v" },
  { name: "5 graphs, connection", keys: "j5vv" },
  { name: "6 network", keys: "6" },
  { name: "key j (no tick)", keys: "j", press: "j" },
  { name: "keys j, k in details", keys: "j\r", press: "jk" },
];

/** Owners and their parents, as the engine would tell. */
function lineageOf(snapshot: () => Snapshot, id: number): readonly ProcessInfo[] {
  const process = snapshot().connections.find((row) => row.id === id)?.process;
  if (process === undefined) return [];
  return process.parent === undefined ? [process] : [process, { ...process.parent, start: snapshot().start }];
}

const milliseconds = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / 1000;

console.log(`${rows} rows, ${changed} of them change a tick, ${columns}x${lines}, ${rounds} frames back to back`);
console.log("case                     min ms  median ms  p99 ms  CPU ms/frame  bytes/frame");
for (const one of cases) {
  const source = createSampleSource(rows);
  const terminal = new Sink();
  const screen = createScreen({
    terminal,
    engine: {
      clearClosed: () => undefined,
      quit: () => undefined,
      network: new FakeNetwork(),
      lineage: (id) => lineageOf(() => source.snapshot, id),
    },
    options: one.filter === undefined ? {} : { filter: one.filter },
  });
  screen.update(source.snapshot);
  terminal.listener?.input(Buffer.from(one.keys));
  const times: number[] = [];
  let cpu = 0;
  let bytes = 0;
  for (let round = -warmUp; round < rounds; round++) {
    const snapshot = one.press === undefined ? source.advance(changed) : source.snapshot;
    const sent = screen.statistics().bytes;
    const usage = process.cpuUsage();
    const start = performance.now();
    if (one.press === undefined) screen.update(snapshot);
    else terminal.listener?.input(Buffer.from(one.press.charAt((round + warmUp) % one.press.length)));
    const took = performance.now() - start;
    if (round < 0) continue;
    cpu += milliseconds(process.cpuUsage(usage));
    times.push(took);
    bytes += screen.statistics().bytes - sent;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  const cells = [at(0).padStart(7), at(0.5).padStart(10), at(0.99).padStart(7)];
  console.log(
    `${one.name.padEnd(23)} ${cells.join(" ")} ${(cpu / rounds).toFixed(2).padStart(13)} ${Math.round(bytes / rounds)
      .toString()
      .padStart(12)}`,
  );
}
