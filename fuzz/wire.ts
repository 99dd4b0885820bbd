/**
 * Fuzzes the header decoder and the capture file readers with mutated frames and files, seeded, so that a seed gives the
 * same inputs again. Finds: anything thrown, an offset outside the input, a reader that does not end, a file that reads
 * differently in pieces than whole.
 *
 *     node fuzz/wire.ts [--inputs N] [--seed N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { CaptureParser, FrameBatch, PcapngWriter, PcapWriter } from "../src/files/index.ts";
import { epochMillis } from "../src/model/index.ts";
import { decode, decodeQuoted, fragmentKey, linkType, Packet } from "../src/wire/index.ts";
import { sampleFrames } from "../test/wire/frames.ts";
import { checkPacket } from "../test/wire/packet-fields.ts";

/** Mulberry32: small, and the same everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const interesting = [
  0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 0x11, 0x2c, 0x2f, 0x33, 0x3c, 0x45, 0x4f, 0x60, 0x7f, 0x80, 0xff,
] as const;
/** EtherTypes, lengths and ports that lead elsewhere. */
const interestingPairs = [
  0, 1, 0x0800, 0x86dd, 0x8100, 0x88a8, 0x6558, 0x8847, 0x8864, 0x05dc, 0x0600, 0xffff, 1701, 2152, 3544, 4500, 4789,
  4790, 6081,
] as const;

/** One to four changes: bits, known values, a cut, a piece doubled or taken out, the rest of another input. */
export function mutate(random: Random, input: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let change = random.below(4); change >= 0; change--) {
    if (bytes.length === 0) return bytes;
    const at = random.below(bytes.length);
    switch (random.below(7)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.pick(interesting);
        break;
      case 2: {
        const pair = random.pick(interestingPairs);
        bytes[at] = pair >> 8;
        if (at + 1 < bytes.length) bytes[at + 1] = pair & 0xff;
        break;
      }
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4: {
        const length = 1 + random.below(16);
        bytes = join(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      }
      case 5:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
        break;
      default: {
        const other = random.pick(others);
        bytes = join(bytes.subarray(0, at), other.subarray(random.below(other.length)));
      }
    }
  }
  return bytes.length > 4096 ? bytes.slice(0, 4096) : bytes;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Runs `body` and names the input when it throws, so that it can become a corpus file. */
export function guarded(target: string, seed: number, number: number, input: Uint8Array, body: () => void): void {
  try {
    body();
  } catch (error) {
    const hex = Buffer.from(input).toString("hex");
    throw new Error(`${target}, seed ${seed}, input ${number}: ${String(error)}\n${hex}`, { cause: error });
  }
}

/** Decodes `count` mutated frames; how many inputs, and how many of them stopped early. Throws on a finding. */
export function runDecode(count: number, seed: number): { inputs: number; stopped: number } {
  const random = new Random(seed);
  const frames = Object.values(sampleFrames());
  const links = Object.values(linkType);
  const packet = new Packet();
  const quoted = new Packet();
  let stopped = 0;
  for (let number = 0; number < count; number++) {
    const input = mutate(random, random.pick(frames), frames);
    const link = random.below(4) === 0 ? random.pick(links) : linkType.ethernet;
    const start = random.below(3) === 0 ? random.below(input.length + 1) : 0;
    guarded("decode", seed, number, input, () => {
      const captured = input.length - start;
      decode(link, input, captured, captured + random.below(3) * 100, packet, start);
      checkPacket(packet, start, captured);
      if (packet.stoppedAt !== undefined) stopped++;
      if (decodeQuoted(packet, quoted)) checkPacket(quoted, quoted.start, packet.capturedEnd - quoted.start);
      fragmentKey(packet);
    });
  }
  return { inputs: count, stopped };
}

export function sampleFiles(): Uint8Array[] {
  const frames = Object.values(sampleFrames()).slice(0, 6);
  const files: Uint8Array[] = [];
  const collect = (fill: (write: (bytes: Uint8Array) => void) => void): void => {
    const parts: Uint8Array[] = [];
    fill((bytes) => parts.push(bytes.slice()));
    files.push(new Uint8Array(Buffer.concat(parts)));
  };
  for (const nanoseconds of [true, false]) {
    collect((write) => {
      const writer = new PcapWriter(write, { linkType: 1, nanoseconds });
      for (const bytes of frames) writer.frame({ time: epochMillis(1.7e12), bytes });
      writer.flush();
    });
  }
  collect((write) => {
    const writer = new PcapngWriter(write, "fuzz");
    writer.addInterface({ linkType: 1, name: "eth0" });
    writer.addInterface({ linkType: 101, snapLength: 64 });
    frames.forEach((bytes, index) => {
      const interfaceIndex = index & 1;
      writer.frame({ time: epochMillis(1.7e12), bytes, interfaceIndex, direction: "in", comment: "c".repeat(index) });
    });
    writer.flush();
  });
  files.push(blocksOfAllTypes(true), blocksOfAllTypes(false), oldPcap(20), oldPcap(24));
  return files;
}

/** A pcapng block with its two lengths; `body` is padded. */
function block(little: boolean, type: number, ...words: readonly (number | string)[]): Uint8Array {
  const parts = words.map((word) => {
    if (typeof word === "string") return Buffer.from(word, "latin1");
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, word, little);
    return Buffer.from(view.buffer);
  });
  const body = Buffer.concat(parts);
  const bytes = new Uint8Array(12 + ((body.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, bytes.length, little);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, little);
  return bytes;
}

/** Every block type that the reader knows, with options, in two sections. */
export function blocksOfAllTypes(little: boolean): Uint8Array {
  const pair = (code: number, length: number): number =>
    little ? ((length << 16) | code) >>> 0 : ((code << 16) | length) >>> 0;
  const section = [0x1a2b3c4d, pair(1, 0), 0xffff_ffff, 0xffff_ffff] as const;
  const name = pair(1, 8);
  return new Uint8Array(
    Buffer.concat([
      block(little, 0x0a0d0d0a, ...section, pair(4, 4), "fuzz", 0),
      block(little, 1, pair(1, 0), 96, pair(2, 4), "eth0", pair(9, 1), "\x09\0\0\0", pair(11, 4), "\0tcp", 0),
      block(little, 1, pair(113, 0), 0, pair(9, 1), "\x8a\0\0\0", pair(14, 8), 0xffff_ffff, 0xffff_fff6, 0),
      block(little, 4, name, "\xc0\0\x02\x01one\0", pair(2, 18), "\x20\x01\x0d\xb8", 0, 0, 1, "x\0\0\0", 0),
      block(
        little,
        6,
        0,
        7,
        0x1234,
        5,
        60,
        "abcde\0\0\0",
        pair(1, 2),
        "hi\0\0",
        pair(2, 4),
        1,
        pair(2988, 6),
        8721,
        "ab\0\0",
        0,
      ),
      block(little, 6, 1, 7, 0x1234, 3, 3, "xyz\0"),
      block(little, 2, pair(0, 3), 0, 99, 2, 9, "no\0\0"),
      block(little, 3, 4, "four"),
      block(little, 5, 0, 0, 0, pair(4, 8), 1, 2, pair(5, 8), 3, 4, 0),
      block(little, 10, 0x544c534b, 6, "secret\0\0"),
      block(little, 0x0bad, 8721, "data"),
      block(little, 0x4000_0bad, 8721),
      block(little, 0xbeef, 1, 2, 3),
      block(little, 0x0a0d0d0a, ...section),
      block(little, 1, pair(101, 0), 0),
      block(little, 6, 0, 0, 1, 4, 4, "last"),
    ]),
  );
}

/** A pcap of three frames whose record headers have another length than the magic says. */
export function oldPcap(recordHeader: 16 | 20 | 24): Uint8Array {
  const file = new Uint8Array(24 + 3 * (recordHeader + 10));
  const view = new DataView(file.buffer);
  [0xa1b2c3d4, 0x0004_0002, 0, 0, 65_535, 1].forEach((word, index) => view.setUint32(index * 4, word, true));
  for (let index = 0; index < 3; index++) {
    const at = 24 + index * (recordHeader + 10);
    [1_700_000_000 + index, 5, 10, 60].forEach((word, place) => view.setUint32(at + place * 4, word, true));
    file.fill(0xa0 + index, at + recordHeader, at + recordHeader + 10);
  }
  return file;
}

interface Reading {
  readonly frames: string[];
  readonly told: string[];
  readonly damage: string;
}

/** Reads `file` in pieces of at most `piece` bytes. Bounded: throws when the parser does not get on. */
function readFile(file: Uint8Array, piece: () => number, batchFrames: number): Reading {
  const frames: string[] = [];
  const told: string[] = [];
  const show = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const parser = new CaptureParser({
    bufferBytes: 256,
    observer: {
      section: (facts) => told.push(JSON.stringify(facts)),
      name: (address, name) => told.push(`${address} ${name}`),
      customBlock: ({ enterprise, data, framesBefore }) => told.push(`${enterprise} ${show(data)} ${framesBefore}`),
      secrets: (type, bytes) => told.push(`${type} ${show(bytes)}`),
      otherBlock: (type, bytes) => told.push(`${type} ${show(bytes)}`),
    },
  });
  const batch = new FrameBatch(batchFrames);
  let given = 0;
  for (let step = 0; step <= 4 * file.length + 16; step++) {
    const state = parser.next(batch);
    if (state === "end") {
      return { frames, told, damage: JSON.stringify(parser.damage ?? null) };
    }
    if (state === "frames") {
      for (let index = 0; index < batch.count; index++) frames.push(describeFrame(batch, index));
      continue;
    }
    const room = parser.room();
    assert.ok(room.length > 0, "room");
    const part = file.subarray(given, given + Math.min(room.length, piece()));
    room.set(part);
    given += part.length;
    if (part.length > 0) parser.filled(part.length);
    else parser.finish();
  }
  throw new Error("the reader does not end");
}

function describeFrame(batch: FrameBatch, index: number): string {
  const { bytes, linkTypes, wireLengths, seconds, nanoseconds, directions } = batch;
  const offset = batch.offsets[index]!;
  const length = batch.capturedLengths[index]!;
  assert.ok(offset + length <= bytes.length, `frame at ${offset}, ${length} long, in ${bytes.length} bytes`);
  const options = batch.optionOffsets[index]! + batch.optionLengths[index]!;
  assert.ok(batch.optionLengths[index] === 0 || options <= bytes.length, `options to ${options} of ${bytes.length}`);
  assert.ok(Number.isFinite(batch.millis(index)) && nanoseconds[index]! < 1e9, "time");
  const facts = [linkTypes[index], wireLengths[index], seconds[index], nanoseconds[index], directions[index]];
  return `${facts.join(" ")} ${Buffer.from(bytes.subarray(offset, offset + length)).toString("hex")}`;
}

/** Reads `count` mutated files, each whole and in pieces; how many inputs, and how many were damaged. Throws on a finding. */
export function runFiles(count: number, seed: number): { inputs: number; damaged: number } {
  const random = new Random(seed);
  const files = sampleFiles();
  let damaged = 0;
  for (let number = 0; number < count; number++) {
    const input = mutate(random, random.pick(files), files);
    guarded("files", seed, number, input, () => {
      const whole = readFile(input, () => input.length + 1, 64);
      const pieces = readFile(input, () => 1 + random.below(40), 1 + random.below(3));
      assert.deepEqual(pieces, whole);
      if (whole.damage !== "null") damaged++;
    });
  }
  return { inputs: count, damaged };
}

function main(): void {
  const { values } = parseArgs({
    options: { inputs: { type: "string", default: "200000" }, seed: { type: "string", default: "1" } },
  });
  const inputs = Number(values.inputs);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write("usage: fuzz/wire.ts [--inputs N] [--seed N]\n");
    process.exitCode = 2;
    return;
  }
  const report = (name: string, run: () => { inputs: number }): void => {
    const start = process.hrtime.bigint();
    const result = run();
    const rate = result.inputs / (Number(process.hrtime.bigint() - start) / 1e9);
    process.stdout.write(`${name}: ${JSON.stringify(result)}, ${Math.round(rate).toLocaleString("en")} inputs/s\n`);
  };
  report("decode", () => runDecode(inputs, seed));
  report("files", () => runFiles(Math.max(1, Math.floor(inputs / 10)), seed));
}

if (import.meta.main) main();
