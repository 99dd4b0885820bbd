import assert from "node:assert/strict";
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { BlockInterfaces, leastFiller, PcapngBlockWriter, PcapngWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { beyond, expected, frames, layOut, readBack, roomBefore, type MadeFrame } from "./made-frames.ts";

const plain: MadeFrame = {
  bytes: new Uint8Array(60),
  cut: 0,
  direction: 1,
  vlan: 0,
  flow: 7,
  keep: true,
  interfaceIndex: 1,
  seconds: 1,
  nanoseconds: 2,
};

/** Goes from block to block; where `count` of them end. */
function lengthInBlocks(words: Int32Array, start: number, end: number, count: number): number {
  let at = start;
  for (let index = 0; index < count && at < end; index++) {
    const length = words[at / 4 + 1]!;
    assert.equal(words[at / 4], 6);
    assert.equal(words[(at + length) / 4 - 1], length);
    at += length;
  }
  return at;
}

describe("writing a block of frames as pcapng where it lies", () => {
  it("gives a reader the frames that were kept, whole and in order", () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-block-"));
    const file = join(directory, "block.pcapng");
    try {
      fc.assert(
        fc.property(frames, fc.constantFrom(...roomBefore), fc.boolean(), (made, room, referenced) => {
          const columns = layOut(made, room);
          const descriptor = openSync(file, "w");
          const writer = new PcapngWriter((bytes) => writeSync(descriptor, bytes));
          const interfaces = new BlockInterfaces((index, linkType) =>
            writer.addInterface({ linkType, name: `eth${index}` }),
          );
          const blocks = new PcapngBlockWriter(interfaces);
          const references = {
            flows: Uint32Array.from(made, ({ flow }) => flow),
            keep: Uint8Array.from(made, ({ keep }) => (keep ? 1 : 0)),
          };
          const end = blocks.compact(
            columns,
            { start: 48, end: columns.bytes.length - beyond },
            referenced ? references : undefined,
          );
          writer.flush();
          writeSync(descriptor, columns.bytes, 48, end - 48);
          closeSync(descriptor);
          assert.ok(
            columns.bytes.subarray(-beyond).every((byte) => byte === 0xee),
            "the next block is as it was",
          );
          const kept = made.filter(({ keep }) => keep || !referenced);
          assert.equal(blocks.frames, kept.length);
          assert.deepEqual(readBack(file), kept.map(expected));
        }),
        { numRuns: 300 },
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("ends at a multiple of the alignment, without a word for the next block", () => {
    const room = 84;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 3000 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        const made = lengths.map((length) => ({ ...plain, bytes: new Uint8Array(length).fill(0x55) }));
        const first = 4096 + 28 - room;
        // The last frame takes the rest of the block, up to the 8 bytes.
        const used = lengths.reduce((at, length) => (at + room + length + 7) & ~7, first);
        const size = Math.ceil((used + room + 600) / 4096) * 4096;
        made.push({ ...plain, bytes: new Uint8Array(size - 8 - used - room).fill(0x66) });
        const columns = layOut(made, room, first);
        assert.equal(columns.bytes.length - beyond, size);
        const blocks = new PcapngBlockWriter(new BlockInterfaces(() => 0));
        const references = { flows: new Uint32Array(made.length).fill(9), keep: new Uint8Array(made.length).fill(1) };
        const end = blocks.compact(columns, { start: 4096, end: size }, references, 4096);
        assert.equal(end % 4096, 0);
        assert.ok(columns.bytes.subarray(size).every((byte) => byte === 0xee));
        assert.equal(lengthInBlocks(columns.words, 4096, end, made.length), end);
      }),
    );
  });

  it("can be preceded by a filler, which readers pass over", () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-filler-"));
    try {
      fc.assert(
        fc.property(fc.integer({ min: leastFiller / 4, max: 16_384 }), (quarter) => {
          const file = join(directory, "filler.pcapng");
          const descriptor = openSync(file, "w");
          const writer = new PcapngWriter((bytes) => writeSync(descriptor, bytes));
          writer.addInterface({ linkType: 1 });
          writer.flush();
          const before = fstatSync(descriptor).size;
          writer.filler(quarter * 4);
          writer.flush();
          assert.equal(fstatSync(descriptor).size - before, quarter * 4);
          writer.frame({ bytes: plain.bytes, time: epochMillis(1000), interfaceIndex: 0 });
          writer.flush();
          closeSync(descriptor);
          assert.deepEqual(readBack(file), [expected({ ...plain, direction: 0, nanoseconds: 0 })]);
        }),
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("refuses a block whose frames have no room before them", () => {
    const columns = layOut(
      Array.from({ length: 3 }, () => plain),
      4,
    );
    const blocks = new PcapngBlockWriter(new BlockInterfaces(() => 0));
    assert.throws(() => blocks.compact(columns, { start: 48, end: columns.bytes.length - beyond }), /over what is at/);
  });
});
