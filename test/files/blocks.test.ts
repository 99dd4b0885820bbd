/** What pcapng files hold beside frames, and pcap's unannounced variants; written out by hand from the format drafts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { eachOption, FrameBatch, CaptureParser, type CaptureObserver } from "../../src/files/index.ts";
import { hex } from "../wire/frames.ts";
import { readCapture } from "./read.ts";

const ascii = (text: string): string => Buffer.from(text).toString("hex");

/** Little- or big-endian block with its two lengths. */
function block(type: number, body: string, little = true): string {
  const bytes = hex(body);
  const length = 12 + bytes.length;
  const word = (value: number): string => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value, little);
    return Buffer.from(view.buffer).toString("hex");
  };
  return word(type) + word(length) + Buffer.from(bytes).toString("hex") + word(length);
}

const sectionBody = "4d3c2b1a 0100 0000 ffffffff ffffffff";
const section = block(
  0x0a0d0d0a,
  `${sectionBody} 0400 0400 ${ascii("test")} 0300 0500 ${ascii("Linux")}000000 00000000`,
);
const bigSection = block(0x0a0d0d0a, "1a2b3c4d 0001 0000 ffffffffffffffff", false);
const ethernet = block(1, "0100 0000 00000000");
const packet = (options = ""): string => block(6, `00000000 00000000 40420f00 02000000 3c000000 aabb0000 ${options}`);

function told(file: Uint8Array): { calls: string[]; frames: number } {
  const calls: string[] = [];
  const show = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  const observer: CaptureObserver = {
    section: (facts) => calls.push(`section ${JSON.stringify(facts)}`),
    name: (address, name) => calls.push(`name ${address} ${name}`),
    customBlock: ({ enterprise, copyable, data, littleEndian, framesBefore }) =>
      calls.push(`custom ${enterprise} ${copyable} ${show(data)} ${littleEndian} after ${framesBefore}`),
    secrets: (type, bytes) => calls.push(`secrets ${type} ${bytes.length}`),
    otherBlock: (type, bytes, littleEndian) => calls.push(`other ${type} ${show(bytes)} ${littleEndian}`),
  };
  const { frames, damage } = readCapture(file, observer, 7);
  assert.equal(damage, undefined);
  return { calls, frames: frames.length };
}

test("sections, names, custom blocks, secrets and unknown blocks are handed to the observer", () => {
  const file = hex(
    section,
    ethernet,
    // Two names of one address, one of another, an EUI-48 that names no host.
    block(
      4,
      `0100 0a00 c0000201 ${ascii("a.b")}00 ${ascii("c")}00 0000 0200 1300 20010db8${"0".repeat(23)}1 ${ascii("v6")}00 00 0300 0800 020000000001 7a00 00000000`,
    ),
    packet(),
    block(0x0bad, "11220000 01020304"),
    block(0x4000_0bad, "7e000000"),
    block(10, "4b534c54 03000000 aabbcc00"),
    block(0xbeef, "01020304"),
    packet(),
    bigSection,
    block(0x0bad, "00002211 05060708", false),
  );
  const { calls, frames } = told(file);
  assert.equal(frames, 2);
  assert.deepEqual(calls, [
    'section {"littleEndian":true,"application":"test","operatingSystem":"Linux"}',
    "name 192.0.2.1 a.b",
    "name 192.0.2.1 c",
    "name 2001:db8::1 v6",
    "custom 8721 true 01020304 true after 1",
    "custom 126 false  true after 1",
    "secrets 1414288203 3",
    "other 48879 efbe0000100000000102030410000000 true",
    'section {"littleEndian":false}',
    "custom 8721 true 05060708 false after 2",
  ]);
});

test("statistics of an interface: the last ones, each counter only if the file has it", () => {
  const statistics = (options: string): string => block(5, `00000000 00000000 00000000 ${options}`);
  const file = hex(
    section,
    ethernet,
    ethernet,
    statistics("0500 0800 0100000000000000"),
    statistics("0400 0800 e803000000000000 0500 0800 0700000000000000 0700 0800 0000000001000000 00000000"),
  );
  const { parser } = readCapture(file);
  assert.deepEqual(
    parser.interfaces.map(({ statistics: found }) => found),
    [{ received: 1000, dropped: 7, systemDropped: 0x1_0000_0000 }, undefined],
  );
  const wrong = readCapture(hex(section, ethernet, block(5, "03000000 00000000 00000000")));
  assert.equal(wrong.damage?.reason, "statistics of interface 3: the section has 1");
});

test("options of a frame are there for who wants them, in the byte order of its section", () => {
  const comment = `0100 0200 ${ascii("hi")}0000 ac0b 0600 11220000 abcd 0000 00000000`;
  const parser = new CaptureParser();
  const file = hex(section, ethernet, packet(comment), packet());
  parser.room().set(file);
  parser.filled(file.length);
  parser.finish();
  const batch = new FrameBatch();
  assert.equal(parser.next(batch), "frames");
  const found: string[] = [];
  const start = batch.optionOffsets[0]!;
  eachOption(batch.bytes, start, start + batch.optionLengths[0]!, batch.littleEndian, (code, value, length) =>
    found.push(`${code} ${Buffer.from(batch.bytes.subarray(value, value + length)).toString("hex")}`),
  );
  assert.deepEqual(found, ["1 6869", "2988 11220000abcd"]);
  assert.deepEqual([batch.count, batch.optionLengths[1]], [2, 0]);
});

test("what does not fit its block is damage with numbers", () => {
  const cases: [string, string][] = [
    [block(4, "0100 2000 c0000201"), "name record 1: need 32, have 4"],
    [block(10, "4b534c54 08000000 aabbcc00"), "decryption secrets: need 8, have 4"],
    [block(10, "4b534c54"), "decryption secrets block: need 20, have 16"],
    [block(0x0bad, ""), "custom block: need 16, have 12"],
    [block(1, "0100 0000 00000000 0200 2000 61620000"), "interface option 2: need 32, have 4"],
  ];
  for (const [bad, reason] of cases) {
    const { frames, damage } = readCapture(hex(section, ethernet, packet(), bad, packet()), { customBlock() {} });
    assert.equal(damage?.reason, reason);
    assert.equal(frames.length, 1, "the frame before");
  }
});

test("pcap records with longer headers that no magic announces are told by what they hold", () => {
  const header = "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000";
  const record = (more: string, seconds: string): string =>
    `${seconds}f15365 40e20100 08000000 3c000000 ${more} 0200000000010203`;
  for (const [more, name] of [
    ["", "pcap"],
    ["80000000", "pcap (Nokia)"],
    ["0200000008000000", "pcap (Kuznetzov, 1999)"],
  ] as const) {
    for (const piece of [1, 5, 1000]) {
      const { frames, damage, parser } = readCapture(
        hex(header, record(more, "00"), record(more, "01"), record(more, "02")),
        undefined,
        piece,
      );
      assert.deepEqual([damage, frames.length, parser.format], [undefined, 3, name], `${name}, ${piece} at a time`);
      assert.deepEqual([...new Set(frames.map(({ bytes }) => bytes))], ["0200000000010203"]);
    }
  }
});

test("every block without a frame is told as it stands, and before what follows it is read", () => {
  const custom = block(0x0bad, "11220000 01020304");
  const file = hex(section, ethernet, custom, packet(), block(0x0f00, "aabbccdd"));
  const blocks: string[] = [];
  const parser = new CaptureParser({
    observer: {
      block: ({ type, bytes, littleEndian, framesBefore }) =>
        void blocks.push(`${type} ${Buffer.from(bytes).toString("hex")} ${littleEndian} ${framesBefore}`),
    },
  });
  const told: string[] = [];
  const batch = new FrameBatch();
  for (const byte of file) {
    parser.room()[0] = byte;
    parser.filled(1);
    while (parser.next(batch) === "frames") told.push(`${blocks.length} blocks, ${batch.count} frames`);
  }
  assert.deepEqual(told, [
    "1 blocks, 0 frames",
    "2 blocks, 0 frames",
    "3 blocks, 0 frames",
    "3 blocks, 1 frames",
    "4 blocks, 0 frames",
  ]);
  const plain = (text: string): string => text.replaceAll(" ", "");
  assert.deepEqual(blocks, [
    `168627466 ${plain(section)} true 0`,
    `1 ${plain(ethernet)} true 0`,
    `2989 ${plain(custom)} true 0`,
    `3840 ${plain(block(0x0f00, "aabbccdd"))} true 1`,
  ]);
});
