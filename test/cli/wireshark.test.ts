import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const dissector = readFileSync(join(root, "wireshark/socklens.lua"), "utf8");

const run = (home: string, ...words: readonly string[]): { code: number | null; out: string; error: string } => {
  const { SUDO_UID: _sudo, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "src/app/main.ts"), "wireshark", ...words],
    {
      env: { ...environment, HOME: home },
      encoding: "utf8",
    },
  );
  return { code: status, out: stdout, error: stderr };
};

test("the dissector is installed where Wireshark looks for plugins, and printed for those who do it themselves", () => {
  const home = mkdtempSync(join(tmpdir(), "socklens-wireshark-"));
  try {
    const target = join(home, ".local/lib/wireshark/plugins/socklens.lua");
    assert.deepEqual(run(home, "install"), { code: 0, out: `${target}\n`, error: "" });
    assert.equal(readFileSync(target, "utf8"), dissector);
    assert.equal(statSync(target).mode & 0o777, 0o644);
    assert.deepEqual(run(home, "install").code, 0, "again");
    assert.deepEqual(run(home, "print"), { code: 0, out: dissector, error: "" });
    assert.equal(run(home).code, 2);
    assert.match(
      run(home, "remove").error,
      /^socklens: wireshark needs what to do: socklens wireshark install, or print\n$/,
    );
  } finally {
    rmSync(home, { recursive: true });
  }
});
