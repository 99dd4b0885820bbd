import assert from "node:assert/strict";
import { test } from "node:test";
import { PcapngFormat } from "../../src/app/record/pcapng-format.ts";
import { warmUp } from "../../src/app/record/warm-up.ts";
import { madeUpRing } from "../../src/host/linux/made-up-ring.ts";

test("a made-up ring gives its frames block by block, as one that the kernel fills", () => {
  const frames = [60, 61, 1500].map((length) => new Uint8Array(length).fill(length & 255));
  const ring = madeUpRing(frames, 1 << 16, 3);
  assert.equal(ring.isFilled(3), true);
  for (let nth = 0; nth < 3; nth++) {
    const block = ring.take();
    assert.ok(block !== undefined && block.columns.count > 60, `block ${nth}`);
    const { count, bytes, offsets, capturedLengths } = block.columns;
    for (let index = 0; index < count; index++) {
      const at = offsets[index]!;
      assert.deepEqual(bytes.subarray(at, at + capturedLengths[index]!), frames[index % frames.length]);
    }
    assert.equal(offsets[0]! % 4096, 28, "room for one header behind the page");
    ring.release(block.index);
  }
  assert.equal(ring.take(), undefined);
});

test("warming up has made-up frames go through the format, all of them once, and all but those of the short way", () => {
  let frames = 0;
  let flows = 0;
  warmUp((parts) => {
    const format = new PcapngFormat(parts);
    const block = format.block.bind(format);
    format.block = (marked, now) => {
      const runs = block(marked, now);
      frames += format.frames;
      flows += new Set(marked.flows.subarray(0, marked.block.columns.count)).size;
      return runs;
    };
    return format;
  });
  assert.ok(frames > 50_000, `${frames} frames`);
  assert.ok(flows > 2 * 5 * 40, `${flows}: two flows in each block whose frames go the long way, and others`);
});

test("a ring tells whether frames are in a block that was not handed over", () => {
  const ring = madeUpRing([new Uint8Array(60)], 1 << 16, 2);
  assert.equal(ring.isFilling, false, "it is full");
  const words = new Int32Array(ring.memory.buffer);
  const [first, second] = [ring.take()!, ring.take()!];
  assert.equal(ring.isFilling, false, "all are taken");
  ring.release(first.index);
  ring.release(second.index);
  assert.equal(ring.isFilling, false, "nothing has come since");
  // Number of packets, in struct tpacket_hdr_v1.
  words[12 / 4] = 1;
  assert.equal(ring.isFilling, true);
});
