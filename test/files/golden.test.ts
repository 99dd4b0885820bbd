/** Files written out by hand from the format drafts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { CaptureParser, FrameBatch, type Damage } from "../../src/files/index.ts";
import { hex } from "../wire/frames.ts";

interface ReadFrame {
  readonly time: string;
  readonly link: number;
  readonly source: number;
  readonly direction: string;
  readonly wire: number;
  readonly bytes: string;
}

function read(file: Uint8Array): { frames: ReadFrame[]; damage: Damage | undefined; parser: CaptureParser } {
  const parser = new CaptureParser({ bufferBytes: 64 });
  const batch = new FrameBatch(2);
  const frames: ReadFrame[] = [];
  let given = 0;
  for (let state = parser.next(batch); state !== "end"; state = parser.next(batch)) {
    if (state === "frames") {
      for (let index = 0; index < batch.count; index++) {
        const frame = batch.frame(index);
        frames.push({
          time: `${batch.seconds[index]}.${String(batch.nanoseconds[index]).padStart(9, "0")}`,
          link: frame.linkType,
          source: frame.interfaceIndex,
          direction: frame.direction,
          wire: frame.wireLength,
          bytes: Buffer.from(frame.bytes).toString("hex"),
        });
      }
      continue;
    }
    const room = parser.room();
    const part = file.subarray(given, given + room.length);
    room.set(part);
    given += part.length;
    if (part.length > 0) parser.filled(part.length);
    else parser.finish();
  }
  return { frames, damage: parser.damage, parser };
}

const frame = (time: string, bytes: string, wire: number, others: Partial<ReadFrame> = {}): ReadFrame => ({
  time,
  link: 1,
  source: 0,
  direction: "unknown",
  wire,
  bytes,
  ...others,
});

test("pcap, both byte orders, both resolutions", () => {
  const cases: [string, Uint8Array, string][] = [
    [
      "pcap",
      hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000", "00f15365 40e20100 03000000 3c000000 aabbcc"),
      "1700000000.123456000",
    ],
    [
      "pcap",
      hex("a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001", "6553f100 0001e240 00000003 0000003c aabbcc"),
      "1700000000.123456000",
    ],
    [
      "pcap (nanoseconds)",
      hex("4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000", "00f15365 15cd5b07 03000000 3c000000 aabbcc"),
      "1700000000.123456789",
    ],
    [
      "pcap (nanoseconds)",
      hex("a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001", "6553f100 075bcd15 00000003 0000003c aabbcc"),
      "1700000000.123456789",
    ],
  ];
  for (const [format, file, time] of cases) {
    const { frames, damage, parser } = read(file);
    assert.equal(damage, undefined);
    assert.equal(parser.format, format);
    assert.deepEqual(frames, [frame(time, "aabbcc", 60)]);
    const ticksPerSecond = format === "pcap" ? 1e6 : 1e9;
    assert.deepEqual(parser.interfaces, [{ linkType: 1, snapLength: 65_535, ticksPerSecond }]);
  }
});

test("pcap: variants by name", () => {
  const kuznetzov = hex(
    "34cdb2a1 0200 0400 00000000 00000000 ffff0000 01000000",
    "01000000 02000000 02000000 3c000000 05000000 0008 04 00 aabb",
  );
  assert.deepEqual(read(kuznetzov).frames, [frame("1.000002000", "aabb", 60, { direction: "out" })]);
  assert.equal(read(kuznetzov).parser.format, "pcap (Kuznetzov)");
  const ixia = hex(
    "ac01001c 0200 0400 00000000 00000000 ffff0000 01000000 12000000",
    "01000000 02000000 02000000 3c000000 aabb",
  );
  assert.deepEqual(read(ixia).frames, [frame("1.000000002", "aabb", 60)]);
  const old = hex("d4c3b2a1 0200 0200 00000000 00000000 ffff0000 01000000", "01000000 02000000 3c000000 02000000 aabb");
  assert.deepEqual(read(old).frames, [frame("1.000002000", "aabb", 60)], "before 2.3 the lengths are swapped");
});

test("pcap: the frame check sequence's bits are no part of the link type", () => {
  const file = hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000024", "01000000 00000000 01000000 01000000 aa");
  assert.equal(read(file).frames[0]?.link, 1);
});

const section = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000";
const sectionBig = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c";
const ethernetInterface = "01000000 14000000 0100 0000 00000000 14000000";
const packet = "06000000 24000000 00000000 17970500 00000000 02000000 3c000000 aabb0000 24000000";

test("pcapng: interface, resolution, offset, direction, padding", () => {
  const file = hex(
    section,
    // Name "eth0", 10^-9 s, 100 s later.
    "01000000 34000000 0100 0000 00000400 0200 0400 65746830 0900 0100 09000000 0e00 0800 6400000000000000 0000 0000 34000000",
    // Raw IP, 2^-10 s.
    "01000000 20000000 6500 0000 00000000 0900 0100 8a000000 0000 0000 20000000",
    // 1.5 s in ns: 0x59682f00; inbound.
    "06000000 30000000 00000000 00000000 002f6859 03000000 3c000000 aabbcc00 0200 0400 01000000 0000 0000 30000000",
    // 2.5 s: 2560 ticks.
    "06000000 24000000 01000000 00000000 000a0000 01000000 01000000 dd000000 24000000",
  );
  const { frames, damage, parser } = read(file);
  assert.equal(damage, undefined);
  assert.deepEqual(frames, [
    frame("101.500000000", "aabbcc", 60, { direction: "in" }),
    frame("2.500000000", "dd", 1, { link: 101, source: 1 }),
  ]);
  assert.deepEqual(parser.interfaces, [
    { linkType: 1, snapLength: 262_144, ticksPerSecond: 1e9, name: "eth0" },
    { linkType: 101, snapLength: 0, ticksPerSecond: 1024 },
  ]);
});

test("pcapng: sections of either order follow each other, each with interfaces of its own", () => {
  const file = hex(
    section,
    ethernetInterface,
    packet,
    sectionBig,
    "00000001 00000014 0071 0000 00000000 00000014",
    "00000006 00000024 00000000 00059717 00000001 00000001 00000001 ee000000 00000024",
  );
  const { frames, damage, parser } = read(file);
  assert.equal(damage, undefined);
  // 0x00059717 * 2^32 microseconds.
  assert.deepEqual(frames, [
    frame("1573499923.595264000", "aabb", 60),
    frame("1573499923.595265000", "ee", 1, { link: 113, source: 1 }),
  ]);
  assert.equal(parser.interfaces.length, 2);
});

test("pcapng: simple and obsolete packets; other blocks are passed over and counted", () => {
  const file = hex(
    section,
    "01000000 14000000 0100 0000 02000000 14000000",
    "02000000 24000000 0000 0700 00000000 40420f00 02000000 3c000000 aabb0000 24000000",
    "05000000 18000000 00000000 00000000 00000000 18000000",
    "ad0b0000 10000000 00000001 10000000",
    "03000000 14000000 3c000000 ccdd0000 14000000",
    "05000000 18000000 00000000 00000000 00000000 18000000",
  );
  const { frames, damage, parser } = read(file);
  assert.equal(damage, undefined);
  assert.deepEqual(frames, [frame("1.000000000", "aabb", 60), frame("1.000000000", "ccdd", 60)]);
  assert.deepEqual([...parser.skippedBlocks], [[0xbad, 1]]);
});

test("pcapng: a block that nobody wants may be longer than memory", () => {
  const length = 20 * 1024 * 1024;
  const file = new Uint8Array(28 + 20 + length + 36);
  file.set(hex(section, ethernetInterface));
  file.set(hex("efbe0000 00004001"), 48);
  file.set(hex("00004001"), 48 + length - 4);
  file.set(hex(packet), 48 + length);
  const { frames, damage, parser } = read(file);
  assert.equal(damage, undefined);
  assert.equal(frames.length, 1);
  assert.equal(parser.skippedBlocks.get(0xbeef), 1);
  assert.ok(parser.room().length <= 4096, "the buffer did not grow");
});

test("damage is told with its offset; what was before it is handed over", () => {
  const pcap = "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000";
  const record = "01000000 00000000 02000000 3c000000 aabb";
  const cases: [string, Uint8Array, number, Damage][] = [
    ["empty", hex(""), 0, { offset: 0, reason: "the file is empty" }],
    ["three bytes", hex("d4c3b2"), 0, { offset: 0, reason: "file magic: need 4, have 3" }],
    ["text", hex("68656c6c6f"), 0, { offset: 0, reason: "neither pcap nor pcapng: begins with 68656c6c" }],
    ["gzip", hex("1f8b0800 0000"), 0, { offset: 0, reason: "gzip data: decompress it first" }],
    ["file header cut", hex("d4c3b2a1 0200"), 0, { offset: 0, reason: "file header: need 24, have 6" }],
    ["version", hex(pcap.replace("0200", "0300")), 0, { offset: 4, reason: "pcap version 3.4 is not 2.x" }],
    ["record header cut", hex(pcap, record, "0100"), 1, { offset: 42, reason: "frame: need 16, have 2" }],
    ["frame cut", hex(pcap, record, record.slice(0, -2)), 1, { offset: 42, reason: "frame: need 18, have 17" }],
    [
      "length too long",
      hex(pcap, record, "01000000 00000000 00000080 3c000000"),
      1,
      { offset: 42, reason: "frame length 2147483648 above 16777216" },
    ],
    [
      "byte order",
      hex("0a0d0d0a 1c000000 00112233"),
      0,
      { offset: 0, reason: "byte-order magic 0x33221100 is not known" },
    ],
    ["block cut", hex(section, ethernetInterface, packet, "0600"), 1, { offset: 84, reason: "block: need 12, have 2" }],
    [
      "no such interface",
      hex(section, ethernetInterface, packet, packet.replace("00000000", "03000000")),
      1,
      { offset: 84, reason: "interface 3: the section has 1" },
    ],
    [
      "trailing length",
      hex(section, ethernetInterface, packet, packet.replace(/24000000$/, "28000000")),
      1,
      { offset: 84, reason: "block length 36, but 40 at its end" },
    ],
    [
      "frame longer than its block",
      hex(section, ethernetInterface, packet, packet.replace("02000000", "09000000")),
      1,
      { offset: 84, reason: "frame: need 9, have 4" },
    ],
    [
      "block length",
      hex(section, "01000000 0d000000 00000000"),
      0,
      { offset: 28, reason: "block length 13 is not a multiple of 4 from 12 on" },
    ],
  ];
  for (const [name, file, count, damage] of cases) {
    const result = read(file);
    assert.deepEqual(result.damage, damage, name);
    assert.equal(result.frames.length, count, name);
  }
});
