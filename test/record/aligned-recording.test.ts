import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Recorder } from "../../src/app/record/recorder.ts";
import { CaptureFileReader, FrameBatch } from "../../src/files/index.ts";
import { directAlignment } from "../../src/host/linux/direct-writes.ts";
import type { RecordedBlock } from "../../src/host/linux/recording-ring.ts";
import { mapShared, unmap } from "../../src/host/linux/system-calls.ts";
import { epochMillis } from "../../src/model/index.ts";
import { layOut, type MadeFrame } from "../files/made-frames.ts";
import { connection } from "../tui/story.ts";
import { numberedFrame } from "./numbered-frame.ts";

const blockBytes = 1 << 20;
/** Of a packet block's header. */
const headerBytes = 28;

/** Frame `number`, long, of the flow of a source port. */
const frame = (number: number, port: number): MadeFrame => numberedFrame(number, port, 60_000);

/** Numbers of the frames of a file, and where in it each begins. */
function framesOf(path: string): { number: number; offset: number }[] {
  const whole = readFileSync(path);
  const descriptor = openSync(path, "r");
  const reader = new CaptureFileReader(descriptor);
  const batch = new FrameBatch();
  const found: { number: number; offset: number }[] = [];
  let offset = 0;
  while (reader.next(batch)) {
    for (let index = 0; index < batch.count; index++) {
      offset = whole.indexOf(batch.frame(index).bytes, offset);
      found.push({ number: batch.nanoseconds[index]!, offset });
    }
  }
  closeSync(descriptor);
  assert.equal(reader.damage, undefined);
  return found;
}

/** Records a full block at each of the times, in milliseconds. */
async function record(path: string, times: readonly number[], backing: number): Promise<void> {
  const mapped = mapShared(backing, blockBytes, true);
  assert.ok(mapped !== undefined);
  const memory = new Uint8Array(mapped);
  const descriptor = openSync(path, "ax");
  let block: RecordedBlock | undefined;
  let released = Promise.withResolvers<void>();
  const recorder = new Recorder(
    {
      ring: {
        memory,
        blockFrames: 512,
        blockCount: 1,
        isFilled: () => true,
        take: () => {
          const taken = block;
          block = undefined;
          return taken;
        },
        release: () => released.resolve(),
        statistics: () => ({ received: 0, dropped: 0 }),
      },
      lookup: {
        connectionOf: (packet, other) => (other === true ? undefined : connection(packet.sourcePort, {})),
        lineage: () => [],
      },
      interfaces: () => [],
      options: { format: { kind: "pcapng" }, descriptors: [descriptor], snapLength: 262_144, application: "test" },
    },
    epochMillis(0),
  );
  for (const [round, time] of times.entries()) {
    released = Promise.withResolvers<void>();
    // Another flow each time: its record stands between the blocks.
    const made = Array.from({ length: 6 }, (_, nth) => frame(round * 10 + nth, 1000 + round));
    const columns = layOut(made, 84, directAlignment + headerBytes - 84);
    memory.set(columns.bytes);
    block = {
      columns: { ...columns, bytes: memory, words: new Int32Array(mapped) },
      start: directAlignment,
      end: blockBytes,
      index: 0,
    };
    recorder.drain(epochMillis(time));
    await released.promise;
  }
  await recorder.close(epochMillis(10_000));
  closeSync(descriptor);
  unmap(mapped);
}

test("blocks that come fast begin at a multiple of what a disk asks for, and readers see every frame", async () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-aligned-"));
  const backing = openSync(join(directory, "memory"), "w+");
  try {
    writeSync(backing, new Uint8Array(blockBytes));
    const path = join(directory, "aligned.pcapng");
    // The first and the fourth come after a pause.
    await record(path, [1000, 1010, 1020, 3000, 3010], backing);
    const found = framesOf(path);
    assert.deepEqual(
      found.map(({ number }) => number),
      [0, 1, 2, 3, 4].flatMap((round) => [0, 1, 2, 3, 4, 5].map((nth) => round * 10 + nth)),
    );
    const isAligned = (number: number): boolean =>
      found.some((one) => one.number === number && one.offset % directAlignment === headerBytes);
    assert.deepEqual([10, 20, 40].filter(isAligned), [10, 20, 40], "those that come fast");
  } finally {
    closeSync(backing);
    rmSync(directory, { recursive: true });
  }
});
