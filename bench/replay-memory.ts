/**
 * Memory of a replay against the length of what is replayed: a stream of frames is made up and fed through a pipe, so that no
 * disk is needed. Prints for each size what the program's own pages came to (PSS): the most, and the median of the run's second
 * half, which does not depend on when the garbage collector happened to run.
 *
 *     node bench/replay-memory.ts [--megabytes 20,200,4096] [--format pcap|pcapng] [--gzip]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";

import { PcapngWriter, PcapWriter } from "../src/files/index.ts";
import { epochMillis } from "../src/model/index.ts";

const program = join(import.meta.dirname, "../test/cli/replay-program.ts");
const flows = 2000;
const frameLength = 1400;

/** Ethernet, IPv4 and UDP between two of `flows` pairs of ports. */
function frameOf(flow: number): Uint8Array {
  const bytes = new Uint8Array(frameLength);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45]);
  view.setUint16(16, frameLength - 14);
  bytes.set([64, 17], 22);
  bytes.set([192, 0, 2, 1, 198, 51, 100, 1], 26);
  view.setUint16(34, 20_000 + (flow % flows));
  view.setUint16(36, 9000);
  view.setUint16(38, frameLength - 34);
  return bytes;
}

/** Writes `total` bytes of frames, 10,000 a second by their times, as fast as `sink` takes them. */
async function feed(sink: Writable, format: string, total: number): Promise<number> {
  const pending = { chunks: [] as Uint8Array[], written: 0 };
  const collect = (bytes: Uint8Array): void => {
    pending.chunks.push(bytes.slice());
    pending.written += bytes.length;
  };
  const writer = format === "pcapng" ? new PcapngWriter(collect) : new PcapWriter(collect, { linkType: 1 });
  if (writer instanceof PcapngWriter) writer.addInterface({ linkType: 1, name: "bench0" });
  const frames = Array.from({ length: flows }, (_, flow) => frameOf(flow));
  let count = 0;
  while (pending.written < total) {
    for (let batch = 0; batch < 500; batch++, count++) {
      writer.frame({ time: epochMillis(1.7e12 + count / 10), bytes: frames[count % flows]!, interfaceIndex: 0 });
    }
    for (const bytes of pending.chunks) if (!sink.write(bytes)) await once(sink, "drain");
    pending.chunks = [];
  }
  writer.flush();
  for (const bytes of pending.chunks) sink.write(bytes);
  sink.end();
  return count;
}

/** Proportional set size of a process, in MiB; 0 when it is gone. */
function proportional(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function measure(megabytes: number, format: string, gzip: boolean): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, "replay", "--json", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => (text = (text + data).slice(-4096)));
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(proportional(child.pid!)), 100);
  const start = performance.now();
  const closed = once(child, "close");
  const sink = gzip ? createGzip({ level: 1 }) : child.stdin;
  if (gzip) sink.pipe(child.stdin);
  const frames = await feed(sink, format, megabytes * 1e6);
  await closed;
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  const stats = JSON.parse(text.trimEnd().split("\n").at(-1)!) as { stats: { totals: Record<string, number> } };
  const { tx_packets, rx_packets } = stats.stats.totals;
  const counted = (tx_packets ?? 0) + (rx_packets ?? 0);
  if (counted !== frames) throw new Error(`${frames} frames were fed, ${counted} counted`);
  const rate = Math.round(frames / seconds).toLocaleString("en");
  const late = samples.slice(samples.length >> 1).toSorted((left, right) => left - right);
  const memory = [Math.max(0, ...samples), late[late.length >> 1] ?? 0].map((value) => `${value.toFixed(0)} MiB`);
  return [`${megabytes} MB`, frames.toLocaleString("en"), seconds.toFixed(1), rate, ...memory];
}

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "20,200,4096" },
    format: { type: "string", default: "pcap" },
    gzip: { type: "boolean", default: false },
  },
});
const rows: (readonly string[])[] = [["stream", "frames", "seconds", "frames/s", "most PSS", "second half"]];
for (const size of values.megabytes.split(",")) rows.push(await measure(Number(size), values.format, values.gzip));
for (const row of rows) process.stdout.write(`${row.map((cell) => cell.padStart(12)).join("")}\n`);
