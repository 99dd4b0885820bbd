import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "../fast-check.ts";
import { FlowNotes } from "../../src/app/record/flow-notes.ts";
import { newFormat, Recorder, type FormatChoice } from "../../src/app/record/recorder.ts";
import { PlainFront } from "../../src/app/record/plain-front.ts";
import { intoNothing } from "../../src/app/record/warm-up.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import { madeUpRing } from "../../src/host/linux/made-up-ring.ts";
import { epochMillis, type Connection } from "../../src/model/index.ts";
import type { Packet } from "../../src/wire/index.ts";
import { buildFrame } from "../flow/frames.ts";
import { connection } from "../tui/story.ts";

const directory = mkdtempSync(join(tmpdir(), "socklens-front-"));
after(() => rmSync(directory, { recursive: true }));
let files = 0;

/** Most are plain; port 90 is of a flow that nobody knows. */
const frames = fc.array(
  fc.record({
    protocol: fc.constantFrom("udp" as const, "udp" as const, "tcp" as const, "icmp" as const),
    source: fc.oneof(
      { weight: 40, arbitrary: fc.constant("192.0.2.1") },
      { weight: 1, arbitrary: fc.constant("2001:db8::1") },
    ),
    sourcePort: fc.constantFrom(1000, 1001, 1002),
    port: fc.oneof({ weight: 80, arbitrary: fc.constantFrom(80, 81) }, { weight: 1, arbitrary: fc.constant(90) }),
    length: fc.oneof(
      { weight: 40, arbitrary: fc.nat(90) },
      { weight: 1, arbitrary: fc.integer({ min: 480, max: 700 }) },
    ),
    fragment: fc.oneof(
      { weight: 40, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant("1480+") },
    ),
  }),
  { minLength: 1, maxLength: 300 },
);

type Made = typeof frames extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

const built = ({ port, length, fragment, ...made }: Made, nth: number): Uint8Array =>
  buildFrame({
    ...made,
    destination: made.source.includes(":") ? "2001:db8::2" : "192.0.2.2",
    destinationPort: port,
    payload: new Uint8Array(length).fill(nth),
    ...(fragment !== undefined && { fragment }),
  });

const rows = new Map<string, Connection>();
function rowOf(packet: Packet): Connection | undefined {
  if (packet.destinationPort === 90 || packet.ipVersion === 0) return undefined;
  const key = [
    packet.ipVersion,
    packet.protocolNumber,
    packet.isFragment,
    packet.sourcePort,
    packet.destinationPort,
  ].join(" ");
  const row = rows.get(key) ?? connection(rows.size + 1, {});
  rows.set(key, row);
  return row;
}

/** What a reader finds in the file, with the options of each frame but for zeros behind its flow. */
function found(path: string): { frames: unknown[]; count: number } {
  const descriptor = openSync(path, "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const all: unknown[] = [];
  while (reader.next(batch)) {
    for (let index = 0; index < batch.count; index++) {
      const { bytes, wireLength } = batch.frame(index);
      const at = batch.optionOffsets[index]!;
      const options = Buffer.from(batch.bytes.subarray(at, at + batch.optionLengths[index]!));
      const flow = options.length < 24 ? 0 : options.readUInt32LE(16);
      all.push([
        Buffer.from(bytes).toString("hex"),
        wireLength,
        batch.seconds[index],
        batch.nanoseconds[index],
        batch.directions[index],
        flow,
      ]);
    }
  }
  closeSync(descriptor);
  assert.equal(reader.damage, undefined);
  return { frames: all, count: all.length };
}

/**
 * Records two blocks of the frames, over and over, fast enough for writes to the disk of their own. With a limit, which is far
 * away, all go the long way.
 */
async function record(format: FormatChoice, made: readonly Uint8Array[], isLong: boolean): Promise<string> {
  const path = join(directory, `${files++}.${format.kind}`);
  const descriptors = [openSync(path, "ax"), openSync(`${path}.jsonl`, "ax")];
  const ring = madeUpRing(made, 1 << 19, 2);
  let isOpen = false;
  const recorder = new Recorder(
    {
      ring: {
        memory: ring.memory,
        blockFrames: ring.blockFrames,
        blockCount: ring.blockCount,
        isFilled: (blocks) => ring.isFilled(blocks),
        take: (front) => (isOpen ? ring.take(front) : undefined),
        release: (index) => ring.release(index),
        statistics: () => ({ received: 0, dropped: 0 }),
      },
      lookup: { connectionOf: (packet, other) => (other === true ? undefined : rowOf(packet)), lineage: () => [] },
      interfaces: () => [],
      options: {
        format,
        descriptors: [descriptors[0]!],
        ...(format.kind === "pcap" && { sidecars: [descriptors[1]!] }),
        snapLength: 262_144,
        application: "test",
        ...(isLong && { maximumFrames: 1e9 }),
      },
    },
    epochMillis(0),
  );
  recorder.drain(epochMillis(990));
  isOpen = true;
  recorder.drain(epochMillis(1000));
  const { frames: count } = await recorder.close(epochMillis(2000));
  for (const descriptor of descriptors) closeSync(descriptor);
  assert.equal(count, found(path).count);
  return path;
}

for (const format of [{ kind: "pcapng" }, { kind: "pcap", linkType: 1 }] as const) {
  test(`${format.kind}: plain frames at the front of a block are written as the others are`, async () => {
    await fc.assert(
      fc.asyncProperty(frames, async (made) => {
        const bytes = made.map(built);
        const [short, long] = [await record(format, bytes, false), await record(format, bytes, true)];
        assert.deepEqual(found(short).frames, found(long).frames);
        if (format.kind === "pcap") assert.deepEqual(readFileSync(short), readFileSync(long));
        for (const path of [short, long]) for (const one of [path, `${path}.jsonl`]) rmSync(one);
      }),
      { numRuns: 30 },
    );
  });
}

test("where all frames are plain only the last of a block goes the long way, and otherwise those from the first other one on", () => {
  const plain = buildFrame({
    protocol: "udp",
    source: "192.0.2.1",
    sourcePort: 1000,
    destination: "192.0.2.2",
    destinationPort: 80,
    payload: new Uint8Array(64),
  });
  const left = (made: readonly Uint8Array[]): number[] => {
    const ring = madeUpRing(made, 1 << 17, 2);
    const lookup = { connectionOf: (packet: Packet, other?: boolean) => (other === true ? undefined : rowOf(packet)) };
    const notes = new FlowNotes(ring.blockFrames, lookup);
    const format = newFormat({ kind: "pcap", linkType: 1 }, intoNothing(ring.memory), epochMillis(0));
    const front = new PlainFront(ring.memory, notes, () => format.plain);
    const { columns } = ring.take(front)!;
    return [front.frames, columns.count];
  };
  const all = Math.floor(((1 << 17) - 4040) / 192);
  const [taken = 0, others = 0] = left([plain]);
  assert.ok(taken > 600 && taken <= all && others === 1, `${taken} and ${others}`);
  const other = plain.slice();
  // ARP has no flow.
  other[13] = 0x06;
  const run = Array.from({ length: 400 }, (_, nth) => (nth === 100 ? other : plain));
  assert.deepEqual(left(run), [100, taken + others - 100]);
  assert.deepEqual(left([plain, plain, other]), [0, taken + others], "one of the first three");
});
