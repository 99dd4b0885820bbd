import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { PcapWriter } from "../../src/files/index.ts";
import { createFlowEngine } from "../../src/flow/index.ts";
import { TcpAnalysis } from "../../src/flow/tcp-analysis.ts";
import { type Connection, epochMillis, type Host } from "../../src/model/index.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-tcp-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const syn = 2;
const ack = 16;
const begin = 1_700_000_000_000;

interface Segment {
  /** Milliseconds. */
  readonly time: number;
  readonly client: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly length: number;
  readonly window: number;
}

/** Ethernet, IPv4 and TCP (RFC 791, RFC 9293) from client port `port` to port 80 or back. */
function frame(port: number, segment: Segment): Uint8Array {
  const bytes = new Uint8Array(54 + segment.length);
  const view = new DataView(bytes.buffer);
  const [from, to] = segment.client ? ([1, 2] as const) : ([2, 1] as const);
  bytes.set([2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from, 8, 0, 0x45]);
  view.setUint16(16, 40 + segment.length);
  bytes.set([64, 6], 22);
  bytes.set([192, 0, 2, from], 26);
  bytes.set([192, 0, 2, to], 30);
  view.setUint16(34, segment.client ? port : 80);
  view.setUint16(36, segment.client ? 80 : port);
  view.setUint32(38, segment.sequence);
  view.setUint32(42, segment.acknowledgement);
  bytes[46] = 0x50;
  bytes[47] = segment.flags;
  view.setUint16(48, segment.window);
  return bytes;
}

/** Mulberry32. */
function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/**
 * A download over a path of 40 ms with losses, reordering, needless repeats and a window that closes, as the client sees it; sequence
 * numbers begin near the end of their space, so that they wrap.
 */
function download(seed: number): Segment[] {
  const random = randomOf(seed);
  const segments: Segment[] = [];
  const size = 1000;
  const clientStart = 0xffff_fff0;
  const serverStart = 0xffff_f000;
  const at = (start: number, offset: number): number => (start + offset) >>> 0;
  let time = 0;
  let received = 1;
  const client = (flags: number, sequence: number, window = 5000, length = 0): void => {
    segments.push({
      time,
      client: true,
      flags,
      sequence: at(clientStart, sequence),
      acknowledgement: flags === syn ? 0 : at(serverStart, received),
      length,
      window,
    });
  };
  const server = (sequence: number, flags = ack, length = size): void => {
    segments.push({
      time,
      client: false,
      flags,
      sequence: at(serverStart, sequence),
      acknowledgement: at(clientStart, flags === (syn | ack) ? 1 : 101),
      length,
      window: 8000,
    });
  };
  client(syn, 0);
  time += 40;
  server(0, syn | ack, 0);
  time += 0.1;
  client(ack, 1);
  client(ack | 8, 1, 5000, 100);
  time += 40;
  let next = 1;
  for (let round = 0; round < 30; round++) {
    const what = random(6);
    if (what === 0) {
      // Lost, three duplicate acknowledgements, fast retransmission.
      for (let behind = 1; behind <= 3; behind++) {
        time += 0.2;
        server(next + behind * size);
        time += 0.05;
        client(ack, 101);
      }
      time += 5;
      server(next);
      next += 4 * size;
    } else if (what === 1) {
      // Two change places.
      server(next + size);
      time += 0.5;
      server(next);
      next += 2 * size;
    } else if (what === 2) {
      // The acknowledgement was late: sent again for nothing.
      server(next);
      time += 0.1;
      received = next + size;
      client(ack, 101);
      time += 200;
      server(next);
      next += size;
    } else if (what === 3) {
      server(next);
      next += size;
      received = next;
      time += 0.1;
      client(ack, 101, 0);
      time += 50;
      client(ack, 101, 4000);
    } else if (what === 4) {
      // Lost on the way to the client after the capture: comes again after a timeout.
      server(next);
      time += 300;
      server(next);
      next += size;
    } else {
      server(next);
      next += size;
    }
    time += 0.1;
    received = next;
    client(ack, 101);
    time += 40;
  }
  return segments;
}

const bareHost: Host = {
  level: { level: "replay", missing: [] },
  processes: { lookup: () => undefined },
  interfaces: { read: () => [] },
  close() {},
};

function analyse(shots: readonly { readonly port: number; readonly segment: Segment }[]): readonly Connection[] {
  const engine = createFlowEngine({ host: bareHost });
  for (const { port, segment } of shots) {
    const bytes = frame(port, segment);
    engine.ingestFrame({
      time: epochMillis(begin + segment.time),
      linkType: 1,
      interfaceIndex: 0,
      direction: "unknown",
      bytes,
      wireLength: bytes.length,
      vlan: 0,
    });
  }
  return engine.tick(epochMillis(begin + 1e6)).connections;
}

const hasTshark = spawnSync("tshark", ["-v"]).status === 0;

test("segments are judged as tshark judges them", { skip: !hasTshark && "program missing: tshark" }, () => {
  const shots = Array.from({ length: 40 }, (_, index) =>
    download(index + 1).map((segment) => ({
      port: 40_000 + index,
      segment: { ...segment, time: segment.time + index * 3 },
    })),
  )
    .flat()
    .toSorted((left, right) => left.segment.time - right.segment.time);
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: 1 });
  for (const { port, segment } of shots)
    writer.frame({ time: epochMillis(begin + segment.time), bytes: frame(port, segment) });
  writer.flush();
  const path = join(folder, "downloads.pcap");
  writeFileSync(path, Buffer.concat(parts));
  const fields = ["retransmission", "out_of_order", "duplicate_ack", "zero_window"];
  const { stdout, status } = spawnSync(
    "tshark",
    [
      "-n",
      "-r",
      path,
      "-T",
      "fields",
      "-e",
      "tcp.srcport",
      "-e",
      "tcp.dstport",
      ...fields.flatMap((name) => ["-e", `tcp.analysis.${name}`]),
    ],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  assert.equal(status, 0);
  const expected = new Map<string, number[]>();
  for (const line of stdout.trimEnd().split("\n")) {
    const [from, to, ...found] = line.split("\t");
    const key = from === "80" ? `${to} server` : `${from} client`;
    const counts = expected.get(key) ?? [0, 0, 0, 0];
    expected.set(
      key,
      counts.map((count, index) => count + (found[index] ? 1 : 0)),
    );
  }
  const ours = new Map<string, number[]>();
  for (const { local, remote, quality } of analyse(shots)) {
    const port = Math.max(local.port, remote.port);
    for (const [side, counts] of [
      ["client", local.port === port ? quality.sent : quality.received],
      ["server", local.port === port ? quality.received : quality.sent],
    ] as const) {
      ours.set(`${port} ${side}`, [
        counts!.retransmits,
        counts!.outOfOrder,
        counts!.duplicateAcks,
        counts!.zeroWindows,
      ]);
    }
  }
  const sorted = (counts: ReadonlyMap<string, number[]>): unknown =>
    [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  assert.deepEqual(sorted(ours), sorted(expected));
  const sums = [...expected.values()].reduce((sum, counts) => sum.map((value, index) => value + counts[index]!));
  assert.ok(
    sums.every((sum) => sum > 100),
    `every kind comes up: ${sums.join(" ")}`,
  );
});

/** Segments as [milliseconds, local sends, flags, sequence, acknowledgement, length]. */
function measured(
  segments: readonly (readonly [number, boolean, number, number, number, number])[],
): TcpAnalysis["quality"] {
  const analysis = new TcpAnalysis();
  for (const [time, transmit, flags, sequence, acknowledgement, length] of segments) {
    analysis.packet({ time }, transmit, {
      tcpFlags: flags,
      tcpSequence: sequence,
      tcpAcknowledgement: acknowledgement,
      tcpWindow: 1000,
      payloadWireLength: length,
    });
  }
  return analysis.quality;
}

test("the round trip is that of the whole way, smoothed by an eighth (RFC 6298 section 2)", () => {
  const handshake = [
    [0, true, syn, 0, 0, 0],
    [30, false, syn | ack, 0, 1, 0],
    [34, true, ack, 1, 1, 0],
  ] as const;
  const first = measured(handshake);
  assert.deepEqual([first.rtt, first.minRtt], [34, 34]);
  const later = measured([...handshake, [100, true, ack, 1, 1, 10], [146, false, ack, 1, 11, 0]]);
  assert.deepEqual([later.rtt, later.minRtt], [30 + (46 - 30) / 8 + 4, 34]);
});

test("what was sent twice gives no sample (Karn)", () => {
  const quality = measured([
    [0, true, syn, 0, 0, 0],
    [20, false, syn | ack, 0, 1, 0],
    [20, true, ack, 1, 1, 0],
    [100, true, ack, 1, 1, 10],
    [400, true, ack, 1, 1, 10],
    [401, false, ack, 1, 11, 0],
  ]);
  assert.deepEqual([quality.rtt, quality.minRtt, quality.retransmits], [20, 20, 1]);
});

test("half of the way is no round trip", () => {
  const quality = measured([
    [0, false, ack, 1, 1, 100],
    [1, true, ack, 1, 101, 0],
  ]);
  assert.equal(quality.rtt, undefined);
});
