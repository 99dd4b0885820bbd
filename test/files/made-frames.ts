/** Made-up frames as the kernel lays them into a block of a ring, and how they read back from a file. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import fc from "../fast-check.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import type { RecordedColumns } from "../../src/model/index.ts";

/** A frame as a test makes it up. */
export interface MadeFrame {
  readonly bytes: Uint8Array;
  readonly cut: number;
  readonly direction: number;
  readonly vlan: number;
  readonly flow: number;
  readonly keep: boolean;
  readonly interfaceIndex: number;
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Frames of one block. */
export const frames = fc.array(
  fc.record({
    bytes: fc.uint8Array({ minLength: 0, maxLength: 1600 }),
    cut: fc.nat(100),
    direction: fc.nat(3),
    vlan: fc.oneof(fc.constant(0), fc.constant(0x8100_0007)),
    flow: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff_ffff })),
    keep: fc.boolean(),
    interfaceIndex: fc.integer({ min: 1, max: 3 }),
    seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
    nanoseconds: fc.nat(999_999_999),
  }),
  { maxLength: 40 },
);

/** Room that TPACKET_V3 leaves before a frame: two headers, up to the link layer, which lies at a multiple of 4 or not. */
export const roomBefore = [84, 82, 98];

/** Memory of the block behind this one. */
export const beyond = 64;

/** The frames as the kernel lays them into a block that they fill, from `first` on, and their columns. */
export function layOut(made: readonly MadeFrame[], room: number, first = 48): RecordedColumns {
  const used = made.reduce((at, { bytes }) => (at + room + bytes.length + 7) & ~7, first);
  // The kernel leaves at least 8 bytes at the end.
  const memory = new ArrayBuffer(used + 8 + beyond);
  const bytes = new Uint8Array(memory).fill(0xee);
  const column = (): Int32Array => new Int32Array(made.length);
  const columns = {
    count: made.length,
    bytes,
    words: new Int32Array(memory),
    offsets: column(),
    capturedLengths: column(),
    wireLengths: column(),
    linkTypes: new Uint16Array(made.length).fill(1),
    interfaceIndexes: column(),
    directions: new Uint8Array(made.length),
    seconds: new Float64Array(made.length),
    nanoseconds: column(),
    vlans: column(),
  };
  let at = first;
  for (const [index, frame] of made.entries()) {
    bytes.set(frame.bytes, at + room);
    columns.offsets[index] = at + room;
    columns.capturedLengths[index] = frame.bytes.length;
    columns.wireLengths[index] = frame.bytes.length + frame.cut;
    columns.interfaceIndexes[index] = frame.interfaceIndex;
    columns.directions[index] = frame.direction;
    columns.seconds[index] = frame.seconds;
    columns.nanoseconds[index] = frame.nanoseconds;
    columns.vlans[index] = frame.vlan;
    at = (at + room + frame.bytes.length + 7) & ~7;
  }
  return columns;
}

/** What a reader should find of a frame. */
export function expected({ bytes, cut, vlan, direction, seconds, nanoseconds }: MadeFrame): unknown {
  const tagged = vlan !== 0 && bytes.length >= 12;
  const whole = tagged
    ? [
        ...bytes.subarray(0, 12),
        vlan >>> 24,
        (vlan >>> 16) & 255,
        (vlan >>> 8) & 255,
        vlan & 255,
        ...bytes.subarray(12),
      ]
    : [...bytes];
  return [whole, whole.length + cut, direction === 3 ? 0 : direction, seconds, nanoseconds];
}

export function readBack(file: string): unknown[] {
  const descriptor = openSync(file, "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const found: unknown[] = [];
  while (reader.next(batch)) {
    for (let index = 0; index < batch.count; index++) {
      const { bytes, wireLength } = batch.frame(index);
      found.push([[...bytes], wireLength, batch.directions[index], batch.seconds[index], batch.nanoseconds[index]]);
    }
  }
  closeSync(descriptor);
  assert.equal(reader.damage, undefined);
  return found;
}
