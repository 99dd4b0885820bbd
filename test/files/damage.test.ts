/** Small files of every format, cut and changed at every byte: no crash, no hang, and the frames before stay as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { blocksOfAllTypes, oldPcap } from "../../fuzz/wire.ts";
import { hex } from "../wire/frames.ts";
import { readCapture } from "./read.ts";

/** A pcap file in either byte order, of three frames. */
function pcap(magic: number, little: boolean, fileHeader: number, recordHeader: number): Uint8Array {
  const file = new Uint8Array(fileHeader + 3 * (recordHeader + 7));
  const view = new DataView(file.buffer);
  view.setUint32(0, magic, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, 65_535, little);
  view.setUint32(20, 1, little);
  for (let index = 0; index < 3; index++) {
    const at = fileHeader + index * (recordHeader + 7);
    [1_700_000_000 + index, 123_456, 7, 60].forEach((word, place) => view.setUint32(at + place * 4, word, little));
    file.fill(0xb0 + index, at + recordHeader, at + recordHeader + 7);
  }
  return file;
}

const files: Readonly<Record<string, readonly [file: Uint8Array, frames: number]>> = {
  "pcap, little-endian": [pcap(0xa1b2c3d4, true, 24, 16), 3],
  "pcap, big-endian": [pcap(0xa1b2c3d4, false, 24, 16), 3],
  "pcap, nanoseconds, little-endian": [pcap(0xa1b23c4d, true, 24, 16), 3],
  "pcap, nanoseconds, big-endian": [pcap(0xa1b23c4d, false, 24, 16), 3],
  "pcap, Kuznetzov": [pcap(0xa1b2cd34, true, 24, 24), 3],
  "pcap, IXIA hardware": [pcap(0x1c0001ac, true, 28, 16), 3],
  "pcap, IXIA software": [pcap(0x1c0001ab, false, 28, 16), 3],
  "pcap, Nokia": [oldPcap(20), 3],
  "pcap, Kuznetzov of 1999": [oldPcap(24), 3],
  "pcapng, little-endian": [blocksOfAllTypes(true), 5],
  "pcapng, big-endian": [blocksOfAllTypes(false), 5],
};

for (const [name, [file, count]] of Object.entries(files)) {
  const whole = readCapture(file);

  test(`${name}: whole, at once and byte by byte`, () => {
    assert.deepEqual([whole.frames.length, whole.damage], [count, undefined]);
    const slow = readCapture(file, undefined, 1);
    assert.deepEqual([slow.frames, slow.damage], [whole.frames, undefined]);
  });

  test(`${name}: cut after every byte`, () => {
    let most = 0;
    for (let cut = 0; cut < file.length; cut++) {
      const { frames, damage } = readCapture(file.subarray(0, cut));
      // Until the second record is whole nothing tells an unannounced header: frames may begin too early then.
      if (frames.length > 2 || !/Nokia|1999/.test(name)) assert.deepEqual(frames, whole.frames.slice(0, frames.length));
      assert.ok(
        frames.length >= most || /Nokia|1999/.test(name),
        `cut to ${cut}: ${frames.length} frames after ${most}`,
      );
      most = frames.length;
      if (damage !== undefined) assert.ok(damage.offset <= cut, `cut to ${cut}: damage at ${damage.offset}`);
    }
  });

  test(`${name}: every byte changed`, () => {
    let damaged = 0;
    for (let at = 0; at < file.length; at++) {
      for (const change of [0xff, 0x80, 0x01, file[at]! ^ 0x0d]) {
        const changed = file.slice();
        changed[at]! ^= change;
        const { frames, damage } = readCapture(changed);
        if (damage === undefined) continue;
        damaged++;
        assert.ok(damage.offset <= file.length && damage.reason !== "", `byte ${at}: ${damage.reason}`);
        // Whole frames that end before the change are what they were.
        const kept = Math.min(frames.length, framesBefore(file, at));
        if (!/Nokia|1999/.test(name) && at >= 28) assert.deepEqual(frames.slice(0, kept), whole.frames.slice(0, kept));
      }
    }
    assert.ok(damaged > 20, `${damaged} damaged`);
  });
}

/** Frames that are whole in the first `end` bytes. */
const framesBefore = (file: Uint8Array, end: number): number => readCapture(file.subarray(0, end)).frames.length;

test("a change of a length is told with its place", () => {
  const file = pcap(0xa1b2c3d4, true, 24, 16);
  file.set(hex("ffffff7f"), 24 + 23 + 8);
  const { frames, damage } = readCapture(file);
  assert.deepEqual([frames.length, damage], [1, { offset: 47, reason: "frame length 2147483647 above 16777216" }]);
});
