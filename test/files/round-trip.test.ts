import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";

import fc from "../fast-check.ts";

import { CaptureFileReader, CaptureStreamReader, FrameBatch, PcapngWriter, PcapWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";
import { runFiles } from "../../fuzz/wire.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Sample {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly bytes: Uint8Array;
  readonly more: number;
}

const sample = fc.record({
  seconds: fc.nat(0xffff_ffff),
  nanoseconds: fc.nat(999_999_999),
  bytes: fc.uint8Array({ maxLength: 300 }),
  more: fc.nat(2000),
});

function write(samples: readonly Sample[], format: "pcap" | "pcap-micro" | "pcapng"): Uint8Array {
  const parts: Uint8Array[] = [];
  const collect = (bytes: Uint8Array): void => void parts.push(bytes.slice());
  const frames = samples.map((one) => ({
    time: epochMillis(one.seconds * 1000),
    seconds: one.seconds,
    nanoseconds: one.nanoseconds,
    bytes: one.bytes,
    wireLength: one.bytes.length + one.more,
  }));
  if (format === "pcapng") {
    const writer = new PcapngWriter(collect);
    writer.addInterface({ linkType: 1, name: "eth0", description: "première" });
    writer.addInterface({ linkType: 113 });
    frames.forEach((frame, index) => {
      const direction = (["in", "out", "unknown"] as const)[index % 3]!;
      writer.frame({ ...frame, interfaceIndex: index & 1, direction, comment: "é".repeat(index % 4) });
    });
    writer.flush();
  } else {
    const writer = new PcapWriter(collect, { linkType: 101, nanoseconds: format === "pcap" });
    for (const frame of frames) writer.frame(frame);
    writer.flush();
  }
  return new Uint8Array(Buffer.concat(parts));
}

const plain = (bytes: Uint8Array): number[] => [...bytes];

function expected(samples: readonly Sample[], format: "pcap" | "pcap-micro" | "pcapng"): unknown[] {
  return samples.map((one, index) => ({
    seconds: one.seconds,
    nanoseconds: format === "pcap-micro" ? Math.floor(one.nanoseconds / 1000) * 1000 : one.nanoseconds,
    wireLength: one.bytes.length + one.more,
    bytes: plain(one.bytes),
    linkType: format === "pcapng" ? [1, 113][index & 1] : 101,
    direction: format === "pcapng" ? ["in", "out", "unknown"][index % 3] : "unknown",
  }));
}

function take(batch: FrameBatch, into: unknown[]): void {
  for (let index = 0; index < batch.count; index++) {
    const frame = batch.frame(index);
    into.push({
      seconds: batch.seconds[index],
      nanoseconds: batch.nanoseconds[index],
      wireLength: frame.wireLength,
      bytes: plain(frame.bytes),
      linkType: frame.linkType,
      direction: frame.direction,
    });
  }
}

for (const format of ["pcap", "pcap-micro", "pcapng"] as const) {
  test(`${format}: what is written is read again, from a file`, () => {
    const path = join(folder, format);
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (samples, batchFrames) => {
        writeFileSync(path, write(samples, format));
        const descriptor = openSync(path, "r");
        const reader = new CaptureFileReader(descriptor, { bufferBytes: 128 });
        const frames: unknown[] = [];
        const batch = new FrameBatch(batchFrames);
        while (reader.next(batch)) take(batch, frames);
        closeSync(descriptor);
        assert.equal(reader.damage, undefined);
        assert.equal(reader.frames, samples.length);
        assert.deepEqual(frames, expected(samples, format));
      }),
      { numRuns: 60 },
    );
  });

  test(`${format}: what is written is read again, from a stream in pieces`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 20 }),
        fc.integer({ min: 1, max: 700 }),
        async (samples, piece) => {
          const file = write(samples, format);
          const chunks: Buffer[] = [];
          for (let at = 0; at < file.length; at += piece) chunks.push(Buffer.from(file.subarray(at, at + piece)));
          const reader = new CaptureStreamReader(Readable.from(chunks), { bufferBytes: 128, batchFrames: 3 });
          const frames: unknown[] = [];
          for await (const batch of reader) take(batch, frames);
          assert.equal(reader.damage, undefined);
          assert.deepEqual(frames, expected(samples, format));
        },
      ),
      { numRuns: 40 },
    );
  });

  test(`${format}: a file cut anywhere gives every whole frame and then says so`, () => {
    const samples: Sample[] = [1, 2, 3].map((seconds) => ({
      seconds,
      nanoseconds: seconds,
      bytes: new Uint8Array(seconds * 5).fill(seconds),
      more: 0,
    }));
    const file = write(samples, format);
    const whole = expected(samples, format);
    const path = join(folder, `${format}-cut`);
    let last = 0;
    for (let cut = 0; cut <= file.length; cut++) {
      writeFileSync(path, file.subarray(0, cut));
      const descriptor = openSync(path, "r");
      const reader = new CaptureFileReader(descriptor);
      const frames: unknown[] = [];
      const batch = new FrameBatch();
      while (reader.next(batch)) take(batch, frames);
      closeSync(descriptor);
      assert.deepEqual(frames, whole.slice(0, frames.length));
      assert.ok(frames.length >= last, `cut to ${cut}: ${frames.length} frames after ${last}`);
      last = frames.length;
      if (reader.damage !== undefined) assert.ok(reader.damage.offset <= cut, `cut to ${cut}: ${reader.damage.offset}`);
    }
    assert.equal(last, 3);
  });
}

test("milliseconds alone become seconds and nanoseconds", () => {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => void parts.push(bytes.slice()), { linkType: 1 });
  writer.frame({ time: epochMillis(1500.25), bytes: new Uint8Array(0) });
  writer.frame({ time: epochMillis(1999.9999999), bytes: new Uint8Array(0) });
  writer.flush();
  const view = new DataView(Uint8Array.from(Buffer.concat(parts)).buffer);
  assert.deepEqual([view.getUint32(24, true), view.getUint32(28, true)], [1, 500_250_000]);
  assert.deepEqual([view.getUint32(40, true), view.getUint32(44, true)], [2, 0]);
});

test("a frame larger than the writer's and the reader's buffer", async () => {
  const bytes = new Uint8Array(200_000).map((_, index) => index);
  const file = write([{ seconds: 1, nanoseconds: 0, bytes, more: 0 }], "pcapng");
  const reader = new CaptureStreamReader(Readable.from([Buffer.from(file)]), { bufferBytes: 1024 });
  let length = 0;
  for await (const batch of reader) length += batch.frame(0).bytes.length;
  assert.equal(length, 200_000);
  assert.equal(reader.damage, undefined);
});

test("a source that fails is damage, not an exception; frames before it are given", async () => {
  const file = write([{ seconds: 1, nanoseconds: 0, bytes: new Uint8Array(10), more: 0 }], "pcap");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield file;
    await Promise.resolve();
    throw new Error("the disk is gone");
  }
  const reader = new CaptureStreamReader(failing());
  let frames = 0;
  for await (const batch of reader) frames += batch.count;
  assert.equal(frames, 1);
  assert.deepEqual(reader.damage, { offset: file.length, reason: "read failed: the disk is gone" });
  const directory = openSync(folder, "r");
  const fileReader = new CaptureFileReader(directory);
  assert.equal(fileReader.next(new FrameBatch()), false);
  assert.match(fileReader.damage?.reason ?? "", /^read failed: EISDIR/);
  closeSync(directory);
});

test("leaving the loop early closes the stream", async () => {
  const file = write([{ seconds: 1, nanoseconds: 0, bytes: new Uint8Array(10), more: 0 }], "pcap");
  const stream = Readable.from([Buffer.from(file), Buffer.from(file)]);
  for await (const batch of new CaptureStreamReader(stream)) {
    assert.equal(batch.count, 1);
    break;
  }
  assert.equal(stream.destroyed, true);
});

test("a short fuzz run over mutated files finds nothing", () => {
  const { inputs, damaged } = runFiles(1500, 1);
  assert.equal(inputs, 1500);
  assert.ok(damaged > 300, `${damaged} of ${inputs} damaged`);
});
