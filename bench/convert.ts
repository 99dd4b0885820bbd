/**
 * Time and memory of conversions against the length of what is converted, beside editcap in the same run. Captures of 2,000
 * flows are made up in a directory of their own and removed afterwards.
 *
 *     node bench/convert.ts [--megabytes 20,200,2000]
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PcapWriter } from "../src/files/index.ts";
import { epochMillis } from "../src/model/index.ts";
import { convert } from "../test/convert/convert.ts";

const flows = 2000;
const frameLength = 700;

/** Ethernet, IPv4 and UDP between two of `flows` pairs of addresses and ports. */
function frameOf(flow: number): Uint8Array {
  const bytes = new Uint8Array(frameLength);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45]);
  view.setUint16(16, frameLength - 14);
  bytes.set([64, 17], 22);
  bytes.set([192, 0, 2, flow & 255, 198, 51, 100, flow >> 3], 26);
  view.setUint16(34, 20_000 + flow);
  view.setUint16(36, 9000);
  view.setUint16(38, frameLength - 34);
  return bytes;
}

function makeCapture(path: string, megabytes: number): number {
  const descriptor = openSync(path, "w");
  const writer = new PcapWriter((bytes) => void writeSync(descriptor, bytes), { linkType: 1 });
  const frames = Array.from({ length: flows }, (_, flow) => frameOf(flow));
  const count = Math.floor((megabytes * 1e6) / (frameLength + 16));
  for (let index = 0; index < count; index++) {
    writer.frame({ time: epochMillis(1.7e12 + index / 100), bytes: frames[index % flows]! });
  }
  writer.flush();
  closeSync(descriptor);
  return count;
}

interface Outcome {
  readonly seconds: number;
  /** Largest resident set, in MB. */
  readonly memory: number;
}

/** A conversion in a process of its own. */
function ours(args: readonly string[]): Outcome {
  const { stdout, status, stderr } = spawnSync(process.execPath, [import.meta.filename, "--one", ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Outcome;
}

function editcap(source: string, target: string): Outcome {
  const start = performance.now();
  const { status } = spawnSync("editcap", ["-F", "pcapng", source, target]);
  return { seconds: status === 0 ? (performance.now() - start) / 1000 : Number.NaN, memory: Number.NaN };
}

const modes: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["pcapng", []],
  ["--snap 0", ["--snap", "0"]],
  ["--redact", ["--redact"]],
  ["--redact prefix", ["--redact", "prefix"]],
  ["--filter port:20007", ["--filter", "port:20007"]],
];

function run(sizes: readonly number[]): void {
  const folder = mkdtempSync(join(tmpdir(), "socklens-bench-"));
  const [source, target] = [join(folder, "source.pcap"), join(folder, "target.pcapng")];
  console.log(
    `${"".padEnd(22)}${"MB".padStart(8)}${"packets/s".padStart(14)}${"MB/s".padStart(8)}${"memory, MB".padStart(12)}`,
  );
  const row = (name: string, count: number, { seconds, memory }: Outcome): void => {
    const megabytes = statSync(source).size / 1e6;
    const rate = Math.round(count / seconds).toLocaleString("en");
    console.log(
      `${name.padEnd(22)}${megabytes.toFixed(0).padStart(8)}${rate.padStart(14)}${(megabytes / seconds).toFixed(0).padStart(8)}${memory.toFixed(0).padStart(12)}`,
    );
  };
  try {
    for (const size of sizes) {
      const count = makeCapture(source, size);
      row("editcap", count, editcap(source, target));
      for (const [name, args] of modes) row(name, count, ours([source, ...args, "-o", target]));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[2] === "--one") {
  const start = performance.now();
  const { code, lines } = await convert(process.argv.slice(3));
  if (code !== 0) throw new Error(lines.join("\n"));
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, memory: process.resourceUsage().maxRSS / 1000 }));
} else {
  const { values } = parseArgs({ options: { megabytes: { type: "string", default: "20,200,2000" } } });
  run(values.megabytes.split(",").map(Number));
}
