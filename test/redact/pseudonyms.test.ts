import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../../src/model/index.ts";
import type { PseudonymMode } from "../../src/redact/index.ts";
import fc from "../fast-check.ts";
import { pseudonyms } from "./key.ts";

const modes: readonly PseudonymMode[] = ["plain", "prefix"];
const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

/** Two addresses that share some leading bits, as those of one network do. */
const neighbours = (length: number): fc.Arbitrary<readonly [Uint8Array, Uint8Array]> =>
  fc.tuple(bytesOf(length), bytesOf(length), fc.nat(length * 8)).map(([one, other, bits]) => {
    const mixed = one.slice();
    for (let bit = bits; bit < length * 8; bit++) {
      const mask = 0x80 >> (bit & 7);
      mixed[bit >> 3] = (mixed[bit >> 3]! & ~mask) | (other[bit >> 3]! & mask);
    }
    return [one, mixed] as const;
  });

function commonBits(one: Uint8Array, other: Uint8Array): number {
  for (let bit = 0; bit < one.length * 8; bit++) {
    if (((one[bit >> 3]! ^ other[bit >> 3]!) & (0x80 >> (bit & 7))) !== 0) return bit;
  }
  return one.length * 8;
}

function mapped(of: ReturnType<typeof pseudonyms>, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length === 6) of.mac(copy, 0);
  else of.address(copy, 0, copy.length);
  return copy;
}

for (const length of [4, 16]) {
  test(`pseudonyms of ${length * 8}-bit addresses share as many leading bits as the addresses`, () => {
    const of = pseudonyms("prefix");
    fc.assert(
      fc.property(neighbours(length), ([one, other]) => {
        assert.equal(commonBits(mapped(of, one), mapped(of, other)), commonBits(one, other));
      }),
    );
  });
}

for (const mode of modes) {
  for (const length of [4, 6, 16]) {
    test(`${mode}: two values of ${length} bytes have two pseudonyms, the same ones every time`, () => {
      const [of, again] = [pseudonyms(mode), pseudonyms(mode)];
      fc.assert(
        fc.property(neighbours(length), ([one, other]) => {
          const pseudonym = mapped(of, one);
          assert.deepEqual(mapped(again, one), pseudonym);
          assert.equal(commonBits(pseudonym, mapped(of, other)) === length * 8, commonBits(one, other) === length * 8);
        }),
      );
    });
  }
}

test("another key gives other pseudonyms", () => {
  for (const mode of modes) {
    const [one, other] = [pseudonyms(mode, 1), pseudonyms(mode, 2)];
    for (const text of ["192.0.2.77", "2001:db8::77", "203.0.113.5"]) {
      assert.notEqual(one.addressText(text), other.addressText(text));
      assert.notEqual(one.addressText(text), text);
    }
    assert.notEqual(one.macText("00:11:22:33:44:55"), other.macText("00:11:22:33:44:55"));
    assert.notEqual(one.host("example.org"), other.host("example.org"));
  }
});

/** Addresses of a kind, and what the pseudonym of each must still be. */
const kinds: readonly (readonly [address: string, pattern: RegExp])[] = [
  ["0.0.0.0", /^0\.0\.0\.0$/],
  ["255.255.255.255", /^255\.255\.255\.255$/],
  ["127.0.0.1", /^127\.0\.0\.1$/],
  ["127.8.9.10", /^127\.8\.9\.10$/],
  ["169.254.7.7", /^169\.254\.(?!7\.7$)/],
  ["224.0.0.251", /^224\.0\.0\.251$/],
  ["239.255.255.250", /^239\.255\.255\.250$/],
  ["239.1.2.3", /^2(?:2[4-9]|3\d)\.(?!1\.2\.3$)/],
  ["240.1.2.3", /^2[45]\d\.(?!1\.2\.3$)/],
  ["::", /^::$/],
  ["::1", /^::1$/],
  ["fe80::1234", /^fe80::(?!1234$)/],
  ["ff02::1", /^ff02::1$/],
  ["ff05::1:3", /^ff05::1:3$/],
  ["ff02::1:ff12:3456", /^ff02::1:ff(?!12:3456)/],
  ["ff38:40:2001:db8::1", /^ff38:(?!40:2001)/],
  ["2001:db8::1", /^[23][0-9a-f]{3}:(?!db8:)/],
  ["fd12::1", /^fd[0-9a-f]{2}:/],
];

test("what stands for loopback, links, groups and nobody does so afterwards", () => {
  for (const mode of modes) {
    const of = pseudonyms(mode);
    for (const [address, pattern] of kinds) assert.match(of.addressText(address)!, pattern, `${mode} ${address}`);
  }
  const of = pseudonyms("plain");
  assert.match(of.addressText("10.1.2.3")!, /^10\./);
  assert.match(of.addressText("172.16.1.2")!, /^172\.(?:1[6-9]|2\d|3[01])\./);
  assert.match(of.addressText("192.168.1.2")!, /^192\.168\./);
});

test("an ordinary address never gets the pseudonym of a special one", () => {
  const special = /^(?:0|127|22[4-9]|2[345]\d)\.|^169\.254\./;
  for (const mode of modes) {
    const of = pseudonyms(mode);
    fc.assert(
      fc.property(bytesOf(4), (bytes) => {
        assert.equal(special.test(formatAddress(mapped(of, bytes), 0, 4)), special.test(formatAddress(bytes, 0, 4)));
      }),
    );
  }
});

test("hardware addresses keep what makes them groups, and vendors stay together with prefixes", () => {
  const of = pseudonyms("plain");
  for (const text of ["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:80:c2:00:00:0e", "33:33:00:00:00:fb"]) {
    assert.equal(of.macText(text), text);
  }
  assert.match(of.macText("33:33:ff:12:34:56")!, /^33:33:ff:(?!12:34:56)/);
  assert.match(of.macText("01:00:5e:12:34:56")!, /^01:00:5e:[0-7].:(?!34:56)/);
  fc.assert(
    fc.property(bytesOf(6), (bytes) => {
      assert.equal(mapped(of, bytes)[0]! & 3, bytes[0]! & 3);
    }),
  );
  const prefix = pseudonyms("prefix");
  const [one, other] = [prefix.macText("00:11:22:33:44:55")!, prefix.macText("00:11:22:33:44:56")!];
  assert.equal(one.slice(0, 8), other.slice(0, 8));
  assert.notEqual(one, other);
});

test("host names have one pseudonym in any case, with or without their final dot", () => {
  const of = pseudonyms("plain");
  assert.match(of.host("www.example.org"), /^host-[0-9a-f]{10}$/);
  assert.equal(of.host("WWW.Example.org."), of.host("www.example.org"));
  assert.notEqual(of.host("example.org"), of.host("www.example.org"));
  assert.equal(of.host("localhost"), "localhost");
});

test("what is no address has no pseudonym", () => {
  const of = pseudonyms("plain");
  assert.equal(of.addressText("example.org"), undefined);
  assert.equal(of.addressText(""), undefined);
  assert.equal(of.macText("00:11:22:33:44"), undefined);
});

test("after many addresses, whose permutation is kept in tables, pseudonyms are the same and still one-to-one", () => {
  const many = pseudonyms("plain");
  const seen = new Set<string>();
  for (let number = 0; number < 3000; number++) {
    for (const first of [8, 10]) seen.add(many.addressText(`${first}.1.${number >> 8}.${number & 255}`)!);
  }
  assert.equal(seen.size, 6000);
  const few = pseudonyms("plain");
  for (const text of ["8.1.0.7", "8.1.11.7", "10.1.0.7", "10.1.11.7", "203.0.113.9", "10.255.255.254"]) {
    assert.equal(many.addressText(text), few.addressText(text));
  }
});
