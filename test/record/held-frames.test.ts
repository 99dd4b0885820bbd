import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../fast-check.ts";
import { HeldFrames, orderPatience, type ReleasedBlock } from "../../src/app/record/held-frames.ts";
import { BlockInterfaces, PcapBlockWriter, PcapngBlockWriter } from "../../src/files/index.ts";
import { layOut, type MadeFrame } from "../files/made-frames.ts";

type Step =
  | { readonly kind: "add"; readonly flow: number; readonly length: number; readonly wanted: boolean }
  | { readonly kind: "drop"; readonly flows: readonly number[] }
  | { readonly kind: "want"; readonly flows: readonly number[] }
  | { readonly kind: "release"; readonly after: number; readonly all: boolean };

const flow = fc.integer({ min: 1, max: 4 });
const add = fc.record({ kind: fc.constant("add" as const), flow, length: fc.nat(60), wanted: fc.boolean() });
const settle = fc.oneof(
  fc.record({ kind: fc.constant("drop" as const), flows: fc.array(flow) }),
  fc.record({ kind: fc.constant("want" as const), flows: fc.array(flow) }),
);
const release = fc.record({ kind: fc.constant("release" as const), after: fc.constantFrom(0, 400), all: fc.boolean() });
const steps = fc.array(
  fc.oneof({ weight: 6, arbitrary: add }, { weight: 1, arbitrary: settle }, { weight: 1, arbitrary: release }),
  { maxLength: 80 },
);

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

function addTo(held: HeldFrames, number: number, length: number, ofFlow: number, now = 0): void {
  const columns = layOut([frameOf(number, length)], 84);
  held.add(columns, 0, ofFlow, now);
}

interface Modelled {
  readonly number: number;
  readonly length: number;
  readonly flow: number;
  readonly arrived: number;
  wanted: boolean;
}

/** What is to be found in the frames that were given back. */
const told = ({ number, length, flow: ofFlow }: Modelled): unknown => {
  const { bytes, cut, direction, vlan, interfaceIndex, nanoseconds } = frameOf(number, length);
  return { number, flow: ofFlow, bytes: [...bytes], rest: [cut, direction, vlan, interfaceIndex, nanoseconds] };
};

const read = ({ columns, flows }: ReleasedBlock): unknown[] =>
  Array.from({ length: columns.count }, (_, index) => {
    const at = columns.offsets[index]!;
    const length = columns.capturedLengths[index]!;
    return {
      number: columns.seconds[index]!,
      flow: flows[index]!,
      bytes: [...columns.bytes.subarray(at, at + length)],
      rest: [
        columns.wireLengths[index]! - length,
        columns.directions[index],
        columns.vlans[index]! >>> 0,
        columns.interfaceIndexes[index],
        columns.nanoseconds[index],
      ],
    };
  });

test("what is given back is what was put in, in its order, and what had to make way is counted", () => {
  const limits = { bytes: 300, frames: 8 };
  fc.assert(
    fc.property(steps, (all: readonly Step[]) => {
      const held = new HeldFrames(limits);
      /** Frames that may still be held, oldest first. */
      let model: Modelled[] = [];
      let [gone, put, now] = [0, 0, 0];
      for (const [number, step] of all.entries()) {
        if (step.kind === "add") {
          const frame: Modelled = { number, length: step.length, flow: step.flow, arrived: now, wanted: step.wanted };
          const before = held.letGo;
          if (step.wanted) {
            const columns = layOut([frameOf(number, step.length)], 84);
            if (held.addWanted(columns, 0, step.flow, now)) model.push(frame);
            else gone++;
          } else {
            addTo(held, number, step.length, step.flow, now);
            model.push(frame);
          }
          put++;
          // The oldest made way, or the frame itself behind wanted ones.
          for (let lost = held.letGo - before; lost > 0; lost--) {
            const oldest = model.findIndex(({ wanted }) => !wanted);
            const isOldest = model.slice(0, oldest).length === 0 && model[oldest] !== frame;
            model.splice(isOldest ? oldest : model.indexOf(frame), 1);
          }
        } else if (step.kind === "drop") {
          const flows = new Set(step.flows);
          const kept = model.filter((frame) => frame.wanted || !flows.has(frame.flow));
          assert.equal(held.drop(flows), model.length - kept.length);
          gone += model.length - kept.length;
          model = kept;
        } else if (step.kind === "want") {
          held.want(new Set(step.flows));
          for (const frame of model) frame.wanted ||= step.flows.includes(frame.flow);
        } else {
          now += step.after;
          const waits = (frame: Modelled): boolean => !frame.wanted && now - frame.arrived < orderPatience;
          const first = model.findIndex((frame) => waits(frame));
          const isPatient = !step.all && held.mustWait(now) && first >= 0;
          const released = held.release(now, step.all).flatMap((block) => read(block));
          const ready = model.filter(({ wanted }) => wanted);
          const inOrder = model.slice(0, Math.max(0, first)).filter(({ wanted }) => wanted);
          assert.deepEqual(released, (isPatient ? inOrder : ready).map(told));
          const isGone = new Set(isPatient ? inOrder : ready);
          model = model.filter((frame) => !isGone.has(frame));
          gone += released.length;
        }
        assert.equal(held.waiting, model.filter(({ wanted }) => wanted).length);
      }
      held.want(new Set([1, 2, 3, 4]));
      assert.deepEqual(
        held.release(now, true).flatMap((block) => read(block)),
        model.map(told),
      );
      assert.equal(put, gone + model.length + held.letGo);
    }),
    { numRuns: 1000 },
  );
});

test("nothing makes way while there is room", () => {
  const held = new HeldFrames({ bytes: 1000, frames: 100 });
  for (let number = 0; number < 10; number++) addTo(held, number, 100, 1 + (number % 2));
  assert.equal(held.letGo, 0);
  addTo(held, 10, 100, 1);
  // The memory is never filled to its last byte: the oldest two.
  assert.equal(held.letGo, 2);
  held.want(new Set([1, 2]));
  const [block] = held.release(0);
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
      held.want(new Set([7]));
      for (const { columns, flows, start, end } of held.release(0)) {
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
