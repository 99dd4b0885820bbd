import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "../fast-check.ts";
import { familyOf } from "../../src/enrich/index.ts";
import { familyRows } from "../../src/enrich/family-table.ts";

describe("families of services", () => {
  it("are found by the name, by what is below it, in any case and with the root's dot", () => {
    for (const name of ["github.com", "api.github.com", "a.b.c.api.GitHub.com", "github.com."]) {
      assert.deepEqual(familyOf(name), { name: "GitHub", category: "development" }, name);
    }
  });

  it("go by the longest domain", () => {
    assert.equal(familyOf("www.google.com")?.name, "Google");
    assert.equal(familyOf("mail.google.com")?.name, "Gmail");
    assert.equal(familyOf("mtalk.google.com")?.name, "Firebase");
    assert.equal(familyOf("1-courier.push.apple.com")?.name, "Apple Push");
  });

  it("go by whole labels", () => {
    for (const name of ["notgithub.com", "github.com.example", "com", "", ".", "..", "x".repeat(300)]) {
      assert.equal(familyOf(name), undefined, name);
    }
  });

  it("are looked up without complaint whatever the name is", () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (name) => void familyOf(name)));
    const found = fc.property(fc.domain(), fc.constantFrom(...familyRows), (below, [name, , domains]) => {
      const domain = domains.split(" ")[0]!;
      const family = familyOf(`${below.slice(0, 100)}.${domain}`);
      // More than a few labels above a domain are not looked at.
      if (`${below}.${domain}`.split(".").length <= 6) assert.notEqual(family, undefined, name);
    });
    fc.assert(found);
  });

  it("are a table without repetitions, in lower case", () => {
    const names = familyRows.map(([name]) => name);
    assert.equal(new Set(names).size, names.length);
    const domains = familyRows.flatMap(([, , text]) => text.split(" "));
    const twice = domains.filter((domain, index) => domains.indexOf(domain) !== index);
    assert.deepEqual(twice, []);
    for (const domain of domains) assert.match(domain, /^[a-z0-9-]+(\.[a-z0-9-]+)*$/);
  });
});
