/**
 * First stage of the engine process: still as the broker's user, with few modules. Takes away what the process will
 * never need again, then executes the second stage: the thread that executes is the only one that survives, so that
 * no_new_privs, Landlock and the filter of system calls hold for every thread of the engine.
 */
import { readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { prepareDrop } from "../../host/linux/privileges.ts";
import { restrictWithLandlock } from "../../host/linux/sandbox.ts";
import { restrictSystemCalls } from "../../host/linux/system-call-filter.ts";
import { fcntl } from "../../host/linux/system-calls.ts";
import { commandFiles } from "./commands.ts";
import { fillCompileCache } from "./compile-cache.ts";
import { INHERITANCE } from "../broker/inheritance.ts";
import { descriptorsOf, parseInheritance } from "./inherited.ts";

const F_SETFD = 2;

function fail(text: string): never {
  process.stderr.write(`socklens: ${text}\n`);
  process.exit(1);
}

const root = realpathSync(join(import.meta.dirname, "../../.."));

/** Real paths of `names` below the install directory: parts of it may be symbolic links to elsewhere. */
function resolved(...names: string[]): string[] {
  const found: string[] = [];
  for (const name of names) {
    try {
      found.push(realpathSync(join(root, name)));
    } catch {
      // Absent: nothing to allow.
    }
  }
  return found;
}

/** The terminals behind standard input, output and error: they may be opened again. */
function terminals(): string[] {
  const found: string[] = [];
  for (const fd of [0, 1, 2]) {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      if (/^\/dev\/(pts\/[0-9]+|tty[A-Za-z0-9]*)$/.test(path)) found.push(path);
    } catch {
      // Closed: nothing to open again.
    }
  }
  return found;
}

const entries = ["main.ts", ...commandFiles].map((name) => join(import.meta.dirname, name));
const cache = await fillCompileCache(root, entries);
const inheritance = parseInheritance(process.env[INHERITANCE]);
if (typeof inheritance === "string") fail(inheritance);

// Node marks every descriptor close-on-exec when it starts.
for (const fd of descriptorsOf(inheritance)) {
  const result = fcntl(fd, F_SETFD, 0);
  if (result < 0) fail(`descriptor ${fd} was not handed over: errno ${-result}`);
}

const problem = prepareDrop(inheritance.target);
if (problem !== undefined) fail(`cannot give up privileges: ${problem}`);

const runtime = realpathSync(process.execPath);
const libraries = ["/usr", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"];
const landlock = restrictWithLandlock({
  readable: [
    root,
    ...(cache === undefined ? [] : [cache]),
    ...resolved("node_modules", "node_modules/koffi", "node_modules/@koromix"),
    dirname(runtime),
    ...libraries,
    "/etc",
    // Where geoipupdate(1) puts its databases.
    "/var/lib/GeoIP",
    "/proc",
    "/sys",
    "/dev",
  ],
  writable: ["/dev/null", "/dev/tty", ...terminals()],
});
if (typeof landlock === "string") fail(`cannot enter the sandbox: ${landlock}`);

const unfiltered = restrictSystemCalls();
const missing = [
  ...inheritance.missing,
  ...(landlock === 0 ? ["sandbox: the kernel has no Landlock"] : []),
  ...(unfiltered === undefined ? [] : [`sandbox: ${unfiltered}`]),
];
const environment = { ...process.env, [INHERITANCE]: JSON.stringify({ ...inheritance, missing }) };
const main = join(import.meta.dirname, "main.ts");
if (process.execve === undefined) fail("the runtime has no process.execve: Node 24 or newer is needed");
// Not imported: to import from node:process reads its every property, and process.stdin makes a pipe non-blocking.
process.execve(process.execPath, [process.execPath, ...process.execArgv, main, ...process.argv.slice(2)], environment);
