import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { TestRecord } from "./test-reporter.ts";

/** What came of one test file. */
export interface FileResult {
  readonly file: string;
  readonly seconds: number;
  readonly tests: readonly TestRecord[];
  /** What went wrong with the file itself: it did not end, ended badly, or held no test. */
  readonly fault: string | undefined;
  /** What it wrote to its standard output and error, the last part of it. */
  readonly output: string;
}

/** Where and how to run test files. */
export interface RunSettings {
  readonly root: string;
  /** Directory for the reports of the runs. */
  readonly scratch: string;
  /** Seconds until a file that has not ended is killed with all that it started. */
  readonly limit: number;
}

const keptOutput = 64 * 1024;
let serial = 0;

function readRecords(path: string): TestRecord[] {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
    rmSync(path);
  } catch {
    // Nothing was reported: the caller sees a file without tests.
  }
  // A killed run may have left half a line.
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TestRecord);
}

/** Ends the process group that a test file leads. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

function faultOf(
  code: number | null,
  signal: string | null,
  late: boolean,
  limit: number,
  tests: readonly TestRecord[],
) {
  if (late) return `did not end within ${limit} s: killed`;
  if (signal !== null) return `ended by ${signal}`;
  const failed = tests.some(({ outcome }) => outcome === "fail");
  if (code !== 0 && !failed) return `exit code ${code}`;
  if (!tests.some(({ kind }) => kind === "test")) {
    const skippedSuite = tests.some(({ outcome }) => outcome === "skip");
    if (!skippedSuite) return "holds no test";
  }
  return undefined;
}

/** Runs one test file in a process group of its own. Never rejects. */
export function runFile(file: string, settings: RunSettings): Promise<FileResult> {
  serial += 1;
  const report = join(settings.scratch, `report-${serial}.jsonl`);
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      `--test-reporter=${join(settings.root, "tools/test-reporter.ts")}`,
      `--test-reporter-destination=${report}`,
      file,
    ],
    { cwd: settings.root, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-keptOutput);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve) => {
    let late = false;
    const watchdog = setTimeout(() => {
      late = true;
      killGroup(child.pid);
    }, settings.limit * 1000);
    const finish = (code: number | null, signal: string | null) => {
      clearTimeout(watchdog);
      killGroup(child.pid);
      const tests = readRecords(report);
      const fault = faultOf(code, signal, late, settings.limit, tests);
      resolve({ file, seconds: (performance.now() - begin) / 1000, tests, fault, output });
    };
    child.on("error", (error) => {
      keep(Buffer.from(`${error.message}\n`));
      finish(-1, null);
    });
    // "exit", not "close": a daemon that a test left behind must not hold the run by its inherited pipe.
    child.on("exit", (code, signal) => setImmediate(finish, code, signal));
  });
}
