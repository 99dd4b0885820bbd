import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import { addToChecksum, finishChecksum, fromHex, internetChecksum, pseudoHeaderSum } from "../../src/bytes/index.ts";

const hex = (text: string): Uint8Array => fromHex(text) ?? assert.fail(text);

test("RFC 1071 section 3's example", () => {
  // The sum there is 0xddf2; the checksum its complement.
  assert.equal(internetChecksum(hex("0001 f203 f4f5 f6f7")), 0x220d);
});

test("an IPv4 header with its checksum sums to 0", () => {
  const header = hex("45000073 00004000 4011 0000 c0a80001 c0a800c7");
  assert.equal(internetChecksum(header), 0xb861);
  header.set([0xb8, 0x61], 10);
  assert.equal(internetChecksum(header), 0);
});

test("UDP with its pseudo header", () => {
  // 10.0.0.1 to 10.0.0.2, ports 1 and 2, "hi".
  const bytes = hex("0a000001 0a000002 0001 0002 000a 0000 6869");
  const sum = addToChecksum(pseudoHeaderSum(bytes, 0, 4, 4, 17, 10), bytes, 8);
  const checksum = finishChecksum(sum);
  // 0a00+0001+0a00+0002 + 0011 + 000a + 0001+0002+000a + 6869 = 7c94
  assert.equal(checksum, 0xffff - 0x7c94);
  bytes.set([checksum >> 8, checksum & 0xff], 14);
  assert.equal(finishChecksum(addToChecksum(pseudoHeaderSum(bytes, 0, 4, 4, 17, 10), bytes, 8)), 0);
});

test("the sum does not depend on where an even cut is, and follows from the definition", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(50), (bytes, half) => {
      const cut = Math.min(half * 2, bytes.length & ~1);
      const parts = addToChecksum(addToChecksum(0, bytes, 0, cut), bytes, cut);
      assert.equal(finishChecksum(parts), internetChecksum(bytes));
      let total = 0n;
      for (let at = 0; at < bytes.length; at += 2) total += BigInt(bytes[at]! * 256 + (bytes[at + 1] ?? 0));
      // Ones' complement: the same modulo 0xffff, and zero only for nothing but zeros.
      const folded = total === 0n ? 0n : ((total - 1n) % 0xffffn) + 1n;
      assert.equal(internetChecksum(bytes), 0xffff - Number(folded));
    }),
  );
});

test("windows outside the bytes are cut", () => {
  assert.equal(internetChecksum(Uint8Array.of(1, 2), -4, 99), internetChecksum(Uint8Array.of(1, 2)));
  assert.equal(internetChecksum(new Uint8Array(0)), 0xffff);
});
