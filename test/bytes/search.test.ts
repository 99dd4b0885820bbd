import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import {
  encodeUtf8,
  equalBytes,
  hasAsciiAt,
  hasAsciiAtIgnoringCase,
  hasBytesAt,
  indexOfAscii,
  indexOfByte,
} from "../../src/bytes/index.ts";

const bytes = encodeUtf8("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

test("constants are found only where they stand whole", () => {
  assert.equal(hasAsciiAt(bytes, 0, "GET "), true);
  assert.equal(hasAsciiAt(bytes, 1, "GET "), false);
  assert.equal(hasAsciiAt(bytes, bytes.length - 1, "\n\n"), false);
  assert.equal(hasAsciiAt(bytes, -1, "G"), false);
  assert.equal(hasAsciiAtIgnoringCase(bytes, 16, "hOST:"), true);
  assert.equal(hasAsciiAtIgnoringCase(bytes, 0, "get@"), false);
  // 0x20 apart, but no letters.
  assert.equal(hasAsciiAtIgnoringCase(Uint8Array.of(0x40), 0, "\u0060"), false);
  assert.equal(hasBytesAt(bytes, 4, Uint8Array.of(0x2f, 0x20)), true);
  assert.equal(equalBytes(bytes, 0, bytes, 0, bytes.length + 1), false);
  assert.equal(equalBytes(bytes, 14, bytes, 23, 2), true);
});

test("searches keep to their window", () => {
  assert.equal(indexOfByte(bytes, 0x0d), 14);
  assert.equal(indexOfByte(bytes, 0x0d, 15), 23);
  assert.equal(indexOfByte(bytes, 0x0d, 0, 14), -1);
  assert.equal(indexOfAscii(bytes, "\r\n\r\n"), 23);
  assert.equal(indexOfAscii(bytes, "\r\n\r\n", 0, 26), -1);
  assert.equal(indexOfAscii(bytes, ""), -1);
});

test("indexOfAscii agrees with indexOf of strings", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
  fc.assert(
    fc.property(
      text,
      fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 }),
      fc.nat(12),
      (hay, needle, from) => {
        assert.equal(indexOfAscii(encodeUtf8(hay), needle, from), from <= hay.length ? hay.indexOf(needle, from) : -1);
      },
    ),
  );
});
