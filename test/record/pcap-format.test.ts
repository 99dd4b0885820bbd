import assert from "node:assert/strict";
import { test } from "node:test";
import { PcapFormat } from "../../src/app/record/pcap-format.ts";
import { readSidecarLine, type SidecarEntry } from "../../src/export/index.ts";
import { epochMillis, type Connection, type RecordedColumns } from "../../src/model/index.ts";
import { sampleSnapshot } from "../../src/host/fake/index.ts";
import { connection } from "../tui/story.ts";

/** One frame of interface 2 in memory that leaves room before it. */
function oneFrame(memory: Uint8Array): RecordedColumns {
  const column = (value: number): Int32Array => Int32Array.of(value);
  return {
    count: 1,
    bytes: memory,
    words: new Int32Array(memory.buffer, memory.byteOffset, memory.length >>> 2),
    offsets: column(100),
    capturedLengths: column(60),
    wireLengths: column(60),
    linkTypes: Uint16Array.of(1),
    interfaceIndexes: column(2),
    directions: Uint8Array.of(1),
    seconds: Float64Array.of(1000),
    nanoseconds: column(5),
    vlans: column(0),
  };
}

class Recording {
  readonly memory = new Uint8Array(256);
  readonly asked: Connection[] = [];
  readonly format: PcapFormat;
  #beside = "";

  constructor() {
    const [first] = sampleSnapshot(epochMillis(0)).interfaces;
    this.format = new PcapFormat(
      {
        memory: this.memory,
        interfaces: () => [{ ...first!, index: 2, name: "eth7", addresses: ["192.0.2.7"] }],
        lineage: (row) => {
          this.asked.push(row);
          return [];
        },
        application: "test",
        snapLength: 262_144,
        write: () => {},
        writeBeside: (bytes) => (this.#beside += Buffer.from(bytes).toString("utf8")),
      },
      1,
      epochMillis(0),
    );
  }

  block(due: readonly Connection[], now: number): void {
    const columns = oneFrame(this.memory);
    const block = { columns, start: 48, end: 256, index: 0 };
    const marked = { block, flows: Uint32Array.of(due[0]?.id ?? 0), keep: Uint8Array.of(1), due, alignment: 4 };
    this.format.block(marked, epochMillis(now));
  }

  /** What was written since the last look. */
  told(): SidecarEntry[] {
    const lines = this.#beside.split("\n").slice(0, -1);
    this.#beside = "";
    return lines.map((line) => readSidecarLine(line) ?? assert.fail(`not read: ${line}`));
  }

  flows(): number {
    return this.told().filter(({ kind }) => kind === "flow").length;
  }
}

test("a short flow has one line, when it ends, behind header and interface", () => {
  const recording = new Recording();
  const row = connection(7, {});
  recording.block([row], 1000);
  assert.deepEqual(recording.asked, [row], "asked while its process is there");
  recording.format.tick(epochMillis(5000));
  const [header, one, ...more] = recording.told();
  assert.equal(header?.kind, "header");
  assert.deepEqual(one?.kind === "interface" && one.interface, { name: "eth7", addresses: ["192.0.2.7"] });
  assert.deepEqual(more, []);
  recording.format.ended([row], epochMillis(6000));
  assert.equal(recording.flows(), 1);
  recording.format.finish([], { accepted: 9, dropped: 2, delivered: 1 }, epochMillis(7000));
  assert.deepEqual(
    recording.told().map((entry) => entry.kind === "statistics" && entry.statistics),
    [{ accepted: 9, dropped: 2, delivered: 1 }],
  );
});

test("a flow that goes on has a line after ten seconds, another when something new is known, and one at the end", () => {
  const recording = new Recording();
  const row = connection(7, {});
  recording.block([row], 1000);
  recording.told();
  recording.format.tick(epochMillis(10_999));
  assert.equal(recording.flows(), 0);
  recording.format.tick(epochMillis(11_000));
  assert.equal(recording.flows(), 1);
  recording.format.tick(epochMillis(90_000));
  assert.equal(recording.flows(), 0, "nothing new");
  recording.block([row], 91_000);
  assert.equal(recording.flows(), 1, "something new");
  recording.format.finish([row], { accepted: 1, dropped: 0, delivered: 1 }, epochMillis(95_000));
  assert.equal(recording.flows(), 1);
});

test("a new file has all lines of its own", () => {
  const recording = new Recording();
  const row = connection(7, {});
  recording.block([row], 1000);
  recording.format.finish([row], { accepted: 1, dropped: 0, delivered: 1 }, epochMillis(2000));
  recording.told();
  recording.format.begin(epochMillis(2000));
  recording.block([row], 3000);
  recording.format.ended([row], epochMillis(4000));
  assert.deepEqual(
    recording.told().map(({ kind }) => kind),
    ["header", "interface", "flow"],
  );
});
