import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import fc from "../fast-check.ts";

import { MergedFrames, openCapture, PcapngWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-merge-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Nanoseconds after a second, of frames in order, of one file; the frame's bytes say which it is. */
function write(file: number, name: string, times: readonly number[]): string {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => void parts.push(bytes.slice()));
  writer.addInterface({ linkType: 1, name });
  times.forEach((nanoseconds, index) => {
    const bytes = Uint8Array.of(file, index);
    writer.frame({ time: epochMillis(0), seconds: 1_700_000_000, nanoseconds, bytes, interfaceIndex: 0 });
  });
  writer.flush();
  const path = join(folder, String(file));
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

async function merged(paths: readonly string[], batchFrames: number): Promise<{ order: number[][]; names: unknown[] }> {
  const descriptors = paths.map((path) => openSync(path, "r"));
  const frames = new MergedFrames(descriptors.map((descriptor) => openCapture(descriptor, { batchFrames })));
  const order: number[][] = [];
  while (await frames.ready()) {
    while (frames.next()) {
      const { bytes, interfaceIndex } = frames.frame();
      order.push([frames.batch.nanoseconds[frames.index]!, ...bytes, interfaceIndex]);
    }
  }
  for (const descriptor of descriptors) closeSync(descriptor);
  return { order, names: frames.interfaces.map(({ name }) => name) };
}

test("the merged order is that of a stable sort by time, to the nanosecond", async () => {
  const file = fc.array(fc.nat(30), { maxLength: 40 }).map((times) => times.toSorted((left, right) => left - right));
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (files, batch) => {
        const paths = files.map((times, index) => write(index, "eth0", times));
        const { order } = await merged(paths, batch);
        const expected = files
          .flatMap((times, index) => times.map((time, place) => [time, index, place, 0]))
          .toSorted((left, right) => left[0]! - right[0]! || left[1]! - right[1]! || left[2]! - right[2]!);
        assert.deepEqual(order, expected);
      },
    ),
    { numRuns: 60 },
  );
});

test("interfaces of one name are one, others are numbered as they are met", async () => {
  const paths = [write(0, "eth0", [5]), write(1, "eth1", [1]), write(2, "eth0", [9])];
  const { order, names } = await merged(paths, 4);
  assert.deepEqual(names, ["eth1", "eth0"]);
  assert.deepEqual(
    order.map(([, file, , number]) => [file, number]),
    [
      [1, 0],
      [0, 1],
      [2, 1],
    ],
  );
});
