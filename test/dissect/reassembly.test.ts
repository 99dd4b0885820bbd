import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { StreamReassembly, streamLimits } from "../../src/dissect/index.ts";

const stream = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);

/** Pushes a piece as an inspector does: what is given is copied away before it changes. */
function push(reassembly: StreamReassembly, start: number, all: Uint8Array, from: number, to: number): void {
  const bytes = all.slice(from, to);
  reassembly.push((start + from) | 0, bytes, bytes.length);
  reassembly.settle();
  bytes.fill(0xee);
}

describe("StreamReassembly", () => {
  test("shows a first segment in order without copying it", () => {
    const reassembly = new StreamReassembly();
    const bytes = stream(100);
    assert.equal(reassembly.push(5, bytes, 100), true);
    assert.equal(reassembly.view(), bytes);
  });

  test("joins pieces in any order, over the wrap of sequence numbers", () => {
    const piece = fc.tuple(fc.nat(1999), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(fc.integer(), fc.array(piece, { maxLength: 40 }), (start, pieces) => {
        const all = stream(2000);
        const known = new Uint8Array(all.length);
        const reassembly = new StreamReassembly(64);
        reassembly.start((start - 1) | 0);
        for (const [from, length] of pieces) {
          const to = Math.min(from + length, all.length);
          push(reassembly, start, all, from, to);
          known.fill(1, from, to);
          const joined = known.indexOf(0) < 0 ? all.length : known.indexOf(0);
          assert.deepEqual(reassembly.view(), all.subarray(0, joined));
        }
        assert.equal(reassembly.anomalies.conflicting, 0);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps what came first where segments disagree, and says so", () => {
    const reassembly = new StreamReassembly();
    reassembly.start(9);
    reassembly.push(10, Uint8Array.of(1, 2, 3), 3);
    reassembly.settle();
    reassembly.push(11, Uint8Array.of(9, 9, 4, 5), 4);
    assert.deepEqual([...reassembly.view()], [1, 2, 3, 4, 5]);
    const { overlapping, conflicting, retransmitted } = reassembly.anomalies;
    assert.deepEqual({ overlapping, conflicting, retransmitted }, { overlapping: 1, conflicting: 1, retransmitted: 0 });
  });

  test("counts a retransmission and a segment out of order", () => {
    const all = stream(30);
    const reassembly = new StreamReassembly();
    reassembly.start(-1);
    push(reassembly, 0, all, 0, 10);
    push(reassembly, 0, all, 0, 10);
    push(reassembly, 0, all, 20, 30);
    push(reassembly, 0, all, 10, 20);
    assert.equal(reassembly.anomalies.retransmitted, 1);
    assert.equal(reassembly.anomalies.outOfOrder, 1);
    assert.deepEqual(reassembly.view(), all);
  });

  test("takes a segment that comes before the first one seen, when no SYN said where the stream starts", () => {
    const all = stream(30);
    const reassembly = new StreamReassembly();
    push(reassembly, 100, all, 10, 30);
    push(reassembly, 100, all, 0, 10);
    assert.deepEqual(reassembly.view(), all);
    assert.equal(reassembly.moves, 1);
  });

  test("a sample cut by the capture ends the joined bytes, and what follows is kept apart", () => {
    const all = stream(60);
    const reassembly = new StreamReassembly();
    reassembly.start(-1);
    reassembly.push(0, all.slice(0, 20), 40);
    assert.equal(reassembly.ended, true);
    reassembly.settle();
    push(reassembly, 0, all, 40, 60);
    assert.deepEqual(reassembly.view(), all.subarray(0, 20));
    assert.equal(reassembly.hasMore, true);
    assert.equal(reassembly.skipHole(), true);
    assert.deepEqual(reassembly.view(), all.subarray(40));
    assert.equal(reassembly.anomalies.holes, 1);
  });

  test("gives a hole up after a stated number of segments, and says that the first one is missing", () => {
    const all = stream(400);
    const reassembly = new StreamReassembly();
    reassembly.start(-1);
    for (let index = 0; index < streamLimits.holeSegments; index++) {
      assert.equal(reassembly.ended, false);
      push(reassembly, 0, all, 50 + index * 10, 60 + index * 10);
    }
    assert.equal(reassembly.ended, true);
    assert.equal(reassembly.skipHole(), true);
    assert.equal(reassembly.anomalies.missingFirst, true);
    assert.deepEqual(reassembly.view(), all.subarray(50, 50 + streamLimits.holeSegments * 10));
  });

  test("never keeps more than its window and its pieces, whatever comes", () => {
    const segment = fc.record({
      sequence: fc.oneof(fc.integer(), fc.integer({ min: -70_000, max: 70_000 })),
      length: fc.nat(3000),
      cut: fc.nat(10),
      skip: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 60 }), (segments) => {
        const reassembly = new StreamReassembly();
        for (const { sequence, length, cut, skip } of segments) {
          reassembly.push(sequence, new Uint8Array(length), length + cut);
          assert.ok(reassembly.view().length <= streamLimits.bytes);
          reassembly.settle();
          if (skip) reassembly.skipHole();
          assert.ok(reassembly.view().length <= streamLimits.bytes);
        }
        const { buffer, ranges } = reassembly as unknown as { buffer: Uint8Array; ranges: number[] };
        assert.ok(buffer.length <= streamLimits.bytes);
        assert.ok(ranges.length <= streamLimits.ranges * 2);
        for (let index = 1; index < ranges.length; index++) assert.ok(ranges[index - 1]! < ranges[index]!);
      }),
      { numRuns: 300 },
    );
  });
});
