import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import {
  ByteReader,
  describeShortRead,
  u16At,
  u16LittleAt,
  u24At,
  u32At,
  u32LittleAt,
  u8At,
} from "../../src/bytes/index.ts";

test("reads numbers in both byte orders, one behind the other", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3, 2, 1, 4, 5, 6, 0xff, 0xfe, 0xfd, 0xfc, 0xfc, 0xfd, 0xfe, 0xff));
  assert.equal(reader.u8(), 1);
  assert.equal(reader.u16(), 0x0203);
  assert.equal(reader.u16Little(), 0x0102);
  assert.equal(reader.u24(), 0x040506);
  assert.equal(reader.u32(), 0xfffe_fdfc);
  assert.equal(reader.u32Little(), 0xfffe_fdfc);
  assert.equal(reader.remaining, 0);
  assert.equal(reader.ok, true);
  assert.equal(reader.failure, undefined);
});

test("64 bits are exact up to 2^53", () => {
  const reader = new ByteReader(
    Uint8Array.of(0, 0x1f, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x1f, 0),
  );
  assert.equal(reader.u64(), Number.MAX_SAFE_INTEGER);
  assert.equal(reader.u64Little(), Number.MAX_SAFE_INTEGER);
});

test("a short read fails with numbers, moves nothing, and everything after it fails too", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3));
  assert.equal(reader.u8(), 1);
  assert.equal(reader.u32(), -1);
  assert.equal(reader.position, 1);
  assert.equal(reader.u8(), -1);
  assert.equal(reader.view(1), undefined);
  assert.equal(reader.skip(0), false);
  assert.equal(reader.peek(), -1);
  assert.deepEqual(reader.failure, { offset: 1, need: 4, have: 2 });
  assert.equal(reader.describeFailure("dns"), "dns at offset 1: need 4, have 2");
  assert.equal(describeShortRead("udp", 34, 8, 3), "udp at offset 34: need 8, have 3");
  assert.equal(reader.reset(Uint8Array.of(9)).u8(), 9);
  assert.equal(reader.describeFailure("dns"), undefined);
});

test("views are whole or nothing, and lengths that make no sense fail", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const reader = new ByteReader(bytes, 1, 3);
  assert.deepEqual(reader.view(2), Uint8Array.of(2, 3));
  assert.equal(reader.view(1), undefined);
  for (const length of [-1, Number.NaN, Infinity]) assert.equal(new ByteReader(bytes).view(length), undefined);
});

test("peek looks ahead without moving or failing", () => {
  const reader = new ByteReader(Uint8Array.of(7, 8));
  assert.deepEqual([reader.peek(), reader.peek(1), reader.peek(2), reader.peek(-1)], [7, 8, -1, -1]);
  assert.equal(reader.ok, true);
  assert.equal(reader.position, 0);
});

test("any reads on any window stay inside it and agree with DataView", () => {
  type Read = "u8" | "u16" | "u16Little" | "u24" | "u32" | "u32Little" | "u64" | "u64Little";
  const sizes: Record<Read, number> = {
    u8: 1,
    u16: 2,
    u16Little: 2,
    u24: 3,
    u32: 4,
    u32Little: 4,
    u64: 8,
    u64Little: 8,
  };
  const reads = fc.array(fc.constantFrom(...(Object.keys(sizes) as Read[])), { maxLength: 20 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer(), fc.integer(), reads, (bytes, start, end, names) => {
      const reader = new ByteReader(bytes, start, end);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (const name of names) {
        const at = reader.position;
        const fits = reader.ok && sizes[name] <= reader.end - at;
        const value = reader[name]();
        assert.equal(value >= 0, fits);
        assert.equal(reader.position, fits ? at + sizes[name] : at);
        assert.ok(reader.position <= bytes.length);
        if (!fits) continue;
        const expected: Record<Read, () => number> = {
          u8: () => view.getUint8(at),
          u16: () => view.getUint16(at),
          u16Little: () => view.getUint16(at, true),
          u24: () => view.getUint16(at) * 256 + view.getUint8(at + 2),
          u32: () => view.getUint32(at),
          u32Little: () => view.getUint32(at, true),
          u64: () => Number(view.getBigUint64(at)),
          u64Little: () => Number(view.getBigUint64(at, true)),
        };
        assert.equal(value, expected[name]());
      }
    }),
  );
});

test("reads at an offset give -1 outside", () => {
  const bytes = Uint8Array.of(0xff, 2, 3, 0xfe);
  assert.deepEqual([u8At(bytes, 3), u8At(bytes, 4), u8At(bytes, -1)], [0xfe, -1, -1]);
  assert.deepEqual([u16At(bytes, 2), u16At(bytes, 3), u16At(bytes, -1)], [0x03fe, -1, -1]);
  assert.deepEqual([u16LittleAt(bytes, 2), u16LittleAt(bytes, 3)], [0xfe03, -1]);
  assert.deepEqual([u24At(bytes, 1), u24At(bytes, 2)], [0x0203fe, -1]);
  assert.deepEqual([u32At(bytes, 0), u32At(bytes, 1)], [0xff02_03fe, -1]);
  assert.deepEqual([u32LittleAt(bytes, 0), u32LittleAt(bytes, 1)], [0xfe03_02ff, -1]);
});
