import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { OutputOptions } from "../../src/app/cli/index.ts";
import type { RunResult } from "../../src/app/headless.ts";
import { type Replay, runReplay } from "../../src/app/replay.ts";
import type { AggregateRecord, FlowRecord, StatsRecord } from "../../src/export/index.ts";
import { PcapngWriter, PcapWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { progressText } from "../../src/app/replay/progress.ts";
import { compile } from "../../src/query/index.ts";
import { FakeClock, FakeOutput } from "./fakes.ts";

const directory = mkdtempSync(join(tmpdir(), "socklens-replay-"));
after(() => rmSync(directory, { recursive: true }));

const ethernet = 1;
const begin = 1_700_000_000_000;

/** Ethernet, IPv4 and UDP (RFC 791, RFC 768) with `length` bytes of payload, from 192.0.2.`from`:`fromPort`. */
function datagram(from: number, fromPort: number, to: number, toPort: number, length: number): Uint8Array {
  const bytes = new Uint8Array(42 + length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45]);
  view.setUint16(16, 28 + length);
  bytes.set([64, 17], 22);
  bytes.set([192, 0, 2, from], 26);
  bytes.set([192, 0, 2, to], 30);
  view.setUint16(34, fromPort);
  view.setUint16(36, toPort);
  view.setUint16(38, 8 + length);
  return bytes;
}

interface Shot {
  /** Seconds after `begin`. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

function capture(name: string, shots: readonly Shot[], cut = 0): string {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: ethernet });
  for (const { at, bytes } of shots) writer.frame({ time: epochMillis(begin + at * 1000), bytes });
  writer.flush();
  const whole = Buffer.concat(parts);
  const path = join(directory, name);
  writeFileSync(path, whole.subarray(0, whole.length - cut));
  return path;
}

async function replay(
  path: string | readonly string[],
  options: Partial<OutputOptions> = {},
  more: Partial<Replay> = {},
): Promise<{ result: RunResult; output: FakeOutput }> {
  const output = new FakeOutput();
  const paths = typeof path === "string" ? [path] : path;
  const captures = paths.map((file) => ({ file, descriptor: openSync(file, "r") }));
  try {
    const stop = new AbortController().signal;
    const clock = new FakeClock();
    const result = await runReplay({
      captures,
      options: { format: "json", by: "flow", ...options },
      output,
      clock,
      stop,
      ...more,
    });
    return { result, output };
  } finally {
    for (const { descriptor } of captures) closeSync(descriptor);
  }
}

type AnyRecord = FlowRecord | StatsRecord | AggregateRecord;
const records = (output: FakeOutput): AnyRecord[] => output.lines.map((line) => JSON.parse(line) as AnyRecord);
const flows = (output: FakeOutput): FlowRecord[] => records(output).filter((record) => record.event_type === "flow");

/** A question and its answer each second for `seconds`, and one datagram of another flow at the start. */
const conversation = (seconds: number): Shot[] => [
  { at: 0, bytes: datagram(3, 4000, 9, 5000, 10) },
  ...Array.from({ length: seconds }, (_, index) => [
    { at: index, bytes: datagram(1, 40_000, 2, 5001, 100) },
    { at: index + 0.25, bytes: datagram(2, 5001, 1, 40_000, 1000) },
  ]).flat(),
];

test("flows of a capture, with frame bytes and the times of the frames", async () => {
  const { result, output } = await replay(capture("a.pcap", conversation(5)));
  assert.deepEqual(result, { code: 0 });
  const found = flows(output).find((record) => record.src_port === 40_000);
  assert.deepEqual([found?.src_ip, found?.dest_ip, found?.dest_port], ["192.0.2.1", "192.0.2.2", 5001]);
  const { pkts_toserver, pkts_toclient, bytes_toserver, bytes_toclient, start, end, age, reason } = found!.flow;
  assert.deepEqual([pkts_toserver, pkts_toclient, bytes_toserver, bytes_toclient], [5, 5, 5 * 142, 5 * 1042]);
  assert.deepEqual(
    [start, end, age, reason],
    ["2023-11-14T22:13:20.000000+0000", "2023-11-14T22:13:24.250000+0000", 4, "shutdown"],
  );
  assert.equal(flows(output).length, 2);
  const stats = records(output).at(-1)!;
  assert.ok(stats.event_type === "stats");
  assert.deepEqual(
    [stats.stats.level, stats.stats.totals.opened, stats.timestamp],
    ["replay", 2, "2023-11-14T22:13:24.250000+0000"],
  );
});

test("a flow ends by the clock of the file", async () => {
  const late = { at: 3600, bytes: datagram(1, 40_000, 2, 5001, 100) };
  const { output } = await replay(capture("gap.pcap", [...conversation(1), late]));
  assert.deepEqual(
    flows(output).map((record) => record.flow.reason),
    ["timeout", "timeout", "shutdown"],
  );
});

test("intervals, count and duration are those of the file, and a gap costs nothing", async () => {
  const path = capture("long.pcap", [...conversation(10), { at: 1e9, bytes: datagram(1, 1, 2, 2, 1) }]);
  const counted = await replay(path, { interval: 2, count: 2 });
  const times = records(counted.output)
    .filter((record) => record.event_type === "stats")
    .map((record) => record.timestamp.slice(17, 23));
  assert.deepEqual(times.slice(0, 2), ["22.000", "24.000"]);
  const last = flows(counted.output).findLast((record) => record.src_port === 40_000);
  assert.deepEqual([last?.flow.pkts_toserver, last?.flow.reason], [4, "shutdown"]);

  const short = await replay(path, { duration: 3 });
  assert.equal(flows(short.output).find((record) => record.src_port === 40_000)?.flow.pkts_toserver, 3);

  const whole = await replay(path, { interval: 1 });
  assert.ok(records(whole.output).length < 100, `${records(whole.output).length} records`);
});

test("filter, sums, CSV and table", async () => {
  const path = capture("b.pcap", conversation(3));
  const query = compile("port:5001");
  assert.ok(query.ok);
  assert.equal(flows((await replay(path, { filter: query })).output).length, 1);
  const sums = records((await replay(path, { by: "host" })).output);
  assert.deepEqual(
    sums.flatMap((record) => (record.event_type === "aggregate" ? [[record.name, record.rx_bytes]] : [])),
    [
      ["192.0.2.2", 3126],
      ["192.0.2.9", 0],
    ],
  );
  const csv = await replay(path, { format: "csv" });
  assert.deepEqual(
    csv.output.lines.map((line) => line.split(",")[0]),
    ["event_type", "flow", "flow", "stats"],
  );
  const plain = await replay(path, { format: "plain" });
  assert.match(
    plain.output.text,
    /· replay · 2 live ·[^\n]*\nPROTO [^\n]*\nUDP [^\n]*192\.0\.2\.1:40000[^\n]*\nUDP [^\n]*\n\n$/,
  );
});

test("what is no capture writes nothing; a cut one writes what it holds and says where it ends", async () => {
  const text = join(directory, "text");
  writeFileSync(text, "This is not a capture file at all, it is a text.\n");
  const empty = join(directory, "empty");
  writeFileSync(empty, "");
  for (const path of [text, empty]) {
    const { result, output } = await replay(path, { format: "csv" });
    assert.equal(result.code, 1);
    assert.match(result.problem ?? "", /is not a capture file/);
    assert.equal(output.text, "");
  }
  const { result, output } = await replay(capture("cut.pcap", conversation(2), 5));
  assert.equal(result.code, 1);
  assert.match(result.problem ?? "", /cut\.pcap is damaged after 4 frames, at byte \d+: /);
  assert.equal(flows(output).length, 2);
});

test("a capture without frames is no mistake", async () => {
  const { result, output } = await replay(capture("none.pcap", []));
  assert.equal(result.code, 0);
  assert.deepEqual(
    records(output).map((record) => record.event_type),
    ["stats"],
  );
});

test("a capture from a pipe", async () => {
  const path = capture("pipe.pcap", conversation(4));
  const program = spawn(
    process.execPath,
    [fileURLToPath(import.meta.resolve("./replay-program.ts")), "replay", "--json", "-"],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let text = "";
  program.stdout.setEncoding("utf8").on("data", (data: string) => (text += data));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  program.on("close", resolve);
  const bytes = readFileSync(path);
  program.stdin.write(bytes.subarray(0, 1000));
  setImmediate(() => program.stdin.end(bytes.subarray(1000)));
  assert.equal(await promise, 0);
  assert.equal(text.split("\n").filter((line) => line.includes('"event_type":"flow"')).length, 2);
});

test("with private no address of the capture is written, in any format, and the filter is about the real ones", async () => {
  const path = capture("private.pcap", [
    { at: 0, bytes: datagram(1, 5000, 2, 53, 20) },
    { at: 1, bytes: datagram(3, 5001, 2, 53, 20) },
  ]);
  const query = compile("host:192.0.2.1 or src:192.0.2.1");
  assert.ok(query.ok);
  for (const format of ["json", "csv", "plain"] as const) {
    for (const by of ["flow", "process", "host", "app"] as const) {
      const all = (await replay(path, { format, by, private: true })).output.text;
      assert.doesNotMatch(all, /192\.0\.2\.|02:00:00:00:00:0[123]\b.*192/, `${format} by ${by}`);
      if (by === "flow" || by === "host") assert.match(all, /198\.18\.0\./, `${format} by ${by}`);
    }
    const some = (await replay(path, { format, private: true, filter: query })).output.text;
    assert.match(some, /5000/);
    assert.doesNotMatch(some, /5001/);
  }
});

test("several files are one capture in the order of their times", async () => {
  // Without the one that has the time of another: of equal times the file named first decides.
  const shots = conversation(6).slice(1);
  const whole = await replay(capture("whole.pcap", shots), { interval: 1 });
  const parts = [0, 1, 2].map((part) =>
    capture(
      `part${part}.pcap`,
      shots.filter((_, index) => index % 3 === part),
    ),
  );
  assert.equal((await replay(parts, { interval: 1 })).output.text, whole.output.text);
  assert.equal((await replay(parts.toReversed(), { interval: 1 })).output.text, whole.output.text);
});

test("of several files one that is broken does not hold back the others", async () => {
  const text = join(directory, "text2");
  writeFileSync(text, "no capture");
  const { result, output } = await replay([
    text,
    capture("fine.pcap", conversation(2)),
    capture("cut2.pcap", conversation(2), 3),
  ]);
  assert.equal(result.code, 1);
  assert.match(
    result.problem ?? "",
    /text2 is not a capture file: [^\n]*\nsocklens: [^\n]*cut2\.pcap is damaged after 4 frames/,
  );
  assert.equal(flows(output).find((record) => record.src_port === 40_000)?.flow.pkts_toserver, 4);
});

test("the same file gives the same bytes twice", async () => {
  const path = capture("twice.pcap", [...conversation(30), { at: 900, bytes: datagram(5, 5, 6, 6, 6) }]);
  for (const options of [{ interval: 1 }, { by: "app" as const }, { format: "csv" as const }, {}]) {
    const [one, other] = [await replay(path, options), await replay(path, options)];
    assert.ok(one.output.text.length > 100);
    assert.equal(one.output.text, other.output.text);
  }
});

test("a time range, of the calendar or after the first packet", async () => {
  const path = capture("range.pcap", conversation(10));
  const packets = async (range: Replay["range"]): Promise<number | undefined> => {
    const { output } = await replay(path, {}, range && { range });
    return flows(output).find((record) => record.src_port === 40_000)?.flow.pkts_toserver;
  };
  const at = (seconds: number) => ({ kind: "absolute", millis: begin + seconds * 1000 }) as const;
  const after = (seconds: number) => ({ kind: "relative", seconds }) as const;
  assert.deepEqual(
    [
      await packets(undefined),
      await packets({ from: at(3) }),
      await packets({ from: after(3), to: after(5) }),
      await packets({ to: at(0) }),
      await packets({ from: after(100) }),
    ],
    [10, 7, 3, 1, undefined],
  );
});

test("link types that nobody decodes are counted and named", async () => {
  const path = join(directory, "strange.pcapng");
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()));
  writer.addInterface({ linkType: 220, name: "usbmon1" });
  writer.addInterface({ linkType: ethernet, name: "eth7" });
  const time = epochMillis(begin);
  for (let count = 0; count < 3; count++) writer.frame({ time, bytes: new Uint8Array(64), interfaceIndex: 0 });
  writer.frame({ time, bytes: datagram(1, 41_000, 2, 2000, 5), interfaceIndex: 1 });
  writer.flush();
  writeFileSync(path, Buffer.concat(parts));
  const { result, output } = await replay(path);
  assert.equal(result.code, 0);
  assert.match(result.problem ?? "", /^3 frames of link type 220 \(USB_LINUX_MMAPPED\) were skipped/);
  assert.deepEqual(
    flows(output).map((record) => [record.in_iface, record.src_port]),
    [["eth7", 41_000]],
  );
});

test("names and drop counts that the file holds are told", async () => {
  const path = join(directory, "names.pcapng");
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()));
  writer.addInterface({ linkType: ethernet });
  writer.flush();
  const block = (type: number, body: Uint8Array): void => {
    const bytes = new Uint8Array(12 + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, bytes.length, true);
    bytes.set(body, 8);
    view.setUint32(bytes.length - 4, bytes.length, true);
    parts.push(bytes);
  };
  const name = (last: number, text: string): Buffer =>
    Buffer.concat([Buffer.of(1, 0, 8, 0, 192, 0, 2, last), Buffer.from(`${text}\0`)]);
  block(4, name(2, "two"));
  const time = epochMillis(begin);
  writer.frame({ time, bytes: datagram(1, 40_000, 2, 5001, 5), interfaceIndex: 0 });
  writer.frame({ time, bytes: datagram(1, 40_000, 3, 5001, 5), interfaceIndex: 0 });
  writer.flush();
  // Wireshark writes names where it likes: after the packets, too.
  block(4, name(3, "tri"));
  block(5, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 8, 0, 42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  writeFileSync(path, Buffer.concat(parts));
  const { result, output } = await replay(path);
  assert.deepEqual(result, { code: 0 });
  assert.deepEqual(
    flows(output).map((record) => [record.dest_ip, record.hostname, record.hostname_source]),
    [
      ["192.0.2.2", "two", "nrb"],
      ["192.0.2.3", "tri", "nrb"],
    ],
  );
  const stats = records(output).at(-1)!;
  assert.ok(stats.event_type === "stats");
  assert.equal(stats.stats.losses.frames_dropped, 42);
});

test("progress: packets, bytes, rate and the time left", () => {
  assert.equal(
    progressText({ packets: 1_200_000, readBytes: 120e6, totalBytes: 1.2e9, seconds: 3 }),
    "1,200,000 packets, 120 MB of 1.2 GB (10 %), 400,000 packets/s, 27 s left",
  );
  assert.equal(
    progressText({ packets: 10, readBytes: 999, totalBytes: Number.NaN, seconds: 2 }),
    "10 packets, 999 B, 5 packets/s",
  );
});

test("a growing file is followed until the run is told to end", async () => {
  const path = capture("follow.pcap", conversation(20));
  const whole = readFileSync(path);
  const beginning = 5000;
  writeFileSync(path, whole.subarray(0, beginning));
  const program = spawn(
    process.execPath,
    [
      fileURLToPath(import.meta.resolve("./replay-program.ts")),
      "replay",
      "--follow",
      "--json",
      "--interval",
      "1",
      path,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  const { promise, resolve } = Promise.withResolvers<number | null>();
  program.on("close", resolve);
  let grown = false;
  program.stdout.setEncoding("utf8").on("data", (data: string) => {
    text += data;
    // What it wrote of the beginning shows that it has read that: now the file grows, but for the last frame's end.
    if (!grown && text.includes('"event_type"')) {
      grown = true;
      appendFileSync(path, whole.subarray(beginning, whole.length - 1));
    } else if (text.includes("22:13:39.000000")) program.kill("SIGTERM");
  });
  assert.equal(await promise, 0);
  const last = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as AnyRecord)
    .findLast((record): record is FlowRecord => record.event_type === "flow" && record.src_port === 40_000);
  assert.deepEqual([last?.flow.pkts_toserver, last?.flow.pkts_toclient, last?.flow.reason], [20, 19, "shutdown"]);
});

test("a capture filter runs on the frames of its link type", async () => {
  const path = capture("filter.pcap", conversation(4));
  // ldh [36]; jeq #5001, keep, drop; keep: ret #65535; drop: ret #0 (include/uapi/linux/bpf_common.h): UDP to port 5001.
  const program = Uint8Array.from(
    Buffer.from("2800000024000000150000018913000006000000ffff00000600000000000000", "hex"),
  );
  const kept = await replay(path, {}, { filters: new Map([[ethernet, program]]) });
  assert.deepEqual(
    flows(kept.output).map(({ flow }) => [flow.pkts_toserver, flow.pkts_toclient]),
    [[4, 0]],
  );
  const none = await replay(path, {}, { filters: new Map([[113, program]]) });
  assert.deepEqual([flows(none.output), none.result], [[], { code: 0 }]);
});

test("each interface is known from its first frame on", async () => {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()));
  for (const name of ["eth0", "wlan0", "tun0"]) writer.addInterface({ linkType: ethernet, name });
  for (let index = 0; index < 6; index++) {
    const bytes = datagram(1, 40_000 + index, 2, 5001, 100);
    writer.frame({ time: epochMillis(begin + index * 100), bytes, interfaceIndex: index % 3 });
  }
  writer.flush();
  const path = join(directory, "interfaces.pcapng");
  writeFileSync(path, Buffer.concat(parts));
  const { output } = await replay(path);
  const names = new Map(flows(output).map((record) => [record.src_port, record.in_iface]));
  const expected = ["eth0", "wlan0", "tun0", "eth0", "wlan0", "tun0"];
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((index) => names.get(40_000 + index)),
    expected,
  );
});

test("countries and networks come from the databases of the machine, and filters find them", async () => {
  const path = capture("places.pcap", [
    { at: 0, bytes: datagram(1, 40_000, 2, 9000, 100) },
    { at: 1, bytes: datagram(1, 40_000, 3, 9000, 100) },
  ]);
  const geo = (address: string) => (address === "192.0.2.3" ? { country: "SE", asn: 64_500 } : undefined);
  const query = compile("country:se asn:64500");
  assert.ok(query.ok);
  const { output } = await replay(path, { filter: query }, { geo });
  const flows = output.text.split("\n").filter((line) => line.includes('"event_type":"flow"'));
  assert.equal(flows.length, 1, output.text);
  const { dest_ip: address, geo: place } = JSON.parse(flows[0]!) as FlowRecord;
  assert.equal(address, "192.0.2.3");
  assert.deepEqual(place, { country_iso_code: "SE", asn: 64_500 });
});
