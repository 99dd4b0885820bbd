import assert from "node:assert/strict";
import { test } from "node:test";
import { claims } from "../../fuzz/false-claims.ts";

for (const transport of ["tcp", "udp"] as const) {
  test(`nobody claims random bytes or text over ${transport} on ports that hint at nothing`, () => {
    for (const kind of ["uniform", "text"]) {
      assert.deepEqual([...claims(transport, kind, 20_000, 3, false)], [], kind);
    }
  });

  test(`few claim what only has the structure of many protocols over ${transport}`, () => {
    for (const kind of ["zeros", "big32", "big16", "little32", "length32", "length16", "lines"]) {
      const found = claims(transport, kind, 5000, 3, false);
      const count = [...found.values()].reduce((sum, value) => sum + value, 0);
      assert.ok(count <= 5, `${kind}: ${[...found].join(" ")}`);
    }
  });
}
