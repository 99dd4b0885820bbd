/**
 * Fuzzes the reader of GeoIP databases: changes bytes of small ones and cuts them, and demands that nothing is read beside
 * the file, nothing throws and nothing is slow.
 *
 *   fuzz/mmdb.ts [--inputs N] [--seed N]
 *
 * Inputs are a function of the seed: a failure is found again with the seed that it prints.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { geoOf } from "../src/enrich/geoip.ts";
import { Mmdb } from "../src/enrich/mmdb.ts";
import { Random } from "../src/host/fake/index.ts";

const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
const inputs = Number(values.inputs ?? 50_000);
const seed = Number(values.seed ?? 1);

/** Longest that opening a database and asking it for two addresses may take. */
const maxMillis = 200;

const directory = join(import.meta.dirname, "../test/enrich/mmdb");
const files = readdirSync(directory)
  .filter((name) => name.endsWith(".mmdb"))
  .sort()
  .map((name) => new Uint8Array(readFileSync(join(directory, name))));

function check(bytes: Uint8Array): boolean {
  const start = performance.now();
  const database = Mmdb.open({
    size: bytes.length,
    byte: (at) => {
      assert.ok(at >= 0 && at < bytes.length, `byte ${at} of ${bytes.length}`);
      return bytes[at]!;
    },
    bytes: (at, length) => {
      assert.ok(at >= 0 && at + length <= bytes.length, `${length} bytes at ${at} of ${bytes.length}`);
      return bytes.subarray(at, at + length);
    },
  });
  if (typeof database !== "string") {
    geoOf(database.find(Uint8Array.of(192, 0, 2, 1)));
    geoOf(database.find(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
  }
  assert.ok(performance.now() - start < maxMillis, "slow");
  return typeof database !== "string";
}

const random = new Random(seed);
let opened = 0;
for (let index = 0; index < inputs; index++) {
  const bytes = files[random.integer(files.length)]!.slice();
  // Changes near the end are in the metadata, which decide about all.
  for (let count = random.integer(10); count > 0; count--) {
    const at = random.chance(30) ? bytes.length - 1 - random.integer(200) : random.integer(bytes.length);
    bytes[at] = random.integer(256);
  }
  const input = random.chance(10) ? bytes.slice(0, random.integer(bytes.length)) : bytes;
  try {
    if (check(input)) opened++;
  } catch (error) {
    console.error(`seed ${seed}, input ${index}: ${Buffer.from(input).toString("base64")}`);
    throw error;
  }
}
console.log(`${inputs} databases, ${opened} of them opened, seed ${seed}`);
