import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { FlowNotes } from "../../src/app/record/flow-notes.ts";
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
  const offsets = new Uint32Array(frames.length);
  const lengths = Uint32Array.from(frames, (one) => one.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, one] of frames.entries()) {
    bytes.set(one, at);
    offsets[index] = at;
    at += one.length;
  }
  const { length: count } = frames;
  return {
    count,
    bytes,
    offsets,
    capturedLengths: lengths,
    wireLengths: lengths,
    linkTypes: new Uint16Array(count).fill(1),
    interfaceIndexes: new Uint32Array(count),
    directions: new Uint8Array(count),
    seconds: new Float64Array(count),
    nanoseconds: new Uint32Array(count),
    vlans: new Uint32Array(count),
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
      const wanted = (row: Connection): boolean => row.id % 2 === 1;
      const together = new FlowNotes(100, rows, wanted);
      together.mark(all);
      for (const [index, bytes] of frames.entries()) {
        const alone = new FlowNotes(1, rows, wanted);
        alone.mark(columnsOf([bytes]));
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
  notes.mark(columns);
  assert.deepEqual(notes.takeDue(), [row]);
  notes.mark(columns);
  assert.deepEqual(notes.takeDue(), []);
  (row as { hostname?: string }).hostname = "host.example";
  notes.mark(columns);
  assert.deepEqual(notes.takeDue(), [row]);
  assert.deepEqual([...notes.rows()], [row]);
  assert.equal(notes.end(row), true);
  assert.equal(notes.end(row), false, "only once");
});
