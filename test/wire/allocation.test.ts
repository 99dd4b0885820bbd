import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { decode, Packet } from "../../src/wire/index.ts";
import { sampleFrames } from "./frames.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of heap that `count` decodings take, once the code is warm; few enough that no collection hides any. */
function heapTaken(frame: Uint8Array, captured: number, packet: Packet, count: number): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let done = 0; done < count; done++) decode(1, frame, captured, frame.length, packet);
  return process.memoryUsage().heapUsed - before;
}

test("decoding allocates nothing, whole frames, tunnels and cut ones alike", () => {
  const packet = new Packet();
  const count = 100_000;
  const frames = Object.entries(sampleFrames());
  for (let round = 0; round < 3; round++) {
    for (const [, frame] of frames) heapTaken(frame, frame.length, packet, 20_000);
  }
  for (const [name, frame] of frames) {
    for (const captured of [frame.length, frame.length - 1, 37]) {
      // The smallest object has 12 bytes. More tries leave out what the runtime did beside, and wait for its compiler, which
      // works on another thread and gets there late on a busy machine.
      const deadline = performance.now() + 30_000;
      let taken = count;
      while (taken >= count && performance.now() < deadline) taken = heapTaken(frame, captured, packet, count);
      assert.ok(taken < count, `${name}, ${captured} captured: ${(taken / count).toFixed(1)} bytes a packet`);
    }
  }
});
