import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { PcapBlockWriter, PcapWriter } from "../../src/files/index.ts";
import { expected, frames, layOut, readBack, roomBefore, type MadeFrame } from "./made-frames.ts";

const rawIp = 101;

/** As segmentation offload makes them: such a frame is not moved. */
const lengthened = (frame: MadeFrame): MadeFrame => {
  const bytes = new Uint8Array(9000 + frame.bytes.length).fill(frame.cut);
  bytes.set(frame.bytes, 9000);
  return { ...frame, bytes };
};

describe("writing a block of frames as pcap where it lies", () => {
  it("gives a reader the frames that were kept and are of the file's link type, whole and in order", () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-block-"));
    const file = join(directory, "block.pcap");
    const otherLinks = fc.array(fc.boolean(), { maxLength: 40 });
    try {
      fc.assert(
        fc.property(frames, otherLinks, fc.constantFrom(...roomBefore), (short, others, room) => {
          const made = short.map((frame) => (frame.flow % 4 === 3 ? lengthened(frame) : frame));
          const columns = layOut(made, room);
          const isOther = (index: number): boolean => others[index] === true;
          for (let index = 0; index < made.length; index++) if (isOther(index)) columns.linkTypes[index] = rawIp;
          const descriptor = openSync(file, "w");
          new PcapWriter((bytes) => writeSync(descriptor, bytes), { linkType: 1 }).flush();
          const met: number[] = [];
          const interfaces = { number: (index: number) => met.push(index) };
          const blocks = new PcapBlockWriter(1, interfaces);
          const keep = Uint8Array.from(made, (frame) => (frame.keep ? 1 : 0));
          const { buffer, byteOffset, byteLength } = columns.bytes;
          const runs = [...blocks.compact(columns, new DataView(buffer, byteOffset, byteLength), 48, { keep })];
          for (let at = 0; at < runs.length; at += 2) {
            writeSync(descriptor, columns.bytes, runs[at], runs[at + 1]! - runs[at]!);
          }
          closeSync(descriptor);
          const kept = made.filter((frame, index) => frame.keep && !isOther(index));
          assert.equal(blocks.frames, kept.length);
          assert.equal(blocks.otherLinks, made.filter((frame, index) => frame.keep && isOther(index)).length);
          assert.deepEqual(
            met,
            kept.map((frame) => frame.interfaceIndex),
          );
          // pcap has no place for a frame's direction.
          assert.deepEqual(
            readBack(file),
            kept.map((frame: MadeFrame) => expected({ ...frame, direction: 0 })),
          );
        }),
        { numRuns: 300 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("refuses a block whose frames have no room before them", () => {
    const frame = { cut: 0, direction: 1, vlan: 0, flow: 7, keep: true, interfaceIndex: 1, seconds: 1, nanoseconds: 2 };
    const made = Array.from({ length: 3 }, () => ({ ...frame, bytes: new Uint8Array(60) }));
    const columns = layOut(made, 4);
    const { buffer, byteOffset, byteLength } = columns.bytes;
    const blocks = new PcapBlockWriter(1, { number: () => 0 });
    const keep = new Uint8Array(3).fill(1);
    assert.throws(() => blocks.compact(columns, new DataView(buffer, byteOffset, byteLength), 48, { keep }), /no room/);
  });
});
