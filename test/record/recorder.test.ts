import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Recorder, type FormatChoice } from "../../src/app/record/recorder.ts";
import type { Wanted } from "../../src/app/record/flow-notes.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import type { RecordedBlock } from "../../src/host/linux/recording-ring.ts";
import { epochMillis, pid, type Connection } from "../../src/model/index.ts";
import type { Packet } from "../../src/wire/index.ts";
import { until } from "../until.ts";
import { layOut, type MadeFrame } from "../files/made-frames.ts";
import { connection } from "../tui/story.ts";
import { numberedFrame } from "./numbered-frame.ts";

const directory = mkdtempSync(join(tmpdir(), "socklens-recorder-"));
after(() => rmSync(directory, { recursive: true }));

/** Frame `number` of the flow of a source port. */
const frame = (number: number, port: number): MadeFrame => numberedFrame(number, port, 30);

const blockBytes = 1 << 16;

/** A ring of one block that a test fills, and rows by source port. */
class Bed {
  readonly memory = new Uint8Array(blockBytes);
  readonly rows = new Map<number, Connection>();
  readonly decisions = new Map<number, ReturnType<Wanted["decide"]>>();
  /** Ports whose rows nobody knows yet. */
  readonly unknown = new Set<number>();
  readonly path: string;
  readonly recorder: Recorder;
  readonly #descriptors: number[];
  #block: RecordedBlock | undefined;
  #released = Promise.withResolvers<void>();

  constructor(name: string, format: FormatChoice, maximumFrames?: number, isFiltered = true) {
    this.path = join(directory, name);
    this.#descriptors = [openSync(this.path, "ax"), openSync(`${this.path}.jsonl`, "ax")];
    const decide = (row: Connection): ReturnType<Wanted["decide"]> => this.decisions.get(row.id) ?? "open";
    this.recorder = new Recorder(
      {
        ring: {
          memory: this.memory,
          blockFrames: 512,
          blockCount: 8,
          isFilled: () => false,
          take: () => {
            const block = this.#block;
            this.#block = undefined;
            return block;
          },
          release: () => this.#released.resolve(),
          statistics: () => ({ received: 0, dropped: 0 }),
        },
        lookup: {
          connectionOf: (packet: Packet, other) =>
            other === true || this.unknown.has(packet.sourcePort) ? undefined : this.row(packet.sourcePort),
          lineage: () => [],
        },
        interfaces: () => [],
        options: {
          format,
          descriptors: [this.#descriptors[0]!],
          ...(format.kind === "pcap" && { sidecars: [this.#descriptors[1]!] }),
          snapLength: 262_144,
          application: "test",
          ...(isFiltered && { wanted: { decide, matches: (row: Connection) => decide(row) === "yes" } }),
          ...(maximumFrames !== undefined && { maximumFrames }),
        },
      },
      epochMillis(0),
    );
  }

  row(port: number): Connection {
    const row = this.rows.get(port) ?? connection(port, {});
    this.rows.set(port, row);
    return row;
  }

  /** Resolves when the block's memory may be used again. */
  async block(now: number, ...frames: readonly MadeFrame[]): Promise<void> {
    this.#released = Promise.withResolvers<void>();
    const columns = layOut(frames, 84);
    this.memory.set(columns.bytes);
    this.#block = {
      columns: { ...columns, bytes: this.memory, words: new Int32Array(this.memory.buffer) },
      start: 48,
      end: blockBytes,
      index: 0,
    };
    this.recorder.drain(epochMillis(now));
    await this.#released.promise;
  }

  /** Ends the recording; the numbers of the frames in the file, in its order. */
  async frames(): Promise<number[]> {
    await this.recorder.close(epochMillis(20_000));
    for (const descriptor of this.#descriptors) closeSync(descriptor);
    const descriptor = openSync(this.path, "r");
    const reader = new CaptureFileReader(descriptor);
    const batch = new FrameBatch();
    const numbers: number[] = [];
    while (reader.next(batch)) {
      for (let index = 0; index < batch.count; index++) {
        assert.equal(batch.seconds[index], 1_700_000_000);
        numbers.push(batch.nanoseconds[index]!);
      }
    }
    closeSync(descriptor);
    assert.equal(reader.damage, undefined);
    return numbers;
  }
}

const formats: readonly FormatChoice[] = [{ kind: "pcapng" }, { kind: "pcap", linkType: 1 }];

for (const format of formats) {
  test(`${format.kind}: frames of a flow that is wanted later are written in their order, those of others are not`, async () => {
    const bed = new Bed(`later.${format.kind}`, format);
    bed.decisions.set(30, "yes");
    await bed.block(0, frame(1, 10), frame(2, 20), frame(3, 30), frame(4, 10));
    bed.decisions.set(10, "yes").set(20, "no");
    await bed.block(100, frame(5, 20), frame(6, 10), frame(7, 30));
    assert.deepEqual(await bed.frames(), [1, 3, 4, 6, 7], "in the order of time, those of other flows as well");
    assert.deepEqual([bed.recorder.facts().frames, bed.recorder.facts().letGo], [5, 0]);
  });

  test(`${format.kind}: a flow that is decided without another frame is written, and one that nobody can tell is let go`, async () => {
    const bed = new Bed(`review.${format.kind}`, format);
    await bed.block(0, frame(1, 10), frame(2, 20), frame(3, 20));
    bed.decisions.set(10, "yes");
    bed.recorder.drain(epochMillis(500));
    bed.recorder.drain(epochMillis(10_000));
    assert.equal(bed.recorder.facts().frames, 1);
    assert.equal(bed.recorder.facts().letGo, 2);
    assert.deepEqual(await bed.frames(), [1]);
  });

  test(`${format.kind}: a flow that ends, or the recording, is decided by then`, async () => {
    const bed = new Bed(`ends.${format.kind}`, format);
    await bed.block(0, frame(1, 10), frame(2, 20), frame(3, 30));
    bed.decisions.set(10, "yes");
    bed.recorder.endFlows([bed.row(10)], epochMillis(50));
    bed.decisions.set(20, "yes");
    assert.deepEqual(await bed.frames(), [1, 2]);
    assert.equal(bed.recorder.facts().letGo, 1);
  });
}

test("frames of other flows wait for one that nobody can tell of, but not for long", async () => {
  for (const format of formats) {
    const bed = new Bed(`order.${format.kind}`, format);
    bed.decisions.set(30, "yes");
    await bed.block(0, frame(1, 30), frame(2, 10), frame(3, 30), frame(4, 20));
    await bed.block(400, frame(5, 30));
    assert.equal(bed.recorder.facts().frames, 1);
    // The other one is decided later.
    bed.decisions.set(20, "yes");
    await bed.block(800, frame(6, 30));
    assert.equal(bed.recorder.facts().frames, 1, "the first one still is not");
    await bed.block(1000, frame(7, 30));
    assert.equal(bed.recorder.facts().frames, 6, "it has been waited for");
    bed.decisions.set(10, "yes");
    await bed.block(2500, frame(8, 10), frame(9, 30));
    assert.equal(bed.recorder.facts().letGo, 0);
    assert.deepEqual(await bed.frames(), [1, 3, 4, 5, 6, 7, 2, 8, 9]);
  }
});

test("frames that wait are written at the latest when the recording ends, with the records of their flow", async () => {
  const bed = new Bed("waiting.pcapng", { kind: "pcapng" });
  bed.decisions.set(30, "yes");
  await bed.block(0, frame(1, 10), frame(2, 30));
  assert.equal(bed.recorder.facts().frames, 0);
  assert.deepEqual(await bed.frames(), [2], "at the latest when it ends");
  assert.equal(readFileSync(bed.path, "latin1").split('"flow_id":30,').length - 1, 2, "a first record and a last one");
});

test("frames that come before the table knows their flow are held, too, for a second or two", async () => {
  const bed = new Bed("strangers.pcapng", { kind: "pcapng" });
  bed.decisions.set(10, "yes").set(20, "no").set(30, "yes");
  for (const port of [10, 20, 30]) bed.unknown.add(port);
  await bed.block(5000, frame(1, 10), frame(2, 20), frame(3, 30));
  bed.unknown.delete(10);
  bed.unknown.delete(20);
  await bed.block(5100, frame(4, 20), frame(5, 10));
  bed.recorder.drain(epochMillis(6000));
  bed.recorder.drain(epochMillis(7000));
  assert.equal(bed.recorder.facts().letGo, 1, "the one that stays unknown");
  bed.unknown.delete(30);
  assert.deepEqual(await bed.frames(), [1, 5]);
});

test("without a filter such frames are written at once, and their flow's record when it is known", async () => {
  const bed = new Bed("late-records.pcap", { kind: "pcap", linkType: 1 }, undefined, false);
  for (const port of [10, 20]) bed.unknown.add(port);
  await bed.block(5000, frame(1, 10), frame(2, 20), frame(3, 30));
  bed.unknown.delete(10);
  bed.recorder.drain(epochMillis(5100));
  bed.recorder.drain(epochMillis(6200));
  bed.recorder.drain(epochMillis(7300));
  assert.equal(bed.recorder.facts().letGo, 0);
  assert.deepEqual(await bed.frames(), [1, 2, 3]);
  const lines = readFileSync(`${bed.path}.jsonl`, "utf8").split("\n").slice(0, -1);
  const ids = lines.map((line) => (JSON.parse(line) as { flow_id?: number }).flow_id);
  assert.deepEqual(
    ids.filter((id) => id !== undefined),
    [30, 10],
  );
});

test("no more frames are written than were asked for, held ones counted", async () => {
  const bed = new Bed("most.pcapng", { kind: "pcapng" }, 3);
  await bed.block(0, frame(1, 10), frame(2, 10));
  bed.decisions.set(10, "yes");
  await bed.block(100, frame(3, 10), frame(4, 10));
  assert.equal(bed.recorder.facts().ended, true);
  assert.deepEqual(await bed.frames(), [1, 2, 3]);
});

test("an owner that is found late is written within ten seconds, though no frame comes", async () => {
  const bed = new Bed("late.pcapng", { kind: "pcapng" });
  bed.decisions.set(10, "yes");
  await bed.block(0, frame(1, 10));
  const owner = { pid: pid(4711), start: epochMillis(0), name: "latecomer" };
  (bed.row(10) as { process?: Connection["process"] }).process = owner;
  bed.recorder.drain(epochMillis(9999));
  bed.recorder.drain(epochMillis(10_000));
  // Written by another thread: there before the end, which writes once more.
  const written = (): number => readFileSync(bed.path, "latin1").split('"name":"latecomer"').length - 1;
  assert.ok(await until(() => written() > 0));
  assert.equal(written(), 1);
  assert.deepEqual(await bed.frames(), [1]);
});

test("a flow's line in the sidecar tells of frames that were held, too", async () => {
  const bed = new Bed("line.pcap", { kind: "pcap", linkType: 1 });
  await bed.block(0, frame(1, 10), frame(2, 20));
  bed.decisions.set(10, "yes");
  bed.recorder.endFlows([bed.row(10), bed.row(20)], epochMillis(50));
  await bed.frames();
  const lines = readFileSync(`${bed.path}.jsonl`, "utf8").split("\n").slice(0, -1);
  const records = lines.map((line) => JSON.parse(line) as { event_type: string; flow_id?: number });
  assert.deepEqual(
    records.filter(({ event_type: type }) => type === "flow").map(({ flow_id: id }) => id),
    [10],
  );
});
