import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "../fast-check.ts";
import { geoOf } from "../../src/enrich/geoip.ts";
import { openGeoDatabases } from "../../src/enrich/index.ts";
import { Mmdb, type MmdbSource, type MmdbValue } from "../../src/enrich/mmdb.ts";
import { PagedFile } from "../../src/enrich/paged-file.ts";
import { parseAddress } from "../../src/model/index.ts";

const fixtures = join(import.meta.dirname, "mmdb");
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, `${name}.mmdb`)));

/** Bytes that complain when anybody looks beside them. */
const sourceOf = (bytes: Uint8Array): MmdbSource => ({
  size: bytes.length,
  byte: (at) => {
    assert.ok(Number.isInteger(at) && at >= 0 && at < bytes.length, `byte ${at} of ${bytes.length}`);
    return bytes[at]!;
  },
  bytes: (at, length) => {
    assert.ok(at >= 0 && length >= 0 && at + length <= bytes.length, `${length} bytes at ${at} of ${bytes.length}`);
    return bytes.subarray(at, at + length);
  },
});

function opened(bytes: Uint8Array): Mmdb {
  const database = Mmdb.open(sourceOf(bytes));
  assert.ok(typeof database !== "string", String(database));
  return database;
}

const known = [
  ["192.0.2.5", "CH"],
  ["192.0.2.255", "CH"],
  ["192.0.3.0", undefined],
  ["198.51.100.127", undefined],
  ["198.51.100.128", "JP"],
  ["203.0.113.6", undefined],
  ["203.0.113.7", "BR"],
  ["203.0.113.8", undefined],
  ["0.0.0.0", undefined],
  ["255.255.255.255", undefined],
  ["2001:db8::1", "DE"],
  ["2001:db8:7fff:ffff::", "DE"],
  ["2001:db8:8000::", undefined],
  ["::1", undefined],
] as const;

/** The databases were made by another program: `mmdb/make.pl`. */
describe("a database in MaxMind's format", () => {
  for (const name of ["country-24", "country-28", "country-32", "country-ipv4"]) {
    test(`${name}: every network to its edges`, () => {
      const database = opened(bytesOf(name));
      assert.equal(database.type, "Test-Country");
      for (const [address, country] of known) {
        const bytes = parseAddress(address);
        assert.ok(bytes !== undefined);
        const expected = name === "country-ipv4" && bytes.length > 4 ? undefined : country;
        assert.equal(geoOf(database.find(bytes)).country, expected, address);
      }
    });
  }

  test("has texts, numbers, lists and maps", () => {
    const record = opened(bytesOf("country-28")).find(Uint8Array.of(192, 0, 2, 1));
    const plain = (value: MmdbValue | undefined): unknown =>
      value instanceof Map ? Object.fromEntries([...value].map(([key, one]) => [key, plain(one)])) : value;
    assert.deepEqual(plain(record), {
      country: { iso_code: "CH", names: { en: "Switzerland" } },
      list: ["a", "b"],
      location: { latitude: 47.5 },
    });
  });

  test("whatever stands in the file, nothing is read beside it, nothing throws, and it ends", () => {
    const files = ["country-24", "country-28", "country-32", "country-ipv4", "asn"].map(bytesOf);
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const cases = fc.tuple(fc.constantFrom(...files), fc.array(change, { maxLength: 12 }), fc.option(fc.nat()));
    fc.assert(
      fc.property(cases, fc.uint8Array({ minLength: 4, maxLength: 16 }), ([file, changes, end], address) => {
        const bytes = file.slice(0, end === null ? undefined : end % (file.length + 1));
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const database = Mmdb.open(sourceOf(bytes));
        if (typeof database === "string") return;
        for (const one of [address.slice(0, 4), address, Uint8Array.of(192, 0, 2, 1)]) geoOf(database.find(one));
      }),
      { numRuns: 2000 },
    );
  });

  test("says what is wrong with it", () => {
    assert.match(String(Mmdb.open(sourceOf(new Uint8Array(10)))), /no metadata/);
    const cut = bytesOf("country-24");
    assert.match(String(Mmdb.open(sourceOf(cut.slice(cut.length - 300)))), /nodes in \d+ bytes/);
  });
});

test("pages of a file are what the file has, however few are kept", () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-pages-"));
  try {
    const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 31) & 255);
    const path = join(directory, "file");
    writeFileSync(path, bytes);
    const file = new PagedFile(path, 3);
    assert.equal(file.size, bytes.length);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(9000), (at, length) => {
        assert.equal(file.byte(at), bytes[at]);
        const part = Math.min(length, bytes.length - at);
        assert.deepEqual([...file.bytes(at, part)], [...bytes.subarray(at, at + part)]);
      }),
    );
    file.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("countries and networks of all databases in the directories there are", () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-geoip-"));
  try {
    assert.deepEqual(openGeoDatabases([directory, join(directory, "none")]).types, []);
    assert.equal(openGeoDatabases([directory]).lookup("192.0.2.1"), undefined);
    for (const name of ["asn", "country-28"])
      copyFileSync(join(fixtures, `${name}.mmdb`), join(directory, `${name}.mmdb`));
    writeFileSync(join(directory, "broken.mmdb"), "x".repeat(1000));
    writeFileSync(join(directory, "README"), "no database");
    const { lookup, types } = openGeoDatabases([join(directory, "none"), directory]);
    assert.deepEqual(types, ["Test-ASN", "Test-Country"]);
    assert.deepEqual(lookup("192.0.2.1"), { country: "CH", asn: 64500, organization: "Example Transit" });
    assert.deepEqual(lookup("192.0.2.200"), { country: "CH" });
    assert.deepEqual(lookup("2001:db8::1"), { country: "DE", asn: 4_200_000_001, organization: "Example é" });
    for (const nowhere of ["10.0.0.1", "", "x", "fe80::1"]) assert.equal(lookup(nowhere), undefined, nowhere);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("records of several makers are understood, and only what makes sense is taken", () => {
  const map = (entries: Readonly<Record<string, MmdbValue>>): MmdbValue => new Map(Object.entries(entries));
  assert.deepEqual(geoOf(map({ country: "US", asn: "AS15169", as_name: "Example" })), {
    country: "US",
    asn: 15169,
    organization: "Example",
  });
  assert.deepEqual(geoOf(map({ country_code: "FR", country: "France" })), { country: "FR" });
  assert.deepEqual(geoOf(map({ registered_country: map({ iso_code: "NO" }) })), { country: "NO" });
  assert.deepEqual(geoOf(map({ country: map({ iso_code: "Switzerland" }), asn: "AS" })), {});
  assert.equal(geoOf(map({ as_name: "x".repeat(999) })).organization?.length, 64);
  assert.deepEqual(geoOf("CH"), {});
});
