import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { BlockInterfaces, PcapngBlockWriter, PcapngWriter } from "../../src/files/index.ts";
import { expected, frames, layOut, readBack, roomBefore } from "./made-frames.ts";

describe("writing a block of frames as pcapng where it lies", () => {
  it("gives a reader the frames that were kept, whole and in order", () => {
    const directory = mkdtempSync(join(tmpdir(), "socklens-block-"));
    const file = join(directory, "block.pcapng");
    try {
      fc.assert(
        fc.property(frames, fc.constantFrom(...roomBefore), fc.boolean(), (made, room, referenced) => {
          const { columns, words } = layOut(made, room);
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
          const end = blocks.compact(columns, words, 48, referenced ? references : undefined);
          writer.flush();
          writeSync(descriptor, columns.bytes, 48, end - 48);
          closeSync(descriptor);
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

  it("refuses a block whose frames have no room before them", () => {
    const { columns, words } = layOut(
      Array.from({ length: 3 }, () => ({
        bytes: new Uint8Array(60),
        cut: 0,
        direction: 1,
        vlan: 0,
        flow: 7,
        keep: true,
        interfaceIndex: 1,
        seconds: 1,
        nanoseconds: 2,
      })),
      4,
    );
    const blocks = new PcapngBlockWriter(new BlockInterfaces(() => 0));
    assert.throws(() => blocks.compact(columns, words, 48), /over the next one/);
  });
});
