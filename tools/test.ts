/**
 * Runs the tests: `tools/node tools/test.ts [--all] [--no-install] [FILE or DIRECTORY ...]`.
 *
 * Files under test/kernel run one at a time and only as root, the others beside each other. With `--all` (root) the
 * distribution packages that the tests drive are installed first, and a skipped test is a failure unless what it
 * lacks is a kernel feature that it probed ("kernel feature missing: ...").
 */
import { globSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type FileResult, type RunSettings, runFile } from "./test-file.ts";
import { provideTestPackages } from "./test-packages.ts";

const root = dirname(import.meta.dirname);
const systemDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/** What may be missing with `--all`: kernel features, and on other distributions the compiler that BPF is pinned to. */
const allowedReasons = ["kernel feature missing: ", "pinned compiler missing: "];

/** A test that was skipped, and why. */
export interface Skip {
  readonly where: string;
  readonly reason: string;
}

interface Tally {
  passed: number;
  failed: number;
  readonly skips: Skip[];
}

function findFiles(places: readonly string[]): string[] {
  const files = new Set<string>();
  for (const place of places) {
    const path = resolve(root, place);
    if (statSync(path).isDirectory()) {
      for (const file of globSync("**/*.test.ts", { cwd: path })) files.add(relative(root, join(path, file)));
    } else {
      files.add(relative(root, path));
    }
  }
  return [...files].sort();
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "    ");
}

function account(result: FileResult, tally: Tally): void {
  let passed = 0;
  const failures: string[] = [];
  let skipped = 0;
  for (const test of result.tests) {
    if (test.outcome === "skip") {
      skipped += 1;
      tally.skips.push({ where: `${result.file}: ${test.name}`, reason: test.detail });
    } else if (test.outcome === "fail" && !test.inherited) {
      failures.push(`  ${test.name}\n${indent(test.detail)}`);
    } else if (test.outcome === "pass" && test.kind === "test") {
      passed += 1;
    }
  }
  if (result.fault !== undefined) failures.push(`  ${result.fault}`);
  tally.passed += passed;
  tally.failed += failures.length;
  const counts = `${passed} passed${failures.length > 0 ? `, ${failures.length} failed` : ""}${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  console.log(`${failures.length > 0 ? "FAIL" : "ok  "} ${result.file}: ${counts} (${result.seconds.toFixed(1)} s)`);
  for (const failure of failures) console.log(failure);
  if (failures.length > 0 && result.output !== "") console.log(`  its output ends with\n${indent(result.output)}`);
}

async function runAll(files: readonly string[], width: number, settings: RunSettings, tally: Tally): Promise<void> {
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      account(await runFile(file, settings), tally);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Parts what may be skipped from what may not: with `--all`, whatever does not lack a kernel feature. */
export function judgeSkips(skips: readonly Skip[], all: boolean): { allowed: Skip[]; refused: Skip[] } {
  const { allowed = [], refused = [] } = Object.groupBy(skips, ({ reason }) =>
    !all || allowedReasons.some((start) => reason.startsWith(start)) ? "allowed" : "refused",
  );
  return { allowed, refused };
}

function printSkips(title: string, skips: readonly Skip[]): void {
  if (skips.length === 0) return;
  console.log(`\n${title}`);
  for (const { where, reason } of skips) console.log(`  ${where}: ${reason === "" ? "no reason given" : reason}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { all: { type: "boolean", default: false }, "no-install": { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const { all } = values;
  const privileged = process.getuid?.() === 0;
  if (all && !privileged) {
    console.error("The kernel tests need root: sudo npm run test:all");
    return 1;
  }
  process.env["PATH"] = [process.env["PATH"] ?? "/usr/bin:/bin", ...systemDirectories].join(":");
  if (all && !provideTestPackages(join(root, "tools/test-packages.txt"), !values["no-install"])) {
    console.error("The packages could not be installed; --no-install runs what is possible without them.");
    return 1;
  }

  const files = findFiles(positionals.length > 0 ? positionals : ["test"]);
  const kernelFiles = files.filter((file) => file.startsWith("test/kernel/"));
  const otherFiles = files.filter((file) => !file.startsWith("test/kernel/"));
  const tally: Tally = { passed: 0, failed: 0, skips: [] };
  const scratch = mkdtempSync(join(tmpdir(), "socklens-test-"));
  try {
    await runAll(otherFiles, Math.min(4, availableParallelism()), { root, scratch, limit: 480 }, tally);
    if (privileged) await runAll(kernelFiles, 1, { root, scratch, limit: 600 }, tally);
    else for (const file of kernelFiles) tally.skips.push({ where: file, reason: "needs root" });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }

  const { allowed, refused } = judgeSkips(tally.skips, all);
  printSkips(all ? "Skipped for want of a kernel feature:" : "Skipped:", allowed);
  printSkips("Failed, because skipped for anything but a missing kernel feature:", refused);
  const failed = tally.failed + refused.length;
  console.log(`\n${tally.passed} passed, ${failed} failed, ${allowed.length} skipped`);
  return failed > 0 || tally.passed === 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main();
