import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");

test("tools/new-protocol writes the protocol's file, its row and its example, once", () => {
  const tree = mkdtempSync(join(tmpdir(), "socklens-new-protocol-"));
  try {
    for (const directory of ["tools", "src/dissect/protocols", "test/dissect/examples"]) {
      mkdirSync(join(tree, directory), { recursive: true });
    }
    const list = "test/dissect/examples/index.ts";
    for (const file of ["tools/new-protocol.ts", "src/dissect/registry.ts", list])
      cpSync(join(root, file), join(tree, file));
    const run = (...words: readonly string[]) =>
      spawnSync(process.execPath, [join(tree, "tools/new-protocol.ts"), ...words], { encoding: "utf8" });
    const made = run("foo-bar", "--transport", "udp", "--port", "777");
    assert.equal(made.status, 0, made.stderr);
    const registry = readFileSync(join(tree, "src/dissect/registry.ts"), "utf8");
    assert.match(registry, /import \{ isFooBarFirst, parseFooBar, probeFooBar \} from ".\/protocols\/foo-bar.ts";/);
    assert.match(registry, /name: "foo-bar",\n {4}transport: "udp",\n {4}ports: \[777\],/);
    const file = readFileSync(join(tree, "src/dissect/protocols/foo-bar.ts"), "utf8");
    for (const name of ["isFooBarFirst", "parseFooBar", "probeFooBar"])
      assert.ok(file.includes(`function ${name}(`), name);
    assert.match(readFileSync(join(tree, "test/dissect/examples/foo-bar.ts"), "utf8"), /serverPort: 777/);
    assert.match(
      readFileSync(join(tree, list), "utf8"),
      /examples as fooBar \} from ".\/foo-bar.ts";[^]*\n {2}fooBar,\n\};/,
    );
    assert.equal(run("foo-bar").status, 1);
    assert.equal(run("Foo bar").status, 2);
    assert.equal(run("foo", "--port", "70000").status, 2);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
});
