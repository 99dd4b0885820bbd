import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { runFile } from "../../tools/test-file.ts";
import { judgeSkips } from "../../tools/test.ts";

const root = dirname(dirname(import.meta.dirname));
const head = 'import test, { describe, it } from "node:test";\nimport assert from "node:assert/strict";\n';

describe("the test runner", () => {
  let scratch = "";
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "socklens-runner-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  async function outcome(source: string, limit = 60) {
    const file = join(scratch, "one.test.ts");
    writeFileSync(file, source);
    const { tests, fault, output } = await runFile(file, { root, scratch, limit });
    const told = tests.map((one) => {
      const detail = one.detail.split("\n")[0] ?? "";
      return `${one.kind} ${one.outcome} ${one.name}${detail === "" ? "" : `: ${detail}`}`;
    });
    return { told, fault, output };
  }

  it("tells what every test did", async () => {
    const source = `${head}
      test("passes", () => {});
      test("fails", () => assert.equal(1, 2));
      test("is skipped", { skip: "no such thing" }, () => {});
      test("is skipped late", (t) => t.skip("kernel feature missing: SCTP"));
      test("gives no reason", { skip: true }, () => {});
      test("is to be done", { todo: true }, () => {});
      describe("outer", () => it("inner", () => {}));
      test("one", async (t) => { await t.test("two", (u) => u.skip("three")); });`;
    const { told, fault } = await outcome(source);
    assert.deepEqual(told, [
      "test pass passes",
      "test fail fails: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:",
      "test skip is skipped: no such thing",
      "test skip is skipped late: kernel feature missing: SCTP",
      "test skip gives no reason",
      "test fail is to be done: marked todo",
      "test pass outer > inner",
      "suite pass outer",
      "test skip one > two: three",
      "test pass one",
    ]);
    assert.equal(fault, undefined);
  });

  it("finds fault with files that hold no test or end badly", async () => {
    assert.equal((await outcome("console.log('nothing')")).fault, "holds no test");
    assert.equal((await outcome("process.exit(3)")).fault, "exit code 3");
    assert.equal(
      (await outcome(`${head}test("a", () => {}); process.kill(process.pid, "SIGKILL")`)).fault,
      "ended by SIGKILL",
    );
    assert.equal((await outcome("this is no program")).fault, "exit code 1");
    assert.equal(
      (await outcome(`${head}test("a", () => {}); setTimeout(() => { throw new Error("late"); })`)).fault,
      "exit code 1",
    );
  });

  it("kills a file that does not end, with all that it started", async () => {
    const pidFile = join(scratch, "pid");
    const source = `${head}
      import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      test("passes", () => {
        const child = spawn("sleep", ["1000"]);
        writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      });`;
    const { told, fault } = await outcome(source, 5);
    assert.deepEqual(told, ["test pass passes"]);
    assert.equal(fault, "did not end within 5 s: killed");
    const stat = `/proc/${readFileSync(pidFile, "utf8")}/stat`;
    const gone = () => !existsSync(stat) || / [ZX] /.test(readFileSync(stat, "utf8"));
    for (const deadline = Date.now() + 20_000; !gone() && Date.now() < deadline;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(gone(), "the file's child is still there");
  });

  it("ends with one line of counts, and with failure when something failed", () => {
    const file = join(scratch, "counts.test.ts");
    const run = (source: string) => {
      writeFileSync(file, `${head}${source}`);
      const parameters = [join(root, "tools/test.ts"), file];
      const { status, stdout } = spawnSync(process.execPath, parameters, { encoding: "utf8" });
      return { status, last: stdout.trimEnd().split("\n").at(-1), stdout };
    };
    const good = run('test("a", () => {}); test("b", { skip: "not today" }, () => {});');
    assert.deepEqual([good.status, good.last], [0, "1 passed, 0 failed, 1 skipped"]);
    assert.match(good.stdout, /\nSkipped:\n.*counts\.test\.ts: b: not today\n/);
    const bad = run('test("a", () => {}); test("b", () => assert.fail("broken"));');
    assert.deepEqual([bad.status, bad.last], [1, "1 passed, 1 failed, 0 skipped"]);
    assert.match(bad.stdout, /broken/);
    assert.deepEqual(run('test("b", { skip: "not today" }, () => {});').status, 1, "nothing passed");
  });

  it("accepts only missing kernel features in a full run", () => {
    const skips = ["kernel feature missing: SCTP", "program missing: curl", "", "needs root"].map((reason) => ({
      where: "a",
      reason,
    }));
    assert.deepEqual(judgeSkips(skips, false), { allowed: skips, refused: [] });
    assert.deepEqual(judgeSkips(skips, true), { allowed: skips.slice(0, 1), refused: skips.slice(1) });
  });
});
