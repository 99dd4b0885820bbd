/**
 * Fuzzes what is read beside a capture's frames: lines of sidecars, ours and RustNet's, and comments of RustNet and ptcpdump.
 * Demands that nothing throws, that what is told is within its bounds, that lines are the same however the bytes come, and that
 * the connection table takes all of it.
 *
 *     fuzz/sidecar.ts [--inputs N] [--seed N]
 *
 * Inputs are a function of the seed: a failure is found again with the seed that it prints.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import {
  LineCutter,
  readPtcpdumpComment,
  readRustnetComment,
  readSidecarLine,
  sidecarFlowLine,
  sidecarHeaderLine,
  sidecarInterfaceLine,
  sidecarStatisticsLine,
} from "../src/export/index.ts";
import { Random } from "../src/host/fake/index.ts";
import { createFlowEngine } from "../src/flow/index.ts";
import { parseAddress, type ProcessInfo, type RecordedFlow } from "../src/model/index.ts";
import { row } from "../test/query/rows.ts";

const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
const inputs = Number(values.inputs ?? 20_000);
const seed = Number(values.seed ?? 1);

const rustnet = {
  protocol: "TCP",
  local_addr: "192.0.2.10:50000",
  remote_addr: "[2001:db8::7]:443",
  pid: 7,
  process_name: "curl",
  first_seen: { secs_since_epoch: 1_700_000_000, nanos_since_epoch: 1 },
  last_seen: { secs_since_epoch: 1_700_000_009, nanos_since_epoch: 0 },
  process_ppid: 6,
  process_uid: 1000,
  process_lineage: { ancestors: [{ pid: 6, name: "bash" }] },
  kubernetes: { container_id: "ab12", container_name: "web" },
};
const time = 1_700_000_060_000;
const lines = [
  sidecarHeaderLine({ application: "Socklens", captureFilter: "port 443" }, time),
  sidecarInterfaceLine({ name: "eth0", addresses: ["192.0.2.1", "2001:db8::1"] }, time),
  sidecarFlowLine(row(), time, row().process === undefined ? [] : [row().process!]),
  sidecarStatisticsLine({ accepted: 9, dropped: 1, delivered: 8 }, time),
  `${JSON.stringify(rustnet)}\n`,
];
const comments = [
  "rustnet process=curl pid=7 ppid=6 uid=1000 container=web container_id=ab12 app=HTTPS",
  "PID: 7\nCmd: /usr/bin/curl\nArgs: curl -v x\nUserId: 1\nParentPID: 6\nParentCmd: /bin/bash\nContainerId: ab12",
];
const pieces = [
  ...'{ } [ ] , : " \\ null true -1 1e400 0.5 4294967296 [[[[ {"a": \\u0000 \ud800 \n \r : = ... PID: pid='.split(" "),
  "x".repeat(5000),
  '"192.0.2.999:1"',
  '"[::1]:70000"',
];

/** One to five changes of a text: a piece put in, taken out, doubled, or in the place of another. */
function mutate(random: Random, text: string): string {
  let changed = text;
  for (let change = random.integer(5); change >= 0; change--) {
    const at = random.integer(changed.length + 1);
    const until = Math.min(changed.length, at + random.integer(12));
    const piece = random.chance(60)
      ? pieces[random.integer(pieces.length)]!
      : changed.slice(until, until + random.integer(40));
    changed = changed.slice(0, at) + (random.chance(70) ? piece : "") + changed.slice(random.chance(50) ? until : at);
  }
  return changed;
}

function checkOwner({ pid, name, commandLine, ancestors }: ProcessInfo): void {
  assert.ok(Number.isInteger(pid) && pid >= 0 && pid <= 0x40_0000, "pid");
  assert.ok(name.length <= 4096, "name");
  assert.ok((commandLine?.length ?? 0) <= 4096 && (ancestors?.length ?? 0) <= 16, "lists");
}

function checkFlow(flow: RecordedFlow): void {
  for (const { address, port } of [flow.source, flow.destination]) {
    assert.ok(address === "" || parseAddress(address) !== undefined, "address");
    assert.ok(Number.isInteger(port) && port >= 0 && port <= 65_535, "port");
  }
  assert.ok(Number.isFinite(flow.start) && Number.isFinite(flow.end), "times");
  if (flow.process !== undefined) checkOwner(flow.process);
}

/** The lines of the bytes, cut where the random numbers say. */
function cutLines(bytes: Uint8Array, random: Random | undefined): string[] {
  const found: string[] = [];
  const cutter = new LineCutter((line) => found.push(line));
  for (let from = 0; from < bytes.length;) {
    const until = random === undefined ? bytes.length : from + 1 + random.integer(2000);
    cutter.push(bytes.slice(from, until));
    from = until;
  }
  cutter.end();
  return found;
}

const engine = createFlowEngine({
  host: {
    level: { level: "replay", missing: [] },
    processes: { lookup: () => undefined },
    interfaces: { read: () => [] },
    close() {},
  },
});

let told = 0;

function check(text: string, random: Random): void {
  const bytes = Buffer.from(text);
  const found = cutLines(bytes, undefined);
  assert.deepEqual(cutLines(bytes, random), found);
  for (const line of found) {
    const entry = readSidecarLine(line);
    if (entry === undefined) continue;
    told++;
    if (entry.kind !== "flow") continue;
    checkFlow(entry.flow);
    engine.ingestRecordedFlow(entry.flow);
  }
  for (const owner of [readRustnetComment(text), readPtcpdumpComment(text)]) {
    if (owner === undefined) continue;
    told++;
    checkOwner(owner);
  }
}

const random = new Random(seed);
const samples = [...lines, ...comments];
for (let index = 0; index < inputs; index++) {
  const text = mutate(random, samples[random.integer(samples.length)]!);
  try {
    check(text, random);
  } catch (error) {
    console.error(`seed ${seed}, input ${index}: ${JSON.stringify(text)}`);
    throw error;
  }
}
console.log(`${inputs} texts, ${told} of them told something, seed ${seed}`);
