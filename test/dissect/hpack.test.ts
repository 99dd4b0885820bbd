import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../../src/bytes/index.ts";
import { headerFields, huffmanText } from "../../src/dissect/hpack.ts";

function fieldsOf(hex: string): string[] {
  const bytes = fromHex(hex)!;
  return headerFields(bytes, 0, bytes.length).map(({ name, value }) => `${name}: ${value}`);
}

const request = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];

test("the requests of RFC 7541 appendix C.3.1 and C.4.1 are read", () => {
  assert.deepEqual(fieldsOf("828684410f7777772e6578616d706c652e636f6d"), request);
  assert.deepEqual(fieldsOf("828684418cf1e3c2e5f23a6ba0ab90f4ff"), request);
});

test("the response of RFC 7541 appendix C.6.1 is read", () => {
  const hex =
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
  assert.deepEqual(fieldsOf(hex), [
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ]);
});

test("a field that was added is found again by its index", () => {
  // 40: a new name "a" with the value "b", added; be: index 62, the last that was added; bf: index 63, never added.
  assert.deepEqual(fieldsOf("4001610162be"), ["a: b", "a: b"]);
  assert.deepEqual(fieldsOf("4001610162bf82"), ["a: b"]);
});

test("a block that is cut gives the fields before the cut, at every byte", () => {
  const whole = fromHex("828684418cf1e3c2e5f23a6ba0ab90f4ff")!;
  for (let length = 0; length < whole.length; length++) {
    const fields = headerFields(whole.subarray(0, length), 0, length);
    assert.deepEqual(
      fields.map(({ name, value }) => `${name}: ${value}`),
      request.slice(0, Math.min(length, 3)),
    );
  }
});

test("text that ends in wrong padding or holds the end of string is no text", () => {
  assert.equal(huffmanText(Uint8Array.of(0x18), 0, 1), undefined);
  assert.equal(huffmanText(Uint8Array.of(0xff, 0xff), 0, 2), undefined);
  assert.equal(huffmanText(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 0, 4), undefined);
  assert.equal(huffmanText(Uint8Array.of(0x1f), 0, 1), "a");
});
