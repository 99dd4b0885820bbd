import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { copyInstall } from "../broker/install.ts";
import { executable, missing, Task, until, words } from "./harness/index.ts";

const skip = missing() ?? false;
const mark = `SOCKLENS_TEST_${process.pid}`;

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
    {
      what: "an interface whose name would paint the terminal",
      arguments: ["--json", "-i", "\u001b[31m"],
      status: 1,
      names: /no interface named \\x1b\[31m$/,
    },
    { what: "a directory", arguments: ["replay", "/"], status: 1, names: /cannot read \/: it is a directory/ },
    { what: "a bad capture filter", arguments: ["--json", "-f", "tcp and ("], status: 2, names: /filter|tcp and \(/ },
    { what: "a bad expression", arguments: ["--json", "--filter", "port:http:"], status: 2, names: /port|filter/ },
    { what: "an unclosed expression", arguments: ["--json", "--filter", "(port:443"], status: 2, names: /\)/ },
    { what: "an unknown field", arguments: ["--json", "--filter", "nosuchfield:1"], status: 2, names: /nosuchfield/ },
    { what: "an unknown option", arguments: ["--no-such-option"], status: 2, names: /--no-such-option/ },
    { what: "an unknown command", arguments: ["nosuchcommand"], status: 2, names: /nosuchcommand/ },
    { what: "a bad interval", arguments: ["--json", "--interval", "soon"], status: 2, names: /soon/ },
    { what: "a bad grouping", arguments: ["--json", "--by", "colour"], status: 2, names: /colour/ },
    {
      what: "a missing file",
      arguments: ["replay", "/nonexistent.pcap"],
      status: 1,
      names: /nonexistent\.pcap: there is no such file/,
    },
    {
      what: "a file whose name would paint the terminal",
      arguments: ["replay", "/nonexistent\u001b[31m.pcap"],
      status: 1,
      names: /nonexistent\\x1b\[31m\.pcap/,
    },
  ];

  for (const mistake of mistakes) {
    it(`says what is wrong with ${mistake.what}`, async () => {
      const task = new Task([executable, ...mistake.arguments], { cwd: directory, env: { [mark]: mistake.what } });
      const ended = await until(() => task.status !== undefined, 15_000, 10);
      const running = ended ? [] : marked(mistake.what);
      await task.stop("SIGINT");
      assert.ok(ended, `it went on running, with processes ${running.join(" ")}: ${task.describe()}`);
      assert.equal(task.status, mistake.status, task.describe());
      assertOneLine(task, mistake.names);
      const alone = await until(() => marked(mistake.what).length === 0, 5_000);
      assert.ok(alone, `processes were left behind: ${marked(mistake.what).join(" ")}`);
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
    const install = copyInstall(0o755);
    try {
      const task = new Task([...nobody, install.executable, "replay", secret], { cwd: "/" });
      const ended = await until(() => task.status !== undefined, 15_000, 10);
      await task.stop("SIGINT");
      assert.ok(ended, `it went on running: ${task.describe()}`);
      assert.equal(task.status, 1, task.describe());
      assertOneLine(task, /EACCES|permission/i);
    } finally {
      install.remove();
    }
  });
});

function assertOneLine(task: Task, names: RegExp): void {
  const lines = task.stderr.split("\n").filter((line) => line.trim() !== "");
  assert.equal(task.stdout, "", "standard output stays clean");
  assert.equal(lines.length, 1, `one line, not: ${JSON.stringify(task.stderr)}`);
  assert.match(lines[0] ?? "", /^socklens: /);
  assert.match(lines[0] ?? "", names);
}

/** Processes that have a run's mark in their environment: all that it started. What they attached goes with them. */
function marked(what: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${mark}=${what}\0`);
    } catch {
      return false;
    }
  });
}
