import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "../fast-check.ts";
import { FlowNotes, type Wanted } from "../../src/app/record/flow-notes.ts";
import type { Connection, RecordedColumns } from "../../src/model/index.ts";
import type { Packet } from "../../src/wire/index.ts";
import { buildFrame } from "../flow/frames.ts";
import { connection } from "../tui/story.ts";

const frame = fc.record({
  protocol: fc.constantFrom("tcp" as const, "udp" as const),
  source: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1"),
  sourcePort: fc.constantFrom(1000, 1001),
  destinationPort: fc.constantFrom(80, 81),
  payload: fc.uint8Array({ maxLength: 30 }),
  fragment: fc.constantFrom(undefined, undefined, undefined, "1480+"),
});

function columnsOf(frames: readonly Uint8Array[]): RecordedColumns {
  const offsets = new Int32Array(frames.length);
  const lengths = Int32Array.from(frames, (one) => one.length);
  const memory = new ArrayBuffer(lengths.reduce((sum, length) => sum + length + 8, 0) & ~3);
  const bytes = new Uint8Array(memory);
  let at = 0;
  for (const [index, one] of frames.entries()) {
    // Most begin at a multiple of 4, as Ethernet frames do in a recording's ring.
    if (index % 5 > 0) at = (at + 3) & ~3;
    bytes.set(one, at);
    offsets[index] = at;
    at += one.length;
  }
  const { length: count } = frames;
  return {
    count,
    bytes,
    words: new Int32Array(memory),
    offsets,
    capturedLengths: lengths,
    wireLengths: lengths,
    linkTypes: new Uint16Array(count).fill(1),
    interfaceIndexes: new Int32Array(count),
    directions: new Uint8Array(count),
    seconds: new Float64Array(count),
    nanoseconds: new Int32Array(count),
    vlans: new Int32Array(count),
  };
}

/** Rows by tuple and direction: what the notes must find whatever came before. Port 81 belongs to nobody. */
class Rows {
  readonly #rows = new Map<string, Connection>();

  connectionOf(packet: Packet, other?: boolean): Connection | undefined {
    if (other === true || packet.destinationPort === 81) return undefined;
    const addresses = packet.bytes.subarray(
      packet.sourceAddressOffset,
      packet.sourceAddressOffset + packet.addressLength,
    );
    const key = [packet.protocolNumber, packet.isFragment, addresses.join("."), packet.sourcePort].join(" ");
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, (row = connection(this.#rows.size + 1, {})));
    return row;
  }
}

test("each frame has the flow of its own tuple, and only frames of wanted flows are kept", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 60 }), (texts) => {
      const frames = texts.map(({ fragment, source, ...text }) => {
        const isVersion6 = source.includes(":");
        const destination = isVersion6 ? "2001:db8::9" : "192.0.2.9";
        return buildFrame({ ...text, source, destination, ...(fragment !== undefined && !isVersion6 && { fragment }) });
      });
      const all = columnsOf(frames);
      const rows = new Rows();
      const matches = (row: Connection): boolean => row.id % 2 === 1;
      const wanted: Wanted = { matches, decide: (row) => (matches(row) ? "yes" : "no") };
      const together = new FlowNotes(100, rows, wanted);
      together.mark(all, 0);
      for (const [index, bytes] of frames.entries()) {
        const alone = new FlowNotes(1, rows, wanted);
        alone.mark(columnsOf([bytes]), 0);
        assert.equal(together.flows[index], alone.flows[0], `flow of frame ${index}`);
        assert.equal(together.keep[index], alone.keep[0], `whether frame ${index} is kept`);
      }
    }),
  );
});

test("a flow wants a record when it is new, and again when something new is known of it", () => {
  const row = connection(7, {});
  const notes = new FlowNotes(4, { connectionOf: (_, other) => (other === true ? undefined : row) });
  const columns = columnsOf([
    buildFrame({ protocol: "tcp", source: "192.0.2.1", sourcePort: 1, destination: "192.0.2.2", destinationPort: 2 }),
  ]);
  notes.mark(columns, 0);
  assert.deepEqual(notes.takeDue(), [row]);
  notes.mark(columns, 0);
  assert.deepEqual(notes.takeDue(), []);
  (row as { hostname?: string }).hostname = "host.example";
  notes.mark(columns, 0);
  assert.deepEqual(notes.takeDue(), [row]);
  assert.deepEqual([...notes.rows()], [row]);
  assert.equal(notes.end(row), true);
  assert.equal(notes.end(row), false, "only once");
});

describe("frames of flows that are not decided", () => {
  const tcp = buildFrame({
    protocol: "tcp",
    source: "192.0.2.1",
    sourcePort: 1,
    destination: "192.0.2.2",
    destinationPort: 2,
    payload: new Uint8Array(1000),
  });

  class Bed {
    readonly row = connection(7, {});
    decision: "yes" | "no" | "open" = "open";
    matches = false;
    readonly notes = new FlowNotes(
      512,
      { connectionOf: (_, other) => (other === true ? undefined : this.row) },
      { decide: () => this.decision, matches: () => this.matches },
    );

    /** What becomes of each of `count` frames that come together. */
    frames(count: number, now: number): string {
      this.notes.mark(columnsOf(Array.from({ length: count }, () => tcp)), now);
      return Array.from({ length: count }, (_, index) =>
        this.notes.keep[index] === 1 ? "kept" : this.notes.hold[index] === 1 ? "held" : "left",
      ).join(" ");
    }

    settled(): string {
      const { wanted, unwanted, givenUp } = this.notes.takeSettled();
      return [wanted.has(7) && "wanted", unwanted.has(7) && "unwanted", givenUp.has(7) && "given up"]
        .filter((word) => word !== false)
        .join(" ");
    }
  }

  it("are held until the flow is wanted, and then it wants a record", () => {
    const bed = new Bed();
    assert.equal(bed.frames(2, 0), "held held");
    assert.deepEqual(bed.notes.takeDue(), []);
    assert.equal(bed.settled(), "");
    bed.decision = "yes";
    assert.equal(bed.frames(1, 100), "kept");
    assert.equal(bed.settled(), "wanted");
    assert.deepEqual(bed.notes.takeDue(), [bed.row]);
    assert.equal(bed.settled(), "", "once");
  });

  it("are let go when it is decided otherwise, also when no frame comes any more", () => {
    const bed = new Bed();
    bed.frames(2, 0);
    bed.decision = "no";
    bed.notes.review(50);
    assert.equal(bed.settled(), "unwanted");
    assert.equal(bed.frames(1, 100), "left");

    const other = new Bed();
    other.frames(2, 0);
    other.decision = "yes";
    other.notes.review(50);
    assert.equal(other.settled(), "wanted");
    assert.deepEqual(other.notes.takeDue(), [other.row]);
  });

  it("are held ten seconds at most, and 256 KiB of a flow; then what holds is what the filter says now", () => {
    const bed = new Bed();
    bed.frames(1, 1000);
    bed.notes.review(10_999);
    assert.equal(bed.settled(), "");
    bed.notes.review(11_000);
    assert.equal(bed.settled(), "unwanted given up");
    assert.equal(bed.frames(1, 11_100), "left");
    bed.matches = true;
    assert.equal(bed.frames(1, 11_200), "kept", "it matches later");

    const large = new Bed();
    const frames = large.frames(400, 0).split(" ");
    const held = frames.filter((word) => word === "held").length;
    assert.equal(held, Math.floor((256 * 1024) / tcp.length));
    assert.deepEqual(new Set(frames.slice(held)), new Set(["left"]));
    assert.equal(large.settled(), "unwanted given up");

    const negated = new Bed();
    negated.frames(1, 0);
    negated.matches = true;
    negated.notes.review(10_000);
    assert.equal(negated.settled(), "wanted", "as 'not app:dns' is of a flow that nobody identified");
  });

  it("are decided when the flow ends", () => {
    const bed = new Bed();
    bed.frames(1, 0);
    bed.matches = true;
    bed.notes.close([bed.row]);
    assert.equal(bed.settled(), "wanted");
    assert.deepEqual(bed.notes.takeDue(), [bed.row]);
    assert.equal(bed.notes.end(bed.row), true);

    const other = new Bed();
    other.frames(1, 0);
    other.notes.close([other.row]);
    assert.equal(other.settled(), "unwanted");
    assert.equal(other.notes.end(other.row), false);

    const cut = new Bed();
    cut.frames(1, 0);
    cut.notes.closeAll();
    assert.equal(cut.settled(), "unwanted given up", "the recording ended before");
  });
});

test("a flow that the connection table does not know is asked for again when the table is brought up to date", () => {
  const row = connection(7, {});
  let isKnown = false;
  const notes = new FlowNotes(4, { connectionOf: (_, other) => (other === true || !isKnown ? undefined : row) });
  const columns = columnsOf([
    buildFrame({ protocol: "udp", source: "192.0.2.1", sourcePort: 1, destination: "192.0.2.2", destinationPort: 2 }),
  ]);
  let asked = 0;
  notes.mark(columns, 0, () => asked++ < 0);
  assert.deepEqual([asked, notes.flows[0]], [1, 0]);
  notes.mark(columns, 0, () => (isKnown = true));
  assert.equal(notes.flows[0], row.id);
  assert.deepEqual(notes.takeDue(), [row]);
});
