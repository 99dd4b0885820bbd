import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../until.ts";

const program = fileURLToPath(import.meta.resolve("./output-program.ts"));
const size = 4_000_000;
const patience = 30_000;

function start(stdout: "pipe" | number): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [program, String(size)], {
    stdio: ["ignore", stdout, "pipe"],
    timeout: patience,
  });
  let text = "";
  child.stderr!.setEncoding("utf8").on("data", (data: string) => (text += data));
  return { child, said: () => text };
}

test("a reader that does not read does not stop the program, and gets everything when it does", async () => {
  const { child, said } = start("pipe");
  assert.ok(await until(() => said().includes("alive waiting"), patience), "it never waited");
  let bytes = 0;
  child.stdout!.on("data", (data: Buffer) => (bytes += data.length));
  const [code] = (await once(child, "close")) as [number];
  assert.deepEqual([code, bytes], [0, size]);
  assert.match(said(), /complete/);
});

test("a reader that goes away is told apart", async () => {
  const { child, said } = start("pipe");
  assert.ok(await until(() => said().includes("alive waiting"), patience), "it never waited");
  child.stdout!.destroy();
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 0);
  assert.match(said(), /gone/);
});

test("a file gets everything; a full device is told apart", async () => {
  const directory = mkdtempSync(join(tmpdir(), "socklens-output-"));
  try {
    const path = join(directory, "out");
    const descriptor = openSync(path, "w");
    const { child } = start(descriptor);
    closeSync(descriptor);
    await once(child, "close");
    assert.equal(readFileSync(path).length, size);
  } finally {
    rmSync(directory, { recursive: true });
  }
  const full = openSync("/dev/full", "w");
  const { child, said } = start(full);
  closeSync(full);
  await once(child, "close");
  assert.match(said(), /ENOSPC/);
});
