import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { executable, missing, run, Task, until, words } from "./harness/index.ts";

const skip = missing() ?? false;

interface Mistake {
  readonly what: string;
  readonly arguments: readonly string[];
  readonly status: number;
  /** What the one line has to name. */
  readonly names: RegExp;
}

describe("mistakes get one clear line and start nothing", { skip }, () => {
  let directory = "";
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "socklens-mistakes-"));
  });
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const mistakes: readonly Mistake[] = [
    { what: "an unknown interface", arguments: ["--json", "-i", "nosuch0"], status: 1, names: /nosuch0/ },
    { what: "a bad capture filter", arguments: ["--json", "-f", "tcp and ("], status: 2, names: /filter|tcp and \(/ },
    { what: "a bad expression", arguments: ["--json", "--filter", "port:http:"], status: 2, names: /port|filter/ },
    { what: "an unclosed expression", arguments: ["--json", "--filter", "(port:443"], status: 2, names: /\)/ },
    { what: "an unknown field", arguments: ["--json", "--filter", "nosuchfield:1"], status: 2, names: /nosuchfield/ },
    { what: "an unknown option", arguments: ["--no-such-option"], status: 2, names: /--no-such-option/ },
    { what: "an unknown command", arguments: ["nosuchcommand"], status: 2, names: /nosuchcommand/ },
    { what: "a bad interval", arguments: ["--json", "--interval", "soon"], status: 2, names: /soon/ },
    { what: "a bad grouping", arguments: ["--json", "--by", "colour"], status: 2, names: /colour/ },
    { what: "a missing file", arguments: ["replay", "/nonexistent.pcap"], status: 1, names: /nonexistent\.pcap/ },
  ];

  for (const mistake of mistakes) {
    it(`says what is wrong with ${mistake.what}`, async () => {
      const before = attachedPrograms();
      const task = new Task([executable, ...mistake.arguments], { cwd: directory });
      const ended = await until(() => task.status !== undefined, 15_000, 10);
      const children = ended ? [] : descendants(task.pid);
      await task.stop("SIGINT");
      assert.ok(ended, `it went on running, with ${children.length} processes: ${task.describe()}`);
      assert.equal(task.status, mistake.status, task.describe());
      assertOneLine(task, mistake.names);
      const added = await until(() => attachedPrograms().every((id) => before.includes(id)) || otherRuns(), 5_000);
      assert.ok(added, "programs stayed attached to the cgroup root");
    });
  }

  it("says so when its output cannot be written", async () => {
    const task = new Task(["sh", "-c", 'exec "$0" --json --interval 0.2 > /dev/full', executable]);
    const ended = await until(() => task.status !== undefined, 15_000, 10);
    await task.stop("SIGINT");
    assert.ok(ended, `it went on running: ${task.describe()}`);
    assert.equal(task.status, 1, task.describe());
    assertOneLine(task, /ENOSPC|no space/i);
  });

  it("says so when a user may not read what was asked for", async () => {
    const secret = join(directory, "secret.pcap");
    writeFileSync(secret, Buffer.alloc(24), { mode: 0o600 });
    const nobody = words(
      "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs",
    );
    chmodSync(directory, 0o755);
    const task = new Task([...nobody, executable, "replay", secret], { cwd: "/" });
    const ended = await until(() => task.status !== undefined, 15_000, 10);
    await task.stop("SIGINT");
    assert.ok(ended, `it went on running: ${task.describe()}`);
    assert.equal(task.status, 1, task.describe());
    assertOneLine(task, /EACCES|permission/i);
  });
});

function assertOneLine(task: Task, names: RegExp): void {
  const lines = task.stderr.split("\n").filter((line) => line.trim() !== "");
  assert.equal(task.stdout, "", "standard output stays clean");
  assert.equal(lines.length, 1, `one line, not: ${JSON.stringify(task.stderr)}`);
  assert.match(lines[0] ?? "", /^socklens: /);
  assert.match(lines[0] ?? "", names);
}

/** Ids of the programs attached to the cgroup root, by any run of Socklens. */
function attachedPrograms(): number[] {
  const root = existsSync("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
  try {
    const text = run(["bpftool", "-j", "cgroup", "show", root]);
    return (text.trim() === "" ? [] : (JSON.parse(text) as { id: number }[])).map(({ id }) => id);
  } catch {
    return [];
  }
}

/** Whether another run is under way, whose programs are none of this test's business. */
function otherRuns(): boolean {
  return run(["ps", "-eo", "args"])
    .split("\n")
    .some((line) => line.includes("src/app/main.ts"));
}

function descendants(pid: number): number[] {
  return run(["ps", "-eo", "pid,ppid"])
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child = 0]) => child);
}
