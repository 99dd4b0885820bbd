import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";

import fc from "../fast-check.ts";

import { formatAddress, formatIPv6, formatMac, normalizeAddress, parseAddress } from "../../src/model/address.ts";

test("IPv6 text is that of RFC 5952", () => {
  const cases: [string, string][] = [
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["2001:0DB8::0001", "2001:db8::1"], // 4.1, 4.3
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"], // 4.2.2
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"], // 4.2.3: the first of two equal runs
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"], // 4.2.3: the longer run
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["fe80::1:2:3:4", "fe80::1:2:3:4"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["::fffe:192.0.2.1", "::fffe:c000:201"],
  ];
  for (const [text, expected] of cases) assert.equal(normalizeAddress(text), expected, text);
});

test("what is no address is refused, as the platform refuses it", () => {
  const texts = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "1..2.3",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
  ];
  texts.push(
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    ":1::",
    "1:",
    "1:2:3:4:5:6:7:1.2.3.4",
  );
  for (const text of texts) {
    assert.equal(parseAddress(text), undefined, text);
    assert.equal(isIP(text), 0, text);
  }
});

test("random text is an address exactly when the platform says so", () => {
  const unit = fc.constantFrom("0", "1", "f", "255", "ffff", ":", "::", ".", "1.2.3.4");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 16 }), (pieces) => {
      const text = pieces.join("");
      assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0, text);
    }),
    { numRuns: 5000 },
  );
});

test("every address survives text and back; mapped ones become IPv4", () => {
  const group = fc.constantFrom(0, 0, 0, 1, 0xffff, 0x0db8);
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
      const text = formatIPv6(bytes);
      const mapped = groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff;
      assert.deepEqual(parseAddress(text), mapped ? bytes.slice(12) : bytes);
      if (!mapped) assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.equal(normalizeAddress(text), text);
    }),
  );
});

test("bytes that are not all there have no text", () => {
  const bytes = new Uint8Array(16);
  assert.equal(formatAddress(bytes, 13, 4), "");
  assert.equal(formatAddress(bytes, 1, 16), "");
  assert.equal(formatAddress(bytes, -1, 4), "");
  assert.equal(formatAddress(bytes, 0, 6), "");
  assert.equal(formatMac(bytes, 11), "");
  assert.equal(formatMac(Uint8Array.of(2, 0, 0xac, 0x11, 0, 0xff)), "02:00:ac:11:00:ff");
});
