import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const executable = join(import.meta.dirname, "../../bin/socklens");

/** Replays one file so many times, with room for 100 descriptors. */
function replay(file: string, times: number): { readonly status: number | null; readonly stderr: string } {
  const words = ["-c", 'ulimit -n 100; exec "$0" replay --json "$@"', executable, ...Array<string>(times).fill(file)];
  const { status, stderr } = spawnSync("sh", words, { encoding: "utf8" });
  return { status, stderr };
}

test("where descriptors run out one line says so, whatever they ran out for", () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-descriptors-"));
  try {
    const file = join(directory, "empty.pcap");
    writeFileSync(file, Buffer.from("d4c3b2a1020004000000000000000000ffff000001000000", "hex"));
    let [fits, fails] = [1, 100];
    assert.deepEqual(replay(file, fits), { status: 0, stderr: "" });
    while (fails - fits > 1) {
      const times = (fits + fails) >> 1;
      if (replay(file, times).stderr.includes("cannot read")) fails = times;
      else fits = times;
    }
    // The files were opened, and nothing is left for the engine.
    for (const times of [fits, fits - 1]) {
      const stderr = "socklens: cannot start the engine: too many files are open: ulimit -n allows no more\n";
      assert.deepEqual(replay(file, times), { status: 1, stderr });
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
