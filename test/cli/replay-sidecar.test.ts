import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runReplay } from "../../src/app/replay.ts";
import type { RunResult } from "../../src/app/headless.ts";
import { eveTimestamp, type FlowRecord, sidecarHeaderLine, sidecarStatisticsLine } from "../../src/export/index.ts";
import { PcapngWriter, PcapWriter, type PcapngFrameToWrite } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { buildFrame } from "../flow/frames.ts";
import { FakeClock, FakeOutput } from "./fakes.ts";

const directory = mkdtempSync(join(tmpdir(), "socklens-sidecar-"));
after(() => rmSync(directory, { recursive: true }));

const begin = 1_700_000_000_000;
const ethernet = 1;

/** A datagram of 192.0.2.10 to a port of 198.51.100.7, `at` milliseconds after `begin`. */
interface Shot {
  readonly port: number;
  readonly at: number;
  readonly comment?: string;
  readonly direction?: PcapngFrameToWrite["direction"];
}

const bytesOf = ({ port }: Shot): Uint8Array =>
  buildFrame({
    protocol: "udp",
    source: "192.0.2.10",
    sourcePort: port,
    destination: "198.51.100.7",
    destinationPort: 9,
    payload: new Uint8Array(20),
  });

function pcap(shots: readonly Shot[]): string {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: ethernet });
  for (const shot of shots) writer.frame({ time: epochMillis(begin + shot.at), bytes: bytesOf(shot) });
  writer.flush();
  return fileOf("capture.pcap", Buffer.concat(parts));
}

function pcapng(shots: readonly Shot[], application: string): string {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()), application);
  const interfaceIndex = writer.addInterface({ linkType: ethernet, name: "eth0" });
  for (const shot of shots) {
    const { comment, direction } = shot;
    const more = { ...(comment !== undefined && { comment }), ...(direction && { direction }) };
    writer.frame({ time: epochMillis(begin + shot.at), bytes: bytesOf(shot), interfaceIndex, ...more });
  }
  writer.flush();
  return fileOf("capture.pcapng", Buffer.concat(parts));
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

async function replay(
  file: string,
  sidecar?: string,
): Promise<{ result: RunResult; flows: FlowRecord[]; last: string }> {
  const output = new FakeOutput();
  const descriptor = openSync(file, "r");
  const beside = sidecar === undefined ? undefined : openSync(sidecar, "r");
  try {
    const result = await runReplay({
      captures: [{ file, descriptor }],
      ...(beside !== undefined && { sidecars: [{ file: "beside.jsonl", descriptor: beside }] }),
      options: { format: "json", by: "flow" },
      output,
      clock: new FakeClock(),
      stop: new AbortController().signal,
    });
    const lines = output.text.split("\n").slice(0, -1);
    const records = lines.map((line) => JSON.parse(line) as FlowRecord);
    return { result, flows: records.filter(({ event_type: type }) => type === "flow"), last: lines.at(-1) ?? "" };
  } finally {
    closeSync(descriptor);
    if (beside !== undefined) closeSync(beside);
  }
}

/** A line of our own: the process's pid is the port of the flow. */
function ownLine(port: number, at: number, written: number): string {
  return JSON.stringify({
    timestamp: eveTimestamp(begin + written),
    event_type: "flow",
    flow_id: port,
    src_ip: "192.0.2.10",
    src_port: port,
    dest_ip: "198.51.100.7",
    dest_port: 9,
    proto: "UDP",
    direction: "outbound",
    flow: { start: eveTimestamp(begin + at), end: eveTimestamp(begin + at) },
    attribution: "socket",
    in_iface: "eth7",
    geo: { country_iso_code: "CH", asn: 64_500 },
    process: { pid: port, name: "curl", executable: "/usr/bin/curl", args: ["curl", "a b"] },
  });
}

const owners = (flows: readonly FlowRecord[]): unknown[] =>
  flows.map(({ src_port: port, attribution, process }) => [port, attribution, process?.pid, process?.name]);

test("a sidecar of our own gives flows their owners, and tells what was dropped", async () => {
  const file = pcap([
    { port: 1001, at: 0 },
    { port: 1002, at: 10 },
  ]);
  const text = [
    sidecarHeaderLine({ application: "Socklens" }, begin).trim(),
    ownLine(1001, 0, 20_000),
    ownLine(1002, 10, 20_000),
    sidecarStatisticsLine({ dropped: 17 }, begin + 20_000).trim(),
  ];
  const { result, flows, last } = await replay(file, fileOf("own.jsonl", text.join("\n")));
  assert.deepEqual(result, { code: 0 });
  assert.deepEqual(owners(flows), [
    [1001, "socket", 1001, "curl"],
    [1002, "socket", 1002, "curl"],
  ]);
  assert.equal(flows[0]?.process?.command_line, "curl a b");
  assert.equal(flows[0]?.in_iface, "eth7");
  assert.deepEqual(flows[0]?.geo, { country_iso_code: "CH", asn: 64_500 });
  assert.match(last, /"frames_dropped":17\b/);
});

test("without a sidecar the same flows have no owners", async () => {
  const { flows } = await replay(pcap([{ port: 1001, at: 0 }]));
  assert.deepEqual(owners(flows), [[1001, "none", undefined, undefined]]);
});

test("RustNet's sidecar does, too", async () => {
  const line = {
    protocol: "UDP",
    local_addr: "192.0.2.10:1001",
    remote_addr: "198.51.100.7:9",
    pid: 7,
    process_name: "curl",
    first_seen: { secs_since_epoch: begin / 1000, nanos_since_epoch: 0 },
  };
  const { flows } = await replay(pcap([{ port: 1001, at: 0 }]), fileOf("rustnet.jsonl", `${JSON.stringify(line)}\n`));
  assert.deepEqual(owners(flows), [[1001, "procfs", 7, "curl"]]);
});

test("lines that tell nothing are counted and said, and the rest is used", async () => {
  const text = `not JSON\n${ownLine(1001, 0, 0)}\n{"event_type":"other"}\n`;
  const { result, flows } = await replay(pcap([{ port: 1001, at: 0 }]), fileOf("odd.jsonl", text));
  assert.equal(result.code, 0);
  assert.equal(result.problem, "beside.jsonl: 2 of 3 lines tell nothing that Socklens knows");
  assert.deepEqual(owners(flows), [[1001, "socket", 1001, "curl"]]);
});

test("a sidecar longer than what may be known ahead is read as the frames go on", async () => {
  // 72,000 lines, one a millisecond, and a frame for every eighth of them: three batches of frames.
  const shots = Array.from({ length: 9000 }, (_, index) => ({ port: 1000 + index, at: index * 8 }));
  const text: string[] = [];
  for (let at = 0; at < 72_000; at++) text.push(ownLine(at % 8 === 0 ? 1000 + at / 8 : 900, at, at));
  const { flows } = await replay(pcap(shots), fileOf("long.jsonl", text.join("\n")));
  const wrong = flows.filter(({ src_port: port, process }) => process?.pid !== port);
  assert.equal(flows.length, shots.length);
  assert.deepEqual(owners(wrong), []);
});

test("owners stand in the comments of RustNet's and ptcpdump's frames", async () => {
  const rustnet = pcapng(
    [
      { port: 1001, at: 0 },
      { port: 1001, at: 5, comment: "rustnet process=curl pid=7 uid=1000 app=DNS" },
      { port: 1002, at: 10, comment: "rustnet app=DNS" },
    ],
    "rustnet",
  );
  assert.deepEqual(owners((await replay(rustnet)).flows), [
    [1001, "procfs", 7, "curl"],
    [1002, "none", undefined, undefined],
  ]);
  const comment = "PID: 8\nCmd: /usr/bin/wget\nArgs: wget -q x\nContainerName: web\nContainerId: ab12";
  const ptcpdump = pcapng([{ port: 1001, at: 0, comment, direction: "out" }], "ptcpdump");
  const { flows } = await replay(ptcpdump);
  assert.deepEqual(owners(flows), [[1001, "procfs", 8, "wget"]]);
  assert.deepEqual(flows[0]?.process?.container, { id: "ab12", runtime: "container", name: "web" });
});

test("a port that is used again has another owner from then on, and comments that alternate tell two", async () => {
  const of = (pid: number, name: string): string => `rustnet process=${name} pid=${pid}`;
  const file = pcapng(
    [
      { port: 1001, at: 0, comment: of(7, "curl") },
      { port: 1001, at: 10, comment: of(8, "server") },
      { port: 1001, at: 20, comment: of(7, "curl") },
      { port: 1002, at: 30, comment: of(7, "curl") },
      // Long after the flow before has ended by its timeout.
      { port: 1002, at: 4_000_000, comment: of(9, "wget") },
    ],
    "rustnet",
  );
  const told = owners((await replay(file)).flows);
  assert.deepEqual(told.slice(1), [
    [1002, "procfs", 7, "curl"],
    [1002, "procfs", 9, "wget"],
  ]);
});

test("comments in a file of our own are nobody's owners", async () => {
  const file = pcapng([{ port: 1001, at: 0, comment: "rustnet process=curl pid=7" }], "Socklens");
  assert.deepEqual(owners((await replay(file)).flows), [[1001, "none", undefined, undefined]]);
});
