/**
 * Cost of the connection table: time of a tick with 1,000 active rows among 1,000, 10,000 and 100,000 (the sending of the
 * fake host is not counted), and frames a second that replay takes in. Prints tables; `--quick` for fewer rounds.
 */
import { createFakeHost, Random, type FakeFlow } from "../src/host/fake/index.ts";
import { createFlowEngine } from "../src/flow/index.ts";
import { epochMillis, port, type Host, type SocketPlaneSink } from "../src/model/index.ts";
import { Packet, decode } from "../src/wire/index.ts";

const quick = process.argv.includes("--quick");
const start = 1_767_225_600_000;

interface Timing {
  readonly minimum: number;
  readonly median: number;
  readonly worst: number;
}

function summarize(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((left, right) => left - right);
  return { minimum: sorted[0]!, median: sorted[sorted.length >> 1]!, worst: sorted.at(-1)! };
}

function openFlows(host: ReturnType<typeof createFakeHost>, count: number): FakeFlow[] {
  const flows: FakeFlow[] = [];
  for (let index = 0; index < count; index++) {
    const flow = host.sockets.open({
      remoteAddress: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
      localPort: port(1024 + (index % 60_000)),
      start: epochMillis(start),
      lastActivity: epochMillis(start),
    });
    if (flow === undefined) throw new Error(`the fake table is full at ${index} flows`);
    flows.push(flow);
  }
  return flows;
}

const nobody: SocketPlaneSink = {
  process() {},
  flow() {},
  sample() {},
};

/** Median of draining the fake alone, in the same pattern: what of the tick is not the table's. */
function timeDrains(rows: number, active: number, ticks: number): number {
  const host = createFakeHost();
  const flows = openFlows(host, rows);
  const random = new Random(rows);
  const samples: number[] = [];
  host.sockets.drain(nobody);
  for (let tick = 0; tick < ticks; tick++) {
    for (let index = 0; index < active; index++)
      flows[random.integer(rows)]!.count(start + tick, { tx: 500, rx: 1500 });
    const before = performance.now();
    host.sockets.drain(nobody);
    samples.push(performance.now() - before);
  }
  return summarize(samples.slice(10)).median;
}

function timeTicks(rows: number, active: number, ticks: number): Timing {
  const host = createFakeHost();
  host.sockets.recordCalls = false;
  const engine = createFlowEngine({ host });
  const flows = openFlows(host, rows);
  const random = new Random(rows);
  let now = start;
  engine.tick(epochMillis(now));
  const samples: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    now += 1000;
    for (let index = 0; index < active; index++) flows[random.integer(rows)]!.count(now - 1, { tx: 500, rx: 1500 });
    const before = performance.now();
    engine.tick(epochMillis(now));
    samples.push(performance.now() - before);
  }
  engine.close();
  return summarize(samples.slice(10));
}

/** Ethernet, IPv4, UDP (or TCP with ACK): `payload` bytes of zeros. */
function frameOf(
  source: number,
  destination: number,
  sourcePort: number,
  protocol: 6 | 17,
  payload: number,
): Uint8Array {
  const transport = protocol === 6 ? 20 : 8;
  const bytes = new Uint8Array(14 + 20 + transport + payload);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, bytes.length - 14);
  view.setUint8(22, 64);
  view.setUint8(23, protocol);
  view.setUint32(26, source);
  view.setUint32(30, destination);
  view.setUint16(34, sourcePort);
  view.setUint16(36, 5001);
  if (protocol === 17) view.setUint16(38, 8 + payload);
  else view.setUint16(46, 0x5010);
  return bytes;
}

const replayHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

function timeReplay(flows: number, protocol: 6 | 17, packets: number): { engine: number; decodeOnly: number } {
  const frames = Array.from({ length: flows }, (_, index) =>
    frameOf(0x0a000000 + index, 0xc0000201, 1024 + (index % 60_000), protocol, 64),
  );
  const random = new Random(flows);
  const order = Uint32Array.from({ length: 1 << 16 }, () => random.integer(flows));
  const engine = createFlowEngine({ host: replayHost });
  const frame = {
    time: epochMillis(start),
    linkType: 1,
    interfaceIndex: 0,
    direction: "unknown" as const,
    wireLength: 0,
    vlan: 0,
  };
  const current = { ...frame, bytes: frames[0]! };
  const run = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const bytes = frames[order[index & 0xffff]!]!;
      current.bytes = bytes;
      current.wireLength = bytes.length;
      current.time = epochMillis(start + index / 1000);
      engine.ingestFrame(current);
    }
  };
  run(Math.min(packets, 300_000));
  engine.tick(epochMillis(start + 1000));
  const before = performance.now();
  run(packets);
  const engineRate = packets / ((performance.now() - before) / 1000);
  const packet = new Packet();
  const decodeBefore = performance.now();
  for (let index = 0; index < packets; index++) {
    const bytes = frames[order[index & 0xffff]!]!;
    decode(1, bytes, bytes.length, bytes.length, packet);
  }
  return { engine: engineRate, decodeOnly: packets / ((performance.now() - decodeBefore) / 1000) };
}

const ticks = quick ? 40 : 200;
const active = 1000;
console.log(`tick of ${active} active rows, ${ticks} ticks, milliseconds`);
console.log(
  "The fake's own drain, a part of each tick, is given beside it: it too meets cold memory in a large table.",
);
console.log("live rows   minimum    median     worst     drain      less drain, against the smallest");
let smallest = 0;
for (const rows of [1000, 10_000, 100_000]) {
  const timing = timeTicks(rows, active, ticks);
  const drain = timeDrains(rows, active, ticks);
  const own = timing.median - drain;
  smallest ||= own;
  const cells = [timing.minimum, timing.median, timing.worst, drain, own].map((value) => value.toFixed(3).padStart(9));
  console.log(`${String(rows).padStart(9)} ${cells.join(" ")}   ${(own / smallest).toFixed(2)}x`);
}
console.log("\nreplay, 64-byte payloads, frames a second");
console.log("    flows   proto     ingest   decode alone");
for (const protocol of [17, 6] as const) {
  for (const flows of [100, 10_000, 100_000]) {
    const rate = timeReplay(flows, protocol, quick ? 500_000 : 2_000_000);
    const cells = [rate.engine, rate.decodeOnly].map((value) => Math.round(value).toLocaleString("en").padStart(12));
    console.log(`${String(flows).padStart(9)}   ${protocol === 6 ? "TCP" : "UDP"}  ${cells.join("   ")}`);
  }
}
