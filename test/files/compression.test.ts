import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { openCapture, type OpenCapture, type OpenOptions, PcapngWriter, PcapWriter } from "../../src/files/index.ts";
import { epochMillis } from "../../src/model/index.ts";

const folder = mkdtempSync(join(tmpdir(), "socklens-compression-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function capture(format: "pcap" | "pcapng", frames: number): Buffer {
  const parts: Uint8Array[] = [];
  const collect = (bytes: Uint8Array): void => void parts.push(bytes.slice());
  const writer = format === "pcap" ? new PcapWriter(collect, { linkType: 1 }) : new PcapngWriter(collect);
  if (writer instanceof PcapngWriter) writer.addInterface({ linkType: 1 });
  for (let index = 0; index < frames; index++) {
    const bytes = Uint8Array.from({ length: 60 + (index % 40) }, (_, at) => (index * 31 + at * 7) & 0xff);
    writer.frame({ time: epochMillis(1.7e12 + index), bytes, interfaceIndex: 0 });
  }
  writer.flush();
  return Buffer.concat(parts);
}

async function read(bytes: Uint8Array, options: OpenOptions = {}): Promise<{ frames: string[]; reader: OpenCapture }> {
  const path = join(folder, "capture");
  writeFileSync(path, bytes);
  const descriptor = openSync(path, "r");
  try {
    return await drain(openCapture(descriptor, options));
  } finally {
    closeSync(descriptor);
  }
}

async function drain(reader: OpenCapture): Promise<{ frames: string[]; reader: OpenCapture }> {
  const frames: string[] = [];
  for await (const batch of reader.batches) {
    for (let index = 0; index < batch.count; index++) {
      frames.push(`${batch.millis(index)} ${Buffer.from(batch.frame(index).bytes).toString("hex")}`);
    }
  }
  return { frames, reader };
}

const compressors = { gzip: gzipSync, zstd: zstdCompressSync } as const;

for (const [name, compress] of Object.entries(compressors)) {
  test(`${name}: the same frames as from the plain file, also cut anywhere`, async () => {
    for (const format of ["pcap", "pcapng"] as const) {
      const plain = capture(format, 20);
      const expected = (await read(plain)).frames;
      assert.equal(expected.length, 20);
      const packed = compress(plain);
      const whole = await read(packed);
      assert.deepEqual(whole.frames, expected);
      assert.deepEqual([whole.reader.compression, whole.reader.damage], [name, undefined]);
      assert.deepEqual([whole.reader.readBytes, whole.reader.totalBytes], [packed.length, packed.length]);
      for (let cut = 5; cut < packed.length; cut += 3) {
        const { frames, reader } = await read(packed.subarray(0, cut));
        assert.deepEqual(frames, expected.slice(0, frames.length));
        assert.notEqual(reader.damage, undefined, `cut to ${cut}`);
      }
    }
  });

  test(`${name}: members one after the other are one capture`, async () => {
    const plain = capture("pcap", 10);
    const packed = Buffer.concat([compress(plain.subarray(0, 300)), compress(plain.subarray(300))]);
    const { frames, reader } = await read(packed);
    assert.deepEqual([frames.length, reader.damage], [10, undefined]);
  });

  test(`${name}: frames before a broken place are given, and the reason is told`, async () => {
    const plain = capture("pcap", 20_000);
    const packed = Buffer.from(compress(plain));
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64);
    const expected = (await read(plain)).frames;
    const { frames, reader } = await read(packed);
    assert.ok(frames.length > 100 && frames.length < expected.length, `${frames.length} frames`);
    assert.deepEqual(frames, expected.slice(0, frames.length));
    // What a broken deflate stream yields until its check sum may be nonsense that only the capture's reader can refuse.
    assert.match(reader.damage?.reason ?? "", name === "gzip" ? /gzip data|frame/ : /^read failed: zstd data: /);
  });
}

test("a few kilobytes that unfold to 256 MiB are read in less memory than that", async () => {
  // 16 bytes of zeros are a frame without bytes: 16 million of them.
  const header = capture("pcap", 0);
  const zeros = new Uint8Array(16 * 1024 * 1024);
  const bomb = zstdCompressSync(Buffer.concat([header, zeros]));
  const packed = Buffer.concat([bomb, ...Array.from({ length: 15 }, () => zstdCompressSync(zeros))]);
  assert.ok(packed.length < 100_000, `${packed.length} bytes`);
  const path = join(folder, "bomb");
  writeFileSync(path, packed);
  const descriptor = openSync(path, "r");
  const reader = openCapture(descriptor);
  const before = process.memoryUsage();
  let frames = 0;
  let most = 0;
  for await (const batch of reader.batches) {
    frames += batch.count;
    if (frames % (1 << 18) < batch.count) {
      const now = process.memoryUsage();
      most = Math.max(most, now.external + now.arrayBuffers - before.external - before.arrayBuffers);
    }
  }
  closeSync(descriptor);
  assert.equal(frames, 16 * 1024 * 1024);
  assert.ok(most < 128 * 1024 * 1024, `${most} bytes outside the heap for 256 MiB of zeros`);
});

test("compressed from a pipe", async () => {
  const plain = capture("pcapng", 50);
  const path = join(folder, "piped.gz");
  writeFileSync(path, gzipSync(plain));
  const program = `
    import { openCapture } from ${JSON.stringify(import.meta.resolve("../../src/files/index.ts"))};
    const reader = openCapture(0);
    let frames = 0;
    for await (const batch of reader.batches) frames += batch.count;
    console.log(reader.compression, reader.format, frames, reader.damage, reader.totalBytes, reader.readBytes);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (data: string) => (text += data));
  const bytes = readFileSync(path);
  child.stdin.write(bytes.subarray(0, 2));
  setImmediate(() => child.stdin.end(bytes.subarray(2)));
  await new Promise((resolve) => child.on("close", resolve));
  assert.equal(text.trim(), `gzip pcapng 50 undefined undefined ${bytes.length}`);
});

test("a growing file is followed until the wait is over; an unfinished last record is no damage", async () => {
  const whole = capture("pcapng", 30);
  const path = join(folder, "growing");
  const cuts = [10, 400, 401, 1000, whole.length - 3];
  writeFileSync(path, whole.subarray(0, cuts[0]));
  const descriptor = openSync(path, "r");
  let step = 0;
  const follow = {
    wait(): Promise<boolean> {
      if (++step >= cuts.length) return Promise.resolve(false);
      appendFileSync(path, whole.subarray(cuts[step - 1], cuts[step]));
      return Promise.resolve(true);
    },
  };
  const { frames, reader } = await drain(openCapture(descriptor, { follow }));
  closeSync(descriptor);
  assert.deepEqual([frames.length, reader.damage, reader.totalBytes], [29, undefined, undefined]);
  assert.equal(step, cuts.length);

  const again = openSync(path, "r");
  const shrinking = {
    wait(): Promise<boolean> {
      truncateSync(path, 5);
      return Promise.resolve(true);
    },
  };
  const cut = await drain(openCapture(again, { follow: shrinking }));
  closeSync(again);
  assert.match(cut.reader.damage?.reason ?? "", /was cut from \d+ to 5 bytes while it was followed/);
});
