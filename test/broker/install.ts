/** Copies of the program in directories of a test's own, and looks at the processes it runs as. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSecurityStatus } from "../../src/host/linux/privileges.ts";
import type { SecurityStatus } from "../../src/host/linux/privileges.ts";

const root = join(import.meta.dirname, "../..");

export interface Install {
  readonly directory: string;
  readonly executable: string;
  readonly runtime: string;
  remove(): void;
}

/** Copies the program with its runtime and dependencies; `mode` is that of the directory that holds it. */
export function copyInstall(mode: number): Install {
  const home = mkdtempSync(join(tmpdir(), "socklens-install-"));
  const directory = join(home, "socklens");
  const file: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { dependencies } = file as { readonly dependencies: Readonly<Record<string, string>> };
  mkdirSync(directory);
  const runtime = `node_modules/node-linux-${process.arch}`;
  const packages = Object.keys(dependencies).map((name) => `node_modules/${name}`);
  const parts = ["bin", "src", "package.json", "node_modules/@koromix", runtime, ...packages];

  const copied = spawnSync("cp", ["-r", "--parents", ...parts, directory], { cwd: root, encoding: "utf8" });
  if (copied.status !== 0) throw new Error(`copy: ${copied.stderr}`);
  spawnSync("chmod", ["-R", "a+rX", directory]);
  chmodSync(home, mode);
  return {
    directory,
    executable: join(directory, "bin/socklens"),
    runtime: join(directory, runtime, "bin/node"),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The process that this one started; 0 when it has none. */
export function childOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ")[0]);
  } catch {
    return 0;
  }
}

/** Command line of a process, its words parted by blanks; empty when it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** True once the process is gone, or only waits to be asked how it ended. */
export function isGone(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

/** What each thread of a process may do. */
export function threadsOf(pid: number): SecurityStatus[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) =>
    parseSecurityStatus(readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1")),
  );
}
