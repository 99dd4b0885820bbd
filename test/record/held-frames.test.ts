import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { HeldFrames } from "../../src/app/record/held-frames.ts";
import { BlockInterfaces, PcapBlockWriter, PcapngBlockWriter } from "../../src/files/index.ts";
import { layOut, type MadeFrame } from "../files/made-frames.ts";

type Step =
  | { readonly kind: "add"; readonly flow: number; readonly length: number }
  | { readonly kind: "drop" | "release"; readonly flows: readonly number[] };

const flow = fc.integer({ min: 1, max: 4 });
const add = fc.record({ kind: fc.constant("add" as const), flow, length: fc.nat(60) });
const settle = fc.record({ kind: fc.constantFrom("drop" as const, "release" as const), flows: fc.array(flow) });
const steps = fc.array(fc.oneof({ weight: 4, arbitrary: add }, { weight: 1, arbitrary: settle }), { maxLength: 80 });

/** A frame whose bytes all say its number. */
const frameOf = (number: number, length: number): MadeFrame => ({
  bytes: new Uint8Array(length).fill(number),
  cut: number % 7,
  direction: number % 4,
  vlan: number % 5 === 0 ? 0x8100_0007 : 0,
  flow: 0,
  keep: true,
  interfaceIndex: number % 3,
  seconds: number,
  nanoseconds: number * 3,
});

function addTo(held: HeldFrames, number: number, length: number, ofFlow: number): void {
  const columns = layOut([frameOf(number, length)], 84);
  held.add(columns, 0, ofFlow);
}

test("what is given back is what was put in, in its order, and what had to make way is counted", () => {
  const limits = { bytes: 300, frames: 8 };
  fc.assert(
    fc.property(steps, (all: readonly Step[]) => {
      const held = new HeldFrames(limits);
      /** Frames that may still be held, oldest first. */
      let model: { number: number; length: number; flow: number }[] = [];
      let gone = 0;
      let put = 0;
      for (const [number, step] of all.entries()) {
        if (step.kind === "add") {
          addTo(held, number, step.length, step.flow);
          model.push({ number, length: step.length, flow: step.flow });
          put++;
          continue;
        }
        const flows = new Set(step.flows);
        const matching = model.filter((frame) => flows.has(frame.flow));
        model = model.filter((frame) => !flows.has(frame.flow));
        if (step.kind === "drop") {
          gone += held.drop(flows);
          continue;
        }
        const released = held.release(flows).flatMap(({ columns, flows: theirs }) =>
          Array.from({ length: columns.count }, (_, index) => {
            const at = columns.offsets[index]!;
            const length = columns.capturedLengths[index]!;
            return {
              number: columns.seconds[index]!,
              flow: theirs[index]!,
              bytes: [...columns.bytes.subarray(at, at + length)],
              rest: [
                columns.wireLengths[index]! - length,
                columns.directions[index],
                columns.vlans[index]! >>> 0,
                columns.interfaceIndexes[index],
                columns.nanoseconds[index],
              ],
            };
          }),
        );
        gone += released.length;
        // The newest of those that match: older ones may have made way.
        const expected = matching.slice(matching.length - released.length).map((frame) => {
          const { bytes, cut, direction, vlan, interfaceIndex, nanoseconds } = frameOf(frame.number, frame.length);
          const rest = [cut, direction, vlan, interfaceIndex, nanoseconds];
          return { number: frame.number, flow: frame.flow, bytes: [...bytes], rest };
        });
        assert.deepEqual(released, expected);
      }
      const left = held.drop(new Set([1, 2, 3, 4]));
      assert.ok(left <= limits.frames);
      assert.equal(put, gone + left + held.letGo);
    }),
    { numRuns: 500 },
  );
});

test("nothing makes way while there is room", () => {
  const held = new HeldFrames({ bytes: 1000, frames: 100 });
  for (let number = 0; number < 10; number++) addTo(held, number, 100, 1 + (number % 2));
  assert.equal(held.letGo, 0);
  addTo(held, 10, 100, 1);
  // The memory is never filled to its last byte: the oldest two.
  assert.equal(held.letGo, 2);
  const [block] = held.release(new Set([1, 2]));
  assert.deepEqual([...block!.columns.seconds], [2, 3, 4, 5, 6, 7, 8, 9, 10]);
  addTo(held, 11, 2000, 1);
  assert.equal(held.letGo, 3, "longer than all room");
});

test("frames that are given back have the room that writers of blocks need", () => {
  const lengths = fc.array(fc.nat(700), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, (all) => {
      const held = new HeldFrames({ bytes: 1 << 16, frames: 100 });
      for (const [number, length] of all.entries()) addTo(held, number, length, 7);
      for (const { columns, flows, start, end } of held.release(new Set([7]))) {
        const { buffer, byteOffset, byteLength } = columns.bytes;
        const keep = new Uint8Array(columns.count).fill(1);
        const bytes = columns.bytes.slice();
        const copy = { ...columns, bytes, words: new Int32Array(bytes.buffer) };
        const pcapng = new PcapngBlockWriter(new BlockInterfaces(() => 0));
        assert.ok(pcapng.compact(copy, { start, end }, { flows, keep }) <= end);
        const writer = new PcapBlockWriter(1, { number: () => 0 });
        const runs = writer.compact(columns, new DataView(buffer, byteOffset, byteLength), start, { keep });
        assert.ok(runs.every((place) => place >= start && place <= end));
        assert.deepEqual([pcapng.frames, writer.frames], [columns.count, columns.count]);
      }
    }),
  );
});
