import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AddressTexts } from "../../src/flow/address-texts.ts";
import { formatAddress, formatMac } from "../../src/model/index.ts";
import fc from "../fast-check.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

describe("texts of addresses", () => {
  it("are those that are made anew, whatever came before", () => {
    const texts = new AddressTexts();
    fc.assert(
      fc.property(bytes(16), fc.nat(3), fc.boolean(), (address, few, again) => {
        // Few different ones, so that most are known, among many that take their places.
        if (again) address.fill(few, 0, 16);
        assert.equal(texts.mac(address, 2), formatMac(address, 2));
        assert.equal(texts.address(address, 3, 4), formatAddress(address, 3, 4));
        assert.equal(texts.address(address, 0, 16), formatAddress(address, 0, 16));
      }),
      { numRuns: 20_000 },
    );
  });

  it("are empty where bytes are missing", () => {
    const texts = new AddressTexts();
    const short = new Uint8Array(8);
    assert.equal(texts.mac(short, 3), "");
    assert.equal(texts.mac(short, -1), "");
    assert.equal(texts.address(short, 5, 4), "");
    assert.equal(texts.address(short, 0, 16), "");
  });

  it("are one and the same text for one address", () => {
    const texts = new AddressTexts();
    const frame = Uint8Array.of(2, 0, 0, 0, 0, 1, 192, 0, 2, 1);
    assert.equal(texts.mac(frame, 0), "02:00:00:00:00:01");
    assert.equal(texts.address(frame, 6, 4), "192.0.2.1");
    assert.equal(texts.address(frame, 6, 4), "192.0.2.1");
  });
});
