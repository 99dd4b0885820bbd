import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../fast-check.ts";

import {
  asciiText,
  encodeUtf8,
  escapeControls,
  fromHex,
  isUtf8,
  latin1Text,
  toHex,
  utf8Text,
} from "../../src/bytes/index.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

function isWellFormed(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes near the edges of UTF-8's table, so that broken sequences of all kinds come up. */
const nearUtf8 = fc.array(
  fc.constantFrom(
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
  ),
  { maxLength: 12 },
);

test("UTF-8 is decoded as the platform decodes it, broken sequences included", () => {
  const input = fc.oneof(
    nearUtf8.map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 30 }),
    fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(input, (bytes) => {
      assert.equal(utf8Text(bytes), decoder.decode(bytes));
      assert.equal(isUtf8(bytes), isWellFormed(bytes));
    }),
    { numRuns: 3000 },
  );
});

test("text is encoded as the platform encodes it, lone surrogates included", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "é", "€", "😀", "\ud800", "\udc00")), (pieces) => {
      const text = pieces.join("");
      assert.deepEqual(encodeUtf8(text), new TextEncoder().encode(text));
    }),
  );
});

test("text is bounded, and never ends in half a character", () => {
  const bytes = encodeUtf8("ab😀c");
  assert.equal(utf8Text(bytes, 0, bytes.length, 3), "ab");
  assert.equal(utf8Text(bytes, 0, bytes.length, 4), "ab😀");
  assert.equal(utf8Text(bytes, 1, 2), "b");
  assert.equal(utf8Text(bytes, -5, 99), "ab😀c");
  assert.equal(asciiText(bytes, 0, bytes.length, 2), "ab");
  assert.equal(latin1Text(new Uint8Array(10_000).fill(0x41), 0, 10_000, 9_000).length, 9_000);
});

test("ASCII replaces, Latin-1 keeps what is above 0x7f", () => {
  const bytes = Uint8Array.of(0x41, 0xe9, 0x0a);
  assert.equal(asciiText(bytes), "A\ufffd\n");
  assert.equal(latin1Text(bytes), "Aé\n");
});

test("hexadecimal goes there and back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(toHex(bytes), Buffer.from(bytes).toString("hex"));
      assert.deepEqual(fromHex(toHex(bytes)), bytes);
      assert.deepEqual(fromHex(toHex(bytes, 0, bytes.length, ":")), bytes);
    }),
  );
  assert.equal(toHex(Uint8Array.of(1, 0xab, 3), 1, 9, ":"), "ab:03");
  assert.deepEqual(fromHex(" 0A\tfF\n"), Uint8Array.of(10, 255));
  for (const text of ["0", "0g", "a b", "0x10"]) assert.equal(fromHex(text), undefined, text);
});

test("what would steer a terminal is escaped, the rest stays", () => {
  assert.equal(escapeControls("plain naïve 日本"), "plain naïve 日本");
  assert.equal(escapeControls("\u001b[31mred\u0007\n"), "\\x1b[31mred\\x07\\x0a");
  assert.equal(escapeControls("\u009b2J\u007f"), "\\x9b2J\\x7f");
  assert.equal(escapeControls("a\\x1b"), "a\\\\x1b");
  assert.equal(escapeControls("gpj.\u202eexe\u2066\ufeff"), "gpj.\\u{202e}exe\\u{2066}\\u{feff}");
});
